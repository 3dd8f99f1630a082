"""An account whose credentials were taken untried gets its real name once a test has told it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store import merging
from core.store.connections import AccountRow, ConnectionRow, ListRow
from spojka import ListInfo

UNTESTED = "untested:"
"""How accounts begin whose credentials were taken untried; the first successful test tells the account's real name."""


def prove_account(session: Session, account_row: AccountRow, name: str, lists: Sequence[ListInfo] = ()) -> AccountRow:
    """File an untested account under its real `name`, as the vendor says it; the row where its lists are from now on.

    Where the real account is known already, the untested one's lists move into it, and a list that both have becomes
    one. `lists`, if given, turn a list that was named into one known by its id. An account that was tested stays as it
    is. The caller makes sure that no other run works on the account, as its lists may get another id.
    """
    if not account_row.account.startswith(UNTESTED) or account_row.account == name:
        return account_row
    ours = session.scalars(select(ListRow).where(ListRow.account_id == account_row.id).order_by(ListRow.id)).all()
    for contact_list in ours:
        _know(session, contact_list, lists)
    where = (AccountRow.audience == account_row.audience, AccountRow.account == name)
    real = session.scalars(select(AccountRow).where(*where)).one_or_none()
    if real is None:
        account_row.account = name
        session.flush()
        return account_row
    merging.merge_accounts(session, account_row, real)
    return real


def _know(session: Session, contact_list: ListRow, lists: Sequence[ListInfo]) -> None:
    """The list by its id and name at the vendor; connections that were called after it are called anew."""
    named = contact_list.contact_list
    found = [one for one in lists if one.id == named] or [one for one in lists if one.name == named]
    if not found:
        return
    _rename_after(session, contact_list, found[0].name)
    same = (ListRow.account_id == contact_list.account_id, ListRow.contact_list == found[0].id)
    twin = session.scalars(select(ListRow).where(*same, ListRow.id != contact_list.id)).one_or_none()
    contact_list.name = found[0].name
    if twin is not None:
        merging.merge_lists(session, contact_list, twin)
        return
    contact_list.contact_list = found[0].id
    session.flush()


def _rename_after(session: Session, contact_list: ListRow, name: str) -> None:
    ending = f" → {contact_list.name}"
    for row in session.scalars(select(ConnectionRow).where(ConnectionRow.list_id == contact_list.id)):
        if row.name.endswith(ending):
            row.name = f"{row.name.removesuffix(ending)} → {name}"
    session.flush()
