"""TAKEBACKS: values that a person wants to be as they were before a write of ours (R35)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.decide.facts import Back, TakeBack
from core.store.base import Base, among, partial
from core.store.bulk import change, put

OPEN = ""
"""The state of one of which something comes still; all others are those of `Back`."""


class TakeBackRow(Base):
    """One value of one address, asked for by a run. `was`, `value`: see `TakeBack`."""

    __tablename__ = "takebacks"
    __table_args__ = (
        partial("takebacks_open", "state = ''", "list_id", "email"),
        Index("takebacks_run", "run_id", "state"),
        Index("takebacks_email", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int]
    connection_id: Mapped[int]
    list_id: Mapped[int]
    email: Mapped[str]
    to_crm: Mapped[bool]
    field: Mapped[str]
    was: Mapped[str]
    value: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]


def save(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New ones. One query."""
    put(session, TakeBackRow, rows, None)


def open_of(session: Session, list_id: int, emails: Sequence[str]) -> dict[str, tuple[TakeBack, ...]]:
    """What is to be taken back at these addresses, in the order it was asked for. One query."""
    chosen = select(TakeBackRow).where(
        TakeBackRow.list_id == list_id, among(session, TakeBackRow.email, emails), TakeBackRow.state == OPEN
    )
    found: dict[str, list[TakeBack]] = {}
    for row in session.scalars(chosen.order_by(TakeBackRow.id)):
        one = TakeBack(row.id, row.connection_id, row.to_crm, row.field, row.was, row.value)
        found.setdefault(row.email, []).append(one)
    return {email: tuple(backs) for email, backs in found.items()}


def end(session: Session, ended: Sequence[tuple[int, str]]) -> None:
    """What became of some. One statement; none where nothing was taken back."""
    change(session, TakeBackRow, [{"id": number, "state": state} for number, state in ended], ("id",))


def prune(session: Session, connection: int, before: datetime, limit: int) -> int:
    """Delete those of a connection that ended and are from before a moment, at most `limit`; how many. One query."""
    old = (
        select(TakeBackRow.id)
        .where(TakeBackRow.connection_id == connection, TakeBackRow.at < before, TakeBackRow.state != OPEN)
        .order_by(TakeBackRow.id)
        .limit(limit)
    )
    gone = delete(TakeBackRow).where(TakeBackRow.id.in_(old)).returning(TakeBackRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def count(session: Session, run_id: int) -> dict[tuple[bool, str], int]:
    """(goes to the CRM, state) -> how many a run asked for. One query."""
    chosen = select(TakeBackRow.to_crm, TakeBackRow.state, func.count()).where(TakeBackRow.run_id == run_id)
    grouped = session.execute(chosen.group_by(TakeBackRow.to_crm, TakeBackRow.state))
    return {(to_crm, state): number for to_crm, state, number in grouped}


def left(session: Session, run_id: int, limit: int) -> list[TakeBackRow]:
    """Those that were left as they are, by address. One query."""
    states = [Back.EDITED.value, Back.GONE.value, Back.REFUSED.value]
    chosen = select(TakeBackRow).where(TakeBackRow.run_id == run_id, TakeBackRow.state.in_(states))
    return list(session.scalars(chosen.order_by(TakeBackRow.email, TakeBackRow.id).limit(limit)))
