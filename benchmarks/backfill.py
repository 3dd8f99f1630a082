"""A backfill and an unchanged second run, Spojka beside a plain script, both against the sandbox.

    python -m benchmarks.backfill [--contacts 100000] [--rounds 3] [--database URL] [--json]

A round is: the script's first run, Spojka's first, the script's second, Spojka's second; both first runs find the list
as it was in the beginning, both second ones find it full. Figures are medians of the rounds. `--database` names a
PostgreSQL server by one of its databases; for each round a database of its own is made there, `spojka_benchmark`.
Without it Spojka is on SQLite.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson
import psycopg

from benchmarks.measuring import PROGRAM, Measured, Vendor, measured
from benchmarks.report import Figures, figures, printed
from benchmarks.script import ECOMAIL_KEY, INSTANCE, LIST, LOGIN

DATABASE = "spojka_benchmark"
EVERY = 100
"""Of so many persons one is in the list already."""
SCRIPT = (sys.executable, "-m", "benchmarks.script")
SYNC = (PROGRAM, "sync", "1", "--full", "--json")
REPLAY = (sys.executable, "-m", "benchmarks.replay")
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
NOTHING_WRITTEN = {"created": 0, "adopted": 0, "updated": 0, "failed": 0}


class Different(Exception):
    """The two did not do the same, so that their figures can't be compared."""


@dataclass(slots=True)
class Stage:
    """Both vendors, and what was measured so far; `served` are the seconds of a core that the sandboxes took."""

    raynet: Vendor
    ecomail: Vendor
    folder: Path
    runs: dict[str, list[Measured]] = field(default_factory=dict)
    served: dict[str, list[float]] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """What every measured process sees."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        bases = {"RAYNET_BASE_URL": f"{self.raynet.url}api/v2/", "ECOMAIL_BASE_URL": self.ecomail.url}
        return {**kept, **bases, "SPOJKA_ALLOW_PRIVATE_HOSTS": "1"}

    def reset(self) -> None:
        """The list as it was in the beginning."""
        self.raynet.ask("reset")
        self.ecomail.ask("reset")

    def run(self, name: str, command: Sequence[str | Path], environ: Mapping[str, str]) -> Any:
        """Measure one process; the document it printed, if it did."""
        before = self._served()
        done = measured(command, environ)
        self.runs.setdefault(name, []).append(done)
        self.served.setdefault(name, []).append(self._served() - before)
        return orjson.loads(done.out) if done.out else None

    def _served(self) -> float:
        return float(self.raynet.ask("seconds")) + float(self.ecomail.ask("seconds"))

    def record(self, name: str) -> list[str]:
        """Write down which requests came since the last time; what `replay` wants to know."""
        told = []
        for vendor, asked in (("raynet", self.raynet), ("ecomail", self.ecomail)):
            path = str(self.folder / f"{vendor}-{name}.json")
            asked.ask("requests", path)
            told += [asked.url, path]
        return told


def play(stage: Stage, database: str) -> None:
    """One round. Raises Different."""
    stage.reset()
    stage.run("script, first", SCRIPT, stage.environ)
    by_script = stage.ecomail.ask("members")
    stage.reset()
    with installed(stage, database) as environ:
        stage.record("connecting")
        stage.run("Spojka, first", SYNC, environ)
        by_spojka, first = stage.ecomail.ask("members"), stage.record("first")
        again = stage.run("script, second", SCRIPT, stage.environ)
        stage.record("script")
        result = stage.run("Spojka, second", SYNC, environ)
        second = stage.record("second")
    if by_spojka != by_script:
        raise Different(f"{len(set(by_spojka) ^ set(by_script))} addresses are in one of the two lists alone.")
    written = {name: again.get(name, 0) + result["profiles"].get(name, 0) for name in NOTHING_WRITTEN}
    if written != NOTHING_WRITTEN:
        raise Different(f"A second run wrote: {written}.")
    stage.reset()
    stage.run("sandbox alone, first", [*REPLAY, *first], stage.environ)
    stage.run("sandbox alone, second", [*REPLAY, *second], stage.environ)


@contextmanager
def installed(stage: Stage, database: str) -> Iterator[dict[str, str]]:
    """A fresh installation with one connection; what its processes see."""
    with tempfile.TemporaryDirectory(dir=stage.folder) as home:
        environ = {**stage.environ, "SPOJKA_HOME": home}
        if database:
            environ["DATABASE_URL"] = fresh(database)
        measured([PROGRAM, "db", "upgrade"], environ)
        values = {"username": LOGIN[0], "api_key": LOGIN[1], "instance": INSTANCE, "both_emails": "true"}
        given = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
        sides = ["--plugin", "raynet", "--audience", "ecomail", "--list", str(LIST)]
        key = ["--audience-set", f"api_key={ECOMAIL_KEY}"]
        measured([PROGRAM, "connections", "create", *sides, *given, *key], environ)
        yield environ


def fresh(database: str) -> str:
    """The address of an empty database on this server."""
    place = urlsplit(database)
    with psycopg.connect(urlunsplit(place._replace(scheme="postgresql")), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    return urlunsplit(place._replace(scheme="postgresql+psycopg", path=f"/{DATABASE}"))


def benchmark(contacts: int, rounds: int, database: str) -> Figures:
    """Everything, from the sandboxes to the figures. `contacts` are persons and companies together."""
    with (
        tempfile.TemporaryDirectory(prefix="spojka-benchmark-") as folder,
        Vendor("raynet", contacts) as raynet,
        Vendor("ecomail", contacts) as ecomail,
    ):
        ecomail.ask("fill", raynet.ask("emails", EVERY))
        stage = Stage(raynet, ecomail, Path(folder))
        for _ in range(rounds):
            play(stage, database)
        return figures(contacts, database, stage.runs, stage.served)


def main() -> None:
    parser = argparse.ArgumentParser(description="Spojka beside a plain script, against the sandbox.")
    parser.add_argument("--contacts", type=int, default=100_000, help="persons and companies of the CRM together")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", default="", help="a database of a PostgreSQL server; SQLite without it")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    given = parser.parse_args()
    found = benchmark(given.contacts, given.rounds, given.database)
    print(orjson.dumps(found).decode() if given.json else printed(found))


if __name__ == "__main__":
    main()
