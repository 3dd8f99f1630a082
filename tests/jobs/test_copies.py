"""What a copy of the installation does with its scheduler and its workers: nothing (R110)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.engine.home import move_in
from core.jobs import current, scheduler, tasks
from core.store import questions
from core.store.base import look, transact
from core.store.schedule import WATCH, next_at
from tests.support.worlds import House, a_house

HOME, COPY = "https://spojka.firma.cz", "https://staging.firma.cz"
TASKS = ("run_now", "live_now", "reconcile_now", "pass_now", "watch_now", "night_now")


@pytest.fixture
def copied(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A copy with one connection, whose original has worked at home."""
    with a_house(sqlite_url, tmp_path) as house:
        house.connect()
        home = replace(house.world.settings, public_url=HOME)
        transact(house.world.sessions, lambda session: move_in(session, home))
        house.world = replace(house.world, settings=replace(home, public_url=COPY))
        yield house


def test_the_sweep_asks_and_rings_for_nothing(copied: House) -> None:
    copied.rings.heard.clear()

    assert (scheduler.sweep(copied.world), copied.rings.heard) == (0, [])
    assert [row.kind for row in look(copied.world.sessions, questions.open_ones)] == ["R110"]


@pytest.mark.parametrize("task", TASKS)
def test_no_task_sends_a_request(copied: House, task: str) -> None:
    current.hold(copied.world)
    copied.forget()

    getattr(tasks, task)(1)

    assert (copied.raynet.calls, copied.ecomail.calls) == ([], [])


def test_a_start_under_another_loopback_address_makes_webhooks_due(copied: House) -> None:
    near = replace(copied.world, settings=replace(copied.world.settings, public_url="http://127.0.0.1:9000"))

    scheduler.tidy(near)

    assert look(near.sessions, lambda session: next_at(session, 1, WATCH)) == copied.clock.now()
