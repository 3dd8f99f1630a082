"""The intake of webhooks beside a bare Flask route that inserts one row, under the same gunicorn, in one run.

    python -m benchmarks.intake
    python -m benchmarks.intake --database postgresql://user:password@localhost/postgres

A round is: the bare route and Spojka in turn, a second each, until both were asked for so many seconds. Both serve all
the time; one is asked at a time.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from benchmarks.backfill import KEPT, fresh
from benchmarks.measuring import PROGRAM, ROOT
from core import connecting, schema
from core.settings import load
from core.store.connections import ConnectionRow
from core.world import build_world

HOST, SECRET = "127.0.0.1", "a secret that the CRM repeats"
BARE, OURS = "bare route", "Spojka"
CRM = {"username": "api@example.com", "api_key": "crm-test-0001", "instance": "demo-crm"}


class Silent(Exception):
    """A server did not begin to listen."""


@dataclass(slots=True)
class Rates:
    """Bells a second, of each round."""

    database: str
    connections: int
    rates: dict[str, list[float]] = field(default_factory=lambda: {BARE: [], OURS: []})

    @property
    def ratios(self) -> list[float]:
        """Spojka's by the bare route's, round by round."""
        return [ours / bare for bare, ours in zip(self.rates[BARE], self.rates[OURS], strict=True)]


@contextmanager
def serving(command: Sequence[str | Path], environ: Mapping[str, str], port: int) -> Iterator[None]:
    """A server in a process of its own, from its first answer on. Raises Silent."""
    process = subprocess.Popen(list(map(str, command)), env=dict(environ), cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise Silent(f"Nobody listens at port {port}.")


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def installed(environ: Mapping[str, str]) -> str:
    """An installation with one connection whose CRM repeats a secret; the path of its bell."""
    world = build_world(load(environ))
    schema.upgrade(world.engine)
    made = connecting.create(
        world,
        plugin="raynet",
        audience="local",
        contact_list="Klienti",
        settings=CRM,
        audience_settings={},
        paused=True,
        test=False,
        by="benchmark",
    )
    with world.sessions.begin() as session:
        session.get_one(ConnectionRow, made.id).bell_sealed = world.vault.seal({"bell": SECRET})
    world.engine.dispose()
    return urlsplit(made.webhook_url).path


def asked(port: int, path: str, connections: int) -> float:
    """Bells a second, of one second."""
    program = [sys.executable, "-m", "benchmarks.ringing", HOST, str(port), path, "1", str(connections), SECRET]
    ended = subprocess.run(program, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found = orjson.loads(ended.stdout)
    return float(found["count"] / found["seconds"])


def benchmark(rounds: int, seconds: int, connections: int, database: str) -> Rates:
    """All rounds."""
    found = Rates("PostgreSQL" if database else "SQLite", connections)
    with tempfile.TemporaryDirectory(prefix="spojka-intake-") as folder:
        environ = {name: os.environ[name] for name in KEPT if name in os.environ}
        environ |= {"SPOJKA_HOME": str(Path(folder, "home"))}
        url = fresh(database) if database else f"sqlite:///{folder}/bare.db"
        if database:
            environ["DATABASE_URL"] = url
        path = installed(environ)
        ports = {BARE: free_port(), OURS: free_port()}
        bare = [sys.executable, "-m", "benchmarks.bare", url, str(ports[BARE])]
        ours = [PROGRAM, "web", "--port", str(ports[OURS])]
        with serving(bare, environ, ports[BARE]), serving(ours, environ, ports[OURS]):
            for port in ports.values():
                asked(port, path, connections)
            for _ in range(rounds):
                turns = [{name: asked(port, path, connections) for name, port in ports.items()} for _ in range(seconds)]
                for name in ports:
                    found.rates[name].append(statistics.mean(turn[name] for turn in turns))
    return found


def printed(found: Rates) -> str:
    """A table, as it stands in the README."""
    lines = [
        f"{found.database}, {found.connections} connections at once, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}",
        "",
        f"| round | {BARE}, bells/s | {OURS}, bells/s | ratio |",
        "|---|---:|---:|---:|",
    ]
    rows = zip(found.rates[BARE], found.rates[OURS], found.ratios, strict=True)
    lines += [
        f"| {place} | {bare:.0f} | {ours:.0f} | {ratio:.2f} |" for place, (bare, ours, ratio) in enumerate(rows, 1)
    ]
    return "\n".join([*lines, "", f"Median ratio: {statistics.median(found.ratios):.2f}, wanted 0.70."])


def main() -> None:
    parser = argparse.ArgumentParser(description="The intake of webhooks beside a bare Flask route.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8, help="how long each is asked in a round")
    parser.add_argument("--connections", type=int, default=8, help="how many ask at once")
    parser.add_argument("--database", default="", help="a database of a PostgreSQL server; SQLite without it")
    given = parser.parse_args()
    print(printed(benchmark(given.rounds, given.seconds, given.connections, given.database)))


if __name__ == "__main__":
    main()
