"""The declarative base, column types, engines, and the few expressions that differ between databases."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar

import orjson
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, Text, create_engine, event, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.sql.expression import ColumnElement, any_, bindparam
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite has no zones, so they are put on and taken off here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; it would silently shift."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone can't be stored.")
        moved = value.astimezone(UTC)
        return moved.replace(tzinfo=None) if dialect.name == "sqlite" else moved

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_of(value: datetime | None) -> str | None:
    """A moment as SQLAlchemy writes it down for SQLite, in a third of the time. Raises ValueError for a naive one."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("A moment without a time zone can't be stored.")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


Document = JSON().with_variant(JSONB(), "postgresql")
"""JSON that is kept."""


Ticket = Annotated[int, mapped_column(BigInteger)]
"""A number drawn from the tickets, which outgrow 32 bits one day."""


class Base(DeclarativeBase):
    """Base of every table."""

    type_annotation_map = {datetime: Moment, dict[str, Any]: Document, list[Any]: Document, str: Text}


class Written(str):
    """A document that is text already, made once for several columns that say the same."""

    __slots__ = ()


def written(value: Any) -> Written:
    """A document as text."""
    return Written(dumps(value))


_EMPTY: dict[type[Any], str] = {dict: "{}", list: "[]", tuple: "[]"}


def dumps(value: Any) -> str:
    """A document as text; most are empty, and few tuples of tags and the like are on many rows."""
    if not value:
        return _EMPTY.get(type(value)) or orjson.dumps(value).decode()
    if type(value) is tuple:
        return _few(value)
    return value if type(value) is Written else orjson.dumps(value).decode()


@lru_cache(maxsize=2000)
def _few(texts: tuple[str, ...]) -> str:
    return orjson.dumps(texts).decode()


def make_engine(url: str) -> Engine:
    """An engine with the settings that each database needs for safety.

    SQLite: WAL, `synchronous=FULL`, every writing transaction begins as IMMEDIATE (one that reads first and writes
    later would fail at once beside another writer).
    """
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            json_serializer=dumps,
            json_deserializer=orjson.loads,
            hide_parameters=True,
            connect_args={"timeout": 30.0},
        )
        _prepare_sqlite(engine)
        return engine
    return create_engine(
        url,
        json_serializer=dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
    )


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-24000")
        cursor.execute("PRAGMA wal_autocheckpoint=16000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading", False)
        statement = "BEGIN" if reading else "BEGIN IMMEDIATE"
        try:
            # By the driver: what SQLAlchemy does around a statement costs more than this one.
            connection.connection.dbapi_connection.execute(statement)
        except sqlite3.Error as error:
            raise DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True) from None


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that never expire what was loaded and never flush behind one's back."""
    return sessionmaker(engine, expire_on_commit=False, autoflush=False)


def partial(name: str, where: str, *columns: str) -> Index:
    """An index over the rows for which `where` holds, on both databases."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def among(session: Session, column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    """`column` is one of `values`, sent as a single parameter whatever their number."""
    if session.get_bind().dialect.name == "sqlite":
        rows = func.json_each(bindparam(None, dumps(list(values)), type_=Text)).table_valued("value")
        return column.in_(select(rows.c.value))  # type: ignore[no-any-return]  # `column` is any typed attribute
    return column == any_(bindparam(None, list(values), type_=ARRAY(Text)))  # type: ignore[no-any-return]  # as above


def upsert(session: Session, table: Any) -> Any:
    """An `INSERT` that knows `on_conflict_do_update`, of the session's dialect."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite_insert(table)
    return postgresql_insert(table)


T = TypeVar("T")
PASSING = ("40P01", "40001")
"""PostgreSQL's codes for a transaction that only has to be repeated: deadlock, serialisation."""


def transact(sessions: sessionmaker[Session], work: Callable[[Session], T], tries: int = 8) -> T:
    """Run `work` in one transaction and commit; repeat it where only another transaction was in the way."""
    for left in reversed(range(tries)):
        try:
            with sessions.begin() as session:
                return work(session)
        except OperationalError as error:
            if not left or not _in_the_way(error):
                raise
    raise AssertionError("unreachable")


def look(sessions: sessionmaker[Session], work: Callable[[Session], T]) -> T:
    """Run `work` in a transaction that only reads, so that it waits for no writer."""
    with sessions() as session:
        session.connection(execution_options={"reading": True})
        return work(session)


def _in_the_way(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlstate", None)
    return code in PASSING or "database is locked" in str(error.orig)
