from datetime import UTC, datetime
from typing import Any

import pytest

from core import schema
from core.ports import World
from core.settings import load
from core.store.inbox import InboxRow
from core.world import build_world
from tests.support.command import Home

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def world(home: Home) -> World:
    made = build_world(load(home.environ()))
    schema.upgrade(made.engine)
    return made


def put(world: World, state: str, error: str = "", connection: int = 1) -> int:
    """A row of the inbox; its id."""
    with world.sessions.begin() as session:
        row = InboxRow(
            connection_id=connection,
            kind="bell",
            payload={"rings": []},
            state=state,
            claim=None,
            received_at=NOW,
            closed_at=None if state == "open" else NOW,
            error=error,
        )
        session.add(row)
        session.flush()
        return row.id


def states(world: World) -> list[str]:
    with world.sessions() as session:
        return [row.state for row in session.query(InboxRow).order_by(InboxRow.id)]


def test_what_is_open_or_failed_is_listed_with_why(home: Home, world: World) -> None:
    put(world, "open")
    put(world, "done")
    put(world, "failed", "Raynet refused.", connection=2)
    common: dict[str, Any] = {"kind": "bell", "since": "2026-03-02T09:00:00Z"}

    assert home.run("inbox", "list", "--json").document == [
        {"id": 1, "connection": 1, "state": "open", "why": "", **common},
        {"id": 3, "connection": 2, "state": "failed", "why": "Raynet refused.", **common},
    ]


def test_people_get_a_line_each(home: Home, world: World) -> None:
    put(world, "failed", "Raynet refused.")

    assert home.run("inbox", "list").out == (
        "1  connection 1  bell      failed  since 2026-03-02 09:00:00 UTC  Raynet refused.\n"
    )


def test_an_empty_inbox_says_so(home: Home) -> None:
    assert home.run("inbox", "list").out == "Nothing is waiting and nothing has failed.\n"


def test_what_failed_is_opened_again_by_its_number(home: Home, world: World) -> None:
    put(world, "failed", "Raynet refused.")
    put(world, "failed", "Raynet refused.")
    ended = home.run("inbox", "replay", "2", "--json")

    assert (ended.status, ended.document) == (0, {"replayed": [2]})
    assert states(world) == ["failed", "open"]


def test_everything_that_failed_is_opened_again(home: Home, world: World) -> None:
    for state in ("failed", "done", "failed", "open"):
        put(world, state)
    ended = home.run("inbox", "replay", "--all", "--json")

    assert ended.document == {"replayed": [1, 3]}
    assert states(world) == ["open", "done", "open", "open"]


def test_a_number_that_has_not_failed_opens_nothing(home: Home, world: World) -> None:
    put(world, "failed")
    put(world, "done")
    ended = home.run("inbox", "replay", "1", "2")

    assert (ended.status, ended.err) == (
        2,
        "Nothing that failed has the number 2. spojka inbox list shows what has.\n",
    )
    assert states(world) == ["failed", "done"]


@pytest.mark.parametrize("arguments", [(), ("1", "--all"), ("0",), ("9999999999999999999",), ("one",)])
def test_what_to_open_again_has_to_be_said(home: Home, world: World, arguments: tuple[str, ...]) -> None:
    put(world, "failed")

    assert home.run("inbox", "replay", *arguments).status == 2
    assert states(world) == ["failed"]
