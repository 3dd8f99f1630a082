"""What the engine needs of the world, as ports, so that time, chance and death can be directed by a test."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from core.errors import Stopping
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

    def begin(self, call: Callable[[], T]) -> Future[T]:
        """Begin one call beside what goes on. Nobody has to wait for it, the end of the process neither."""
        ...


class Hand(Protocol):
    """Another process of this machine in our service. It does one thing after the other, and ends with us."""

    def ask(self, call: Callable[..., T], *given: Any) -> Future[T]:
        """Begin `call(its world, *given)`, a function of a module; all of it travels. BrokenExecutor: it died."""
        ...

    def close(self) -> None:
        """Let it go once it has ended what it has in hand."""
        ...


class Hands(Protocol):
    """Where other processes are hired."""

    def hire(self) -> Hand | None:
        """One of them, which then begins to start; None where none is to be had, or one of ours has died."""
        ...


class NoHands:
    """A process that works alone."""

    def hire(self) -> Hand | None:
        """Nobody."""
        return None


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

    def each(self, calls: Sequence[Callable[[], T]]) -> Sequence[T]:
        """See `spojka.Http.each`."""
        ...


class Quota(Protocol):
    """What a vendor last said of a day's allowance of requests."""

    @property
    def limit(self) -> int:
        """Requests a day."""
        ...

    @property
    def remaining(self) -> int:
        """Requests left of today's."""
        ...

    @property
    def reset(self) -> datetime:
        """When a new day begins."""
        ...


class Outgoing(Protocol):
    """Opens ways out: within limits, guarded, without a trace of secrets."""

    def open(self, plugin: str, account: str, *, lane: str, testing: bool = False) -> Counted:
        """A way to `plugin`'s vendor for one vendor account (seats and allowance are shared by its name, R90).

        `lane` is `live`, `bulk`, `morning`; `testing` marks a person's connection test (R91's limit of refused logins).
        """
        ...

    def allowance(self, plugin: str, account: str) -> Quota | None:
        """What is known of an account's allowance today; None before the first answer that says it."""
        ...

    def close(self) -> None:
        """Give back everything that is shared with other processes. Nothing may be sent afterwards."""
        ...


class Vault(Protocol):
    """Credentials at rest."""

    def seal(self, secrets: dict[str, str]) -> str:
        """Encrypt with the newest key."""
        ...

    def open(self, sealed: str) -> dict[str, str]:
        """Decrypt with whichever key fits."""
        ...


class Tally(Protocol):
    """Counts that operators read, over all processes (`docs/operations.md` names them). Losing some is no harm."""

    def add(self, name: str, *labels: str, by: int = 1) -> None:
        """Count; `labels` in the order in which the metric names them, never personal."""
        ...

    def flush(self) -> None:
        """Tell the others what was counted here since the last time."""
        ...


class NoTally:
    """Nobody reads the counts."""

    def add(self, name: str, *labels: str, by: int = 1) -> None:
        """Nothing happens."""

    def flush(self) -> None:
        """Nothing happens."""


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
    halt: Event = field(default_factory=Event)
    """Set where this process was asked to stop: what is in hand is finished, nothing more begun."""
    tally: Tally = field(default_factory=NoTally)
    hands: Hands = field(default_factory=NoHands)

    def go_on(self) -> None:
        """A place where nothing is in hand. Raises Stopping where this process was asked to stop."""
        if self.halt.is_set():
            raise Stopping
