"""Raynet's moments: minutes in the zone of the key's owner, or ISO 8601 with an offset.

Stored as seconds since 1970, cut to the minute, so that they compare without any zone.
"""

import re
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from plugins.raynet.sandbox.errors import bad_query

NATIVE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?[+-]\d\d:?\d\d")


class Face(NamedTuple):
    """How one answer shows moments: in which zone, and whether as ISO 8601."""

    zone: str
    iso: bool


def shown(moment: int, face: Face) -> str:
    """A moment as Raynet prints it."""
    local = datetime.fromtimestamp(moment, ZoneInfo(face.zone))
    if face.iso:
        return local.isoformat(timespec="milliseconds")
    return local.isoformat(sep=" ", timespec="minutes")[:16]


def moment(text: str, zone: str) -> int:
    """Seconds since 1970 of a native, whole-day or ISO 8601 text with a numeric offset.

    In the autumn hour that comes twice a native text means its first coming. Raises ApiError (400), also for `…Z`.
    """
    try:
        return _moment(text, zone)
    except ValueError as error:
        raise bad_query(f"Unparseable date [{text}]") from error


def _moment(text: str, zone: str) -> int:
    if ISO.fullmatch(text):
        return int(datetime.fromisoformat(text).timestamp())
    if NATIVE.fullmatch(text) or DAY.fullmatch(text):
        return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())
    raise ValueError(text)


def day(text: str, zone: str) -> str:
    """The whole day of any accepted text, `yyyy-MM-dd`. Raises ApiError (400)."""
    if not DAY.fullmatch(text):
        return datetime.fromtimestamp(moment(text, zone), ZoneInfo(zone)).date().isoformat()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise bad_query(f"Unparseable date [{text}]") from error


def minute(now: datetime) -> int:
    """A moment cut to the minute, as Raynet stores it."""
    return int(now.timestamp()) // 60 * 60
