from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from core import schema
from core.app import create_app
from core.jobs import redis
from core.ports import World
from core.settings import load
from core.world import build_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = build_world(load({"SPOJKA_HOME": str(tmp_path)}))
    schema.upgrade(made.engine)
    return made


@pytest.fixture
def client(world: World) -> FlaskClient:
    return create_app(world).test_client()


@pytest.fixture
def with_redis(world: World) -> Iterator[None]:
    with redis.running(world.settings):
        yield


def test_a_living_process_says_so(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_when_database_redis_and_migrations_are_right(client: FlaskClient, with_redis: None) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_not_ready_without_redis_and_says_why(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert "Redis does not answer" in answer.json["reason"]


def test_not_ready_on_older_tables_and_says_what_to_run(client: FlaskClient, world: World, with_redis: None) -> None:
    with world.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert "spojka db upgrade" in answer.json["problems"]["migrations"]


def test_the_first_address_leads_to_the_pages(client: FlaskClient) -> None:
    answer = client.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_a_program_is_answered_in_problem_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json(force=True)["detail"] == "There is nothing at this address."


def test_a_person_is_answered_in_words(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert "Na této adrese nic není." in answer.text


def test_pages_may_run_only_what_we_ship(client: FlaskClient) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_body_over_a_mebibyte_is_refused(client: FlaskClient) -> None:
    answer = client.post("/admin/login", data=b"x" * (1024 * 1024 + 1), content_type="application/octet-stream")

    assert answer.status_code in (400, 413)
