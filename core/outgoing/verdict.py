"""What to do about one answer, or about none: hand it over, ask again after a pause, or stop (R91, R92). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from spojka import Allowance, Busy, Malformed, Refused, SpojkaError, Unreachable

LONGEST_PAUSE_SECONDS = 30.0
LONGEST_OBEYED_SECONDS = 90.0
"""A `Retry-After` up to here is waited for; beyond it the work is given back."""
STUBBORN_SECONDS = 120
"""When to come back to a vendor whose 429 does not end and names no time."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """The plugin reads it."""


@dataclass(frozen=True, slots=True)
class Again:
    """Ask once more. `pause`: (low, high) seconds; `error` is raised when there is no patience left.

    `sent`: the vendor may have carried the request out.
    """

    pause: tuple[float, float]
    error: SpojkaError
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing helps now."""

    error: SpojkaError


Verdict = Deliver | Again | Stop


def judge(
    status: int, headers: Mapping[str, str], is_json: bool, allowance: Allowance | None, tries: int, now: datetime
) -> Verdict:
    """What to do about an answer, the `tries`-th to this request. `headers` are looked up in lower case."""
    if status == 401:
        return Stop(Refused("The vendor refused the credentials. Nothing was lost; enter new ones and it catches up."))
    if 300 <= status < 400:
        return Stop(Malformed("The vendor redirects elsewhere, which is not followed. Check the base address."))
    if status == 429:
        return _too_many(headers, allowance, tries, now)
    if status < 500 or (status == 500 and is_json):
        return Deliver()
    error = Unreachable(f"The vendor answered {status}, and that for several tries. It is tried again later.")
    return Again(growing(tries), error, sent=status != 503)


def no_answer(tries: int, *, sent: bool) -> Again:
    """What to do where no whole answer came."""
    error = Unreachable("The vendor can't be reached, or does not answer in time. It is tried again later.", sent=sent)
    return Again(growing(tries), error, sent=sent)


def growing(tries: int, first: float = 1.0) -> tuple[float, float]:
    """Between half and the whole of a second, two, four … up to half a minute."""
    most: float = min(LONGEST_PAUSE_SECONDS, first * 2 ** (tries - 1))
    return most / 2, most


def _too_many(headers: Mapping[str, str], allowance: Allowance | None, tries: int, now: datetime) -> Verdict:
    told = retry_after(headers.get("retry-after", ""), now)
    if told is not None:
        return _as_told(told, now)
    left = None if allowance is None else whole(headers.get(allowance.remaining.lower(), ""))
    reset = None if allowance is None else moment(headers.get(allowance.reset.lower(), ""))
    if left is not None and left <= 0 and reset is not None and reset > now:
        return Stop(Busy("The vendor's allowance is used up. It goes on by itself when the vendor opens again.", reset))
    if left is not None and left > 0:
        return Again(growing(tries, first=0.5), _stubborn(now))
    return Again(growing(tries, first=2.0), _stubborn(now))


def _as_told(seconds: float, now: datetime) -> Verdict:
    until = now + timedelta(seconds=seconds)
    error = Busy("The vendor asks to wait. It goes on by itself.", until)
    if seconds > LONGEST_OBEYED_SECONDS:
        return Stop(error)
    return Again((seconds, seconds + 1.0), error)


def _stubborn(now: datetime) -> Busy:
    until = now + timedelta(seconds=STUBBORN_SECONDS)
    return Busy("The vendor keeps saying that there are too many requests. It goes on by itself.", until)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header names, as a number or as a date; None where it says nothing readable."""
    seconds = whole(text)
    if seconds is not None:
        return float(max(0, seconds))
    until = http_date(text)
    return None if until is None else max(0.0, (until - now).total_seconds())


def http_date(text: str) -> datetime | None:
    """A moment out of an HTTP header such as `Date`; None where it is not one."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def whole(text: str) -> int | None:
    """A whole number out of a header; None where it is not one."""
    text = text.strip()
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 16 else None


def moment(text: str) -> datetime | None:
    """A moment out of Unix seconds; None where it is not one."""
    seconds = whole(text)
    if seconds is None or not 0 < seconds < 32503680000:
        return None
    return datetime.fromtimestamp(seconds, UTC)
