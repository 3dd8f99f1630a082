"""Real processes that are asked to stop (R97)."""

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from core.jobs import alive, redis
from core.ports import World
from core.settings import load
from core.store import leases, runs
from core.store.base import look
from core.store.leases import LeaseRow
from core.store.runs import RunRow
from core.world import build_world
from spojka.emulator import Fault
from tests.support.command import Home, a_home
from tests.support.vendors import ECOMAIL, RAYNET, Vendors, both_vendors
from tests.support.waiting import wait_until

PEOPLE = 2500
PERSONS = "/api/v2/person/"
SECOND_PAGE = Fault("slow", path=PERSONS, skip=1, seconds=2.0)
NO_END = Fault("slow", path=PERSONS, skip=1, seconds=60.0)


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with both_vendors(PEOPLE) as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, vendors: Vendors) -> Iterator[Home]:
    """A home with a connection whose first run waits, and a messenger that goes on."""
    made = a_home(tmp_path, **vendors.variables)
    with redis.running(load(made.environ())):
        assert made.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL).status == 0
        yield made


@pytest.fixture
def world(home: Home) -> World:
    return build_world(load(home.environ()))


@contextmanager
def process(home: Home, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A part of Spojka in a process of its own; it ends with the block."""
    with (home.path.parent / "log.txt").open("ab") as log:
        program = [sys.executable, "-P", "-m", "core.cli", *arguments]
        started = subprocess.Popen(program, env=home.environ(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def the_run(world: World) -> RunRow:
    return look(world.sessions, lambda session: runs.get(session, 1))


def first_page_is_read(world: World) -> bool:
    return bool(the_run(world).progress.get("read", {}).get("person", 0) > 0)


def held(world: World) -> list[str]:
    """Leases of work that nobody has given back."""
    with world.sessions() as session:
        chosen = select(LeaseRow.name).where(LeaseRow.until > leases.database_now(session))
        return [name for name in session.scalars(chosen) if not name.startswith("seat:")]


def pages(vendors: Vendors) -> int:
    return len([call for call in vendors.raynet.calls if call.path == PERSONS])


def test_a_worker_that_is_asked_to_stop_leaves_its_run_to_others(home: Home, vendors: Vendors, world: World) -> None:
    vendors.raynet.fail(SECOND_PAGE)
    with process(home, "worker") as worker:
        wait_until(lambda: first_page_is_read(world), "the first page is read")
        worker.terminate()
        assert worker.wait(timeout=60) == 0
    assert (the_run(world).state, held(world), pages(vendors)) == ("queued", [], 2)

    with process(home, "worker"), process(home, "scheduler"):
        assert home.run("drain", "--timeout", "120").status == 0
    assert the_run(world).state == "done"


def test_a_second_signal_ends_a_worker_at_once(home: Home, vendors: Vendors, world: World) -> None:
    vendors.raynet.fail(NO_END)
    client = redis.connect(redis.address(world.settings))
    with process(home, "worker") as worker:
        wait_until(lambda: first_page_is_read(world), "the first page is read")
        worker.terminate()
        (name,) = client.smembers("rq:workers")
        wait_until(lambda: client.hexists(name, "shutdown_requested_date"), "the worker knows that it is to stop")
        worker.terminate()
        assert worker.wait(timeout=60) == 128 + signal.SIGTERM


def test_a_scheduler_that_is_asked_to_stop_ends_well(home: Home, world: World) -> None:
    client = redis.connect(redis.address(world.settings))
    with process(home, "scheduler") as scheduler:
        wait_until(lambda: alive.count(client, alive.SCHEDULER), "the scheduler is alive")
        scheduler.terminate()
        assert scheduler.wait(timeout=60) == 0
    assert alive.count(client, alive.SCHEDULER) == 0


def test_a_web_server_that_is_asked_to_stop_ends_well(home: Home) -> None:
    port = a_free_port()
    with process(home, "web", "--port", str(port), "--workers", "1") as web:
        wait_until(lambda: answers(port), "the pages answer")
        web.terminate()
        assert web.wait(timeout=60) == 0


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
