"""What the account knows: contacts shared by all lists, and one membership per list they are in.

Everything is found by a key; a page of a list costs the page, not the list.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

SUBSCRIBED, UNSUBSCRIBED, SOFT_BOUNCE, HARD_BOUNCE, COMPLAINED, UNCONFIRMED = range(1, 7)
LABELS: Mapping[int, str] = {
    SUBSCRIBED: "subscribed",
    UNSUBSCRIBED: "unsubscribed",
    SOFT_BOUNCE: "bounced",
    HARD_BOUNCE: "bounced",
    COMPLAINED: "complained",
    UNCONFIRMED: "not_confirmed",
}
PRAGUE = ZoneInfo("Europe/Prague")
State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment in the two forms the vendor uses: UTC with microseconds, and zoneless Prague time."""

    utc: str
    local: str

    @classmethod
    def of(cls, now: datetime) -> "Moment":
        """Both forms of an aware datetime."""
        utc = now.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return cls(utc, now.astimezone(PRAGUE).strftime("%Y-%m-%d %H:%M:%S"))


@dataclass(slots=True, eq=False)
class Person:
    """A contact of the account. `values` holds the basic fields that have a value."""

    id: int
    key: str
    email: str
    inserted_at: str
    values: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    source: str | None = None
    memberships: dict[int, "Member"] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Member:
    """A contact in one list. `row` keeps the bytes of its row in a page until something changes."""

    id: int
    list_id: int
    person: Person
    status: int
    subscribed_at: str
    source: str
    unsubscribed_at: str | None = None
    custom: dict[str, str] = field(default_factory=dict)
    groups: dict[str, list[str]] | None = None
    history: tuple[State, ...] = ()
    row: bytes | None = None


@dataclass(slots=True)
class ContactList:
    """One list: `fields` maps a custom field's key to its type and label; `more` are settings without effect here."""

    id: int
    name: str
    created: str
    double_optin: bool = False
    webhook: str = ""
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: dict[str, State] = field(default_factory=dict)
    segments: dict[str, State] = field(default_factory=dict)
    more: State = field(default_factory=dict)

    def learn(self, key: str, kind: str | None) -> None:
        """Create the field unless it is there; its type never changes."""
        if key not in self.fields:
            self.fields[key] = {"type": kind or "string", "name": key}


class Store:
    """Contacts and memberships, with an ordered index per list and status.

    `shape` says by which settings the rendered rows were made.
    """

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.members: dict[int, Member] = {}
        self.next_person = 1
        self.next_member = 1
        self.shape: tuple[Any, ...] = ()
        self._order: dict[tuple[int, str], list[int]] = {}
        self._counts: dict[tuple[int, int], int] = {}

    def person(self, email: str) -> Person | None:
        """The contact with this address, whatever its case."""
        return self.people.get(email.strip().lower())

    def member(self, list_id: int, email: str) -> Member | None:
        """The contact's membership of one list."""
        person = self.person(email)
        return person.memberships.get(list_id) if person else None

    def add(self, email: str, local: str) -> Person:
        """A new contact, in no list yet."""
        person = Person(self.next_person, email.strip().lower(), email.strip(), local)
        self.next_person += 1
        self.people[person.key] = person
        return person

    def join(self, person: Person, list_id: int, status: int, utc: str, source: str) -> Member:
        """A new membership. Being put in as somebody who left counts as leaving now."""
        member = Member(self.next_member, list_id, person, status, utc, source)
        member.unsubscribed_at = utc if status == UNSUBSCRIBED else None
        self.next_member += 1
        person.memberships[list_id] = member
        self._file(member)
        return member

    def set_status(self, member: Member, status: int, utc: str, source: str) -> None:
        """Move a membership to another status, with its dates and its history."""
        if member.status == status:
            return
        moved = {"date": utc, "source": source, "status_new": status, "status_old": member.status}
        member.history = (*member.history, moved)
        self._unfile(member)
        if status == SUBSCRIBED:
            member.subscribed_at, member.unsubscribed_at = utc, None
        if status == UNSUBSCRIBED:
            member.unsubscribed_at = utc
        member.status = status
        self._file(member)

    def touch(self, person: Person) -> None:
        """Forget the rendered rows: something of the contact changed."""
        for member in person.memberships.values():
            member.row = None

    def remove(self, key: str) -> None:
        """Delete a contact from the account and all its lists."""
        person = self.people.pop(key, None)
        for member in person.memberships.values() if person else ():
            self._unfile(member)
            del self.members[member.id]

    def page(self, list_id: int, label: str, offset: int, count: int, newest_first: bool = False) -> list[Member]:
        """Memberships under one status filter, in the order in which they began to exist."""
        ids = self._order.get((list_id, label), [])
        if newest_first:
            end = len(ids) - offset
            return [self.members[number] for number in reversed(ids[max(end - count, 0) : max(end, 0)])]
        return [self.members[number] for number in ids[offset : offset + count]]

    def total(self, list_id: int, label: str) -> int:
        """How many memberships a status filter finds."""
        return len(self._order.get((list_id, label), ()))

    def count(self, list_id: int, status: int) -> int:
        """How many memberships have exactly this status."""
        return self._counts.get((list_id, status), 0)

    def members_of(self, list_id: int) -> Iterator[Member]:
        """All memberships of a list, whatever their status, oldest first."""
        labels = sorted(set(LABELS.values()))
        ids = sorted(number for label in labels for number in self._order.get((list_id, label), ()))
        return (self.members[number] for number in ids)

    def state_of(self, key: str) -> State | None:
        """One contact with its memberships, as JSON; None where there is no such contact."""
        person = self.people.get(key)
        if person is None:
            return None
        return {
            "id": person.id,
            "email": person.email,
            "inserted_at": person.inserted_at,
            "values": dict(person.values),
            "tags": list(person.tags),
            "source": person.source,
            "lists": [_member_state(member) for member in person.memberships.values()],
        }

    def put(self, key: str, state: State | None) -> None:
        """Make one contact what `state_of` said; None removes it."""
        self.remove(key)
        if state is None:
            return
        person = Person(state["id"], key, state["email"], state["inserted_at"], dict(state["values"]))
        person.tags, person.source = tuple(state["tags"]), state["source"]
        self.people[key] = person
        for each in state["lists"]:
            member = _member_from(person, each)
            person.memberships[member.list_id] = member
            self.next_member = max(self.next_member, member.id + 1)
            self._file(member)
        self.next_person = max(self.next_person, person.id + 1)

    def dump(self) -> list[State]:
        """Every contact as JSON, in the order of coming."""
        keys = sorted(self.people, key=lambda key: self.people[key].id)
        return [{"key": key, **(self.state_of(key) or {})} for key in keys]

    def load(self, states: Sequence[State]) -> None:
        """Take what `dump` gave."""
        for state in states:
            self.put(state["key"], state)

    def _file(self, member: Member) -> None:
        self.members[member.id] = member
        insort(self._order.setdefault((member.list_id, LABELS[member.status]), []), member.id)
        count = (member.list_id, member.status)
        self._counts[count] = self._counts.get(count, 0) + 1

    def _unfile(self, member: Member) -> None:
        ids = self._order[(member.list_id, LABELS[member.status])]
        del ids[bisect_left(ids, member.id)]
        self._counts[(member.list_id, member.status)] -= 1


def _member_state(member: Member) -> State:
    return {
        "id": member.id,
        "list_id": member.list_id,
        "status": member.status,
        "subscribed_at": member.subscribed_at,
        "unsubscribed_at": member.unsubscribed_at,
        "source": member.source,
        "custom": dict(member.custom),
        "groups": {name: list(chosen) for name, chosen in member.groups.items()} if member.groups else None,
        "history": list(member.history),
    }


def _member_from(person: Person, state: State) -> Member:
    return Member(
        id=state["id"],
        list_id=state["list_id"],
        person=person,
        status=state["status"],
        subscribed_at=state["subscribed_at"],
        source=state["source"],
        unsubscribed_at=state["unsubscribed_at"],
        custom=dict(state["custom"]),
        groups=state["groups"],
        history=tuple(state["history"]),
    )
