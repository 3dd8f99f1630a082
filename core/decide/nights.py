"""When a connection's night is, and which records it compares by value (R73, R75)."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zlib import crc32

BEGINS = time(2)
MINUTES = 180
"""Nights begin between two and five, spread so that connections don't all ask at once."""
SHARES = 30
"""So many nights go once over everything by value."""


def next_night(after: datetime, zone: tzinfo, connection: int) -> datetime:
    """The first beginning of a night later than `after`, one for each local day.

    By the wall clock: an hour that comes twice counts the first time, one that is left out begins an hour later.
    """
    local = after.astimezone(zone)
    begins = _begins(local, zone, connection)
    return begins if begins > after else _begins(local + timedelta(days=1), zone, connection)


def _begins(day: datetime, zone: tzinfo, connection: int) -> datetime:
    wall = datetime.combine(day.date(), BEGINS, zone) + timedelta(minutes=connection * 37 % MINUTES)
    return wall.astimezone(UTC)


def shares(kind: str, record_id: str, turn: int) -> bool:
    """Whether a record is among the thirtieth that is compared by value in the night number `turn` (R75)."""
    return crc32(f"{kind}:{record_id}".encode()) % SHARES == turn % SHARES
