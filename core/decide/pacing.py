"""How often the CRM is read: a bucket that fills with real time's share of the quota (R71, R74). Pure."""

from dataclasses import dataclass
from datetime import datetime

DAY_SECONDS = 86_400.0
HOURS = 24
HOUR_SECONDS = DAY_SECONDS / HOURS
APART_SECONDS = 1.0
"""How far apart readings are at least, in a storm of bells."""
LONGEST_SECONDS = 3600.0
"""A connection is read once an hour however small its share: otherwise it would stand still unseen."""


@dataclass(frozen=True, slots=True)
class Share:
    """Real time's share of a CRM account's requests a day; `limit` None: nobody said one.

    `left`: what others have left us of this day, which ends in so many `seconds`; None: nobody said it.
    """

    limit: int | None
    percent: int
    left: float | None = None
    seconds: float = DAY_SECONDS

    @property
    def most(self) -> float:
        """What the bucket holds at most: an hour's worth, of the share or of what is left, whichever is less."""
        hour = (self.limit or 0) * self.percent / 100 / HOURS
        if self.left is None:
            return hour
        return min(hour, max(0.0, self.left) * HOUR_SECONDS / max(HOUR_SECONDS, self.seconds))

    @property
    def a_second(self) -> float:
        """How fast it fills: a full bucket and a day's filling together are the share, so no day exceeds it."""
        return self.most * (HOURS - 1) / DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was in it at a moment, in requests; negative where a reading took more than there was."""

    tokens: float
    at: datetime


def filled(bucket: Bucket | None, share: Share, now: datetime) -> Bucket:
    """The bucket as it is now; a new one is full."""
    if bucket is None:
        return Bucket(share.most, now)
    seconds = max(0.0, (now - bucket.at).total_seconds())
    return Bucket(min(share.most, bucket.tokens + seconds * share.a_second), now)


def pause(bucket: Bucket | None, share: Share, now: datetime, last: datetime | None) -> float:
    """Seconds until the next reading may begin, the last of which ended at `last`; 0 after quiet."""
    apart = 0.0 if last is None else APART_SECONDS - (now - last).total_seconds()
    if share.limit is None:
        return max(0.0, apart)
    lacking = 1.0 - filled(bucket, share, now).tokens
    refill = lacking / share.a_second if share.a_second > 0 else LONGEST_SECONDS
    return max(0.0, apart, min(refill, LONGEST_SECONDS) if lacking > 0 else 0.0)


def minute(read_every: float, requests: int, share: Share) -> float:
    """Seconds between readings without bells: as the setting says, fewer where the quota is small (R71)."""
    if share.limit is None:
        return read_every
    if share.a_second <= 0:
        return LONGEST_SECONDS
    return max(read_every, min(requests / share.a_second, LONGEST_SECONDS))
