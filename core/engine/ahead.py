"""Asking for the next page while the one before is worked off: the vendor and we work at the same time."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Generic, TypeVar

from core.engine.job import Job
from core.store import leases
from core.store.base import transact

T = TypeVar("T")


class Ahead(Generic[T]):
    """At most one request on its way. One that nobody takes was only a look, and is forgotten."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._ticket = -1
        self._answer: Future[tuple[T, datetime]] | None = None

    @property
    def on_its_way(self) -> bool:
        """Whether something is asked that was not taken."""
        return self._answer is not None

    def ask(self, call: Callable[[], T]) -> None:
        """Begin to ask, with a ticket of its own: drawn by the last commit, or now where there was none since (R99)."""
        job = self._job
        self._ticket = job.ticket if job.ticket > self._ticket else transact(job.world.sessions, leases.draw)
        self._answer = job.world.crew.begin(lambda: (call(), job.now()))

    def take(self) -> tuple[int, T, datetime]:
        """The ticket, the answer and when it came. Raises what the call raised."""
        assert self._answer is not None
        answer, self._answer = self._answer, None
        found, at = answer.result()
        return self._ticket, found, at

    def wait(self) -> None:
        """Until nothing is on its way; an adapter is never used by two at once."""
        if self._answer is not None:
            self._answer.exception()
