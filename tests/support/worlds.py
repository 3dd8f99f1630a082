"""A house for the engine's tests: a real database, both vendors' emulators in the same process, a virtual clock."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import connecting
from core.embedded import LocalPlugin
from core.embedded.tables import LocalProfile
from core.engine import explaining, full, lane, live, morning, nightly, senders, waiting, watching
from core.outgoing.vault import FernetVault
from core.ports import World
from core.real import RandomIds
from core.registry.loading import Registry
from core.settings import Settings
from core.store import inbox, leases, runs
from core.store.base import look, make_sessions, transact
from core.store.bindings import BindingRow
from core.store.connections import ConnectionRow
from core.store.due import DueRow
from core.store.inbox import InboxRow
from core.store.leases import LeaseRow
from core.store.runs import RunRow
from plugins import ecomail, raynet
from plugins.ecomail.sandbox import EcomailEmulator
from plugins.ecomail.sandbox.store import SUBSCRIBED
from plugins.raynet.sandbox import RaynetEmulator, demo
from tests.support.admin_house import Rings
from tests.support.clock import MiddleDice, VirtualClock
from tests.support.crew import OnePair
from tests.support.direct import Roads
from tests.support.statements import Notes, Points
from tests.support.stores import hasty_engine

CRM = {"username": "api@example.com", "api_key": "crm-test-0001", "instance": "demo-crm"}
MAIL = {"api_key": "test-key"}
TASKS: Mapping[str, Callable[[World, int], object]] = {
    "run_now": full.work,
    "live_now": live.live_now,
    "reconcile_now": lane.reconcile_now,
    "pass_now": lane.pass_now,
    "watch_now": watching.watch_now,
    "night_now": nightly.night_now,
    "morning_now": morning.morning_now,
    "send_now": senders.send_now,
}
"""What `core.jobs.tasks` calls for each ring."""
KEYS = (Fernet.generate_key().decode(),)
LIST = 1
WORDS = {1: "subscribed", 2: "unsubscribed", 3: "soft_bounced", 4: "bounced", 5: "complained", 6: "unconfirmed"}


@dataclass(frozen=True, slots=True)
class Member:
    """Who is in the list: `fields` and `custom` hold only what has a value; `custom` by the list's own keys."""

    status: str = "subscribed"
    fields: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    source: str = "app"


@dataclass
class House:
    """The world, its vendors, and what a test does with them."""

    world: World
    clock: VirtualClock
    raynet: RaynetEmulator
    ecomail: EcomailEmulator
    notes: Notes
    points: Points
    roads: Roads
    rings: Rings
    keys: dict[str, Any] = field(default_factory=dict)

    def person(self, email: str = "", **fields: Any) -> int:
        """A new person in the CRM; the id."""
        return self.raynet.add_person(email=email, **{"lastName": "Nová", **fields})

    def company(self, email: str = "", **fields: Any) -> int:
        """A new company in the CRM; the id."""
        return self.raynet.add_company(email=email, **{"name": "Firma s.r.o.", **fields})

    def member(self, email: str, status: int = SUBSCRIBED, list_id: int = LIST, **values: Any) -> None:
        """Somebody who is in the list already, put there by a person."""
        self.ecomail.add_contact(list_id, email, status=status, **values)

    def connect(self, audience: str = "ecomail", contact_list: str = str(LIST), **settings: Any) -> int:
        """A connection whose first run is queued; the requests of making it are forgotten."""
        made = connecting.create(
            self.world,
            plugin="raynet",
            audience=audience,
            contact_list=contact_list if audience == "ecomail" else "Klienti",
            settings={**CRM, **settings},
            audience_settings=MAIL if audience == "ecomail" else {},
            paused=False,
            test=True,
            by="test",
        )
        self.forget()
        return made.id

    def forget(self) -> None:
        """Forget requests and statements so far."""
        self.raynet.calls.clear()
        self.ecomail.calls.clear()
        self.notes.clear()

    def set(self, connection: int, **settings: Any) -> None:
        """Change a connection's settings, as a person would."""
        connecting.change(self.world, connection, settings)

    def queue(self, connection: int, mode: str = "full", *, dry_run: bool = False, **options: Any) -> int:
        """A run that nobody works on yet; its id."""
        chosen = {"kind": None, "limit": None, **options}

        def ask(session: Session) -> int:
            now = self.clock.now()
            made = runs.request(session, connection, mode, options=chosen, dry_run=dry_run, by="test", now=now)
            return made.id

        return transact(self.world.sessions, ask)

    def sync(self, connection: int, mode: str = "full", *, dry_run: bool = False, **options: Any) -> dict[str, Any]:
        """A whole run; its result (contract §5). Requests and statements are those of this run alone."""
        run_id = self.queue(connection, mode, dry_run=dry_run, **options)
        self.forget()
        self.clock.advance(60)
        return self.work(run_id)

    def work(self, run_id: int) -> dict[str, Any]:
        """Work on a queued run; its result."""
        result = full.work(self.world, run_id).result
        assert result is not None
        return result

    def next_runs(self) -> list[int]:
        """Runs that somebody should work on now."""
        return look(self.world.sessions, lambda session: full.next_open(self.world, session))

    def ring(self, connection: int, *rings: tuple[str, int | None, bool]) -> None:
        """A bell is accepted: (kind, id, gone), or nothing for "look at everything"."""
        told = [[kind, None if number is None else str(number), gone] for kind, number, gone in rings]
        with self.world.sessions.begin() as session:
            session.add(
                InboxRow(
                    connection_id=connection,
                    kind=inbox.BELL,
                    payload={"rings": told},
                    state=inbox.OPEN,
                    claim=None,
                    received_at=self.clock.now(),
                    closed_at=None,
                    error="",
                )
            )

    def live(self, connection: int) -> None:
        """What a worker does when it is rung for a connection."""
        live.live_now(self.world, connection)

    def open_bells(self, connection: int) -> int:
        """How many bells nobody has dealt with."""
        return look(self.world.sessions, lambda session: inbox.count_open(session, connection))

    def pause(self, connection: int) -> None:
        """As a person would."""
        connecting.pause(self.world, connection)

    def resume(self, connection: int) -> None:
        """As a person would."""
        connecting.resume(self.world, connection)

    def hear(self) -> int:
        """What the scheduler rings for is done, until nothing rings any more; how many rings."""
        heard = 0
        while rings := look(self.world.sessions, lambda session: waiting.rings(self.world, session)):
            for _, task, key in rings:
                TASKS[task](self.world, key)
            heard += len(rings)
        return heard

    def run(self, run_id: int) -> RunRow:
        """A run as it stands."""
        return look(self.world.sessions, lambda session: runs.get(session, run_id))

    def row(self, connection: int) -> ConnectionRow:
        """A connection as it stands."""
        return look(self.world.sessions, lambda session: session.get_one(ConnectionRow, connection))

    def bury(self) -> None:
        """Everybody who held a lease is dead: what they had not given back is free."""
        with self.world.sessions.begin() as session:
            for row in session.scalars(select(LeaseRow)).all():
                leases.release(session, row.name, row.fence)

    def the_list(self, list_id: int = LIST) -> dict[str, Member]:
        """Who is in the Ecomail list, and with what."""
        found = self.ecomail.account.store.members_of(list_id)
        return {
            each.person.email: Member(
                WORDS[each.status],
                {key: value for key, value in each.person.values.items() if value},
                each.person.tags,
                {key: value for key, value in each.custom.items() if value},
                each.source,
            )
            for each in found
        }

    def the_local_list(self) -> dict[str, Member]:
        """Who is in the embedded list, and with what."""
        with self.world.sessions() as session:
            rows = session.scalars(select(LocalProfile)).all()
        return {
            row.email: Member(
                row.status,
                {key: value for key, value in row.fields.items() if value and not key.startswith("custom:")},
                tuple(row.tags),
                {key[7:]: value for key, value in row.fields.items() if value and key.startswith("custom:")},
                row.source,
            )
            for row in rows
        }

    def origins(self, connection: int) -> dict[str, str]:
        """Address -> created or adopted, of every open binding."""
        with self.world.sessions() as session:
            rows = session.scalars(
                select(BindingRow).where(BindingRow.connection_id == connection, BindingRow.state == "open")
            ).all()
        return {row.email: row.origin for row in rows}

    def rules(self, connection: int, email: str) -> list[str]:
        """The rules that the contact's timeline cites, oldest first."""
        with self.world.sessions() as session:
            return [line.rule for line in explaining.explain(session, connection, email)]

    def changes(self, connection: int, email: str, rule: str) -> Mapping[str, tuple[str, str]]:
        """What the last timeline line of a rule says changed."""
        with self.world.sessions() as session:
            lines = explaining.explain(session, connection, email)
        return next(line.changes for line in reversed(lines) if line.rule == rule)

    def due(self) -> dict[str, str]:
        """Address -> what it waits for or why it is parked, of everything still due."""
        with self.world.sessions() as session:
            return {row.email: row.parked or row.waits for row in session.scalars(select(DueRow))}

    def writes(self) -> list[tuple[str, int]]:
        """Path and number of rows of every call that was meant to change the list."""
        found = []
        for call in self.ecomail.writes():
            rows = call.body.get("subscriber_data", []) if isinstance(call.body, dict) else []
            found.append((call.path.rpartition("/")[2], len(rows) if isinstance(rows, list) else 1))
        return found

    def another(self, name: str) -> World:
        """The same house as another process sees it."""
        return replace(self.world, holder=name)


def profiles(**numbers: int) -> dict[str, int]:
    """The `profiles` of a result, with zeros for what is not named."""
    names = ("created", "adopted", "updated", "unchanged", "skipped", "failed")
    return {**dict.fromkeys(names, 0), **numbers}


@contextmanager
def a_house(url: str, home: Path, people: int = 0, companies: int = 0) -> Iterator[House]:
    """A fresh house on a database with empty tables; person 12 and company 1 are the instance's own (R9)."""
    clock = VirtualClock()
    crm, mail = demo(people, companies, clock.now), EcomailEmulator(clock.now)
    mail.switch(per_minute=0)
    mail.account.add_list("Klienti")
    notes, rings = Notes(), Rings()
    points = Points(notes)
    allowance = raynet.describe().limits.allowance
    roads = Roads(clock, {"raynet": (crm, "/api/v2", allowance), "ecomail": (mail, "", None)})
    world = _world(url, home, clock, roads, rings, points)
    try:
        with notes.of(world.engine):
            yield House(world, clock, crm, mail, notes, points, roads, rings)
    finally:
        world.engine.dispose()


def _world(url: str, home: Path, clock: VirtualClock, roads: Roads, rings: Rings, points: Points) -> World:
    settings = _settings(url, home)
    engine = hasty_engine(url)
    sessions, ids, registry = make_sessions(engine), RandomIds(), Registry()
    registry.add("raynet", raynet)
    registry.add("ecomail", ecomail)
    registry.add("local", LocalPlugin(sessions, clock.now, ids.new))
    return World(
        settings=settings,
        clock=clock,
        ids=ids,
        dice=MiddleDice(),
        crew=OnePair(),
        wake=rings,
        crash=points,
        engine=engine,
        sessions=sessions,
        registry=registry,
        outgoing=roads,
        vault=FernetVault(settings.encryption_keys),
        holder="first",
    )


def _settings(url: str, home: Path) -> Settings:
    return Settings(
        home=home,
        database_url=url,
        redis_url="memory://",
        secret_key="0123456789abcdef0123456789abcdef",
        encryption_keys=KEYS,
        public_url="http://127.0.0.1:8080",
        timezone=ZoneInfo("Europe/Prague"),
        daily_at=time(6),
        locale="cs",
        allow_private_hosts=True,
        run_processes=1,
        base_urls={},
    )


def moment(text: str) -> datetime:
    """An aware moment."""
    return datetime.fromisoformat(text)
