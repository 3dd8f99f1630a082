"""What the engine needs of the world, as ports, so that time, chance and death can be directed by a test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from spojka import Answer, Request

if TYPE_CHECKING:
    from core.registry.loading import Registry
    from core.settings import Settings

T = TypeVar("T")


class Clock(Protocol):
    """The time, and waiting for it."""

    def now(self) -> datetime:
        """The moment, aware, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Ids(Protocol):
    """Where names come from that must not repeat."""

    def new(self) -> str:
        """A fresh one, 32 hexadecimal digits."""
        ...


class Dice(Protocol):
    """Chance, for jitter alone."""

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        ...


class Crew(Protocol):
    """Hands that work at the same time."""

    def each(self, calls: Sequence[Callable[[], T]], at_once: int) -> list[T]:
        """Results in the order of `calls`; the first error is raised after all have ended."""
        ...


class Wake(Protocol):
    """The messenger. A ring may be lost, doubled or late; what is to be done stands in the database."""

    def ring(self, queue: str, task: str, key: int) -> None:
        """Ask a worker to look. `task` is a name in `core.jobs.tasks`."""
        ...


class Crash(Protocol):
    """Named points at which a test may kill the process."""

    def point(self, name: str) -> None:
        """Pass a point; nothing happens in production."""
        ...


class Counted(Protocol):
    """A plugin's way out (`spojka.Http`) that also counts what it sent."""

    requests: int

    def send(self, request: Request) -> Answer:
        """See `spojka.Http.send`."""
        ...


class Outgoing(Protocol):
    """Opens ways out: within limits, guarded, without a trace of secrets."""

    def open(self, plugin: str, account: str, *, lane: str, testing: bool = False) -> Counted:
        """A way to `plugin`'s vendor for one vendor account (seats and allowance are shared by its name, R90).

        `lane` is `live`, `bulk`, `morning`; `testing` marks a person's connection test (R91's limit of refused logins).
        """
        ...


class Vault(Protocol):
    """Credentials at rest."""

    def seal(self, secrets: dict[str, str]) -> str:
        """Encrypt with the newest key."""
        ...

    def open(self, sealed: str) -> dict[str, str]:
        """Decrypt with whichever key fits."""
        ...


class Gauge(Protocol):
    """Asks a person who watches whether progress shall be shown; does nothing where nobody does."""

    def show(self, progress: dict[str, Any]) -> None:
        """Progress of a run, after each commit."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """All ports of one process, built once in `core.world`, handed down as first argument."""

    settings: "Settings"
    clock: Clock
    ids: Ids
    dice: Dice
    crew: Crew
    wake: Wake
    crash: Crash
    engine: Engine
    sessions: sessionmaker[Session]
    registry: "Registry"
    outgoing: Outgoing
    vault: Vault
    holder: str = field(default="")
    """Names this process as a holder of leases: host, boot, pid, start (a dead holder's leases are taken at once)."""
