"""Many rows in one statement: `INSERT … ON CONFLICT` prepared once per shape, run with plain tuples.

Going through the ORM for rows that nobody looks at again costs four times as much.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, Boolean, Dialect, Table
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from core.store.base import Base, Moment, dumps, text_of

Binder = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Conflict:
    """What to do with rows that are there: set `update` columns from the new row, or `adding` one to `counter`.

    `newer` names a column that has to be higher than what is there (R99); `unless` is a condition, in SQL that both
    databases know, under which what is there stays. Without `update` nothing is done.
    """

    keys: tuple[str, ...]
    update: tuple[str, ...] = ()
    counter: str = ""
    newer: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class _Prepared:
    sql: str
    columns: tuple[tuple[str, Binder | None], ...]


def put(session: Session, row_type: type[Base], rows: Sequence[Mapping[str, Any]], conflict: Conflict | None) -> None:
    """Insert rows, all of one shape, in order of their keys (the order in which every transaction locks). One query."""
    if not rows:
        return
    connection = session.connection()
    table = row_type.__table__
    assert isinstance(table, Table)
    prepared = _prepare(connection.dialect, table, tuple(rows[0]), conflict)
    if conflict is not None and len(rows) > 1:
        rows = _ordered(rows, conflict.keys)
    connection.exec_driver_sql(prepared.sql, _bound(rows, prepared.columns))


def change(session: Session, row_type: type[Base], rows: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> None:
    """Set the other columns of rows that are there, all of one shape, in order of their keys. One query."""
    if not rows:
        return
    connection = session.connection()
    table = row_type.__table__
    assert isinstance(table, Table)
    names = tuple(name for name in rows[0] if name not in keys)
    prepared = _prepare_change(connection.dialect, table, names, keys)
    connection.exec_driver_sql(prepared.sql, _bound(_ordered(rows, keys), prepared.columns))


def _bound(rows: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, Binder | None]]) -> list[tuple[Any, ...]]:
    """Rows as the driver takes them: turned into columns, where each value of a column is bound alike, and back."""
    values: list[Iterable[Any]] = list(zip(*map(itemgetter(*[name for name, _ in columns]), rows), strict=True))
    bound = [column if bind is None else map(bind, column) for column, (_, bind) in zip(values, columns, strict=True)]
    return list(zip(*bound, strict=True))


def _ordered(rows: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> list[Mapping[str, Any]]:
    return sorted(rows, key=itemgetter(*keys))


@lru_cache(maxsize=200)
def _prepare(dialect: Dialect, table: Table, names: tuple[str, ...], conflict: Conflict | None) -> _Prepared:
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    sql = f"INSERT INTO {table.name} ({columns}) VALUES ({', '.join([mark] * len(names))})"
    if conflict is not None:
        sql += _conflict(table, conflict, quote)
    return _Prepared(sql, tuple([(name, _binder(table.c[name].type, dialect)) for name in names]))


@lru_cache(maxsize=200)
def _prepare_change(dialect: Dialect, table: Table, names: tuple[str, ...], keys: tuple[str, ...]) -> _Prepared:
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer.quote
    given = ", ".join(f"{quote(name)} = {mark}" for name in names)
    where = " AND ".join(f"{quote(name)} = {mark}" for name in keys)
    columns = tuple([(name, _binder(table.c[name].type, dialect)) for name in (*names, *keys)])
    return _Prepared(f"UPDATE {table.name} SET {given} WHERE {where}", columns)


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> Binder | None:
    """How a column's values are written down; on SQLite without the detours of processors that can do more."""
    if dialect.name == "sqlite" and isinstance(kind, JSON):
        return dumps
    if dialect.name == "sqlite" and isinstance(kind, Boolean):
        return int
    if dialect.name == "sqlite" and isinstance(kind, Moment):
        return lru_cache(maxsize=1000)(text_of)
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _conflict(table: Table, conflict: Conflict, quote: Callable[[str], str]) -> str:
    keys = ", ".join(conflict.keys)
    if not conflict.update:
        return f" ON CONFLICT ({keys}) DO NOTHING"
    taken = [f"{quote(name)} = excluded.{quote(name)}" for name in conflict.update]
    if conflict.counter:
        taken.append(f"{conflict.counter} = {table.name}.{conflict.counter} + 1")
    sql = f" ON CONFLICT ({keys}) DO UPDATE SET {', '.join(taken)}"
    if conflict.unless:
        return f"{sql} WHERE CASE WHEN {conflict.unless} THEN 1 ELSE 0 END = 0"
    return f"{sql} WHERE excluded.{conflict.newer} > {table.name}.{conflict.newer}" if conflict.newer else sql
