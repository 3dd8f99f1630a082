import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.command import Home, a_home
from tests.support.waiting import wait_until


def a_free_port() -> int:
    """A port that nobody listens at, with room for the sandboxes above it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 60000)


def lives(process: psutil.Process) -> bool:
    """Whether it goes on; what is dead and not yet buried does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class Running:
    """A `spojka up --demo` that goes on."""

    def __init__(self, home: Home, port: int) -> None:
        self.home, self.port = home, port
        self.said = home.path.parent / "said.txt"
        self.errors = home.path.parent / "errors.txt"
        with self.said.open("wb") as out, self.errors.open("ab") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "core.cli", "up", "--demo", "--port", str(port)],
                env=home.environ(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def children(self) -> list[psutil.Process]:
        """All living processes of the tree below it."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in below if lives(each)]

    def child(self, part: str) -> psutil.Process | None:
        """The process of one part."""
        found = [each for each in self.children() if f" core.cli {part}" in " ".join(each.cmdline())]
        return found[0] if found else None

    def ready(self) -> str:
        """What it printed, once it said all."""
        wait_until(lambda: "Ctrl-C" in self.said.read_text() or self.process.poll() is not None, "up says where it is")
        assert self.process.poll() is None, self.errors.read_text()
        return self.said.read_text()

    def asked(self, path: str) -> int:
        """The status of an answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return int(answer.status)


@contextmanager
def running(home: Home, port: int) -> Iterator[Running]:
    """Up, and down again however the test ends."""
    up = Running(home, port)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            up.process.send_signal(signal.SIGINT)
            up.process.wait(timeout=60)


def first_run(home: Home) -> str:
    """The state of the newest run of connection 1."""
    return str(home.run("connections", "show", "1", "--json").document["runs"][0]["state"])


def test_the_demo_fills_a_list_by_itself_outlives_its_parts_and_comes_back_as_it_was(tmp_path: Path) -> None:
    home, port = a_home(tmp_path), a_free_port()

    with running(home, port) as up:
        said = up.ready()
        assert up.asked("/readyz") == 200
        wait_until(lambda: first_run(home) == "done", "the workers end the first run")

        killed = up.child("worker")
        assert killed is not None
        os.kill(killed.pid, signal.SIGKILL)
        wait_until(lambda: (again := up.child("worker")) and again.pid != killed.pid, "another worker is started")

        below = up.children()
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(timeout=60) == 0
        assert [each for each in below if lives(each)] == []
    assert not (home.path / "while_up.env").exists()

    with running(home, port) as up:
        assert up.ready() == said
        assert len(home.run("connections", "list", "--json").document) == 1


def test_a_port_that_is_taken_is_a_sentence(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = home.run("up", "--port", str(port))

    assert ended.status == 2
    assert ended.err == f"Port {port} is taken. Choose another: spojka up --port {port + 1}\n"
