"""What everybody says at one moment, and who typed what: the memory by which the end is judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from plugins.raynet.sandbox.store import Rec, primary_address
from tests.simulation.tiny import COLUMNS, TinyEmulator
from tests.simulation.world import Town

Record = tuple[str, str, int]
"""(CRM, kind, id)."""
FIELDS = ("name", "surname", "phone", "city", "company")
OWN = frozenset({1, 12})
"""The instance's own company and the user behind the key: nobody touches them."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a record says. `usual`: neither invalid nor archived."""

    fields: Mapping[str, str]
    emails: tuple[str, str]
    tags: tuple[str, ...]
    usual: bool
    mailable: bool

    @property
    def addresses(self) -> tuple[str, ...]:
        """Those there are, each once."""
        return tuple(dict.fromkeys(email for email in self.emails if email))


@dataclass(frozen=True, slots=True)
class Contact:
    """What the list's account says of an address: `lists` holds status and id of each membership.

    `id` tells one made anew from the one before.
    """

    id: int
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    lists: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that both sides say."""

    records: Mapping[Record, Card]
    contacts: Mapping[str, Contact]

    def said(self) -> Iterator[tuple[str, str, str]]:
        """(place, field, value) of everything."""
        for record, card in self.records.items():
            for key, value in card.fields.items():
                yield place_of(record), key, value
        for email, contact in self.contacts.items():
            for key, value in contact.fields.items():
                yield email, key, value


def place_of(record: Record) -> str:
    """How a record is called in logs and in the ledger; a profile is called by its address."""
    return "/".join(map(str, record))


def moment(town: Town) -> Moment:
    """What both sides say now."""
    records: dict[Record, Card] = {}
    store = town.house.raynet.store
    for person in store.persons:
        if person["id"] not in OWN:
            records["raynet", "person", person["id"]] = _person(person)
    for company in store.companies:
        if company["id"] not in OWN:
            records["raynet", "company", company["id"]] = _company(company)
    for name, crm in (("tiny", town.tiny), ("tiny2", town.other_tiny)):
        records |= _tiny(name, crm)
    contacts = {
        person.email: Contact(
            person.id,
            {key: _plain(key, person.values.get(key, "")) for key in FIELDS},
            person.tags,
            {number: (member.status, member.id) for number, member in sorted(person.memberships.items())},
        )
        for person in town.house.ecomail.account.store.people.values()
    }
    return Moment(dict(sorted(records.items())), dict(sorted(contacts.items())))


def _plain(key: str, value: str) -> str:
    """A value in the form in which it is compared; some vendors write spaces into numbers."""
    return value.replace(" ", "") if key == "phone" else value


def _person(raw: Rec) -> Card:
    info, place = raw.get("contactInfo") or {}, raw.get("privateAddress") or {}
    said = {"name": raw.get("firstName"), "surname": raw.get("lastName"), "phone": info.get("tel1")}
    return _card({**said, "city": place.get("city")}, raw, info)


def _company(raw: Rec) -> Card:
    primary = primary_address(raw)
    info, place = primary.get("contactInfo") or {}, primary.get("address") or {}
    return _card({"company": raw.get("name"), "phone": info.get("tel1"), "city": place.get("city")}, raw, info)


def _card(said: Mapping[str, str | None], raw: Rec, info: Rec) -> Card:
    return Card(
        {key: _plain(key, value or "") for key, value in said.items()},
        (info.get("email") or "", info.get("email2") or ""),
        tuple(raw.get("tags") or ()),
        raw.get("rowAccess") != "INVALID",
        not info.get("doNotSendMM"),
    )


def _tiny(name: str, crm: TinyEmulator) -> dict[Record, Card]:
    return {
        (name, "person", number): Card(
            {key: _plain(key, raw.get(column, "")) for key, column in COLUMNS.items()},
            (raw.get("email", ""), raw.get("email2", "")),
            tuple(raw.get("labels", ())),
            not raw.get("archived"),
            not raw.get("no_mail"),
        )
        for number, raw in crm.people.items()
    }


@dataclass(frozen=True, slots=True)
class Typed:
    """A person typed a value."""

    number: int
    place: str
    field: str
    value: str
    at: datetime


@dataclass
class Ledger:
    """Who typed what, which record ever stood on which address, which tags hands gave, and who ended what."""

    typed: list[Typed] = field(default_factory=list)
    of_value: dict[tuple[str, str], list[Typed]] = field(default_factory=dict)
    last: dict[tuple[str, str], Typed] = field(default_factory=dict)
    stood: dict[str, set[str]] = field(default_factory=dict)
    hand_tags: dict[str, set[str]] = field(default_factory=dict)
    left: set[tuple[int, str]] = field(default_factory=set)

    def people(self, before: Moment, after: Moment, at: datetime) -> None:
        """Between these moments only people acted: whatever differs was typed."""
        gone = {email for email in before.contacts if not _same(before, after, email)}
        for place, key in [each for each in self.last if each[0] in gone]:
            del self.last[place, key]
        known = {(place, key): value for place, key, value in before.said() if place not in gone}
        for place, key, value in after.said():
            # A field that a new record or profile does not fill was not typed.
            if known.get((place, key), "") != value:
                self._type(place, key, value, at)
        self._stand(after)
        self._tags(before, after)
        self._leave(after)

    def _type(self, place: str, key: str, value: str, at: datetime) -> None:
        made = Typed(len(self.typed), place, key, value, at)
        self.typed.append(made)
        self.of_value.setdefault((key, value), []).append(made)
        self.last[place, key] = made

    def _stand(self, after: Moment) -> None:
        for record, card in after.records.items():
            for email in card.addresses:
                self.stood.setdefault(place_of(record), set()).add(email)
                self.stood.setdefault(email, set()).add(place_of(record))

    def _tags(self, before: Moment, after: Moment) -> None:
        for email in before.contacts:
            if not _same(before, after, email):
                self.hand_tags.pop(email, None)
        for email, contact in after.contacts.items():
            was = set(before.contacts[email].tags) if _same(before, after, email) else set()
            given = self.hand_tags.setdefault(email, set())
            given |= set(contact.tags) - was
            given &= set(contact.tags)

    def _leave(self, after: Moment) -> None:
        for email, contact in after.contacts.items():
            for number, (status, _) in contact.lists.items():
                here = (number, email)
                if status == 1:
                    self.left.discard(here)
                else:
                    self.left.add(here)

    def near(self, place: str) -> set[str]:
        """Places from which a value may have come to this one: a record's addresses; an address's records, theirs."""
        found = {place, *self.stood.get(place, ())}
        if "@" in place:
            found |= {email for record in self.stood.get(place, ()) for email in self.stood[record]}
        return found


def _same(before: Moment, after: Moment, email: str) -> bool:
    """Whether the contact of an address was there at both moments, and is the same."""
    one, other = before.contacts.get(email), after.contacts.get(email)
    return one is not None and other is not None and one.id == other.id
