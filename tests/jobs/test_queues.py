from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue

from core import schema
from core.jobs import redis, scheduler, worker
from core.jobs.wake import RqWake
from core.ports import World
from core.settings import load
from core.world import build_world


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with redis.running(load({"SPOJKA_HOME": str(tmp_path)})) as url:
        yield url


@pytest.fixture
def world(tmp_path: Path, server: str) -> World:
    made = build_world(load({"SPOJKA_HOME": str(tmp_path)}))
    schema.upgrade(made.engine)
    return made


def waiting(url: str) -> list[str]:
    client: Redis = redis.connect(url)
    return Queue("bulk", connection=client).job_ids


def test_a_ring_that_waits_already_is_not_put_there_twice(server: str) -> None:
    wake = RqWake(server)
    wake.ring("bulk", "run_now", 7)
    wake.ring("bulk", "run_now", 7)
    wake.ring("bulk", "run_now", 8)

    assert waiting(server) == ["run_now-7", "run_now-8"]


def test_R94_a_ring_without_redis_is_lost_and_nothing_breaks(tmp_path: Path) -> None:
    RqWake(f"unix://{tmp_path / 'nobody.sock'}").ring("bulk", "run_now", 7)


def test_a_worker_carries_out_what_was_rung_for(world: World, server: str) -> None:
    world.wake.ring("bulk", "nothing_of_this_name", 1)
    worker.work(world, ["realtime", "default", "bulk"], burst=True)

    assert waiting(server) == []


def test_the_sweep_rings_for_nothing_where_nothing_is_open(world: World, server: str) -> None:
    assert scheduler.sweep(world) == 0
    assert waiting(server) == []


def test_no_secret_is_in_redis_after_a_ring(server: str) -> None:
    RqWake(server).ring("bulk", "run_now", 7)
    client: Redis = redis.connect(server)
    hash_of_job = client.hgetall("rq:job:run_now-7")

    assert hash_of_job[b"description"] == b"run_now 7"


def test_the_embedded_server_is_shared_within_a_home_and_ends_with_who_started_it(tmp_path: Path) -> None:
    settings = load({"SPOJKA_HOME": str(tmp_path)})
    first = redis.ensure(settings)
    second = redis.ensure(settings)
    second.stop()
    still = redis.answers(first.url)
    first.stop()

    assert (first.url == second.url, still, redis.answers(first.url)) == (True, True, False)


def test_a_home_with_a_long_path_gets_a_socket_that_fits(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    settings = load({"SPOJKA_HOME": str(home)})
    with redis.running(settings) as url:
        assert redis.answers(url)
    assert len(str(redis.socket_path(home))) <= redis.SOCKET_LIMIT


def test_a_redis_of_ones_own_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    settings = load({"SPOJKA_HOME": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0"})

    with pytest.raises(redis.NoRedis, match="Redis does not answer at REDIS_URL"):
        redis.ensure(settings)


def test_what_was_rung_for_survives_a_restart_of_the_embedded_server(tmp_path: Path) -> None:
    settings = load({"SPOJKA_HOME": str(tmp_path)})
    with redis.running(settings) as url:
        RqWake(url).ring("bulk", "run_now", 7)
        redis.connect(url).wait(0, 0)
    with redis.running(settings) as url:
        assert waiting(url) == ["run_now-7"]


def test_a_world_without_redis_rings_nobody(tmp_path: Path) -> None:
    alone = build_world(load({"SPOJKA_HOME": str(tmp_path / "alone")}))

    assert type(alone.wake).__name__ == "NullWake"
