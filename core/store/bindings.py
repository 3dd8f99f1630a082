"""BINDINGS: the lasting ties (connection, kind, record, address) - profile."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.expression import ColumnElement

from core.store.base import Base, among
from core.store.bulk import Conflict, put
from core.store.connections import ConnectionRow


class BindingRow(Base):
    """One tie. A closed one is kept, so that an address that comes back is taken up again (R12a).

    `agreed` is the snapshot of what the CRM said; `pending` what we were writing into it. `origin`: created or adopted.
    `state`: open or closed, `why` it closed. `revision` grows with every change of `agreed`. `agreed_tags` are the
    record's tags when last agreed (R51).
    """

    __tablename__ = "bindings"
    __table_args__ = (UniqueConstraint("list_id", "email", "connection_id", "kind", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    kind: Mapped[str]
    record_id: Mapped[str]
    list_id: Mapped[int]
    email: Mapped[str]
    slot: Mapped[int]
    origin: Mapped[str]
    state: Mapped[str]
    why: Mapped[str]
    revision: Mapped[int]
    agreed: Mapped[dict[str, Any]]
    agreed_tags: Mapped[list[Any]]
    pending: Mapped[list[Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


BindingKey = tuple[str, int, str, str]
"""Address, connection, kind and id of the record."""


def of(connection: int) -> ColumnElement[bool]:
    """The bindings of a connection, in words that let both databases find one by its address in their index."""
    its_list = select(ConnectionRow.list_id).where(ConnectionRow.id == connection).scalar_subquery()
    return and_(BindingRow.list_id == its_list, BindingRow.connection_id == connection)


def moved(session: Session, list_id: int, emails: Sequence[str], known: Mapping[BindingKey, int]) -> set[str]:
    """Those of these addresses whose bindings are not those that are known, by their revisions. One query.

    The bindings stay locked until the commit.
    """
    chosen = select(
        BindingRow.email, BindingRow.connection_id, BindingRow.kind, BindingRow.record_id, BindingRow.revision
    )
    of_list = chosen.where(BindingRow.list_id == list_id, among(session, BindingRow.email, emails))
    rows = session.connection().execute(of_list.order_by(BindingRow.id).with_for_update())
    return {row[0] for row in rows if known.get((row[0], row[1], row[2], row[3])) != row[4]}


_KEY = ("list_id", "email", "connection_id", "kind", "record_id")
_MOVES = ("slot", "origin", "state", "why", "agreed", "agreed_tags", "pending", "closed_at")


def save(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Bindings as a settle leaves them; each grows its revision. One query."""
    put(session, BindingRow, rows, Conflict(_KEY, _MOVES, counter="revision"))
