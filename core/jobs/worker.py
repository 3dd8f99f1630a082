"""A worker: takes wake-up calls, one after the other, in its own process."""

import gc
import signal
from collections.abc import Sequence

import structlog
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow
from rq import Queue, SimpleWorker

from core.jobs import current, redis
from core.ports import World

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 1.0


def work(world: World, queues: Sequence[str], *, burst: bool = False) -> None:
    """Work until asked to stop; the job in hand is finished first, a second signal ends at once.

    A Redis that went away is waited for (the embedded one is started again).
    """
    current.hold(world)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    while True:
        try:
            _worker(world, queues).work(burst=burst, logging_level="WARNING")
            return
        except (RedisGone, RedisSlow) as error:
            log.warning("worker.redis_gone", error=type(error).__name__)
            world.clock.sleep(PAUSE_SECONDS)


def _worker(world: World, queues: Sequence[str]) -> SimpleWorker:
    running = redis.ensure(world.settings)
    client = redis.connect(running.url)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    return SimpleWorker([Queue(name, connection=client) for name in queues], connection=client)
