"""Before a request may go: the day's allowance, the minute, a seat (R90, R108). After it: what its headers taught."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta

from core.outgoing.allowance import Known, Shares, closed_until, said
from core.outgoing.meter import Meter
from core.outgoing.seats import LIVE, Seats
from core.ports import Clock
from spojka import Busy, Limits

BULK_PERCENT = 80
"""Of a minute's requests, so that live work never waits out a minute that a backfill has used up."""


class Gate:
    """The gate of one vendor account in one process."""

    def __init__(
        self,
        account: str,
        limits: Limits,
        meter: Meter,
        seats: Seats | None,
        shares: Callable[[], Shares],
        clock: Clock,
    ) -> None:
        self._key = hashlib.sha256(account.encode()).hexdigest()[:32]
        self._limits, self._meter, self._seats = limits, meter, seats
        self._shares, self._clock = shares, clock

    @contextmanager
    def passage(self, lane: str, seconds: float, deadline: datetime, *, testing: bool) -> Iterator[None]:
        """Let one request of at most `seconds` through, waiting until `deadline` for the minute and a seat.

        Raises Busy. A person's test asks the vendor even where the lane's share is used up.
        """
        if not testing:
            self._check_allowance(lane)
        self._wait_for_room(lane, deadline)
        with self._seated(lane, seconds, deadline):
            yield

    def learn(self, lane: str, headers: Mapping[str, str]) -> None:
        """Take in what an answer says of the allowance. `headers` are looked up in lower case."""
        news = said(headers, self._limits.allowance)
        if news is not None:
            self._meter.learn(self._key, lane, news)

    def known(self) -> Known | None:
        """What is known of the allowance; None before the first answer of a day."""
        known = self._meter.known(self._key)
        return known if known is not None and known.reset > self._clock.now() else None

    def release_idle(self, seconds: float) -> int:
        """Give back idle seats; how many are kept."""
        return 0 if self._seats is None else self._seats.release_idle(seconds)

    def _check_allowance(self, lane: str) -> None:
        if self._limits.allowance is None:
            return
        until = closed_until(self._meter.known(self._key), lane, self._shares(), self._clock.now())
        if until is not None:
            raise Busy("Today's requests are used up, save what is kept for others. It goes on by itself.", until)

    def _wait_for_room(self, lane: str, deadline: datetime) -> None:
        most = self._limits.per_minute
        if most <= 0:
            return
        most = most if lane == LIVE else max(1, most * BULK_PERCENT // 100)
        while (seconds := self._meter.admit(self._key, most, self._clock.now())) > 0:
            until = self._clock.now() + timedelta(seconds=seconds)
            if until > deadline:
                raise Busy("This minute's requests are used up. It goes on by itself.", until)
            self._clock.sleep(seconds)

    def _seated(self, lane: str, seconds: float, deadline: datetime) -> AbstractContextManager[None]:
        return nullcontext() if self._seats is None else self._seats.seat(lane, seconds, deadline)
