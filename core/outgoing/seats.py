"""Seats: how many requests a CRM account lets us have open together, over all processes and machines (R90).

A seat is a lease in the database. A process keeps it while its requests follow each other, and gives it back when it is
idle or when somebody else asks for one; live work goes first.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.ports import Clock, Dice
from core.real import is_dead
from core.store.leases import LeaseRow, database_now, release, renew, take
from spojka import Busy

IDLE_SECONDS = 1.0
KEPT_SECONDS = 60.0
"""How much longer than one request a lease is taken for, so that it is renewed about once a minute."""
WANT_SECONDS = 3.0
POLITE_SECONDS = 0.5
"""Who gave a seat to a waiting process lets it sit down first."""
LOOK_SECONDS = (0.05, 0.2)
LIVE = "live"


@dataclass(slots=True)
class Seat:
    """A seat this process holds; `until` by its own clock."""

    name: str
    fence: int
    until: datetime
    idle_since: datetime


class Seats:
    """The seats of one vendor account, as one process sees them. Safe for threads."""

    def __init__(
        self,
        account: str,
        count: int,
        sessions: sessionmaker[Session],
        clock: Clock,
        dice: Dice,
        holder: str,
        dead: Callable[[str], bool] = is_dead,
    ) -> None:
        self._names = tuple(f"seat:{account}:{number}" for number in range(1, count + 1))
        self._wants = {LIVE: f"seat:{account}:wanted:live", "": f"seat:{account}:wanted"}
        self._sessions, self._clock, self._dice = sessions, clock, dice
        self._holder, self._dead = holder, dead
        self._lock = threading.Lock()
        self._kept: list[Seat] = []
        self._live_waiting = 0
        self._polite_until = clock.now()
        self._wanted_at: datetime | None = None

    @contextmanager
    def seat(self, lane: str, seconds: float, deadline: datetime) -> Iterator[None]:
        """Sit for one request of at most `seconds`. Raises Busy where none is free by `deadline`."""
        seat = self._sit(lane, seconds, deadline)
        try:
            yield
        finally:
            self._stand(seat)

    def release_idle(self, seconds: float = IDLE_SECONDS) -> int:
        """Give back what has been idle for `seconds`; how many seats are still kept."""
        now = self._clock.now()
        with self._lock:
            idle = [seat for seat in self._kept if now - seat.idle_since >= timedelta(seconds=seconds)]
            self._kept = [seat for seat in self._kept if seat not in idle]
            left = len(self._kept)
        for seat in idle:
            self._give_back(seat)
        return left

    def _sit(self, lane: str, seconds: float, deadline: datetime) -> Seat:
        waited = False
        with self._counted(lane):
            while True:
                seat = self._kept_one(lane, seconds) or self._free_one(lane, seconds)
                if seat is not None:
                    break
                self._out_of_patience(deadline)
                self._want(lane)
                waited = True
                self._clock.sleep(self._dice.between(*LOOK_SECONDS))
        if waited:
            self._want_no_more(lane)
        return seat

    def _stand(self, seat: Seat) -> None:
        seat.idle_since = self._clock.now()
        if self._wanted_elsewhere():
            self._polite_until = seat.idle_since + timedelta(seconds=POLITE_SECONDS)
            self._give_back(seat)
            return
        with self._lock:
            self._kept.append(seat)

    @contextmanager
    def _counted(self, lane: str) -> Iterator[None]:
        mine = int(lane == LIVE)
        with self._lock:
            self._live_waiting += mine
        try:
            yield
        finally:
            with self._lock:
                self._live_waiting -= mine

    def _kept_one(self, lane: str, seconds: float) -> Seat | None:
        with self._lock:
            if not self._kept or (lane != LIVE and self._live_waiting):
                return None
            seat = self._kept.pop()
        if seat.until >= self._clock.now() + timedelta(seconds=seconds):
            return seat
        lasts = seconds + KEPT_SECONDS
        seat.until = self._clock.now() + timedelta(seconds=lasts)
        with self._sessions() as session, session.begin():
            return seat if renew(session, seat.name, seat.fence, lasts) else None

    def _free_one(self, lane: str, seconds: float) -> Seat | None:
        if lane != LIVE and (self._live_waiting or self._clock.now() < self._polite_until):
            return None
        found = self._look()
        if lane != LIVE and self._is_wanted(found, self._wants[LIVE]):
            return None
        for name in self._names:
            holder, held = found.get(name, ("", False))
            if held and not self._dead(holder):
                continue
            seat = self._take(name, seconds + KEPT_SECONDS)
            if seat is not None:
                return seat
        return None

    def _take(self, name: str, seconds: float) -> Seat | None:
        now = self._clock.now()
        with self._sessions() as session, session.begin():
            fence = take(session, name, self._holder, seconds, self._dead)
        return None if fence is None else Seat(name, fence, now + timedelta(seconds=seconds), now)

    def _give_back(self, seat: Seat) -> None:
        with self._sessions() as session, session.begin():
            release(session, seat.name, seat.fence)

    def _look(self) -> Mapping[str, tuple[str, bool]]:
        """Who holds what now, one query that waits for nobody."""
        names = (*self._names, *self._wants.values())
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            held = LeaseRow.until > database_now(session)
            rows = session.execute(select(LeaseRow.name, LeaseRow.holder, held).where(LeaseRow.name.in_(names)))
            return {name: (holder, bool(is_held)) for name, holder, is_held in rows}

    def _wanted_elsewhere(self) -> bool:
        found = self._look()
        return any(self._is_wanted(found, name) for name in self._wants.values())

    def _is_wanted(self, found: Mapping[str, tuple[str, bool]], name: str) -> bool:
        holder, held = found.get(name, ("", False))
        return held and holder != self._holder and not self._dead(holder)

    def _want(self, lane: str) -> None:
        now = self._clock.now()
        if self._wanted_at is not None and now - self._wanted_at < timedelta(seconds=WANT_SECONDS / 3):
            return
        self._wanted_at = now
        with self._sessions() as session, session.begin():
            take(session, self._want_of(lane), self._holder, WANT_SECONDS, lambda _: True)

    def _want_no_more(self, lane: str) -> None:
        self._wanted_at = None
        with self._sessions() as session, session.begin():
            row = session.get(LeaseRow, self._want_of(lane))
            if row is not None and row.holder == self._holder:
                release(session, row.name, row.fence)

    def _want_of(self, lane: str) -> str:
        return self._wants.get(lane, self._wants[""])

    def _out_of_patience(self, deadline: datetime) -> None:
        now = self._clock.now()
        if now >= deadline:
            raise Busy("All requests this account may have open are taken by others. It goes on by itself.", now)
