"""What goes wrong: bells, answers, vendors, processes, time. Each trouble says in the log what it did."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import orjson

from core import connecting
from core.engine.crash import DOORS, LOST, POINTS
from core.engine.leasing import LEASE_SECONDS
from core.store.base import look
from core.store.connections import ConnectionRow, ConnectionState
from spojka.emulator import Emulator, Fault
from tests.simulation.tiny import KEY
from tests.simulation.world import Died, Town
from tests.support.worlds import CRM

DEADLY = tuple(point for point in POINTS if point not in (*DOORS, *LOST, "scheduler.ticked"))
HELD = (
    "page.read",
    "page.mapped",
    "pass.read",
    "due.looked",
    "note.after_commit",
    "list.before_call",
    "crm.before_call",
)
"""Points at which a process may be held back while others go on."""
READS, WRITES = ("GET",), ("POST", "PUT", "DELETE")
JSON = {"Content-Type": "application/json"}
NOTHING = {
    "raynet": {"success": True, "totalCount": 0, "data": []},
    "tiny": {"people": [], "total": 0, "before": 0},
    "ecomail": {"current_page": 1, "last_page": 1, "per_page": 4000, "total": 0, "data": []},
}
"""An answer that says: there is nobody."""
EMPTY_PATHS = {"raynet": "/api/v2/person/", "tiny": "/v1/people", "ecomail": "/lists/1/subscribers"}
HABITS: tuple[dict[str, Any], ...] = (
    {},
    {"tags": "merge"},
    {"custom_fields": "replace"},
    {"empty_fields": "text"},
    {"phone_format": "spaces"},
    {"source_lands": "contact"},
    {"order": "newest_first"},
    {"page_fields": "all"},
    {"tags_in_pages": False},
)
"""Ways in which the list's vendor may be, one for each town; `{}` is how it is documented."""
CRM_HABITS: tuple[dict[str, Any], ...] = (
    {},
    {"contact_info": "replace"},
    {"id_filter": False},
    {"webhooks_come_twice": True},
    {"invalid_in_lists": False},
    {"unsorted": "shuffled"},
)
LATEST = 3600


@dataclass
class Trouble:
    """Everything that may go wrong in a town, by chance."""

    town: Town
    dice: Random
    counts: Counter[str] = field(default_factory=Counter)
    late: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    beside: Callable[[], None] = lambda: None
    """What goes on while a process is held back."""

    def settle_in(self) -> None:
        """How the vendors of this town are."""
        habit, crm = self.dice.choice(HABITS), self.dice.choice(CRM_HABITS)
        self.town.house.ecomail.switch(**habit)
        self.town.house.raynet.switch(**crm)
        self.town.say(f"the vendors' habits: {habit} {crm}")

    def strike(self) -> None:
        """One trouble."""
        acts: tuple[Callable[[], str], ...] = (
            *(self._answer, self._answer, self._answer, self._nobody, self._down, self._refused),
            *(self._death, self._death, self._held, self._held, self._frozen),
            *(self._pause, self._pause, self._forgotten, self._person),
        )
        act = self.dice.choice(acts)
        if words := act():
            self.counts[f"fault {act.__name__[1:]}"] += 1
            self.town.say(f"! {words}")

    @property
    def vendors(self) -> tuple[Emulator, ...]:
        """All four."""
        house = self.town.house
        return house.raynet, house.ecomail, self.town.tiny, self.town.other_tiny

    def _answer(self) -> str:
        """Answers are lost, calls dropped, or refused in a vendor's bad moment."""
        vendor, kind = self.dice.choice(self.vendors), self.dice.choice(("lose", "drop", "status", "status"))
        method = self.dice.choice((*READS, *WRITES))
        status = self.dice.choice((503, 502, 429, 500)) if kind == "status" else 503
        times, skip = self.dice.randrange(1, 4), self.dice.randrange(3)
        vendor.fail(Fault(kind, method, times=times, status=status, skip=skip))
        return f"{vendor.name}: {kind} {status if kind == 'status' else ''} {method}, {times} times, after {skip}"

    def _nobody(self) -> str:
        """A vendor answers in its own form that there is nobody, or that something is not there."""
        vendor = self.dice.choice(self.vendors)
        name, times, skip = vendor.name, self.dice.randrange(1, 4), self.dice.randrange(3)
        if self.dice.random() < 0.5:
            vendor.fail(Fault("status", "GET", status=404, times=times, skip=skip))
            return f"{name}: something is not there"
        body = orjson.dumps(NOTHING[name])
        vendor.fail(Fault("status", "GET", EMPTY_PATHS[name], times, 200, body, JSON, skip=skip))
        return f"{name}: there is nobody"

    def _death(self) -> str:
        """The process will end at a named point."""
        point, passing = self.dice.choice(DEADLY), self.dice.choice((1, 1, 1, 2, 3))
        self.town.mortal.once(point, self._die(point), passing)
        return f"the process is going to die at {point}, passing {passing}"

    def _die(self, point: str) -> Callable[[], None]:
        def die() -> None:
            self.counts[f"point {point}"] += 1
            self.town.say(f"! the process dies at {point}")
            self.town.mortal.dead = True
            raise Died(point)

        return die

    def _held(self) -> str:
        """A process is held back at a point, and others work meanwhile."""
        point = self.dice.choice(HELD)
        self.town.mortal.once(point, self._beside(point, lost=False))
        return f"the process will be held back at {point}"

    def _frozen(self) -> str:
        """A process freezes for so long that its leases run out, and then goes on."""
        point = self.dice.choice(HELD)
        self.town.mortal.once(point, self._beside(point, lost=True))
        return f"the process will freeze at {point}"

    def _beside(self, point: str, *, lost: bool) -> Callable[[], None]:
        def go_on() -> None:
            self.counts[f"{'frozen' if lost else 'held'} at {point}"] += 1
            self.town.say(f"! the process {'freezes' if lost else 'is held back'} at {point}")
            if lost:
                self.town.house.clock.advance(LEASE_SECONDS + 1)
                self.town.house.bury()
            self.beside()
            self.town.say("! the process goes on")

        return go_on

    def _pause(self) -> str:
        """A connection is paused, or resumed."""
        number = self.dice.choice(self.town.connections)
        if self.state(number) == ConnectionState.PAUSED:
            connecting.resume(self.town.house.world, number)
            return f"connection {number} is resumed"
        if self.state(number) == ConnectionState.RUNNING and self.dice.random() < 0.6:
            connecting.pause(self.town.house.world, number)
            return f"connection {number} is paused"
        return ""

    def _down(self) -> str:
        """A vendor is down, or back again."""
        vendor = self.dice.choice(self.vendors)
        if vendor.faults:
            vendor.faults.clear()
            return f"{vendor.name} is well again"
        vendor.fail(Fault("status", times=self.dice.randrange(10, 60)))
        return f"{vendor.name} is down"

    def _forgotten(self) -> str:
        """The list confirms what it does not store, in the next piece of work."""
        self.town.forgets = self.dice.choice(("ignore_rows", "stores_nothing"))
        return f"the list will not store: {self.town.forgets}"

    def _refused(self) -> str:
        """A vendor refuses the credentials once; whoever looks after that enters them again."""
        for number, plugin in zip(self.town.connections, ("raynet", "tiny", "tiny2"), strict=True):
            if self.state(number) == ConnectionState.REFUSED:
                self._enter(number, plugin)
                return f"the credentials of connection {number} are entered again"
        vendor = self.dice.choice(self.vendors)
        vendor.fail(Fault("status", status=401, body=b'{"error":"no"}', headers=JSON))
        return f"{vendor.name} will refuse the credentials"

    def _enter(self, number: int, plugin: str) -> None:
        key = CRM["api_key"] if plugin == "raynet" else KEY
        connecting.change(self.town.house.world, number, {"api_key": key, "audience.api_key": "test-key"})

    def _person(self) -> str:
        """Somebody answers the open questions."""
        self.town.answer(lambda: self.dice.random() < 0.7)
        return ""

    def state(self, number: int) -> str:
        """How a connection stands."""
        found = look(self.town.house.world.sessions, lambda session: session.get_one(ConnectionRow, number).state)
        return str(found)

    def bells(self) -> None:
        """Raynet's bells come as fate has it: once, twice, late or never, in any order."""
        now = self.town.now.timestamp()
        due = [event for at, event in self.late if at <= now]
        self.late = [(at, event) for at, event in self.late if at > now]
        for event in self.town.bells():
            fate = self.dice.choice(("once", "once", "once", "twice", "late", "never"))
            self.counts[f"bell {fate}"] += 1
            due += [event] * {"once": 1, "twice": 2}.get(fate, 0)
            if fate == "late":
                self.late.append((now + self.dice.randrange(LATEST), event))
        for event in self.dice.sample(due, len(due)):
            self.town.ring(event)

    def heal(self) -> None:
        """The vendors are well, everything that waited arrives, and all connections work."""
        self.town.mortal.at.clear()
        self.town.forgets = ""
        for vendor in self.vendors:
            vendor.faults.clear()
        for _, event in self.late:
            self.town.ring(event)
        self.late.clear()
        for number, plugin in zip(self.town.connections, ("raynet", "tiny", "tiny2"), strict=True):
            if self.state(number) == ConnectionState.REFUSED:
                self._enter(number, plugin)
            elif self.state(number) == ConnectionState.PAUSED:
                connecting.resume(self.town.house.world, number)
        self.town.house.bury()
        self.town.say("all troubles are over")
