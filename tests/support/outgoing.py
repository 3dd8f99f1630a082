"""Ways out to a vendor of a test, with a virtual clock and the tables they need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from sqlalchemy.orm import Session, sessionmaker

import core.store.connections  # noqa: F401 - so that the tables are known
from core.outgoing import Ways
from core.ports import Clock, Tally
from core.real import ThreadCrew
from core.store.base import Base, make_engine, make_sessions
from spojka import Allowance, Kind, Limits, Manifest, Role, SettingsSchema, Text
from tests.support.clock import MiddleDice

TABLES = ("accounts", "lists", "connections", "leases")
ALLOWANCE = Allowance(limit="X-Ratelimit-Limit", remaining="X-Ratelimit-Remaining", reset="X-Ratelimit-Reset")


def a_manifest(name: str = "acme", limits: Limits | None = None, **changes: object) -> Manifest:
    """A CRM of a vendor whose hosts are below acme.example."""
    values: dict[str, object] = {
        "name": name,
        "label": Text(cs="Acme", en="Acme"),
        "roles": frozenset({Role.CRM}),
        "settings": SettingsSchema,
        "kinds": (Kind.PERSON,),
        "limits": limits or Limits(),
        "base_url": "https://app.acme.example/api/",
        "base_url_env": "ACME_BASE_URL",
        "hosts": (".acme.example",),
    }
    return Manifest(**{**values, **changes})  # type: ignore[arg-type]  # names and types are those of Manifest


@dataclass(frozen=True, slots=True)
class Settings:
    """What ways need of the settings."""

    allow_private_hosts: bool = True
    base_urls: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifests:
    """One manifest, whatever the name."""

    only: Manifest

    def manifest(self, name: str) -> Manifest:
        """The one."""
        return self.only


def store_in(folder: Path) -> sessionmaker[Session]:
    """An empty SQLite store."""
    engine = make_engine(f"sqlite:///{folder / 'spojka.db'}")
    Base.metadata.create_all(engine, tables=[Base.metadata.tables[name] for name in TABLES])
    return make_sessions(engine)


def ways(
    url: str,
    sessions: sessionmaker[Session],
    clock: Clock,
    manifest: Manifest | None = None,
    redis: Redis | None = None,
    holder: str = "somewhere",
    tally: Tally | None = None,
) -> Ways:
    """Ways to a vendor at `url`."""
    settings = Settings(base_urls={"ACME_BASE_URL": url})
    return Ways(
        settings, clock, MiddleDice(), sessions, Manifests(manifest or a_manifest()), redis, holder, ThreadCrew(), tally
    )
