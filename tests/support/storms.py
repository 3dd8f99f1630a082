"""What people do in a CRM minute by minute, and what becomes of the bells that it rings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from plugins.raynet import bells
from tests.support.worlds import House, Member

PEOPLE = 8
BELLS = 12
"""For so many bells of a minute a fate is drawn."""
NAMES = ("Jan", "Eva", "Ota", "Iva", "Žofie")
DEEDS = ("name", "phone", "move", "delete", "merge", "invalid", "flag", "add")


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed of a minute: what is done to which of the people, and with which of the values."""

    what: str
    value: int


@dataclass(frozen=True, slots=True)
class Minute:
    """The deeds of one minute, at most one for each of the people, and the fate of each bell: how often it arrives.

    `order` is drawn for each bell; they arrive sorted by it.
    """

    deeds: tuple[tuple[int, Deed], ...]
    times: tuple[int, ...]
    order: tuple[int, ...]


def minutes() -> st.SearchStrategy[list[Minute]]:
    """Some minutes in a CRM."""
    deed = st.builds(Deed, st.sampled_from(DEEDS), st.integers(0, len(NAMES) - 1))
    deeds = st.dictionaries(st.integers(0, PEOPLE - 1), deed, min_size=1, max_size=4)
    fates = st.lists(st.integers(0, 2), min_size=BELLS, max_size=BELLS).map(tuple)
    orders = st.lists(st.integers(0, 99), min_size=BELLS, max_size=BELLS).map(tuple)
    return st.lists(st.builds(lambda d, t, o: Minute(tuple(sorted(d.items())), t, o), deeds, fates, orders), max_size=5)


class Storm:
    """A house with some people in it whose CRM rings."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.people: dict[int, int] = {
            number: house.person(f"p{number}@firma.cz", firstName="Jan", lastName=f"Nová {number}")
            for number in range(PEOPLE)
        }
        self.gone: set[int] = set()
        house.raynet.webhooks.register({"url": "http://spojka.test/hooks/x", "events": list(bells.GONE)})
        self.connection = house.connect()
        house.sync(self.connection)
        house.hear()

    def pass_by(self, minute: Minute, *, disturbed: bool) -> None:
        """One minute: deeds, bells as fate has it, and at its end the minute's reading."""
        for number, deed in minute.deeds:
            if number not in self.gone:
                self._do(number, deed)
        self._ring(minute, disturbed=disturbed)
        self.house.clock.advance(61)
        self.house.hear()

    def _do(self, number: int, deed: Deed) -> None:
        crm, person, value = self.house.raynet, self.people[number], deed.value
        if deed.what == "name":
            crm.edit_person(person, firstName=NAMES[value])
        elif deed.what == "phone":
            crm.edit_person(person, tel1=f"+420 60{value}")
        elif deed.what == "move":
            crm.edit_person(person, email=f"p{number}.{value}@jinde.cz")
        elif deed.what == "flag":
            crm.edit_person(person, doNotSendMM=bool(value % 2))
        elif deed.what == "invalid":
            crm.invalidate_person(person, invalid=bool(value % 2))
        elif deed.what == "add":
            self.house.person(f"novy{number}.{value}@firma.cz", firstName=NAMES[value])
        elif deed.what == "delete":
            self.gone.add(number)
            crm.delete_person(person)
        else:
            self._merge(number, value)

    def _merge(self, number: int, value: int) -> None:
        """Into a neighbour whom nobody else touches this minute."""
        other = self.house.person("", firstName=NAMES[value], lastName="Sloučená")
        self.gone.add(number)
        self.house.raynet.merge_person(other, self.people[number])

    def _ring(self, minute: Minute, *, disturbed: bool) -> None:
        (hook,) = self.house.raynet.webhooks.all.values()
        events: Sequence[dict[str, Any]] = list(hook.waiting)
        hook.waiting.clear()
        if disturbed:
            places = sorted(range(len(events)), key=lambda at: minute.order[at % BELLS])
            events = [events[at] for at in places for _ in range(minute.times[at % BELLS])]
        for event in events:
            rings = [(ring.kind.value, int(ring.id or 0), ring.gone) for ring in bells.rings(event)]
            if rings:
                self.house.ring(self.connection, *rings)
            if disturbed:
                self.house.live(self.connection)
        self.house.live(self.connection)

    def at_the_end(self) -> dict[str, Member]:
        """The list after a night: deletions whose bells were lost are found then (R73)."""
        self.house.clock.advance(24 * 3600)
        self.house.hear()
        self.house.clock.advance(180)
        self.house.hear()
        return self.house.the_list()
