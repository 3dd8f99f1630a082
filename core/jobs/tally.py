"""Counts of what only processes know, kept in Redis for all of them. They begin anew where Redis is emptied."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import cast

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
KEY = "spojka:tally"
EVERY = timedelta(seconds=5)
BETWEEN = "|"


class RedisTally:
    """`ports.Tally`: counts are kept here and brought to Redis together, every few seconds and after each job.

    Safe for threads. While Redis is away they wait.
    """

    def __init__(self, client: Redis, now: Callable[[], datetime]) -> None:
        self._client, self._now = client, now
        self._lock = threading.Lock()
        self._kept: Counter[str] = Counter()
        self._next = now() + EVERY

    def add(self, name: str, *labels: str, by: int = 1) -> None:
        """See `ports.Tally`."""
        with self._lock:
            self._kept[BETWEEN.join((name, *labels))] += by
            is_time = self._now() >= self._next
        if is_time:
            self.flush()

    def flush(self) -> None:
        """See `ports.Tally`."""
        with self._lock:
            news, self._kept = self._kept, Counter()
            self._next = self._now() + EVERY
        if not news:
            return
        try:
            with self._client.pipeline(transaction=True) as pipe:
                for field, count in sorted(news.items()):
                    pipe.hincrby(KEY, field, count)
                pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("tally.kept_back", error=type(error).__name__)
            with self._lock:
                self._kept.update(news)


def read(client: Redis) -> dict[tuple[str, ...], int]:
    """Everything counted: (name, labels) -> count. Raises RedisError."""
    found = cast(Mapping[bytes, bytes], client.hgetall(KEY))
    return {tuple(field.decode().split(BETWEEN)): int(count) for field, count in found.items()}
