"""Counts that all processes of an installation share: requests of the last minute, and a day's allowance.

Redis holds them where there is one, this process where there is none. Whatever is lost is taught again by the
vendor's next answers.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar, cast

import structlog
from redis import Redis, RedisError

from core.outgoing.allowance import SAME_WINDOW, Known, Said, learned
from core.ports import Clock

WINDOW_SECONDS = 61.0
"""A minute, and one second for what is still on its way."""

SAME_SECONDS = int(SAME_WINDOW.total_seconds())
KEPT_SECONDS = 7 * 86400
AWAY = timedelta(seconds=30)

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Meter(Protocol):
    """What the gate asks before a request and tells after it. `account` names the vendor account."""

    def admit(self, account: str, most: int, now: datetime) -> float:
        """Count one request among at most `most` of a minute: 0.0, or (not counted) the seconds until there is room."""
        ...

    def learn(self, account: str, lane: str, news: Said) -> None:
        """Take in what an answer said."""
        ...

    def known(self, account: str) -> Known | None:
        """What is known of the allowance, be it over or not."""
        ...


class MemoryMeter:
    """The twin of this process alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[str, deque[float]] = {}
        self._known: dict[str, Known] = {}

    def admit(self, account: str, most: int, now: datetime) -> float:
        """See Meter."""
        moment = now.timestamp()
        with self._lock:
            sent = self._sent.setdefault(account, deque())
            while sent and sent[0] <= moment - WINDOW_SECONDS:
                sent.popleft()
            if len(sent) >= most:
                return max(0.001, sent[len(sent) - most] + WINDOW_SECONDS - moment)
            sent.append(moment)
            return 0.0

    def learn(self, account: str, lane: str, news: Said) -> None:
        """See Meter."""
        with self._lock:
            self._known[account] = learned(self._known.get(account), news, lane)

    def known(self, account: str) -> Known | None:
        """See Meter."""
        return self._known.get(account)


ADMIT = """
-- KEYS[1]: when each request of the last minute was sent (sorted set) · KEYS[2]: a counter that tells them apart
-- ARGV: now and the window in milliseconds, and how many may be inside. Answers the milliseconds to wait, 0: counted.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
local inside = redis.call('ZCARD', KEYS[1])
local most = tonumber(ARGV[3])
if inside >= most then
  local first = redis.call('ZRANGE', KEYS[1], inside - most, inside - most, 'WITHSCORES')
  return math.max(1, math.ceil(first[2] + ARGV[2] - ARGV[1]))
end
redis.call('ZADD', KEYS[1], ARGV[1], redis.call('INCR', KEYS[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 0
"""

LEARN = """
-- KEYS[1]: what is known (hash: limit, remaining, reset, used:<lane>) · ARGV: limit, remaining, reset, lane,
-- and in seconds: by how much two resets of one day may differ, how long it is kept
local limit, remaining, reset = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local was = redis.call('HMGET', KEYS[1], 'limit', 'remaining', 'reset')
local before = tonumber(was[3] or '0')
if reset > before + ARGV[5] then
  redis.call('DEL', KEYS[1])
elseif reset < before - ARGV[5] then
  return redis.call('HINCRBY', KEYS[1], 'used:' .. ARGV[4], 1)
elseif limit == tonumber(was[1]) then
  remaining = math.min(remaining, tonumber(was[2]))
end
redis.call('HSET', KEYS[1], 'limit', limit, 'remaining', remaining, 'reset', math.max(reset, before))
redis.call('EXPIRE', KEYS[1], ARGV[6])
return redis.call('HINCRBY', KEYS[1], 'used:' .. ARGV[4], 1)
"""


class RedisMeter:
    """The counts of all processes.

    Where Redis does not answer, this process counts alone, and does not ask again for half a minute: a dead Redis
    must not slow every request down.
    """

    def __init__(self, redis: Redis, alone: MemoryMeter, clock: Clock) -> None:
        self._redis, self._alone, self._clock = redis, alone, clock
        self._away_until = clock.now()
        self._admit = redis.register_script(ADMIT)
        self._learn = redis.register_script(LEARN)

    def admit(self, account: str, most: int, now: datetime) -> float:
        """See Meter."""
        keys = [f"spojka:minute:{account}", f"spojka:minute:{account}:n"]
        numbers = [int(now.timestamp() * 1000), int(WINDOW_SECONDS * 1000), most]
        return self._asked(
            lambda: int(self._admit(keys, numbers)) / 1000, lambda: self._alone.admit(account, most, now)
        )

    def learn(self, account: str, lane: str, news: Said) -> None:
        """See Meter."""
        self._alone.learn(account, lane, news)
        day: list[int | str] = [news.limit, news.remaining, int(news.reset.timestamp()), lane]
        day += [SAME_SECONDS, KEPT_SECONDS]
        self._asked(lambda: self._learn([f"spojka:allowance:{account}"], day), lambda: None)

    def known(self, account: str) -> Known | None:
        """See Meter."""
        return self._asked(
            lambda: _known(cast(Mapping[bytes, bytes], self._redis.hgetall(f"spojka:allowance:{account}"))),
            lambda: self._alone.known(account),
        )

    def _asked(self, question: Callable[[], T], alone: Callable[[], T]) -> T:
        if self._clock.now() < self._away_until:
            return alone()
        try:
            return question()
        except RedisError as error:
            self._away_until = self._clock.now() + AWAY
            log.warning("redis_missed", error=type(error).__name__, what="requests are counted in this process alone")
            return alone()


def _known(found: Mapping[bytes, bytes]) -> Known | None:
    values = {_text(name): int(value) for name, value in found.items()}
    if "reset" not in values:
        return None
    used = {name.removeprefix("used:"): count for name, count in values.items() if name.startswith("used:")}
    return Known(values["limit"], values["remaining"], datetime.fromtimestamp(values["reset"], UTC), used)


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
