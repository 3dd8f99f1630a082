"""A worker: takes wake-up calls, one after the other, in its own process."""

import os
from collections.abc import Sequence
from types import FrameType
from typing import Any

import structlog
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow
from rq import Queue, SimpleWorker
from rq.job import Job
from structlog.contextvars import bound_contextvars

from core.errors import Stopping
from core.jobs import alive, current, redis
from core.ports import World
from core.real import rest_collector

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 1.0


def work(world: World, queues: Sequence[str], *, burst: bool = False) -> None:
    """Work until asked to stop: what is in hand is finished up to its next commit and its leases given back.

    A second signal ends the process at once. A Redis that went away is waited for (the embedded one is started again).
    """
    current.hold(world)
    rest_collector()
    try:
        _keep_working(world, queues, burst=burst)
    finally:
        world.outgoing.close()


def _keep_working(world: World, queues: Sequence[str], *, burst: bool) -> None:
    while not world.halt.is_set():
        try:
            with redis.running(world.settings) as url:
                _work(world, url, queues, burst=burst)
            return
        except (RedisGone, RedisSlow) as error:
            log.warning("worker.redis_gone", error=type(error).__name__)
            _pause(world)


def _work(world: World, url: str, queues: Sequence[str], *, burst: bool) -> None:
    client = redis.connect(url)
    named = [Queue(name, connection=client) for name in queues]
    with alive.Pulse(redis.connect(url, wait_seconds=2.0), alive.WORKER, world.holder, world.tally.flush):
        Worker(world, named, connection=client).work(burst=burst, logging_level="WARNING")


def _pause(world: World) -> None:
    try:
        world.clock.sleep(PAUSE_SECONDS)
    except Stopping:
        log.info("worker.stopping")


class WakeUpCall(Job):
    """One wake-up call, which may end early without having failed."""

    def perform(self) -> Any:
        """Carry it out; where the process is asked to stop, others go on with the rest."""
        with bound_contextvars(call=self.description):
            try:
                return super().perform()
            except Stopping:
                log.info("worker.left_the_rest")


class Worker(SimpleWorker):
    """RQ's worker without a fork, which also asks the job in hand to stop."""

    job_class = WakeUpCall

    def __init__(self, world: World, queues: Sequence[Queue], **options: Any) -> None:
        super().__init__(queues, **options)
        self._world = world

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """The first signal: nothing more is begun."""
        self._world.halt.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ leaves it untyped

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """The second one: the process ends here; what it had in hand goes on from its last commit (R97)."""
        os._exit(128 + signum)

    def perform_job(self, job: Job, *given: Any, **named: Any) -> bool:
        """One wake-up call; what it counted is told to the others at once."""
        try:
            return super().perform_job(job, *given, **named)
        finally:
            self._world.tally.flush()
