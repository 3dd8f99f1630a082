"""Filters as Raynet knows them: a closed set of names per endpoint, each with its own operators.

Source: Raynet API, Filtering. A wrong name or operator is a 400; conditions are ANDed.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.raynet.sandbox.errors import bad_query, not_found, unsupported_column
from plugins.raynet.sandbox.store import Rec, Store, Table
from plugins.raynet.sandbox.times import moment
from plugins.raynet.sandbox.visit import Visit

Read = Callable[[Store, Rec], Any]
Test = Callable[[Rec], bool]

FORM = re.compile(r"(?P<name>[^\[\]]+?)(\[(?P<op>[A-Z_]+)\])?")
ID_OPS = frozenset({"EQ", "NE", "IN", "GT", "GE", "LT", "LE"})
TEXT_OPS = frozenset({"EQ", "NE", "EQ_OR_NULL", "NE_OR_NULL", "LIKE", "LIKE_NOCASE"})
CODE_OPS = frozenset({"EQ", "NE", "EQ_OR_NULL", "NE_OR_NULL", "IN", "NOT_IN"})
SAME_OPS = frozenset({"EQ", "NE"})
NULL_OPS = frozenset({"EQ", "NE", "EQ_OR_NULL", "NE_OR_NULL"})
TIME_OPS = frozenset({"GT", "GE", "LT", "LE"})
CUSTOM = frozenset({"CUSTOM"})
PLAIN = frozenset({"EQ"})
NOT_FILTERS = frozenset({"offset", "limit", "sortColumn", "sortDirection", "dateFormat", "view"})

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda value, wanted: bool(value == wanted),
    "NE": lambda value, wanted: bool(value != wanted),
    "LT": lambda value, wanted: bool(value < wanted),
    "LE": lambda value, wanted: bool(value <= wanted),
    "GT": lambda value, wanted: bool(value > wanted),
    "GE": lambda value, wanted: bool(value >= wanted),
    "LIKE": lambda value, wanted: wanted.fullmatch(value) is not None,
    "LIKE_NOCASE": lambda value, wanted: wanted.fullmatch(value) is not None,
    "IN": lambda value, wanted: value in wanted,
    "NOT_IN": lambda value, wanted: value not in wanted,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One name that may be filtered by.

    `kind`: text · int · time · flag · number (text where `null` means empty) · any_of (a list) · words (fulltext) ·
    present (no value needed). `reference`: the table whose ids are meant; one that does not exist there is a 404.
    """

    kind: str
    ops: frozenset[str]
    read: Read
    reference: str = ""


@dataclass(slots=True)
class Query:
    """What a list was asked for: bounds on ids, a moment that nothing is older than, and tests of the rest."""

    low: int | None = None
    high: int | None = None
    within: set[int] | None = None
    since: int | None = None
    tests: list[Test] = field(default_factory=list)

    def select(self, table: Table) -> list[int]:
        """The ids of all matches, ascending. Rows are looked at only where an index does not answer."""
        ids = self._candidates(table)
        if not self.tests:
            return ids
        rows, tests = table.rows, self.tests
        return [id_ for id_ in ids if all(test(rows[id_]) for test in tests)]

    def _candidates(self, table: Table) -> list[int]:
        ids = table.ids
        if self.within is not None:
            ids = sorted(id_ for id_ in self.within if id_ in table.rows)
        elif self.since is not None:
            ids = table.since(self.since)
        start = 0 if self.low is None else bisect_left(ids, self.low)
        end = len(ids) if self.high is None else bisect_right(ids, self.high)
        return ids[start : max(start, end)]

    def narrow(self, op: str, value: int) -> None:
        """Take one comparison of the id."""
        if op in ("GT", "GE", "EQ"):
            bound = value + 1 if op == "GT" else value
            self.low = bound if self.low is None else max(self.low, bound)
        if op in ("LT", "LE", "EQ"):
            bound = value - 1 if op == "LT" else value
            self.high = bound if self.high is None else min(self.high, bound)
        if op == "NE":
            self.tests.append(lambda record: bool(record["id"] != value))

    def pick_out(self, ids: set[int]) -> None:
        """Take a list of ids."""
        self.within = ids if self.within is None else self.within & ids


def parse(visit: Visit, columns: Mapping[str, Column]) -> Query:
    """The filters of a request. Raises ApiError (400, or 404 for a reference that points nowhere)."""
    query = Query()
    for key, value in visit.args.items(multi=True):
        if key in NOT_FILTERS:
            continue
        name, op = _split(key, columns)
        if name == "id":
            _by_id(visit, query, op, value)
            continue
        _take(visit, query, columns[name], name, op, value)
    if not visit.switches["invalid_in_lists"] and not any("rowAccess" in key for key in visit.args):
        query.tests.append(lambda record: record.get("rowAccess") is None)
    return query


def _split(key: str, columns: Mapping[str, Column]) -> tuple[str, str]:
    form = FORM.fullmatch(key)
    name = form["name"] if form else key
    if form is None or (name != "id" and name not in columns):
        raise unsupported_column(name)
    op = form["op"] or "EQ"
    allowed = ID_OPS if name == "id" else columns[name].ops
    bare_custom = form["op"] is None and allowed == CUSTOM
    if op not in allowed or bare_custom:
        raise bad_query(f"Unsupported operator [{op}] for filter column [{name}]")
    return name, op


def _by_id(visit: Visit, query: Query, op: str, value: str) -> None:
    if not visit.switches["id_filter"]:
        raise unsupported_column("id")
    if op == "IN":
        query.pick_out({_int(part) for part in value.split(",") if part})
        return
    query.narrow(op, _int(value))


def _take(visit: Visit, query: Query, column: Column, name: str, op: str, value: str) -> None:
    store = visit.store
    if column.kind == "time" and name == "rowInfo.lastModifiedAt" and op in ("GT", "GE"):
        bound = moment(value, visit.zone) + (op == "GT")
        query.since = bound if query.since is None else max(query.since, bound)
        return
    query.tests.append(_test(visit, store, column, op, value))


def _test(visit: Visit, store: Store, column: Column, op: str, value: str) -> Test:
    read = column.read
    if column.kind == "present":
        return lambda record: bool(read(store, record))
    if column.kind == "words":
        words = value.casefold()
        return lambda record: words in read(store, record).casefold()
    if column.kind == "any_of":
        wanted_any = _references(store, column, value)
        return lambda record: not wanted_any.isdisjoint(read(store, record))
    if value == "" or (column.kind == "number" and value == "null"):
        return _emptiness(store, read, op)
    base = op.removesuffix("_OR_NULL")
    wanted = _wanted(visit, store, column, base, value)
    compare, null_counts = COMPARE[base], op.endswith("_OR_NULL")

    def test(record: Rec) -> bool:
        found = read(store, record)
        return null_counts if found is None or found == "" else compare(found, wanted)

    return test


def _emptiness(store: Store, read: Read, op: str) -> Test:
    if op not in ("EQ", "NE"):
        raise bad_query(f"Operator [{op}] needs a value")
    empty_wanted = op == "EQ"
    return lambda record: (read(store, record) in (None, "")) == empty_wanted


def _references(store: Store, column: Column, value: str) -> set[Any]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not column.reference:
        return set(parts)
    return {_reference(store, column, part) for part in parts}


def _reference(store: Store, column: Column, value: str) -> int:
    id_ = _int(value)
    if column.reference == "templates":
        known = any(item["id"] == id_ for item in store.templates)
    elif column.reference.startswith("pick:"):
        known = store.pick(column.reference.removeprefix("pick:"), id_) is not None
    else:
        known = id_ in store.table(column.reference).rows
    if not known:
        raise not_found(column.reference.removeprefix("pick:"), id_)
    return id_


def _wanted(visit: Visit, store: Store, column: Column, op: str, value: str) -> Any:
    if op in ("IN", "NOT_IN"):
        return {_one(visit, store, column, part) for part in value.split(",")}
    if op.startswith("LIKE"):
        pattern = ".*".join(re.escape(part) for part in value.split("%"))
        return re.compile(pattern, re.DOTALL | (re.IGNORECASE if op == "LIKE_NOCASE" else 0))
    return _one(visit, store, column, value)


def _one(visit: Visit, store: Store, column: Column, value: str) -> Any:
    if column.reference:
        return _reference(store, column, value)
    if column.kind == "int":
        return _int(value)
    if column.kind == "time":
        return moment(value, visit.zone)
    if column.kind == "flag":
        return _flag(value)
    return value


def _int(value: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise bad_query(f"[{value}] is not a number") from error


def _flag(value: str) -> bool:
    if value in ("true", "on", "yes", "1"):
        return True
    if value in ("false", "off", "no", "0"):
        return False
    raise bad_query(f"[{value}] is not a boolean")
