"""Which processes are alive: each worker and scheduler says so every few seconds, in Redis."""

import threading
from collections.abc import Callable

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
WORKER, SCHEDULER = "worker", "scheduler"
BEAT_SECONDS = 10.0
LATE_SECONDS = 35
"""Who has not said anything for as long is taken for dead."""

_BEAT = """
-- KEYS[1]: who is alive (sorted set by the server's time) · ARGV: holder, seconds after which somebody is late
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return redis.call('ZADD', KEYS[1], now, ARGV[1])
"""


def key(part: str) -> str:
    """Where the living of a part stand."""
    return f"spojka:alive:{part}"


def beat(client: Redis, part: str, holder: str) -> None:
    """Say that `holder` lives. Raises RedisError."""
    client.eval(_BEAT, 1, key(part), holder, str(LATE_SECONDS))


def gone(client: Redis, part: str, holder: str) -> None:
    """Say that `holder` ends. Raises RedisError."""
    client.zrem(key(part), holder)


def count(client: Redis, part: str) -> int:
    """How many of a part are alive. Raises RedisError."""
    seconds, _ = client.time()
    return int(client.zcount(key(part), seconds - LATE_SECONDS, "+inf"))


class Pulse:
    """Says in a thread of its own that this process lives, and does `also` each time. `beaten`: once at least."""

    def __init__(self, client: Redis, part: str, holder: str, also: Callable[[], None]) -> None:
        self._client, self._part, self._holder, self._also = client, part, holder, also
        self.beaten = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="pulse", daemon=True)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._try(lambda: gone(self._client, self._part, self._holder))

    def _go_on(self) -> None:
        while True:
            self._try(lambda: beat(self._client, self._part, self._holder))
            self._also()
            self.beaten.set()
            if self._over.wait(BEAT_SECONDS):
                return

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (RedisError, OSError) as error:
            log.warning("pulse.missed", part=self._part, error=type(error).__name__)
