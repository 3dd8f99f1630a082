"""INBOX: what the world told us and we have not dealt with. The database is the truth, whoever rings (R70, R94)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Dialect,
    Index,
    Integer,
    Select,
    Text,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler

from core.store.base import Base, dumps, partial
from core.store.connections import ConnectionRow, ConnectionState

BELL, EVENTS = "bell", "events"
OPEN, DONE, FAILED = "open", "done", "failed"


class InboxRow(Base):
    """One thing told. `payload` of a bell: {"rings": [[kind, id or null, gone], …]}; `[]` means: look at everything;
    of campaign events that a plugin could not read: {"body": …}, read again by the morning run once it is opened.

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
    version: int
    bell_sealed: str
    address: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a bell said, when, and why it was not understood, or `""`."""

    payload: Mapping[str, Any]
    at: datetime
    why: str = ""


def find_door(connection: Connection, address: str) -> Door | None:
    """The connection behind the hash of an address; None where it leads nowhere or is removed. One query."""
    row = connection.execute(_DOOR, {"address": address}).one_or_none()
    return None if row is None else Door(row[0], row[1], row[2], row[3], row[4], address)


def put_bell(connection: Connection, door: Door, told: Told) -> int | None:
    """Keep a bell; its id, None where the address does not lead to this very door any more. One query, prepared."""
    prepared, values = _prepare(connection.dialect), _values(door, told)
    values |= {"told": dumps(told.payload), "at": prepared.moment(told.at)}
    given = values if prepared.names is None else tuple([values[name] for name in prepared.names])
    driver = connection.connection.dbapi_connection
    assert driver is not None
    cursor = driver.cursor()
    try:
        cursor.execute(prepared.sql, given)
        row = cursor.fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        # What SQLAlchemy does around a statement costs as much as the statement; callers know its errors alone.
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(prepared.sql, None, error, base, hide_parameters=True) from None
    finally:
        cursor.close()
    return None if row is None else int(row[0])


def put_look(connection: Connection, door: Door, told: Told) -> int | None:
    """Keep a bell that says: look at everything; as `put_bell`, but 0 where another one is enough. Two queries.

    One that nobody has begun to work on is enough: whoever claims it later looks later than this bell rang.
    """
    values = _values(door, told)
    if connection.execute(_LOCKED, values).one_or_none() is None:
        return None
    kept: int | None = connection.execute(_LOOK, values).scalar_one_or_none()
    return kept or 0


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


def put_unread(session: Session, connection: int, body: Any, why: str, now: datetime) -> None:
    """Keep campaign events that could not be read; a person may open them again. One query."""
    row = InboxRow(connection_id=connection, kind=EVENTS, payload={"body": body}, state=FAILED, claim=None)
    row.received_at, row.closed_at, row.error = now, now, why
    session.add(row)
    session.flush()


def unread(session: Session, connection: int) -> list[InboxRow]:
    """Campaign events that are to be read again, oldest first. One query."""
    chosen = select(InboxRow).where(
        InboxRow.connection_id == connection, InboxRow.state == OPEN, InboxRow.kind == EVENTS
    )
    return list(session.scalars(chosen.order_by(InboxRow.id)))


def close(session: Session, ids: Sequence[int], now: datetime) -> None:
    """These are dealt with. One query."""
    done = update(InboxRow).where(InboxRow.id.in_(list(ids))).values(state=DONE, claim=None, closed_at=now)
    session.execute(done.execution_options(synchronize_session=False))


def count_open(session: Session, connection: int) -> int:
    """How many open bells a connection has. One query."""
    counted = select(func.count()).where(
        InboxRow.connection_id == connection, InboxRow.state == OPEN, InboxRow.kind == BELL
    )
    return session.execute(counted).scalar_one()


def waiting(session: Session) -> dict[int, datetime]:
    """Connection -> when its oldest open bell was accepted. One query over the open rows."""
    chosen = (
        select(InboxRow.connection_id, func.min(InboxRow.received_at))
        .where(InboxRow.state == OPEN, InboxRow.kind == BELL)
        .group_by(InboxRow.connection_id)
    )
    return {row[0]: row[1] for row in session.execute(chosen)}


def last_received(session: Session, connection: int) -> datetime | None:
    """When the last bell came, as far back as the inbox is kept. One query."""
    return session.execute(
        select(func.max(InboxRow.received_at)).where(InboxRow.connection_id == connection, InboxRow.kind == BELL)
    ).scalar_one()


def prune(session: Session, before: datetime, limit: int) -> int:
    """Delete rows dealt with before a moment, at most `limit`; how many. What failed waits for a person. One query."""
    old = (
        select(InboxRow.id)
        .where(InboxRow.state == DONE, InboxRow.closed_at.is_not(None), InboxRow.closed_at < before)
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


class Reopened(NamedTuple):
    """A row that was opened again."""

    id: int
    connection: int
    kind: str


def reopen(session: Session, ids: Sequence[int] | None) -> list[Reopened]:
    """Open failed rows again, these or (None) all, each as it was. One query."""
    chosen = update(InboxRow).where(InboxRow.state == FAILED)
    if ids is not None:
        chosen = chosen.where(InboxRow.id.in_(list(ids)))
    opened = chosen.values(state=OPEN, claim=None, closed_at=None, error="")
    opened = opened.returning(InboxRow.id, InboxRow.connection_id, InboxRow.kind)
    rows = session.execute(opened.execution_options(synchronize_session=False)).all()
    return sorted(Reopened(row[0], row[1], row[2]) for row in rows)


def forget_removed(session: Session, limit: int) -> int:
    """Delete rows of connections that are removed, at most `limit`; how many. One query."""
    removed = select(ConnectionRow.id).where(ConnectionRow.state == ConnectionState.REMOVED.value)
    chosen = select(InboxRow.id).where(InboxRow.connection_id.in_(removed)).limit(limit)
    gone = delete(InboxRow).where(InboxRow.id.in_(chosen)).returning(InboxRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def _values(door: Door, told: Told) -> dict[str, Any]:
    proven = {"address": door.address, "version": door.version, "sealed": door.bell_sealed}
    return {**proven, "told": told.payload, "at": told.at, "why": told.why}


class _Prepared(NamedTuple):
    sql: str
    names: Sequence[str] | None
    """In this order, where the driver takes values by their places."""
    moment: Callable[[datetime], Any]


@lru_cache(maxsize=4)
def _prepare(dialect: Dialect) -> _Prepared:
    """Compiling and binding in general costs more than all the rest of keeping a bell."""
    compiled = _BELL.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    bind = InboxRow.received_at.type.dialect_impl(dialect).bind_processor(dialect)
    return _Prepared(compiled.string, compiled.positiontup, bind or (lambda moment: moment))


def _at(*columns: Any) -> Select[Any]:
    """Something of the connection behind an address. A removed one, and one with a new address, has another hash."""
    return select(*columns).where(ConnectionRow.token_hash == bindparam("address", type_=Text))


def _still(*columns: Any) -> Select[Any]:
    """Something of a door, if it is what it was."""
    return _at(*columns).where(
        ConnectionRow.settings_version == bindparam("version", type_=Integer),
        ConnectionRow.bell_sealed == bindparam("sealed", type_=Text),
    )


_PAYLOAD = bindparam("told", type_=InboxRow.payload.type)
_BELL_ROW: tuple[Any, ...] = (
    ConnectionRow.id,
    literal_column(f"'{BELL}'"),
    _PAYLOAD,
    literal_column(f"'{OPEN}'"),
    bindparam("at", type_=InboxRow.received_at.type),
    bindparam("why", type_=Text),
)
_COLUMNS = ("connection_id", "kind", "payload", "state", "received_at", "error")
_WAITING = select(InboxRow.id).where(
    InboxRow.connection_id == ConnectionRow.id,
    InboxRow.state == OPEN,
    InboxRow.kind == BELL,
    InboxRow.claim.is_(None),
    InboxRow.payload == _PAYLOAD,
)
_INBOX = Base.metadata.tables["inbox"]
_INSERT = insert(_INBOX)
_DOOR = _at(
    ConnectionRow.id,
    ConnectionRow.plugin,
    ConnectionRow.settings,
    ConnectionRow.settings_version,
    ConnectionRow.bell_sealed,
)
_LOCKED = _still(ConnectionRow.id).with_for_update(key_share=True)
_BELL = _INSERT.from_select(_COLUMNS, _still(*_BELL_ROW)).returning(_INBOX.c.id)
_LOOK = _INSERT.from_select(_COLUMNS, _still(*_BELL_ROW).where(~_WAITING.exists())).returning(_INBOX.c.id)
