"""Reading the members of one row of Raynet, whatever their shape.

An object that is missing says nothing, and so do its members (R25); an object that is null says that they are all
empty. Taken apart by hand: this is the one thing here that is done for each of a hundred thousand records.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from spojka import Json

Row = Mapping[str, Json]
Table = tuple[tuple[str, str], ...]
"""Pairs of a field's key and the member of the row that holds its value."""

NOTHING: Row = {}
MEMBERS = ("email", "email2", "tel1", "street", "city", "zipCode", "countryCode", "name", "fullName", "value", "type")
NULLS: Row = dict.fromkeys((*MEMBERS, "address", "contactInfo", "company"))
"""What an object that is null says: each of its members is empty."""

FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "on", "yes", "1"), True),
    **dict.fromkeys(("", "false", "off", "no", "0"), False),
}
DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ].*)?")


class Odd(Exception):
    """A member has another shape than Raynet documents; it holds the member's name and what belongs there."""

    def __init__(self, member: str, wanted: str) -> None:
        super().__init__(member, wanted)
        self.member = member
        self.wanted = wanted


def put(fields: dict[str, str], row: Row, table: Table, path: str = "") -> None:
    """Values travel as they were typed (R43); what the row does not say stays out (R25)."""
    for key, member in table:
        if member in row:
            value = row[member]
            fields[key] = value if type(value) is str else text(value, path + member)


def part(row: Row, member: str, path: str = "") -> Row:
    """An object inside the row: NOTHING where it is missing, NULLS where it is null."""
    inside = row.get(member, NOTHING)
    if type(inside) is dict:
        return inside
    if inside is None:
        return NULLS
    raise Odd(path + member, "an object")


def text(value: Json, member: str) -> str:
    """The value as it was typed; a number as its digits, null as empty."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise Odd(member, "a text")


def flag(row: Row, member: str, path: str = "") -> bool:
    """Yes or no in any spelling that Raynet takes; missing and null are no."""
    value = row.get(member)
    if value is None or isinstance(value, bool):
        return value is True
    said = FLAGS.get(text(value, path + member).strip().lower())
    if said is None:
        raise Odd(path + member, "yes or no")
    return said


def moment(value: Json, member: str) -> datetime | None:
    """In UTC. None where it is empty or has no offset: then the zone is that of the key's user, which nobody told."""
    said = text(value, member)
    if said == "":
        return None
    try:
        at = datetime.fromisoformat(said)
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Odd(member, "a date with a time") from None


def day(value: Json, member: str) -> str:
    """A whole day as `yyyy-MM-dd`; what a time of day follows is cut off."""
    said = text(value, member)
    if said == "":
        return ""
    found = DAY.fullmatch(said)
    try:
        return date.fromisoformat(found[1] if found else "").isoformat()
    except ValueError:
        raise Odd(member, "a date like 1980-05-31") from None
