"""Walking through a list of Raynet without missing or repeating a record. Pure.

By `id[GT]` a page cannot slip. By offset it can, when records go while we read; so each page starts some rows early,
and counts only if it starts with a record that was read before (R98, R106).
"""

from dataclasses import dataclass

from plugins.raynet.row import Row
from spojka import Json, Malformed

LIMIT = 1000
OVERLAP = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands: the last id read, how many records were read, and the next row where it goes by offset."""

    last: int = 0
    seen: int = 0
    offset: int | None = None

    @classmethod
    def parse(cls, after: str | None) -> "Place":
        """Read what `token` gave; None is the beginning."""
        if after is None:
            return cls()
        way, *numbers = after.split(":")
        last, seen, *offset = map(int, numbers)
        return cls(last, seen, offset[0] if way == "offset" else None)

    @property
    def token(self) -> str:
        """The place as the opaque text that goes into the next call."""
        if self.offset is None:
            return f"id:{self.last}:{self.seen}"
        return f"offset:{self.last}:{self.seen}:{self.offset}"

    @property
    def start(self) -> int:
        """The offset to ask for: early enough to see a record that was read before."""
        return max(0, (self.seen if self.offset is None else self.offset) - OVERLAP)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One answer of a list: its rows, their ids (checked: strictly ascending), and how many match in all."""

    rows: tuple[Row, ...]
    ids: tuple[int, ...]
    total: int | None

    def ends_at(self, left: int | None) -> bool:
        """Whether these were the last rows, with `left` matches to come when they were asked for.

        A page shorter than asked ends the list only where the count agrees (R98); without a count it has to do.
        """
        if len(self.rows) == left:
            return True
        return len(self.rows) < LIMIT and (left is None or left < len(self.rows))


def sheet(body: Json) -> Sheet:
    """Take an answer apart. Raises Malformed where it is no list, or has a row without an id or out of order."""
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise unusable("Raynet's answer holds no list of records")
    ids = tuple([id_of(row) for row in rows])
    if any(left >= right for left, right in zip(ids, ids[1:], strict=False)):
        raise unusable("Raynet's records are not in the order asked for")
    return Sheet(tuple(rows), ids, natural(body.get("totalCount")))


def next_by_id(place: Place, found: Sheet) -> Place | None:
    """Where to go on after a page asked for by `id[GT]`; None: it was provably the last one.

    Raises Malformed where the page repeats what was read, or holds nothing though more is counted.
    """
    if found.ids and found.ids[0] <= place.last:
        raise unusable("Raynet sent a page that was read before")
    if found.ends_at(found.total):
        return None
    if not found.ids:
        raise unusable("Raynet counts more records than it sends")
    return Place(found.ids[-1], place.seen + len(found.ids))


def joins(place: Place, start: int, found: Sheet) -> bool:
    """Whether no record can be missing between what was read and a page asked for by offset."""
    return start == 0 or (bool(found.ids) and found.ids[0] <= place.last)


def next_by_offset(place: Place, start: int, found: Sheet) -> Place | None:
    """Where to go on after a page that joins; None: it was the last one."""
    new = unread(place, found)
    if found.ends_at(None if found.total is None else found.total - start):
        return None
    if not found.ids:
        raise unusable("Raynet counts more records than it sends")
    return Place(new[-1] if new else place.last, place.seen + len(new), start + len(found.ids))


def unread(place: Place, found: Sheet) -> tuple[int, ...]:
    """The ids of a page that were not read before."""
    return tuple(record_id for record_id in found.ids if record_id > place.last)


def id_of(row: Json) -> int:
    """The id of a row. Raises Malformed where it has none."""
    record_id = natural(row.get("id")) if isinstance(row, dict) else None
    if record_id is None:
        raise unusable("Raynet sent a record without a usable id")
    return record_id


def unusable(what: str) -> Malformed:
    """The error for an answer that cannot be what was asked for."""
    return Malformed(f"{what}. Nothing was concluded from it; it is asked again later.")


def natural(value: Json) -> int | None:
    """A whole number, also one sent as text; None for anything else."""
    if type(value) is int:
        return value if value >= 0 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return None
