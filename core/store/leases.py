"""Leases, tickets and cursors: the right to work, the order of things, and where a reading goes on."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, type_coerce, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store.base import Base, Ticket, upsert


class LeaseRow(Base):
    """The time-limited right to work on something. `fence` grows with each holder and is checked in every commit."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    fence: Mapped[Ticket]
    until: Mapped[datetime]


class TicketRow(Base):
    """The counter tickets are drawn from where the database has no sequences."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[Ticket]


class CursorRow(Base):
    """Where a stream of a connection goes on. `since`: modified since; `after`: page token of a reading cut off."""

    __tablename__ = "cursors"

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime | None]
    after: Mapped[str]
    first_asked_at: Mapped[datetime | None]


Dead = Callable[[str], bool]
"""Says whether a holder has certainly ended (`core.real.is_dead`)."""


def take(session: Session, name: str, holder: str, seconds: float, dead: Dead) -> int | None:
    """Take a lease that is free, has run out, or belongs to the dead; its fence, or None where somebody has it.

    The database's clock counts (R97). Two to four queries.
    """
    _make(session, name)
    free = LeaseRow.until < database_now(session)
    known = session.execute(select(LeaseRow.holder, LeaseRow.fence, free).where(LeaseRow.name == name)).one()
    if not known[2]:
        if not dead(known[0]):
            return None
        free = (LeaseRow.holder == known[0]) & (LeaseRow.fence == known[1])
    taken = (
        update(LeaseRow)
        .where(LeaseRow.name == name, free)
        .values(fence=LeaseRow.fence + 1, holder=holder, until=database_now(session, seconds))
        .returning(LeaseRow.fence)
        .execution_options(synchronize_session=False)
    )
    return session.execute(taken).scalar_one_or_none()


def renew(session: Session, name: str, fence: int, seconds: float) -> bool:
    """Keep a lease for `seconds` from now; False where it has changed hands."""
    return _set_until(session, name, fence, database_now(session, seconds))


def release(session: Session, name: str, fence: int) -> bool:
    """Give a lease back; False where it has changed hands already."""
    return _set_until(session, name, fence, database_now(session, -1.0))


def database_now(session: Session, seconds: float = 0.0) -> ColumnElement[datetime]:
    """The database's clock as a `Moment`, `seconds` later. It moves within a transaction."""
    if session.get_bind().dialect.name == "sqlite":
        shifted = func.strftime("%Y-%m-%d %H:%M:%f", "now", f"{seconds:+.3f} seconds")
        return type_coerce(shifted + "000", LeaseRow.until.type)
    return type_coerce(func.clock_timestamp() + timedelta(seconds=seconds), LeaseRow.until.type)


def is_free(session: Session, name: str, dead: Dead) -> bool:
    """Whether a lease could be taken now. One query."""
    row = session.execute(
        select(LeaseRow.holder, LeaseRow.until < database_now(session)).where(LeaseRow.name == name)
    ).one_or_none()
    return row is None or bool(row[1]) or dead(row[0])


def is_held(session: Session, name: str, fence: int, dead: Dead) -> bool:
    """Whether the holder with this fence still has the lease, and lives. One query."""
    row = session.execute(
        select(LeaseRow.holder, LeaseRow.fence, LeaseRow.until < database_now(session)).where(LeaseRow.name == name)
    ).one_or_none()
    return row is not None and row[1] == fence and not row[2] and not dead(row[0])


def _make(session: Session, name: str) -> None:
    made = upsert(session, LeaseRow).values(name=name, holder="", fence=0, until=database_now(session, -1.0))
    session.execute(made.on_conflict_do_nothing(index_elements=["name"]))


def _set_until(session: Session, name: str, fence: int, until: ColumnElement[datetime]) -> bool:
    changed = (
        update(LeaseRow)
        .where(LeaseRow.name == name, LeaseRow.fence == fence)
        .values(until=until)
        .returning(LeaseRow.fence)
        .execution_options(synchronize_session=False)
    )
    return session.execute(changed).scalar_one_or_none() is not None


def draw(session: Session) -> int:
    """A ticket: higher than every one drawn before. One query."""
    if session.get_bind().dialect.name == "sqlite":
        counted = (
            update(TicketRow).where(TicketRow.id == 1).values(value=TicketRow.value + 1).returning(TicketRow.value)
        )
        return session.execute(counted.execution_options(synchronize_session=False)).scalar_one()
    return int(session.execute(select(func.nextval("tickets_seq"))).scalar_one())


def held(session: Session, name: str, fence: int) -> ColumnElement[bool]:
    """A condition: the lease is still ours; the row stays locked until the commit (R97)."""
    mine = select(LeaseRow.fence).where(LeaseRow.name == name, LeaseRow.fence == fence)
    if session.get_bind().dialect.name != "sqlite":
        mine = mine.with_for_update(read=True)
    return mine.exists()
