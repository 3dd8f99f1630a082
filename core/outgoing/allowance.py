"""A day's allowance of requests: what vendors' headers teach, and who may still take of it (R90). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.outgoing.verdict import moment, whole
from spojka import Allowance

SAME_WINDOW = timedelta(seconds=60)
"""Two resets this close name the same day; some vendors count it anew with each answer."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Percentages of the allowance: `reserve` is never touched, the shares wait for their lanes, bulk has the rest."""

    reserve: int = 10
    live: int = 40
    morning: int = 30

    def waiting(self, lane: str) -> Mapping[str, int]:
        """The shares kept for others than `lane`."""
        return {name: share for name, share in (("live", self.live), ("morning", self.morning)) if name != lane}


@dataclass(frozen=True, slots=True)
class Said:
    """What one answer's headers said."""

    limit: int
    remaining: int
    reset: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an allowance until `reset`: the vendor's numbers, and how much each lane has used of it."""

    limit: int
    remaining: int
    reset: datetime
    used: Mapping[str, int] = field(default_factory=dict)


def said(headers: Mapping[str, str], allowance: Allowance | None) -> Said | None:
    """Read the headers (looked up in lower case); None where they don't say all three."""
    if allowance is None:
        return None
    limit = whole(headers.get(allowance.limit.lower(), ""))
    remaining = whole(headers.get(allowance.remaining.lower(), ""))
    reset = moment(headers.get(allowance.reset.lower(), ""))
    if limit is None or remaining is None or reset is None or limit <= 0:
        return None
    return Said(limit, max(0, remaining), reset)


def learned(known: Known | None, news: Said, lane: str) -> Known:
    """What is known after one more answer to `lane`.

    Answers overtake each other, so within a day the smallest remainder counts, and an older day's answer only counts
    as used.
    """
    if known is None or news.reset > known.reset + SAME_WINDOW:
        return Known(news.limit, news.remaining, news.reset, {lane: 1})
    used = {**known.used, lane: known.used.get(lane, 0) + 1}
    if news.reset < known.reset - SAME_WINDOW:
        return Known(known.limit, known.remaining, known.reset, used)
    remaining = min(known.remaining, news.remaining) if known.limit == news.limit else news.remaining
    return Known(news.limit, remaining, max(known.reset, news.reset), used)


def closed_until(known: Known | None, lane: str, shares: Shares, now: datetime) -> datetime | None:
    """When `lane` may send again; None: now.

    What is left, less the reserve, less what the other lanes' shares still wait for, has to be more than nothing.
    """
    if known is None or known.reset <= now:
        return None
    kept = known.limit * shares.reserve // 100
    for name, share in shares.waiting(lane).items():
        kept += max(0, known.limit * share // 100 - known.used.get(name, 0))
    return None if known.remaining > kept else known.reset
