"""What doctor says of an installation that works; each wrong thing is named with what mends it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core import checks, schema
from core.jobs import alive, redis
from core.ports import World
from core.settings import load
from core.store import questions
from core.store.connections import AccountRow
from core.world import build_world
from tests.support.clock import VirtualClock
from tests.support.rows import a_bell, a_connection, mark


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with redis.running(load({"SPOJKA_HOME": str(tmp_path)})) as url:
        yield url


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = build_world(load({"SPOJKA_HOME": str(tmp_path)}))
    schema.upgrade(made.engine)
    return made


def wrong(world: World) -> dict[str, str]:
    """Check -> what is said, of everything that is not right."""
    return {found.check: found.says for found in checks.running(world) if not found.ok}


def beats(server: str, part: str, count: int = 1) -> None:
    for number in range(count):
        alive.beat(redis.connect(server), part, f"holder {number}")


def test_a_fresh_installation_is_well(world: World) -> None:
    assert wrong(world) == {}


def test_a_connection_that_works_is_well(world: World, server: str) -> None:
    a_connection(world, first_read_at=world.clock.now(), limit=100, left=50)
    beats(server, alive.WORKER)
    beats(server, alive.SCHEDULER)

    assert wrong(world) == {}


def test_a_bell_that_nobody_hears_calls_for_a_worker(world: World, server: str) -> None:
    a_bell(world, a_connection(world, first_read_at=world.clock.now()), 1200)

    assert wrong(world) == {"workers": "No worker is alive; something has waited for 20 minutes. Start: spojka up"}


def test_a_bell_waits_for_the_end_of_the_first_reading(world: World, server: str) -> None:
    a_bell(world, a_connection(world), 1200)

    assert wrong(world) == {}


def test_workers_that_do_not_get_on_are_named(world: World, server: str) -> None:
    a_connection(world)
    mark(world, "eva@firma.cz", seconds=-1200)
    beats(server, alive.WORKER)
    beats(server, alive.SCHEDULER)

    assert "though 1 workers are alive" in wrong(world)["workers"]


def test_a_missing_scheduler_is_named(world: World, server: str) -> None:
    beats(server, alive.WORKER)

    assert "spojka scheduler" in wrong(world)["workers"]


def test_many_workers_on_sqlite_are_too_many(world: World, server: str) -> None:
    beats(server, alive.WORKER, 5)
    beats(server, alive.SCHEDULER)

    assert "DATABASE_URL" in wrong(world)["workers"]


def test_work_that_waits_without_redis_is_named(world: World) -> None:
    a_bell(world, a_connection(world, first_read_at=world.clock.now()), 1200)

    assert wrong(world) == {"work": "Something has waited for 20 minutes and no Redis answers. Start: spojka up"}


def test_a_vendor_whose_clock_is_off_is_named(world: World) -> None:
    a_connection(world)
    with world.sessions.begin() as session:
        session.get_one(AccountRow, 1).clock_offset_ms = 120_000

    assert "The clock of local is +120 s off ours" in wrong(world)["clocks"]


def test_questions_and_failures_wait_for_a_person(world: World) -> None:
    connection = a_connection(world)
    mark(world, "eva@firma.cz", parked="The list refused it.")
    with world.sessions.begin() as session:
        questions.ask(session, connection, "R96", "closings", {}, world.clock.now())

    assert {name: says.split(".")[0] for name, says in wrong(world).items()} == {
        "questions": "1 questions wait for a person",
        "failures": "1 addresses and 0 records failed",
    }


def test_a_quota_that_is_nearly_used_up_is_named(world: World) -> None:
    a_connection(world, limit=24000, left=2399)

    assert wrong(world)["quota 1"].startswith("2399 of today's 24000 requests")


def test_a_webhook_that_could_not_be_registered_says_why(world: World) -> None:
    a_connection(world, webhook_state="unable", webhook_text="The right to webhooks is missing.")

    assert wrong(world) == {"webhook 1": "The right to webhooks is missing."}


def test_a_paused_connection_lacks_nothing(world: World) -> None:
    a_bell(world, a_connection(world, state="paused", webhook_state="unable", limit=100, left=0), 1200)

    assert wrong(world) == {}


def test_a_database_with_another_time_is_named(world: World) -> None:
    behind = VirtualClock(world.clock.now() - timedelta(seconds=30))

    assert "The database's clock is +30 s off" in wrong(replace(world, clock=behind))["clocks"]
