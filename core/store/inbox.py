"""INBOX: what the world told us and we have not dealt with. The database is the truth, whoever rings (R70, R94)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store.base import Base, partial

BELL = "bell"
OPEN, DONE, FAILED = "open", "done", "failed"


class InboxRow(Base):
    """One thing told. `payload` of a bell: {"rings": [[kind, id or null, gone], …]}; `[]` means: look at everything.

    `state`: open, done or failed. `claim` names the lease and fence under which somebody works on it. Rows are claimed
    and closed by their ids, never by "up to": commits do not arrive in the order of ids.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        partial("inbox_open", "state = 'open'", "connection_id", "id"),
        Index("inbox_received", "connection_id", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    claim: Mapped[str | None]
    received_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    error: Mapped[str]


@dataclass(frozen=True, slots=True)
class Bell:
    """One open bell: its row, what it rang for (nothing: everything), and when it was accepted."""

    id: int
    rings: tuple[tuple[str, str | None, bool], ...]
    received_at: datetime


def claim_bells(session: Session, connection: int, name: str, limit: int) -> list[Bell]:
    """Claim open bells, the oldest first; those of a dead holder of the same lease, too. One query."""
    wanted = (
        select(InboxRow.id)
        .where(InboxRow.connection_id == connection, InboxRow.state == OPEN, InboxRow.kind == BELL)
        .order_by(InboxRow.id)
        .limit(limit)
    )
    taken = (
        update(InboxRow)
        .where(InboxRow.id.in_(wanted))
        .values(claim=name)
        .returning(InboxRow.id, InboxRow.payload, InboxRow.received_at)
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(taken).all()
    bells = [Bell(row[0], tuple(tuple(ring) for ring in row[1]["rings"]), row[2]) for row in rows]
    return sorted(bells, key=lambda bell: bell.id)


def close(session: Session, ids: Sequence[int], now: datetime) -> None:
    """These are dealt with. One query."""
    done = update(InboxRow).where(InboxRow.id.in_(list(ids))).values(state=DONE, claim=None, closed_at=now)
    session.execute(done.execution_options(synchronize_session=False))


def count_open(session: Session, connection: int) -> int:
    """How many open rows a connection has. One query."""
    counted = select(func.count()).where(InboxRow.connection_id == connection, InboxRow.state == OPEN)
    return session.execute(counted).scalar_one()


def waiting(session: Session) -> dict[int, datetime]:
    """Connection -> when its oldest open row was accepted. One query over the open rows."""
    chosen = (
        select(InboxRow.connection_id, func.min(InboxRow.received_at))
        .where(InboxRow.state == OPEN)
        .group_by(InboxRow.connection_id)
    )
    return {row[0]: row[1] for row in session.execute(chosen)}


def last_received(session: Session, connection: int) -> datetime | None:
    """When the last bell came, as far back as the inbox is kept. One query."""
    return session.execute(
        select(func.max(InboxRow.received_at)).where(InboxRow.connection_id == connection, InboxRow.kind == BELL)
    ).scalar_one()


def prune(session: Session, before: datetime, limit: int) -> int:
    """Delete closed rows from before a moment, at most `limit`; how many. One query."""
    old = (
        select(InboxRow.id)
        .where(InboxRow.state != OPEN, InboxRow.closed_at.is_not(None), InboxRow.closed_at < before)
        .order_by(InboxRow.id)
        .limit(limit)
    )
    gone = delete(InboxRow).where(InboxRow.id.in_(old)).returning(InboxRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())
