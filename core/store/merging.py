"""Two rows for one account, or for one list, become one: what connections know of it moves along."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from core.store.bindings import BindingRow
from core.store.connections import AccountRow, ConnectionRow, ListRow
from core.store.due import DueRow, OutcomeRow
from core.store.journal import JournalRow
from core.store.mirror import ProfileRow, SubscriberRow
from core.store.records import RecordAddressRow
from core.store.takebacks import TakeBackRow

_TIED = (ConnectionRow, RecordAddressRow, BindingRow, OutcomeRow, JournalRow, TakeBackRow)
"""Tables whose rows belong to a connection, a call or a run, so that no two of one list can be the same."""
_SHARED = (ProfileRow, DueRow)
"""Tables with one row an address of a list."""


def merge_accounts(session: Session, gone: AccountRow, kept: AccountRow) -> None:
    """Everything of `gone` belongs to `kept`, and `gone` is no more. Where both know an address, `kept` is right."""
    lists = session.scalars(select(ListRow).where(ListRow.account_id == gone.id).order_by(ListRow.id)).all()
    _hand_over_claims(session, [contact_list.id for contact_list in lists], kept)
    for contact_list in lists:
        same = (ListRow.account_id == kept.id, ListRow.contact_list == contact_list.contact_list)
        twin = session.scalars(select(ListRow).where(*same)).one_or_none()
        if twin is None:
            contact_list.account_id = kept.id
        else:
            merge_lists(session, contact_list, twin)
    session.flush()
    _move(session, SubscriberRow, SubscriberRow.account_id, gone.id, kept.id)
    session.delete(gone)
    session.flush()


def _hand_over_claims(session: Session, lists: Sequence[int], kept: AccountRow) -> None:
    """What a dead worker left claimed is taken over by whoever next works on the account that is kept. Two queries."""
    for table in (DueRow, JournalRow):
        claimed = update(table).where(table.list_id.in_(lists), table.claim.is_not(None))
        left = claimed.values(claim=f"account:{kept.id}:bulk:0")
        session.execute(left.execution_options(synchronize_session=False))


def merge_lists(session: Session, gone: ListRow, kept: ListRow) -> None:
    """Everything of the list `gone` belongs to `kept`, and `gone` is no more. Eleven queries."""
    for table in _TIED:
        moved = update(table).where(table.list_id == gone.id).values(list_id=kept.id)
        session.execute(moved.execution_options(synchronize_session="fetch"))
    for shared in _SHARED:
        _move(session, shared, shared.list_id, gone.id, kept.id)
    session.delete(gone)
    session.flush()


def _move(session: Session, table: type[Any], owner: Any, gone: int, kept: int) -> None:
    """Rows of addresses that `kept` does not know move; of the others its own stay. Two queries."""
    other = aliased(table)
    owner_of_other = getattr(other, owner.key)
    known = exists(select(other.email).where(owner_of_other == kept, other.email == table.email))
    moved = update(table).where(owner == gone, ~known).values({owner.key: kept})
    session.execute(moved.execution_options(synchronize_session=False))
    session.execute(delete(table).where(owner == gone).execution_options(synchronize_session=False))
