"""Ringing for a worker. A ring that is lost is found by the scheduler's sweep, so no failure here is fatal."""

import structlog
from redis.exceptions import RedisError
from rq import Queue

from core.jobs import redis
from core.jobs.queues import JOB_SECONDS, KEPT_SECONDS, job_id

log = structlog.get_logger(__name__)


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


class NullWake:
    """`ports.Wake` where no messenger is: the work is done here, or found by a sweep later."""

    def ring(self, queue: str, task: str, key: int) -> None:
        """Nobody listens."""
