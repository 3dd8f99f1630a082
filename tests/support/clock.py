"""A clock that moves only when told to, and chance without surprise."""

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class VirtualClock:
    """Time that `sleep` advances; every sleep is written down."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now
        self._lock = threading.Lock()
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        """The moment."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        with self._lock:
            self.sleeps.append(seconds)
            self._now += timedelta(seconds=max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody sleeping."""
        with self._lock:
            self._now += timedelta(seconds=seconds)


class MiddleDice:
    """Always the middle."""

    def between(self, low: float, high: float) -> float:
        """Half way from `low` to `high`."""
        return (low + high) / 2
