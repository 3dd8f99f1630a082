"""INBOX: what the world told us and we have not dealt with. The database is the truth, whoever rings (R70, R94)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Select, Text, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store.base import Base, partial
from core.store.connections import ConnectionRow, ConnectionState

BELL = "bell"
OPEN, DONE, FAILED = "open", "done", "failed"
EVERYTHING: dict[str, Any] = {"rings": []}
"""The payload of a bell that says nothing more than: look."""


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


@dataclass(frozen=True, slots=True)
class Door:
    """Whom a bell's address leads to, with what its plugin may know and the sealed secret that the CRM repeats."""

    connection: int
    plugin: str
    settings: Mapping[str, Any]
    bell_sealed: str


def find_door(session: Session, token_hash: str) -> Door | None:
    """The connection behind an address; None where it leads nowhere, or the connection is removed. One query."""
    row = session.connection().execute(_DOOR, {"hash": token_hash}).one_or_none()
    return None if row is None else Door(*row)


def put_bell(session: Session, token_hash: str, rings: Sequence[Sequence[Any]], now: datetime) -> bool:
    """Keep a bell; False where the address leads nowhere any more. One query."""
    values = {"hash": token_hash, "told": {"rings": list(rings)}, "at": now, "why": ""}
    return session.connection().execute(_BELL, values).rowcount > 0


def put_look(session: Session, token_hash: str, why: str, now: datetime) -> bool:
    """Keep a bell that says: look at everything. False where the address leads nowhere any more. Two queries.

    One that nobody has begun to work on is enough: whoever claims it later looks later than this bell rang.
    """
    connection = session.connection()
    if connection.execute(_LOCKED, {"hash": token_hash}).one_or_none() is None:
        return False
    connection.execute(_LOOK, {"hash": token_hash, "told": EVERYTHING, "at": now, "why": why})
    return True


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


def shown(session: Session) -> Sequence[InboxRow]:
    """Every row that is open or failed, oldest first. One query."""
    return session.scalars(select(InboxRow).where(InboxRow.state.in_((OPEN, FAILED))).order_by(InboxRow.id)).all()


def fail(session: Session, ids: Sequence[int], why: str, now: datetime) -> None:
    """These could not be dealt with; a person may open them again. One query."""
    failed = update(InboxRow).where(InboxRow.id.in_(list(ids)))
    failed = failed.values(state=FAILED, claim=None, closed_at=now, error=why)
    session.execute(failed.execution_options(synchronize_session=False))


def reopen(session: Session, ids: Sequence[int] | None) -> list[tuple[int, int, str]]:
    """Open failed rows again, these or (None) all; id, connection and kind of each. One query."""
    chosen = update(InboxRow).where(InboxRow.state == FAILED)
    if ids is not None:
        chosen = chosen.where(InboxRow.id.in_(list(ids)))
    opened = chosen.values(state=OPEN, claim=None, closed_at=None, error="")
    opened = opened.returning(InboxRow.id, InboxRow.connection_id, InboxRow.kind)
    rows = session.execute(opened.execution_options(synchronize_session=False)).all()
    return sorted((row[0], row[1], row[2]) for row in rows)


def forget_removed(session: Session, limit: int) -> int:
    """Delete rows of connections that are removed, at most `limit`; how many. One query."""
    removed = select(ConnectionRow.id).where(ConnectionRow.state == ConnectionState.REMOVED.value)
    chosen = select(InboxRow.id).where(InboxRow.connection_id.in_(removed)).limit(limit)
    gone = delete(InboxRow).where(InboxRow.id.in_(chosen)).returning(InboxRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def _behind(*columns: Any) -> Select[Any]:
    """Something of the connection that an address leads to. Removing one, or a new address, changes the hash."""
    alive = ConnectionRow.state != ConnectionState.REMOVED.value
    return select(*columns).where(ConnectionRow.token_hash == bindparam("hash"), alive)


def _told() -> Select[Any]:
    return _behind(
        ConnectionRow.id,
        bindparam("kind", BELL, Text),
        bindparam("told", type_=InboxRow.payload.type),
        bindparam("state", OPEN, Text),
        bindparam("at", type_=InboxRow.received_at.type),
        bindparam("why", type_=Text),
    )


_TOLD = ("connection_id", "kind", "payload", "state", "received_at", "error")
_DOOR = _behind(ConnectionRow.id, ConnectionRow.plugin, ConnectionRow.settings, ConnectionRow.bell_sealed)
_LOCKED = _behind(ConnectionRow.id).with_for_update(key_share=True)
_BELL = (
    insert(InboxRow.__table__)  # type: ignore[arg-type]  # a declared table is a Table
    .from_select(_TOLD, _told())
    .execution_options(preserve_rowcount=True)
)
_WAITING = select(InboxRow.id).where(
    InboxRow.connection_id == ConnectionRow.id,
    InboxRow.state == OPEN,
    InboxRow.kind == BELL,
    InboxRow.claim.is_(None),
    InboxRow.payload == bindparam("told", type_=InboxRow.payload.type),
)
_LOOK = insert(InboxRow.__table__).from_select(_TOLD, _told().where(~_WAITING.exists()))  # type: ignore[arg-type]  # as above
