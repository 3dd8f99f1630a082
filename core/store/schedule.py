"""SCHEDULE: what is to be done for a connection again and again, and when next. Only the database knows (R94)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store.base import Base, upsert
from core.store.connections import ConnectionRow, ConnectionState

READING, PASS, NIGHT, WATCH = "reading", "pass", "night", "watch"
"""The minute reading (R71), the pass over the list (R105), the nightly compare (R73, R75), the webhook."""


class ScheduleRow(Base):
    """One recurring task of one connection. Without a row it has never been done, and is to be done now.

    `next_at` is when it may be done next, `last_at` when it was last done to its end, `tries` how often it failed
    since.
    """

    __tablename__ = "schedule"
    __table_args__ = (Index("schedule_next", "next_at"),)

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    tries: Mapped[int]


class PaceRow(Base):
    """Real time's share of a CRM account's quota as a bucket (R74): what was in it at a moment."""

    __tablename__ = "paces"

    crm_account: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    at: Mapped[datetime]


def of(session: Session, connection: int) -> dict[str, ScheduleRow]:
    """Task -> row. One query."""
    rows = session.scalars(select(ScheduleRow).where(ScheduleRow.connection_id == connection))
    return {row.task: row for row in rows}


def next_at(session: Session, connection: int, task: str) -> datetime | None:
    """When a task may be done next; None: it never was. One query."""
    chosen = select(ScheduleRow.next_at).where(ScheduleRow.connection_id == connection, ScheduleRow.task == task)
    return session.execute(chosen).scalar_one_or_none()


def put(
    session: Session,
    connection: int,
    task: str,
    when: datetime,
    *,
    done_at: datetime | None = None,
    tries: int = 0,
) -> None:
    """When a task is to be done next; `done_at` where it was just done to its end. One query."""
    values = {"connection_id": connection, "task": task, "next_at": when, "last_at": done_at, "tries": tries}
    statement = upsert(session, ScheduleRow).values(values)
    taken = {"next_at": when, "tries": tries} | ({"last_at": done_at} if done_at is not None else {})
    session.execute(statement.on_conflict_do_update(index_elements=["connection_id", "task"], set_=taken))


def due(session: Session, task: str, now: datetime) -> Sequence[int]:
    """Running connections for which a task is due or was never done, in the order of their ids. One query."""
    waits = select(ScheduleRow.connection_id).where(
        ScheduleRow.connection_id == ConnectionRow.id, ScheduleRow.task == task, ScheduleRow.next_at > now
    )
    chosen = select(ConnectionRow.id).where(ConnectionRow.state == ConnectionState.RUNNING.value, ~waits.exists())
    return session.scalars(chosen.order_by(ConnectionRow.id)).all()
