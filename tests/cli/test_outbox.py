from datetime import UTC, datetime
from typing import Any

import pytest

from core import schema
from core.ports import World
from core.settings import load
from core.store.outbox import OutboxRow
from core.world import build_world
from tests.support.command import Home

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TAG = {"tag": "VIP", "add": True, "first": NOW.isoformat(), "stage": ""}
FIELD = {"kind": "person", "id": "12", "field": "phone", "was": "1", "value": "2", "rule": "R22", "stage": ""}


@pytest.fixture
def world(home: Home) -> World:
    made = build_world(load(home.environ()))
    schema.upgrade(made.engine)
    return made


def put(world: World, state: str, why: str = "", kind: str = "tag") -> int:
    """A row of the outbox; its id."""
    payload = {**(TAG if kind == "tag" else FIELD), "repeats": 0, "choice": ""}
    with world.sessions.begin() as session:
        row = OutboxRow(connection_id=1, kind=kind, email="eva@firma.cz", payload=payload, state=state, claim="")
        row.key, row.attempts, row.next_try, row.last_error = f"{kind}:{state}:{why}", 3, NOW, why
        row.created_at, row.closed_at = NOW, None
        session.add(row)
        session.flush()
        return row.id


def states(world: World) -> list[str]:
    with world.sessions() as session:
        return [row.state for row in session.query(OutboxRow).order_by(OutboxRow.id)]


def test_what_waits_or_failed_is_listed_with_why(home: Home, world: World) -> None:
    for state in ("contact", "done", "discarded"):
        put(world, state)
    put(world, "failed", "Raynet refused.", "field")
    common: dict[str, Any] = {
        "connection": 1,
        "email": "eva@firma.cz",
        "since": "2026-03-02T09:00:00Z",
        "next_try": "2026-03-02T09:00:00Z",
        "attempts": 3,
    }
    assert home.run("outbox", "list", "--json").document == [
        {"id": 1, "kind": "tag", "state": "contact", "what": "add VIP", "why": "", **common},
        {"id": 4, "kind": "field", "state": "failed", "what": "person:12 phone", "why": "Raynet refused.", **common},
    ]


def test_an_empty_outbox_says_so(home: Home) -> None:
    assert home.run("outbox", "list").out == "Nothing is waiting and nothing has failed.\n"


def test_what_failed_is_tried_again_by_its_number(home: Home, world: World) -> None:
    put(world, "failed")
    put(world, "failed", "Raynet refused.")
    ended = home.run("outbox", "replay", "2", "--json")
    assert (ended.status, ended.document, states(world)) == (0, {"replayed": [2]}, ["failed", "waiting"])


def test_what_waits_is_not_replayed(home: Home, world: World) -> None:
    put(world, "waiting")
    ended = home.run("outbox", "replay", "1")
    assert (ended.status, "Nothing" in ended.err or "nothing" in ended.err) == (2, True)


def test_everything_that_failed_is_discarded_and_nothing_that_waits(home: Home, world: World) -> None:
    put(world, "waiting")
    put(world, "failed", "no", "field")
    put(world, "failed", "no")
    ended = home.run("outbox", "discard", "--all", "--json")
    assert (ended.document, states(world)) == ({"discarded": [2, 3]}, ["waiting", "discarded", "done"])


def test_what_waits_is_discarded_by_its_number(home: Home, world: World) -> None:
    put(world, "contact")
    assert (home.run("outbox", "discard", "1").status, states(world)) == (0, ["done"])


def test_a_number_or_all_has_to_be_given(home: Home) -> None:
    assert [home.run("outbox", name).status for name in ("replay", "discard")] == [2, 2]
