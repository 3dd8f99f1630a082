"""Answering a list: paging, sorting, and rows that are printed once and kept until they change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from werkzeug.wrappers import Response

from plugins.raynet.sandbox import rows
from plugins.raynet.sandbox.columns import SortKey
from plugins.raynet.sandbox.errors import bad_query
from plugins.raynet.sandbox.filters import Column, parse
from plugins.raynet.sandbox.store import Rec, Store, Table
from plugins.raynet.sandbox.times import Face
from plugins.raynet.sandbox.visit import Visit

JSON = "application/json;charset=UTF-8"
MOST = 1000
Print = Callable[[Store, Rec, Face], Rec]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list endpoint: what it shows and what it can be asked."""

    table: str
    columns: Mapping[str, Column]
    sort: Mapping[str, SortKey]
    show: Print
    kept: bool = False
    """Rows may be kept as bytes: whoever changes what they show forgets them."""


def answer(visit: Visit, listing: Listing, within: set[int] | None = None) -> Response:
    """One page of the table, or of the records `within`. `totalCount` counts all matches."""
    table = visit.store.table(listing.table)
    offset, limit = _window(visit)
    query = parse(visit, listing.columns)
    if within is not None:
        query.pick_out(within)
    if visit.levels is not None:
        query.tests.append(visit.sees)
    ids = _sorted(visit, listing, table, query.select(table))
    page = _printed(visit, listing, table, ids[offset : offset + limit])
    head = b'{"success":true,"totalCount":%d,"data":[' % len(ids)
    return Response(head + b",".join(page) + b"]}", content_type=JSON)


def print_all(store: Store, listing: Listing, face: Face) -> None:
    """Print every row beforehand, so that the first reading is as fast as the next."""
    table = store.table(listing.table)
    table.cache[face.iso].update((row["id"], _bytes(listing.show(store, row, face))) for row in table)


def _bytes(row: Rec) -> bytes:
    """A row as JSON. Copied, because what orjson gives keeps hold of several times the room it needs."""
    return bytes(memoryview(orjson.dumps(row)))


def whole(found: list[Rec]) -> Response:
    """A short list without filters, such as a picklist."""
    body = {"success": True, "totalCount": len(found), "data": found}
    return Response(orjson.dumps(body), content_type=JSON)


def _window(visit: Visit) -> tuple[int, int]:
    offset, limit = _number(visit, "offset", 0), _number(visit, "limit", 100)
    if offset < 0 or limit < 1:
        raise bad_query("offset must not be negative, limit must be at least 1")
    if limit > MOST and visit.switches["limit_over_1000"] == "refused":
        raise bad_query(f"limit must be at most {MOST}")
    return offset, min(limit, MOST)


def _number(visit: Visit, name: str, default: int) -> int:
    value = visit.args.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise bad_query(f"{name} is not a number") from error


def _sorted(visit: Visit, listing: Listing, table: Table, ids: list[int]) -> list[int]:
    column, direction = visit.args.get("sortColumn"), visit.args.get("sortDirection", "ASC")
    if direction not in ("ASC", "DESC"):
        raise bad_query(f"Unsupported sortDirection [{direction}]")
    if column is None:
        shuffled = visit.switches["unsorted"] == "shuffled"
        return sorted(ids, key=lambda id_: id_ * 2_654_435_761 % 4_294_967_296) if shuffled else ids
    if column not in listing.sort:
        raise bad_query(f"Unsupported sort column [{column}]")
    if column == "id":
        return ids if direction == "ASC" else ids[::-1]
    key, found = listing.sort[column], table.rows
    return sorted(ids, key=lambda id_: key(found[id_]), reverse=direction == "DESC")


def _printed(visit: Visit, listing: Listing, table: Table, ids: list[int]) -> list[bytes]:
    view, face = visit.args.get("view"), visit.face
    if view not in (None, "rowInfo"):
        raise bad_query(f"Unsupported view [{view}]")
    if view == "rowInfo":
        return [orjson.dumps(rows.row_info_view(table.rows[id_], face)) for id_ in ids]
    kept = table.cache[face.iso] if listing.kept else {}
    for id_ in ids:
        if id_ not in kept:
            kept[id_] = _bytes(listing.show(visit.store, table.rows[id_], face))
    return [kept[id_] for id_ in ids]
