from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from core import schema
from core.app import create_app
from core.jobs import alive, redis
from core.ports import World
from core.settings import load
from core.store import questions
from core.web.metrics import COUNTERS, GAUGES
from core.world import build_world
from tests.support.rows import a_bell, a_connection, mark

Labels = frozenset[tuple[str, str]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with redis.running(load({"SPOJKA_HOME": str(tmp_path)})) as url:
        yield url


def a_world(home: Path) -> World:
    made = build_world(load({"SPOJKA_HOME": str(home)}))
    schema.upgrade(made.engine)
    return made


@pytest.fixture
def world(tmp_path: Path, server: str) -> World:
    return a_world(tmp_path)


@pytest.fixture
def client(world: World) -> FlaskClient:
    return create_app(world).test_client()


def metrics(client: FlaskClient) -> dict[tuple[str, Labels], float]:
    """Every line of the page: name and labels -> number."""
    text = client.get("/metrics").text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def named(client: FlaskClient, name: str, **labels: str) -> float | None:
    return metrics(client).get((f"spojka_{name}", frozenset(labels.items())))


def test_the_page_is_what_prometheus_reads(client: FlaskClient) -> None:
    answer = client.get("/metrics")

    assert (answer.status_code, answer.content_type.partition(";")[0]) == (200, "text/plain")


def test_every_metric_is_there_from_the_first_moment_on(client: FlaskClient) -> None:
    text = client.get("/metrics").text

    assert [told.name for told in (*GAUGES, *COUNTERS) if f"# HELP spojka_{told.name}" not in text] == []


def test_what_processes_count_is_added_up(client: FlaskClient, world: World, tmp_path: Path) -> None:
    for each in (world, a_world(tmp_path)):
        each.tally.add("requests", "raynet", "live", "2xx")
        each.tally.flush()

    assert named(client, "requests_total", plugin="raynet", lane="live", status="2xx") == 2


def test_open_bells_are_counted_and_the_oldest_says_the_lag(client: FlaskClient, world: World) -> None:
    connection = a_connection(world)
    a_bell(world, connection, 90)
    a_bell(world, connection, 10)

    assert named(client, "inbox_open", connection="1") == 2
    assert 90 <= (named(client, "bell_lag_seconds") or 0) < 120


def test_bells_of_a_paused_connection_are_no_lag(client: FlaskClient, world: World) -> None:
    a_bell(world, a_connection(world, state="paused"), 90)

    assert (named(client, "inbox_open", connection="1"), named(client, "bell_lag_seconds")) == (1, 0)


def test_due_addresses_are_counted_by_what_they_wait_for(client: FlaskClient, world: World) -> None:
    a_connection(world)
    mark(world, "a@firma.cz", seconds=-60)
    mark(world, "b@firma.cz", seconds=60)
    mark(world, "c@firma.cz", waits="pass")
    mark(world, "d@firma.cz", parked="The list refused it.")
    states = {state: named(client, "due_addresses", state=state) for state in ("now", "later", "waiting", "parked")}

    assert states == {"now": 1, "later": 1, "waiting": 1, "parked": 1}
    assert 60 <= (named(client, "due_lag_seconds", lane="live") or 0) < 90


def test_failures_questions_and_quota_are_told(client: FlaskClient, world: World) -> None:
    connection = a_connection(world)
    mark(world, "d@firma.cz", parked="The list refused it.")
    with world.sessions.begin() as session:
        questions.ask(session, connection, "R96", "closings", {}, world.clock.now())
    told = [
        named(client, "failures", kind="address"),
        named(client, "questions", rule="R96"),
        named(client, "quota_limit", connection="1"),
        named(client, "quota_left", connection="1"),
    ]

    assert told == [1, 1, 24000, 12000]


def test_wake_up_calls_and_living_workers_are_counted(client: FlaskClient, world: World, server: str) -> None:
    world.wake.ring("bulk", "run_now", 7)
    alive.beat(redis.connect(server), alive.WORKER, "me")

    assert (named(client, "queue_jobs", queue="bulk"), named(client, "processes", part="worker")) == (1, 1)
    assert (named(client, "queue_age_seconds", queue="bulk") or 0) >= 0


def test_a_redis_that_is_away_is_a_metric(tmp_path: Path) -> None:
    client = create_app(a_world(tmp_path)).test_client()

    assert (named(client, "up", part="database"), named(client, "up", part="redis")) == (1, 0)


def test_a_database_without_tables_is_a_metric(tmp_path: Path, server: str) -> None:
    client = create_app(build_world(load({"SPOJKA_HOME": str(tmp_path)}))).test_client()

    assert (named(client, "up", part="database"), named(client, "up", part="redis")) == (0, 1)


def test_nothing_personal_is_on_the_page(client: FlaskClient, world: World) -> None:
    a_connection(world)
    mark(world, "eva@firma.cz", parked="The list refused it.")
    text = client.get("/metrics").text

    assert [word for word in ("@", "Jana", "Klienti", "demo-crm", "sealed-token") if word in text] == []
