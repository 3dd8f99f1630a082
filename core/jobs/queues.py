"""Queues by urgency, in the order in which workers look at them."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from rq import Queue

from core.jobs import redis

QUEUES = ("realtime", "default", "bulk")
JOB_SECONDS = 4 * 3600
"""No call of a plugin may hang a worker for longer."""
KEPT_SECONDS = 3600


def job_id(task: str, key: int) -> str:
    """One waiting job a task and key."""
    return f"{task}-{key}"


@contextmanager
def counter(url: str) -> Iterator[Callable[[], int]]:
    """How many jobs are queued, to be asked again and again; none where no messenger answers."""
    if not redis.answers(url):
        yield lambda: 0
        return
    with closing(redis.connect(url, wait_seconds=5.0)) as client:
        yield lambda: sum(Queue(name, connection=client).count for name in QUEUES)
