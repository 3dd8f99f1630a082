"""The simulated world: the real engine, its vendors' emulators, and chance that a seed decides, in one process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from core import connecting, schema
from core.engine import answering, waiting
from core.jobs.scheduler import PRUNE_EVERY, tidy
from core.outgoing.vault import FernetVault
from core.ports import World
from core.real import NoCrash
from core.registry.loading import Registry
from core.settings import Settings
from core.store import questions
from core.store.base import look, make_engine, make_sessions
from plugins import ecomail, raynet
from plugins.ecomail.sandbox import EcomailEmulator
from plugins.raynet import bells
from plugins.raynet.sandbox import RaynetEmulator, demo
from tests.simulation.tiny import KEY, Tiny, TinyEmulator
from tests.simulation.watching import watched
from tests.support.admin_house import Rings
from tests.support.clock import VirtualClock
from tests.support.crew import OnePair
from tests.support.direct import Roads
from tests.support.statements import Notes, Points
from tests.support.stores import hasty_engine
from tests.support.worlds import CRM, KEYS, MAIL, TASKS, House

T = TypeVar("T")
RINGS_AT_MOST = 300
"""Rings in a row after which the engine is said not to come to rest."""
LISTS = ("Klienti", "Partneři")


class Restless(AssertionError):
    """The engine rings and rings, though no time passes."""


class Died(BaseException):
    """The process ends here."""


class Mortal(Points):
    """Points of a process that may die: once dead, it passes none, so that it gives nothing back either."""

    dead = False

    def point(self, name: str) -> None:
        """See `core.ports.Crash`."""
        if self.dead:
            raise Died(name)
        super().point(name)


class SeededIds:
    """Names that are the same for the same seed."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def new(self) -> str:
        """See `core.ports.Ids`."""
        return f"{self._dice.getrandbits(128):032x}"


class SeededDice:
    """Jitter that is the same for the same seed."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def between(self, low: float, high: float) -> float:
        """See `core.ports.Dice`."""
        return self._dice.uniform(low, high)


class OneAfterAnother(OnePair):
    """A crew without threads: what others do at once is done in the order in which it was asked for."""

    def each(self, calls: Sequence[Callable[[], T]], at_once: int) -> list[T]:
        """See `core.ports.Crew`."""
        return [call() for call in calls]


@dataclass
class Town:
    """Both sides, the engine between them, and the log of all that happened.

    `first`, `second` fill one list from different CRMs; `third` fills another list of the same account.
    """

    house: House
    tiny: TinyEmulator
    other_tiny: TinyEmulator
    sins: list[str]
    """What was committed under lost leases."""
    log: list[str] = field(default_factory=list)
    first: int = 0
    second: int = 0
    third: int = 0
    lives: int = 1
    tidy_at: datetime = datetime.min.replace(tzinfo=UTC)
    forgets: str = ""
    """What the list does not store during the next piece of work: `ignore_rows`, `stores_nothing`, or nothing."""

    @property
    def mortal(self) -> Mortal:
        """Where the process may die."""
        assert isinstance(self.house.points, Mortal)
        return self.house.points

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.house.clock.now()

    def say(self, words: str) -> None:
        """One more line of the log."""
        self.log.append(f"{self.now:%Y-%m-%d %H:%M:%S} {words}")

    def open(self, **settings: Any) -> None:
        """Make the three connections; their first runs are queued."""
        self.first = self._connect("raynet", "1", {**CRM, **settings})
        self.second = self._connect("tiny", "1", {"api_key": KEY, **settings})
        self.third = self._connect("tiny2", "2", {"api_key": KEY, **settings})

    def _connect(self, plugin: str, contact_list: str, settings: dict[str, Any]) -> int:
        made = connecting.create(
            self.house.world,
            plugin=plugin,
            audience="ecomail",
            contact_list=contact_list,
            settings=settings,
            audience_settings=MAIL,
            paused=False,
            test=True,
            by="test",
        )
        return made.id

    @property
    def connections(self) -> tuple[int, int, int]:
        """All of them."""
        return self.first, self.second, self.third

    def work(self, world: World | None = None) -> int:
        """Everything that is due now is worked off; how many rings it took. Raises Restless, Died."""
        self._forget(self.forgets)
        try:
            return self._work(world or self.house.world)
        finally:
            self._forget("")

    def _forget(self, what: str) -> None:
        self.house.ecomail.switch(stores_nothing=what == "stores_nothing", ignore_rows=int(what == "ignore_rows"))
        self.forgets = ""

    def _work(self, world: World) -> int:
        heard = 0
        if self.now >= self.tidy_at:
            self.tidy_at = self.now + PRUNE_EVERY
            tidy(world)
        while rings := look(world.sessions, lambda session: waiting.rings(world, session)):
            for _, task, key in rings:
                TASKS[task](world, key)
            heard += len(rings)
            if heard > RINGS_AT_MOST:
                raise Restless(", ".join(f"{task} {key}" for _, task, key in rings))
        world.crash.point("scheduler.ticked")
        return heard

    def beside(self) -> int:
        """Another process works off what is due, while this one is held back."""
        return self._work(replace(self.house.world, holder="beside", crash=NoCrash()))

    def answer(self, choose: Callable[[], bool]) -> None:
        """Somebody answers every question that is open."""
        asked = look(self.house.world.sessions, lambda session: [row.id for row in questions.open_ones(session)])
        for number in asked:
            yes = choose()
            answering.answer(self.house.world, number, yes=yes)
            self.say(f"question {number} is answered with {'yes' if yes else 'no'}")

    def bells(self) -> list[dict[str, Any]]:
        """Events that Raynet would send now; they are taken from its queue."""
        found = [event for hook in self.house.raynet.webhooks.all.values() for event in hook.waiting]
        for hook in self.house.raynet.webhooks.all.values():
            hook.waiting.clear()
        return found

    def ring(self, event: dict[str, Any]) -> None:
        """A bell arrives."""
        rings = [(ring.kind.value, int(ring.id or 0), ring.gone) for ring in bells.rings(event)]
        if rings:
            self.house.ring(self.first, *rings)

    def reborn(self) -> None:
        """The process is gone with all that it knew; another one opens the same database. Its leases stay taken."""
        self.house.world.engine.dispose()
        self.lives += 1
        self.house.world = replace(_same(self.house, self.tiny, self.other_tiny), holder=f"life {self.lives}")


@contextmanager
def a_town(seed: int, start: datetime) -> Iterator[Town]:
    """A town of its own, with empty tables and nobody in it."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "spojka.db").write_bytes(_tables())
        clock = VirtualClock(start)
        crm, mail = demo(0, 0, clock.now), EcomailEmulator(clock.now)
        mail.switch(per_minute=0)
        for name in LISTS:
            mail.account.add_list(name)
        tiny, other = TinyEmulator(clock.now), TinyEmulator(clock.now)
        notes = Notes()
        roads = _roads(clock, crm, mail, tiny, other)
        world = _world(_settings(home), clock, roads, Mortal(notes), Random(f"engine {seed}"))
        points = world.crash
        assert isinstance(points, Mortal)
        house = House(world, clock, crm, mail, notes, points, roads, Rings())
        try:
            with watched() as sins:
                yield Town(house, tiny, other, sins)
        finally:
            house.world.engine.dispose()


def _roads(
    clock: VirtualClock, crm: RaynetEmulator, mail: EcomailEmulator, tiny: TinyEmulator, other: TinyEmulator
) -> Roads:
    allowance = raynet.describe().limits.allowance
    vendors = {
        "raynet": (crm, "/api/v2", allowance),
        "ecomail": (mail, "", None),
        "tiny": (tiny, "/v1", None),
        "tiny2": (other, "/v1", None),
    }
    return Roads(clock, vendors)


def _world(settings: Settings, clock: VirtualClock, roads: Roads, points: Mortal, dice: Random) -> World:
    engine = hasty_engine(settings.database_url)
    return World(
        settings=settings,
        clock=clock,
        ids=SeededIds(dice),
        dice=SeededDice(dice),
        crew=OneAfterAnother(),
        wake=Rings(),
        crash=points,
        engine=engine,
        sessions=make_sessions(engine),
        registry=_registry(),
        outgoing=roads,
        vault=FernetVault(KEYS),
        holder="life 1",
    )


def _same(house: House, tiny: TinyEmulator, other: TinyEmulator) -> World:
    """What a new process makes of the same settings; only chance goes on where it was."""
    before = house.world
    house.roads = _roads(house.clock, house.raynet, house.ecomail, tiny, other)
    assert isinstance(house.points, Mortal)
    house.points.at.clear()
    house.points.dead = False
    fresh = _world(before.settings, house.clock, house.roads, house.points, Random(0))
    return replace(fresh, ids=before.ids, dice=before.dice)


def _registry() -> Registry:
    registry = Registry()
    registry.add("raynet", raynet)
    registry.add("ecomail", ecomail)
    registry.add("tiny", Tiny("tiny"))
    registry.add("tiny2", Tiny("tiny2"))
    return registry


def _settings(home: Path) -> Settings:
    return Settings(
        home=home,
        database_url=f"sqlite:///{home / 'spojka.db'}",
        redis_url="memory://",
        secret_key="0123456789abcdef0123456789abcdef",
        encryption_keys=KEYS,
        public_url="https://spojka.firma.cz",
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
        path = Path(folder) / "template.db"
        engine = make_engine(f"sqlite:///{path}")
        schema.upgrade(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
            connection.exec_driver_sql("BEGIN")
        engine.dispose()
        return path.read_bytes()
