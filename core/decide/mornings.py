"""When mornings are, by the wall clock, also on the days when it changes (R60)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def morning_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a local day's morning run. An hour that is skipped ends where it would have begun, one that comes
    twice counts when it comes first.
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


def last_day(now: datetime, at: time, zone: ZoneInfo) -> date:
    """The local day whose morning was the last one up to `now`."""
    day = now.astimezone(zone).date()
    return day if morning_of(day, at, zone) <= now else day - timedelta(days=1)


def next_morning(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first morning after `now`."""
    return morning_of(last_day(now, at, zone) + timedelta(days=1), at, zone)
