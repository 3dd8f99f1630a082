"""Rows of the embedded list and Spojka's words, both ways. Pure."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from spojka import Done, Profile, Result, Status, Std, Write

CUSTOM = "custom:"
Wanted = tuple[tuple[str, str], ...]
"""`Custom.key` and how the field is kept, folded."""

_BLANK = {std.value: "" for std in Std}


def canonical(email: str) -> str:
    """An address as it is kept and compared."""
    return email.strip().lower()


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A custom field's name as it is compared (R40)."""
    return name.strip().casefold()


def wanted_of(keys: Mapping[str, str]) -> Wanted:
    """The custom fields to read."""
    return tuple((key, CUSTOM + fold(name)) for key, name in keys.items())


def profile_of(row: Row[Any], wanted: Wanted) -> Profile:
    """What the list says of one address: every field there is, as nothing here is ever left unsaid."""
    fields, custom = dict(_BLANK), {}
    for key, value in row.fields.items():
        if key in _BLANK:
            fields[key] = value
        else:
            custom[fold(key)] = value
    for key, name in wanted:
        fields[key] = custom.get(name, "")
    sources = (row.source,) if row.source else ()
    return Profile(row.email, row.uid, Status(row.status), row.since, fields, tuple(row.tags), sources)


def kept(fields: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Fields as they are kept: custom ones under the name the list knows. Raises ValueError for an unknown field."""
    return {names[key] if key in names else Std(key).value: value for key, value in fields.items()}


def custom_keys_of(rows: Sequence[Write]) -> list[str]:
    """The custom fields that rows name, in order of appearance."""
    return list(dict.fromkeys(key for row in rows for key in row.fields if key.startswith(CUSTOM)))


def by_address(rows: Sequence[Write]) -> dict[str, Write]:
    """Rows by address, sorted, so that two calls lock in one order. Raises ValueError where an address stands twice."""
    found = {canonical(row.email): row for row in rows}
    if len(found) != len(rows):
        raise ValueError("One address stands twice in a call; which of its rows counts is not defined.")
    return dict(sorted(found.items()))


def changed(row: Row[Any], write: Write, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """What a stored row becomes: fields not named stay, tags not named stay."""
    return {
        "at_email": row.email,
        "fields": {**row.fields, **kept(write.fields, names)},
        "tags": list(row.tags if write.tags is None else write.tags),
        "source": row.source if write.source is None else write.source,
        "updated_at": now,
    }


def results(emails: Sequence[str], written: Set[str], done: Done) -> tuple[Result, ...]:
    """One result a row; what was not written is to be read again."""
    return tuple(Result(email, done if canonical(email) in written else Done.UNKNOWN) for email in emails)
