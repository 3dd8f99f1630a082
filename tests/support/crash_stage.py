"""A stage on which a real `spojka sync` lives, dies and lives again beside vendors that survive it."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import orjson
import pytest
from sqlalchemy import Connection, delete, insert, select, text

from core.engine import columns
from core.store.base import Base, make_engine
from plugins.ecomail.sandbox import EcomailEmulator, reading
from plugins.ecomail.sandbox.store import Member
from plugins.raynet.sandbox import RaynetEmulator, listing
from spojka.emulator import Emulator, Served
from tests.support.crash_account import CHANGE, Forgetful, Variant, a_crm, a_list, edited

RECORDS_A_PAGE = 30
PROFILES_A_PAGE = 8
SYNC = ("sync", "1", "--full", "--json")
CONNECT = (
    *("connections", "create", "--plugin", "raynet", "--audience", "ecomail", "--list", "1"),
    *("--set", "username=api@example.com", "--set", "api_key=crm-test-0001", "--set", "instance=demo-crm"),
    *("--set", "both_emails=true", "--audience-set", "api_key=test-key"),
)

Row = tuple[str, str, str]
"""A row of an addition, or a field of a change: the call, its flags and what was sent, both as sorted JSON."""


@dataclass(frozen=True)
class Life:
    """How one process ended. `passed` are the crash points that it passed, in order."""

    status: int
    document: Mapping[str, Any] | None
    passed: tuple[str, ...]
    complaint: str


@dataclass(frozen=True)
class Truth:
    """What is true after a run: everything that must not depend on who died in it.

    `members` is what the list's vendor says of everybody, `records` what the CRM does; `result` that of the run in
    which somebody died; `ties`, `outcomes` and `snapshots` are what Spojka remembers; `left` is what must be empty.
    `sent`: address -> what was sent, repeats counted once; `written`: what was written into the CRM, likewise. `told`:
    who has a line in the timeline.
    """

    members: Mapping[str, Any]
    records: Mapping[str, Any]
    result: Mapping[str, Any]
    ties: frozenset[str]
    outcomes: frozenset[str]
    snapshots: Mapping[str, Any]
    left: Mapping[str, int]
    sent: Mapping[str, frozenset[Row]]
    written: frozenset[str]
    told: frozenset[str]

    def differences(self, other: "Truth") -> list[str]:
        """What is otherwise in another world, one line each: this one's, then the other one's."""
        found: list[str] = []
        for part in fields(self):
            mine, theirs = getattr(self, part.name), getattr(other, part.name)
            if isinstance(mine, frozenset):
                found += [f"{part.name}: gone: {one}" for one in sorted(mine - theirs)]
                found += [f"{part.name}: new: {one}" for one in sorted(theirs - mine)]
                continue
            keys = sorted({key for key in (*mine, *theirs) if mine.get(key) != theirs.get(key)})
            found += [f"{part.name}: {key}: {mine.get(key)} -> {theirs.get(key)}" for key in keys]
        return found


class Front(Emulator):
    """An address behind which emulators come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.now: Emulator = self

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As the emulator that is there now answers."""
        return self.now(environ, start_response)


class Forge:
    """The process from which the others are forked."""

    def __init__(self) -> None:
        program = [sys.executable, "-m", "tests.support.crash_runner"]
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT)

    def run(self, **request: Any) -> int:
        """How the command ended: its exit status, or minus the signal that killed it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(orjson.dumps(request) + b"\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        """No more processes."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


_ROOT = Path(__file__).resolve().parents[2]


Kept = Mapping[str, list[dict[str, Any]]]
"""All rows of a database, by table."""


@dataclass(frozen=True)
class Act:
    """Where a play begins: a database, a CRM and a list's vendor."""

    kept: Kept
    records: bytes
    members: bytes

    @property
    def over(self) -> frozenset[int]:
        """Runs that have ended before."""
        return frozenset(row["id"] for row in self.kept["runs"] if row["finished_at"] is not None)


Vendors = tuple[RaynetEmulator, EcomailEmulator]


class Play:
    """One installation and its two vendors, from the first life to the last."""

    def __init__(self, stage: "Stage", act: Act, folder: Path, url: str, vendors: Vendors) -> None:
        self.stage, self.act, self.folder, self.url = stage, act, folder, url
        self.crm, self.audience = vendors
        self.lives = 0

    def live(self, crash_at: str = "", args: tuple[str, ...] = SYNC) -> Life:
        """A process runs `spojka ARGS`, and is killed at `crash_at` (`point:passing`) where that is given."""
        self.lives += 1
        out, err, log = (self.folder / f"{name}.{self.lives}" for name in ("out", "err", "passed"))
        death = {"SPOJKA_CRASH_AT": crash_at, "SPOJKA_CRASH_LOG": str(log)}
        environ = {**self.stage.environ(self.folder, self.url), **death}
        status = self.stage.forge.run(args=args, environ=environ, out=str(out), err=str(err))
        passed = tuple(log.read_text().split()) if log.exists() else ()
        said = out.read_bytes()
        return Life(status, orjson.loads(said) if said else None, passed, err.read_text())

    def seen(self) -> Truth:
        """What is true now."""
        rows = keep(self.url)
        return Truth(
            {email: _contact(self.audience, email) for email in sorted(self.audience.account.store.people)},
            _records(self.crm),
            self._result(rows),
            frozenset(_text(row, _TIE) for row in rows["bindings"]),
            frozenset(_text(row, _OUTCOME) for row in rows["outcomes"]),
            {row["email"]: _snapshot(row) for row in rows["profiles"] if row["present"]},
            _left(rows),
            self.sent(),
            frozenset(f"{call.method} {call.path} {_json(call.body)}" for call in self.crm.writes()),
            frozenset(_text(row, _TOLD) for row in rows["timeline"]),
        )

    def _result(self, rows: Kept) -> dict[str, Any]:
        run = min((row for row in rows["runs"] if row["id"] not in self.act.over), key=lambda row: int(row["id"]))
        return {name: value for name, value in (run["result"] or {}).items() if name not in ("requests", "seconds")}

    def sent(self) -> dict[str, frozenset[Row]]:
        """Everything that was ever sent, by address; also what was refused."""
        found: dict[str, set[Row]] = {}
        for call in self.audience.writes():
            body = dict(call.body)
            rows = body.pop("subscriber_data")
            for row in rows:
                parts = _parts(_said(row)) if call.path == CHANGE else [_said(row)]
                found.setdefault(row["email"], set()).update((call.path, _json(body), _json(part)) for part in parts)
        return {email: frozenset(rows) for email, rows in found.items()}


def _records(crm: RaynetEmulator) -> dict[str, Any]:
    """What the CRM says of everybody, but for moments."""
    shelves = {"person": crm.store.persons, "company": crm.store.companies}
    rows = {f"{kind} {key}": row for kind, shelf in shelves.items() for key, row in shelf.rows.items()}
    return {name: {key: value for key, value in row.items() if key not in _MOMENTS} for name, row in rows.items()}


_MOMENTS = ("created", "updated", "updatedBy", "version")


def _parts(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """An addition is taken or not; of a change each field stands for itself, and repeating one changes nothing."""
    plain = [{name: value} for name, value in row.items() if name not in ("email", "custom_fields")]
    return plain + [{"custom": name, "value": value} for name, value in row.get("custom_fields", {}).items()]


def _said(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row without its empty custom fields, and in one spelling of their names.

    Which row makes the list's columns depends on who comes first; until then they go by our names for them (R40).
    """
    filled = _filled(row.get("custom_fields", {}))
    rest = {name: value for name, value in row.items() if name != "custom_fields"}
    return {**rest, "custom_fields": filled} if filled else rest


def _filled(custom: Mapping[str, str]) -> dict[str, str]:
    return {columns.plain(key).casefold(): value for key, value in sorted(custom.items()) if value}


_TIE = ("kind", "record_id", "email", "slot", "origin", "state", "why", "agreed", "agreed_tags")
_TOLD = ("email",)
_OUTCOME = ("email", "outcome", "why")
_SNAPSHOT = ("status", "ours", "known", "ruling")


def _snapshot(row: Mapping[str, Any]) -> dict[str, Any]:
    """An empty field agreed on and one that nobody asked for are the same to everybody."""
    agreed = {key: value for key, value in row["agreed"].items() if value}
    return {**{name: row[name] for name in _SNAPSHOT}, "agreed": agreed}


def _left(rows: Kept) -> dict[str, int]:
    """What a run must not leave behind, and the parked addresses, which it may.

    An address may be due later: what the list confirmed and does not show yet is looked at again (R32).
    """
    due, sending = rows["due"], rows["outbox"]
    asked = max(row["at"] for row in rows["outcomes"])
    return {
        "noted calls": len(rows["journal"]),
        "claims": sum(1 for row in due if row["claim"] is not None),
        "sending": sum(1 for row in sending if row["state"] == "sending"),
        "unsent": sum(
            1 for row in rows["outbox"] if row["state"] == "waiting" and row["payload"]["stage"] != "confirm"
        ),
        "due": sum(1 for row in due if not row["parked"] and row["due_at"] <= asked),
        "parked": sum(1 for row in due if row["parked"]),
    }


def _text(row: Mapping[str, Any], names: Iterable[str]) -> str:
    return _json({name: row[name] for name in names})


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _contact(audience: EcomailEmulator, email: str) -> dict[str, Any]:
    """What the vendor says of somebody, but for numbers and moments."""
    person = audience.account.store.people[email]
    return {
        "values": dict(sorted(person.values.items())),
        "tags": sorted(person.tags),
        "source": person.source,
        "lists": {number: _membership(member) for number, member in sorted(person.memberships.items())},
    }


def _membership(member: Member) -> tuple[Any, ...]:
    statuses = [each["status_new"] for each in member.history]
    return member.status, member.source, _filled(member.custom), statuses


def keep(url: str) -> Kept:
    """Everything in a database."""
    engine = make_engine(url)
    with engine.connect().execution_options(reading=True) as connection:
        found = {name: _rows(connection, name) for name in Base.metadata.tables}
    engine.dispose()
    return found


def _rows(connection: Connection, name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(Base.metadata.tables[name])).mappings()]


def fill(url: str, kept: Kept) -> None:
    """Put what `keep` gave into an empty database; numbers that it draws itself start above."""
    drawn = [row[name] for rows in kept.values() for row in rows for name in ("id", "ticket") if row.get(name)]
    engine = make_engine(url)
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if kept[table.name]:
                connection.execute(delete(table))
                connection.execute(insert(table), kept[table.name])
        if connection.dialect.name == "postgresql":
            highest = {"highest": max(drawn) + 1000}
            connection.execute(text("SELECT setval(seqrelid::regclass, :highest) FROM pg_sequence"), highest)
    engine.dispose()


class Stage:
    """Vendors behind ports that stay the same, and the home that every installation is a copy of."""

    def __init__(self, forge: Forge, folder: Path, ports: tuple[str, str], fronts: tuple[Front, Front]) -> None:
        self.forge, self.folder, self.ports, self.fronts = forge, folder, ports, fronts
        self.home = folder / "home"
        self.numbers = 0

    def environ(self, home: Path, url: str) -> dict[str, str]:
        """The environment of a process of the installation in `home`."""
        return {
            "PATH": os.environ["PATH"],
            "SPOJKA_HOME": str(home),
            "DATABASE_URL": url,
            "RAYNET_BASE_URL": f"{self.ports[0]}api/v2/",
            "ECOMAIL_BASE_URL": self.ports[1],
            "SPOJKA_ALLOW_PRIVATE_HOSTS": "1",
        }

    def first_act(self, empty: str) -> Act:
        """A connection that has never run. `empty` is the address of an empty database, which is used up."""
        crm = a_crm()
        act = Act({}, orjson.dumps(crm.dump()), orjson.dumps(a_list(crm).dump()))
        self._set(act, Variant("connecting"))
        self.home.mkdir(exist_ok=True)
        err = self.folder / "connecting"
        status = self.forge.run(
            args=CONNECT, environ=self.environ(self.home, empty), out=str(self.folder / "connected"), err=str(err)
        )
        assert status == 0, err.read_text()
        return replace(act, kept=keep(empty))

    def second_act(self, first: Act, empty: str) -> Act:
        """Everything has run once, and people have edited on both sides since."""
        play = self.play(first, empty, Variant("first run"))
        life = play.live()
        assert life.document is not None, life.complaint
        edited(play.crm, play.audience)
        return Act(keep(empty), orjson.dumps(play.crm.dump()), orjson.dumps(play.audience.dump()))

    def play(self, act: Act, empty: str, variant: Variant) -> Play:
        """An act in an empty database, with a vendor of these habits."""
        self.numbers += 1
        home = self.folder / f"play{self.numbers}"
        shutil.copytree(self.home, home)
        fill(empty, act.kept)
        return Play(self, act, home, empty, self._set(act, variant))

    def _set(self, act: Act, variant: Variant) -> Vendors:
        """The vendors as they are when the act begins."""
        crm, found = a_crm(), Forgetful()
        crm.load(orjson.loads(act.records))
        crm.calls.clear()
        found.load(orjson.loads(act.members))
        found.switch(per_minute=0)
        variant.set(found)
        self.fronts[0].now, self.fronts[1].now = crm, found
        return crm, found


@contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    """A stage with short pages on both sides."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(logging.getLogger("werkzeug"), "disabled", True)
        patch.setattr(listing, "MOST", RECORDS_A_PAGE)
        patch.setattr(reading, "MOST_PER_PAGE", PROFILES_A_PAGE)
        fronts = (Front(), Front())
        ports = (stack.enter_context(Served(fronts[0])).url, stack.enter_context(Served(fronts[1])).url)
        forge = Forge()
        stack.callback(forge.close)
        yield Stage(forge, folder, ports, fronts)
