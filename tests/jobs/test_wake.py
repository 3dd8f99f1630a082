import threading
from dataclasses import dataclass, field

import pytest

from core.jobs.wake import LaterWake

Asked = tuple[str, str, int]
PATIENCE = 30.0
"""Seconds after which a test gives up; a ring takes a few microseconds."""


@dataclass
class Gate:
    """A messenger that takes each ring only when it is told to."""

    heard: list[Asked] = field(default_factory=list)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    open: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def ring(self, queue: str, task: str, key: int) -> None:
        self.begun.release()
        assert self.open.acquire(timeout=PATIENCE)
        self.heard.append((queue, task, key))

    def let(self, number: int) -> None:
        """Let so many rings through and wait until they are."""
        for _ in range(number):
            assert self.begun.acquire(timeout=PATIENCE)
            self.open.release()

    def keys_heard_until(self, wake: LaterWake, key: int) -> list[int]:
        """What went out before a ring that is asked for now."""
        wake.ring("realtime", "live_now", key)
        assert self.begun.acquire(timeout=PATIENCE)
        found = [heard for _, _, heard in self.heard]
        self.open.release()
        return found


def test_a_ring_goes_out_without_being_waited_for() -> None:
    gate = Gate()
    LaterWake(gate, gap=0.0).ring("realtime", "live_now", 7)
    heard_before = list(gate.heard)
    gate.let(1)

    assert heard_before == []


def test_what_is_asked_for_often_while_the_messenger_is_busy_goes_out_once() -> None:
    gate = Gate()
    wake = LaterWake(gate, gap=0.0)
    wake.ring("realtime", "live_now", 1)
    assert gate.begun.acquire(timeout=PATIENCE)
    for key in (2, 2, 3, 2):
        wake.ring("realtime", "live_now", key)
    gate.open.release()
    gate.let(2)
    wake.ring("realtime", "live_now", 4)
    gate.let(1)

    assert gate.keys_heard_until(wake, 5) == [1, 2, 3, 4]


class Breaks(Gate):
    """A messenger with a bug, at the first ring alone."""

    def ring(self, queue: str, task: str, key: int) -> None:
        if key == 1:
            self.begun.release()
            raise RuntimeError
        super().ring(queue, task, key)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_replaced_at_the_next_ring() -> None:
    gate = Breaks()
    wake = LaterWake(gate, gap=0.0)
    wake.ring("realtime", "live_now", 1)
    assert gate.begun.acquire(timeout=PATIENCE)
    assert wake.thread is not None
    wake.thread.join(PATIENCE)
    wake.ring("realtime", "live_now", 2)
    gate.let(1)

    assert gate.keys_heard_until(wake, 3) == [2]
