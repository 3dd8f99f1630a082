"""What processes tell each other through Redis: counts, and that they live."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from core.jobs import alive, redis, tally
from core.jobs.tally import RedisTally
from core.settings import load
from tests.support.clock import VirtualClock

REQUESTS = ("requests", "raynet", "live", "2xx")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Redis]:
    with redis.running(load({"SPOJKA_HOME": str(tmp_path)})) as url:
        yield redis.connect(url)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_counts_of_all_processes_are_added_up(client: Redis, clock: VirtualClock) -> None:
    for one in (RedisTally(client, clock.now), RedisTally(client, clock.now)):
        one.add(*REQUESTS)
        one.add(*REQUESTS, by=2)
        one.flush()

    assert tally.read(client) == {REQUESTS: 6}


def test_counts_are_brought_together_every_few_seconds(client: Redis, clock: VirtualClock) -> None:
    mine = RedisTally(client, clock.now)
    mine.add(*REQUESTS)
    before = tally.read(client)
    clock.advance(5)
    mine.add(*REQUESTS)

    assert (before, tally.read(client)) == ({}, {REQUESTS: 2})


def test_R94_counts_wait_while_redis_is_away(client: Redis, clock: VirtualClock, tmp_path: Path) -> None:
    mine = RedisTally(redis.connect(f"unix://{tmp_path / 'nobody.sock'}"), clock.now)
    mine.add(*REQUESTS)
    mine.flush()
    mine._client = client
    mine.flush()

    assert tally.read(client) == {REQUESTS: 1}


def test_who_says_so_is_alive(client: Redis) -> None:
    alive.beat(client, alive.WORKER, "one")
    alive.beat(client, alive.WORKER, "two")
    alive.beat(client, alive.WORKER, "two")

    assert (alive.count(client, alive.WORKER), alive.count(client, alive.SCHEDULER)) == (2, 0)


def test_who_says_nothing_for_long_is_taken_for_dead(client: Redis) -> None:
    seconds, _ = client.time()
    client.zadd(alive.key(alive.WORKER), {"silent": seconds - alive.LATE_SECONDS - 1})

    assert alive.count(client, alive.WORKER) == 0


def test_a_process_lives_as_long_as_its_pulse(client: Redis) -> None:
    told: list[int] = []
    with alive.Pulse(client, alive.WORKER, "me", lambda: told.append(alive.count(client, alive.WORKER))) as pulse:
        pulse.beaten.wait(10)

    assert (told, alive.count(client, alive.WORKER)) == ([1], 0)
