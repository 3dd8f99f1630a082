"""Both meters pass the same tests."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.outgoing.allowance import Known, Said
from core.outgoing.meter import WINDOW_SECONDS, MemoryMeter, Meter, RedisMeter
from tests.support.clock import START, VirtualClock
from tests.support.redis import a_redis

RESET = START + timedelta(hours=15)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with a_redis(tmp_path_factory.mktemp("redis")) as client:
        yield client


@pytest.fixture(params=["memory", "redis"])
def meter(request: pytest.FixtureRequest) -> Meter:
    if request.param == "memory":
        return MemoryMeter()
    client: Redis = request.getfixturevalue("redis")
    client.flushall()
    return RedisMeter(client, MemoryMeter(), VirtualClock())


def test_R108_a_minute_admits_no_more_than_it_may(meter: Meter) -> None:
    admitted = [meter.admit("a", 3, START + timedelta(seconds=number)) for number in range(4)]

    assert admitted == [0, 0, 0, WINDOW_SECONDS - 3]


def test_R108_the_minute_slides(meter: Meter) -> None:
    for number in range(3):
        meter.admit("a", 3, START + timedelta(seconds=number * 10))

    assert meter.admit("a", 3, START + timedelta(seconds=WINDOW_SECONDS)) == 0
    assert meter.admit("a", 3, START + timedelta(seconds=WINDOW_SECONDS)) == 10


def test_R108_requests_of_one_moment_are_counted_one_by_one(meter: Meter) -> None:
    assert [meter.admit("a", 2, START) for _ in range(3)] == [0, 0, WINDOW_SECONDS]


def test_R108_who_may_have_less_waits_while_others_go_on(meter: Meter) -> None:
    for number in range(4):
        meter.admit("a", 5, START + timedelta(seconds=number))

    assert meter.admit("a", 3, START + timedelta(seconds=4)) == WINDOW_SECONDS - 3
    assert meter.admit("a", 5, START + timedelta(seconds=4)) == 0


def test_R108_accounts_do_not_share_a_minute(meter: Meter) -> None:
    meter.admit("a", 1, START)

    assert meter.admit("b", 1, START) == 0


def test_R90_what_answers_said_is_known(meter: Meter) -> None:
    meter.learn("a", "live", Said(24000, 23000, RESET))
    meter.learn("a", "bulk", Said(24000, 23001, RESET))

    assert meter.known("a") == Known(24000, 23000, RESET, {"live": 1, "bulk": 1})
    assert meter.known("b") is None


def test_R90_a_raised_limit_is_known_at_once(meter: Meter) -> None:
    meter.learn("a", "live", Said(24000, 0, RESET))
    meter.learn("a", "live", Said(48000, 24000, RESET))

    assert meter.known("a") == Known(48000, 24000, RESET, {"live": 2})


def test_R90_a_new_day_forgets_the_old_one(meter: Meter) -> None:
    tomorrow = RESET + timedelta(days=1)
    meter.learn("a", "bulk", Said(24000, 0, RESET))
    meter.learn("a", "live", Said(24000, 23999, tomorrow))
    meter.learn("a", "live", Said(24000, 5, RESET))

    assert meter.known("a") == Known(24000, 23999, tomorrow, {"live": 2})


def test_R90_processes_share_what_is_known(redis: Redis) -> None:
    redis.flushall()
    RedisMeter(redis, MemoryMeter(), VirtualClock()).learn("a", "live", Said(24000, 7, RESET))

    assert RedisMeter(redis, MemoryMeter(), VirtualClock()).known("a") == Known(24000, 7, RESET, {"live": 1})


def test_R94_without_redis_a_process_counts_alone(tmp_path: Path) -> None:
    with a_redis(tmp_path) as client:
        meter = RedisMeter(client, MemoryMeter(), VirtualClock())
        meter.learn("a", "live", Said(24000, 7, RESET))
        client.shutdown(nosave=True)

        meter.learn("a", "live", Said(24000, 6, RESET))

        assert [meter.admit("a", 1, START), meter.admit("a", 1, START)] == [0, WINDOW_SECONDS]
        assert meter.known("a") == Known(24000, 6, RESET, {"live": 2})


def test_R94_a_redis_that_is_gone_is_asked_again_after_half_a_minute(redis: Redis) -> None:
    redis.flushall()
    clock = VirtualClock()
    gone = Redis(unix_socket_path="/nowhere/redis.sock", retry=Retry(NoBackoff(), 0))
    meter = RedisMeter(gone, MemoryMeter(), clock)
    meter.admit("a", 1, START)
    gone.connection_pool = redis.connection_pool

    meter.learn("a", "live", Said(24000, 7, RESET))
    before = redis.exists("spojka:allowance:a")
    clock.advance(30)
    meter.learn("a", "live", Said(24000, 6, RESET))

    assert (before, redis.exists("spojka:allowance:a")) == (0, 1)
