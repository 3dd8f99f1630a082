"""Ringing for a worker. A ring that is lost is found by the scheduler's sweep, so no failure here is fatal."""

import threading
import time

import structlog
from redis.exceptions import RedisError
from rq import Queue

from core.jobs import redis
from core.jobs.queues import JOB_SECONDS, KEPT_SECONDS, job_id
from core.ports import Wake

log = structlog.get_logger(__name__)
GAP_SECONDS = 0.1


class RqWake:
    """`ports.Wake` over RQ; the same ring that is waiting already is not put there twice."""

    def __init__(self, url: str) -> None:
        self._client = redis.connect(url, wait_seconds=2.0)

    def ring(self, queue: str, task: str, key: int) -> None:
        """Ask a worker to look."""
        try:
            self._ring(Queue(queue, connection=self._client), task, key)
        except (RedisError, OSError) as error:
            log.warning("wake.lost", task=task, key=key, error=type(error).__name__)

    def _ring(self, queue: Queue, task: str, key: int) -> None:
        """Only waiting rings count: RQ's own `unique` would be held for hours by the job of a killed worker."""
        name = job_id(task, key)
        if self._client.lpos(queue.key, name) is not None:
            return
        queue.enqueue_call(
            f"core.jobs.tasks.{task}",
            args=(key,),
            timeout=JOB_SECONDS,
            result_ttl=0,
            failure_ttl=KEPT_SECONDS,
            description=f"{task} {key}",
            job_id=name,
        )


class LaterWake:
    """Rings over another `ports.Wake` from a thread of its own, so that who asks never waits for the messenger.

    After quiet a ring goes out at once; then, however often it is asked for, once in `gap` seconds.
    """

    def __init__(self, wake: Wake, gap: float = GAP_SECONDS) -> None:
        self._wake, self._gap = wake, gap
        self._asked: dict[tuple[str, str, int], None] = {}
        self._lock, self._some = threading.Lock(), threading.Event()
        self.thread: threading.Thread | None = None

    def ring(self, queue: str, task: str, key: int) -> None:
        """Have it rung soon."""
        with self._lock:
            self._asked[queue, task, key] = None
            if self.thread is None or not self.thread.is_alive():  # the first ring here, or the first since a fork
                self.thread = threading.Thread(target=self._keep_ringing, name="wake", daemon=True)
                self.thread.start()
        self._some.set()

    def _keep_ringing(self) -> None:
        while True:
            self._some.wait()
            self._some.clear()
            with self._lock:
                asked, self._asked = self._asked, {}
            for queue, task, key in asked:
                self._wake.ring(queue, task, key)
            time.sleep(self._gap)


class NullWake:
    """`ports.Wake` where no messenger is: the work is done here, or found by a sweep later."""

    def ring(self, queue: str, task: str, key: int) -> None:
        """Nobody listens."""
