"""Calls that no reading has confirmed yet, as a profile, a binding and the journal keep them (R29, R32)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.decide.facts import Call, Put
from core.store.journal import JournalRow


def call_of(row: Mapping[str, Any]) -> Call:
    """A pending call as it was kept."""
    return Call(
        row["add"],
        {key: (was, sent) for key, (was, sent) in row["fields"].items()},
        _tuple(row["tags"]),
        row["source"],
        row["ticket"],
        row["ended"],
        datetime.fromisoformat(row["at"]),
        datetime.fromisoformat(row["vendor_time"]),
        row["repeats"],
        _tuple(row["later"]),
        row["joins"],
        frozenset(row.get("back", ())),
    )


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def addition_of(row: Mapping[str, Any], noted: JournalRow) -> Call:
    """An addition as it was noted: it overwrites nothing, and what it shares with its batch stands in the journal."""
    return Call(
        True,
        {key: ("", sent) for key, sent in row["added"].items()},
        _tuple(row["tags"]),
        row["source"],
        noted.ticket,
        0,
        noted.at,
        noted.vendor_time,
    )


def row_of(call: Call) -> dict[str, Any]:
    """A pending call as it is kept."""
    return {
        "add": call.add,
        "fields": dict(call.fields),
        "tags": call.tags,
        "source": call.source,
        "ticket": call.ticket,
        "ended": call.ended,
        "at": call.at.isoformat(),
        "vendor_time": call.vendor_time.isoformat(),
        "repeats": call.repeats,
        "later": call.later,
        "joins": call.joins,
        **({"back": sorted(call.back)} if call.back else {}),
    }


def put_of(row: Mapping[str, Any]) -> Put:
    """A write into a record as it was kept."""
    return Put(
        {key: (was, sent) for key, (was, sent) in row["fields"].items()},
        row["ticket"],
        row["ended"],
        datetime.fromisoformat(row["at"]),
        row["repeats"],
        row["judged"],
        row.get("back", False),
    )


def row_of_put(put: Put) -> dict[str, Any]:
    """A write into a record as it is kept in a binding's `pending`."""
    fields = {key: list(pair) for key, pair in put.fields.items()}
    kept = {"fields": fields, "ticket": put.ticket, "ended": put.ended, "at": put.at.isoformat()}
    return {**kept, "repeats": put.repeats, "judged": put.judged, **({"back": True} if put.back else {})}
