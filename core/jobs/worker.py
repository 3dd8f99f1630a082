"""A worker: takes wake-up calls, one after the other, in its own process."""

from collections.abc import Sequence

import structlog
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow
from rq import Queue, SimpleWorker

from core.jobs import current, redis
from core.ports import World
from core.real import rest_collector

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 1.0


def work(world: World, queues: Sequence[str], *, burst: bool = False) -> None:
    """Work until asked to stop; the job in hand is finished first, a second signal ends at once.

    A Redis that went away is waited for (the embedded one is started again).
    """
    current.hold(world)
    rest_collector()
    while True:
        try:
            with redis.running(world.settings) as url:
                _worker(url, queues).work(burst=burst, logging_level="WARNING")
            return
        except (RedisGone, RedisSlow) as error:
            log.warning("worker.redis_gone", error=type(error).__name__)
            world.clock.sleep(PAUSE_SECONDS)


def _worker(url: str, queues: Sequence[str]) -> SimpleWorker:
    client = redis.connect(url)
    return SimpleWorker([Queue(name, connection=client) for name in queues], connection=client)
