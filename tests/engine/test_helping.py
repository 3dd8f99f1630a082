"""A large run is shared with a second process, which works under the same leases (R97, R101)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.engine import full, helping, reconcile
from core.ports import Hand, World
from core.settings import load
from core.store import runs
from core.store.base import look
from core.store.due import DueRow
from core.store.journal import JournalRow
from core.store.runs import RunRow
from core.world import build_world
from tests.support.command import Home, a_home
from tests.support.vendors import ECOMAIL, RAYNET, Vendors, both_vendors
from tests.support.waiting import wait_until

PEOPLE = 3400
BATCH = 150
POINTS = ("due.claimed", "note.after_commit", "list.after_call", "settle.before_commit", "settle.after_commit")


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with both_vendors(PEOPLE) as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path, vendors: Vendors) -> Home:
    extra = {} if request.param == "sqlite" else {"DATABASE_URL": request.getfixturevalue("postgresql_url")}
    made = a_home(tmp_path, **vendors.variables, **extra)
    assert made.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL).status == 0
    return made


@pytest.fixture
def hired(monkeypatch: pytest.MonkeyPatch) -> list[Hand]:
    """The second processes that runs of this test take on; a few thousand records are much here."""
    monkeypatch.setattr(helping, "FROM", 100)
    monkeypatch.setattr(reconcile, "BATCH", BATCH)
    monkeypatch.setattr(reconcile, "FIRST", 50)
    found: list[Hand] = []
    begin = helping.Mate.__init__

    def noted(mate: helping.Mate, hand: Hand) -> None:
        found.append(hand)
        begin(mate, hand)
        hand.ask(_nothing).exception()

    monkeypatch.setattr(helping.Mate, "__init__", noted)
    return found


def _nothing(_: World) -> None:
    """Comes back once a second process has started, so that a short run does not end before it."""


def a_run(home: Home, patch: pytest.MonkeyPatch | None = None, dies_at: str = "") -> RunRow:
    world = build_world(load({**home.environ(), "SPOJKA_RUN_PROCESSES": "2"}))
    if patch is not None:
        # Only a process that starts after this sees it.
        patch.setenv("SPOJKA_CRASH_AT", dies_at)
    with world.sessions.begin() as session:
        row = runs.request(session, 1, "full", options={}, dry_run=False, by="cli", now=world.clock.now())
        session.flush()
        number = row.id
    try:
        return full.work(world, number)
    finally:
        world.outgoing.close()
        world.engine.dispose()


def left_open(home: Home) -> tuple[int, int]:
    """How many addresses are due or claimed, and how many calls are noted."""
    world = build_world(load(home.environ()))

    def count(session: Session) -> tuple[int, int]:
        due, noted = (session.scalar(select(func.count()).select_from(table)) for table in (DueRow, JournalRow))
        return due or 0, noted or 0

    found = look(world.sessions, count)
    world.engine.dispose()
    return found


def list_of(vendors: Vendors) -> set[str]:
    return {person.email for person in vendors.ecomail.account.store.people.values()}


def test_two_processes_fill_the_list_as_one_does(home: Home, vendors: Vendors, hired: list[Hand]) -> None:
    run = a_run(home)
    assert len(hired) == 1
    assert run.result is not None
    assert run.state == "done"
    assert run.result["profiles"]["created"] == len(list_of(vendors)) > 0.8 * PEOPLE
    assert run.result["read"]["person"] == PEOPLE
    assert left_open(home) == (0, 0)


def test_what_a_mate_asks_of_the_vendors_is_counted(home: Home, vendors: Vendors, hired: list[Hand]) -> None:
    before = len(vendors.raynet.calls), len(vendors.ecomail.calls)
    run = a_run(home)
    assert run.result is not None
    sent = run.result["requests"]["crm"], run.result["requests"]["audience"]
    assert sent == (len(vendors.raynet.calls) - before[0], len(vendors.ecomail.calls) - before[1])


@pytest.mark.parametrize("point", POINTS)
def test_a_mate_that_dies_loses_nothing_and_doubles_nothing(
    home: Home, vendors: Vendors, hired: list[Hand], point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(home, monkeypatch, f"{point}:2")
    assert run.result is not None
    assert run.state == "done"
    assert run.result["profiles"]["created"] == len(list_of(vendors)) > 0.8 * PEOPLE
    assert run.result["profiles"]["adopted"] == 0
    assert left_open(home) == (0, 0)
    assert len(hired) == 1, "who lost one mate works alone"


def test_a_second_process_ends_with_the_first(tmp_path: Path) -> None:
    program = (
        "import os\n"
        "from core.real import ProcessHands\n"
        "hand = ProcessHands(print, (), lambda: None).hire()\n"
        "hand._pool.submit(os.getpid).add_done_callback(lambda one: print(one.result(), flush=True))\n"
        "import time\n"
        "time.sleep(600)\n"
    )
    first = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    line = first.stdout.readline()
    while not line.strip():
        line = first.stdout.readline()
    second = psutil.Process(int(line))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait_until(lambda: not second.is_running(), "the second process has ended, too")
