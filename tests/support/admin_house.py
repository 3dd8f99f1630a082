"""A house whose vendors are the emulators and whose messenger only listens, with the admin's pages on it."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import connecting, schema
from core.app import create_app
from core.embedded import LocalPlugin
from core.outgoing.vault import FernetVault
from core.ports import World
from core.real import NoCrash, RandomIds, SystemClock
from core.registry.loading import Registry
from core.settings import Settings
from core.store.base import make_engine, make_sessions
from core.store.connections import ConnectionRow
from core.store.people import AuditRow, UserRow
from core.store.runs import RunRow
from plugins import ecomail, raynet
from plugins.ecomail.sandbox import EcomailEmulator
from plugins.raynet.sandbox import RaynetEmulator, demo
from tests.support.clock import MiddleDice
from tests.support.crew import OnePair
from tests.support.wsgi_http import WsgiHttp

PASSWORD = "tajné heslo"
RAYNET_URL, ECOMAIL_URL = "https://app.raynet.cz/api/v2/", "https://api2.ecomailapp.cz/"
RAYNET_KEY, ECOMAIL_KEY = "crm-test-0001", "test-key"


class CountedHttp(WsgiHttp):
    """Also says how many requests it sent."""

    @property
    def requests(self) -> int:
        """How many."""
        return len(self.asked)


@dataclass
class Roads:
    """Ways out that end in the emulators."""

    raynet: RaynetEmulator
    ecomail: EcomailEmulator

    def open(self, plugin: str, account: str, *, lane: str, testing: bool = False) -> Any:
        """See `core.ports.Outgoing`."""
        return CountedHttp(RAYNET_URL, self.raynet) if plugin == "raynet" else CountedHttp(ECOMAIL_URL, self.ecomail)

    def allowance(self, plugin: str, account: str) -> None:
        """See `core.ports.Outgoing`; nobody says one here."""

    def close(self) -> None:
        """See `core.ports.Outgoing.close`."""


@dataclass
class Rings:
    """A messenger that only remembers."""

    heard: list[tuple[str, str, int]] = field(default_factory=list)

    def ring(self, queue: str, task: str, key: int) -> None:
        """See `core.ports.Wake`."""
        self.heard.append((queue, task, key))


@dataclass
class House:
    """The world, its vendors, and the application."""

    world: World
    raynet: RaynetEmulator
    ecomail: EcomailEmulator
    rings: Rings
    app: Flask
    list_id: str

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.world.clock.now()

    def user(self, role: str = "admin", email: str = "jana@firma.cz") -> str:
        """A new user's e-mail; everybody has the same password."""
        with self.world.sessions.begin() as session:
            session.add(UserRow(email=email, role=role, password_hash=_hashed(), locale="cs", created_at=self.now))
        return email

    def connection(self) -> int:
        """A connection of Raynet with the embedded list, its first run queued."""
        return connecting.create(
            self.world,
            plugin="raynet",
            audience="local",
            contact_list="Klienti",
            settings={"username": "api@example.com", "api_key": RAYNET_KEY, "instance": "demo-crm"},
            audience_settings={},
            paused=False,
            test=True,
            by="test",
        ).id

    def change(self, connection_id: int, **values: Any) -> None:
        """Set columns of a connection."""
        with self.world.sessions.begin() as session:
            row = session.get_one(ConnectionRow, connection_id)
            for name, value in values.items():
                setattr(row, name, value)

    def row(self, connection_id: int) -> ConnectionRow:
        """A connection as it stands."""
        with self.world.sessions() as session:
            return session.get_one(ConnectionRow, connection_id)

    def run(self, run_id: int | None = None, **values: Any) -> int:
        """Set columns of the newest (or the named) run."""
        with self.world.sessions.begin() as session:
            row = _newest(session) if run_id is None else session.get_one(RunRow, run_id)
            for name, value in values.items():
                setattr(row, name, value)
            return row.id

    def ended(self, connection_id: int, state: str = "done", minutes_ago: int = 3, **profiles: int) -> int:
        """One more run, with its result."""
        started = self.now - timedelta(minutes=minutes_ago, seconds=74)
        counts = dict.fromkeys(("created", "adopted", "updated", "unchanged", "skipped", "failed"), 0) | profiles
        result = {
            "profiles": counts,
            "read": {"person": 4, "company": 2},
            "requests": {"crm": 4, "audience": 3},
            "skipped_because": {"no_email": counts["skipped"]},
            "failures": [],
        }
        with self.world.sessions.begin() as session:
            row = RunRow(
                connection_id=connection_id,
                mode="full",
                state=state,
                dry_run=False,
                requested_by="test",
                requested_at=started,
                started_at=started,
                finished_at=started + timedelta(seconds=74),
                options={},
                progress={},
                checkpoint={},
                result=result,
                error="",
                code="",
                not_before=None,
            )
            session.add(row)
            session.flush()
            return row.id

    def audit(self) -> list[str]:
        """What was clicked, in order."""
        with self.world.sessions() as session:
            return list(session.scalars(select(AuditRow.what).order_by(AuditRow.id)))

    def audit_text(self) -> str:
        """All that the audit holds."""
        with self.world.sessions() as session:
            return repr([(row.what, row.details) for row in session.scalars(select(AuditRow))])


@cache
def _hashed() -> str:
    """Cheap to verify, as its cost stands in the hash itself."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _newest(session: Session) -> RunRow:
    return session.scalars(select(RunRow).order_by(RunRow.id.desc())).first() or RunRow()


def a_house(home: Path) -> House:
    """A fresh one below `home`."""
    raynet_emulator, ecomail_emulator = demo(40, 5), EcomailEmulator()
    ecomail_emulator.switch(per_minute=0)
    list_id = str(ecomail_emulator.account.add_list("Odběratelé", double_optin=False).id)
    rings = Rings()
    world = _world(home, Roads(raynet_emulator, ecomail_emulator), rings)
    return House(world, raynet_emulator, ecomail_emulator, rings, create_app(world), list_id)


def _settings(home: Path) -> Settings:
    return Settings(
        home=home,
        database_url=f"sqlite:///{home / 'spojka.db'}",
        redis_url="memory://",
        secret_key="0123456789abcdef0123456789abcdef",
        encryption_keys=(Fernet.generate_key().decode(),),
        public_url="http://127.0.0.1:8080",
        timezone=ZoneInfo("Europe/Prague"),
        daily_at=time(6),
        locale="cs",
        allow_private_hosts=True,
        run_processes=1,
        base_urls={},
    )


@cache
def _tables() -> bytes:
    """A database at the head of the migrations, made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "spojka.db"
        engine = make_engine(f"sqlite:///{path}")
        schema.upgrade(engine)
        engine.dispose()
        return path.read_bytes()


def _world(home: Path, roads: Roads, rings: Rings) -> World:
    settings = _settings(home)
    (home / "spojka.db").write_bytes(_tables())
    engine = make_engine(settings.database_url)
    sessions, clock, ids, registry = make_sessions(engine), SystemClock(), RandomIds(), Registry()
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
        crash=NoCrash(),
        engine=engine,
        sessions=sessions,
        registry=registry,
        outgoing=roads,
        vault=FernetVault(settings.encryption_keys),
        holder="test",
    )
