"""What must never happen while the engine works, and what must be true once all is quiet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.base import look
from core.store.bindings import BindingRow
from core.store.connections import ConnectionRow, ConnectionState
from core.store.due import DueRow
from core.store.mirror import ProfileRow, SubscriberRow
from core.store.outbox import OutboxRow
from plugins.ecomail.sandbox.store import SUBSCRIBED
from tests.simulation.ledger import FIELDS, Contact, Ledger, Moment, Record, Typed, place_of
from tests.simulation.world import Town

CRMS = ("raynet", "tiny", "tiny2")
"""The plugins of the town's connections, in their order; each gives a tag of that name."""
_RULING = select(SubscriberRow.email, SubscriberRow.ruling).order_by(SubscriberRow.email)
_PAUSED = select(ConnectionRow.id).where(ConnectionRow.state == ConnectionState.PAUSED.value)
_UIDS = select(ProfileRow.list_id, ProfileRow.email, ProfileRow.agreed_uid)
LISTED = timedelta(minutes=16)
"""After that a pass has said what the list says, and a reading what a CRM says."""
Tied = tuple[int, str, Record]
"""(list, address, record)."""


class Broken(AssertionError):
    """Something happened that never may."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A binding as the database has it."""

    open: bool
    why: str
    origin: str


@dataclass
class Judge:
    """Looks at each piece of the engine's work, and at the end."""

    town: Town
    ledger: Ledger
    troubled: bool = False
    """Whether vendors, processes and answers fail."""
    ties: dict[Tied, Tie] = field(default_factory=dict)
    met: dict[tuple[str, Record, str], int] = field(default_factory=dict)
    """(profile, record, field) -> how much was typed when both last said the same or were taken as they stood."""
    known: set[tuple[int, str]] = field(default_factory=set)
    """(list, address) that a binding was open for."""
    deleted: set[tuple[int, str]] = field(default_factory=set)
    """Those of them that people deleted."""
    rulers: dict[str, Record] = field(default_factory=dict)
    """Address -> the record that rules the fields that the account shares."""
    wrote: dict[tuple[str, str], tuple[str, str, datetime]] = field(default_factory=dict)
    """(place, field) -> what the engine's last write overwrote, what it wrote, and when."""
    works: list[datetime] = field(default_factory=list)
    """When the engine worked."""
    uids: dict[tuple[int, str], str] = field(default_factory=dict)
    """(list, address) -> the contact that the engine's snapshots belong to."""
    reasons: dict[Tied, set[str]] = field(default_factory=dict)
    """What could justify the end of each open binding, since it was opened."""

    def people(self, before: Moment, after: Moment) -> None:
        """People acted between these moments."""
        for email in before.contacts.keys() - after.contacts.keys():
            self.deleted |= {(number, email) for number in (1, 2) if (number, email) in self.known}
        for email, contact in after.contacts.items():
            if email in before.contacts and contact.id != before.contacts[email].id:
                self.deleted |= {(number, email) for number in (1, 2) if (number, email) in self.known}
            self.deleted -= {(number, email) for number in contact.lists}
        self._excuse(after)

    def engine(self, before: Moment, after: Moment) -> None:
        """Only the engine acted between these moments. Raises Broken."""
        ties = self._read()
        complaints = [
            *self._values(before, after),
            *self._overwritten(before, after, ties),
            *self._contacts(before, after),
            *self._adopted(before, after, ties),
            *self._closed(after, ties),
            *self._rests(before, after),
            *self.town.sins,
        ]
        if complaints:
            raise Broken("\n".join(complaints))
        was = {(place, key): value for place, key, value in before.said()}
        for place, key, value in after.said():
            if was.get((place, key), "") != value:
                self.wrote[place, key] = (was.get((place, key), ""), value, self.town.now)
        self._remember(after, ties)

    def _read(self) -> dict[Tied, Tie]:
        names = dict(zip(self.town.connections, CRMS, strict=True))

        def find(session: Session) -> dict[Tied, Tie]:
            return {
                (row.list_id, row.email, (names[row.connection_id], row.kind, int(row.record_id))): Tie(
                    row.state == "open", row.why, row.origin
                )
                for row in session.scalars(select(BindingRow).order_by(BindingRow.id))
            }

        return look(self.town.house.world.sessions, find)

    def _rule(self, ties: dict[Tied, Tie]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        names = dict(zip(self.town.connections, CRMS, strict=True))
        people = look(self.town.house.world.sessions, lambda session: session.execute(_RULING).all())
        for email, ruling in people:
            mine = [tied[2] for tied, tie in ties.items() if tie.open and tied[1] == email]
            mine = [record for record in mine if record[0] == names.get(ruling or 0)]
            if mine:
                found[email] = min(mine, key=lambda record: (record[1] != "person", record[2]))
        return found

    def _values(self, before: Moment, after: Moment) -> Iterator[str]:
        was = {(place, key): value for place, key, value in before.said()}
        for place, key, value in after.said():
            if not value or was.get((place, key)) == value:
                continue
            self.town.say(f"  engine: {place} {key} {was.get((place, key), '')!r} -> {value!r}")
            near = self.ledger.near(place)
            if not any(typed.place in near for typed in self.ledger.of_value.get((key, value), ())):
                yield f"{place}: {key} is {value!r}, which nobody typed there or near it."

    def _overwritten(self, before: Moment, after: Moment, ties: dict[Tied, Tie]) -> Iterator[str]:
        """What a person typed last gives way only to what was typed later, or since both sides last met (R24)."""
        was = {(place, key): value for place, key, value in before.said()}
        for place, key, value in after.said():
            last, old = self.ledger.last.get((place, key)), was.get((place, key))
            if old is None or old == value or last is None or last.value != old:
                continue
            if self._unconfirmed(place, key, last, value):
                continue
            near = self.ledger.near(place) - {place}
            typed = [one for one in self.ledger.of_value.get((key, value), ()) if one.place in near]
            number = max((one.number for one in typed), default=-1)
            if number > last.number or self._conflict(place, key, number) or self._comes(before, after, place, ties):
                continue
            yield f"{place}: {key} {old!r} was typed last, and gave way to the older {value!r}."

    def _unconfirmed(self, place: str, key: str, last: Typed, value: str) -> bool:
        """Whether a person went back behind our last write before a reading can have shown it: that is no edit (R29).

        Where vendors fail, nobody can say when one did.
        """
        was, wrote, at = self.wrote.get((place, key), ("", None, last.at))
        if value != wrote or last.value not in ("", was):
            return False
        shown = [moment for moment in self.works if at + LISTED < moment <= last.at]
        return self.troubled or not shown

    def _conflict(self, place: str, key: str, number: int) -> bool:
        return any(
            mark <= number
            for (email, record, name), mark in self.met.items()
            if name == key and place in (email, place_of(record))
        )

    def _comes(self, before: Moment, after: Moment, place: str, ties: dict[Tied, Tie]) -> bool:
        """Whether a record was tied to this profile only now, or it joined another list (R7, R17)."""
        if place not in after.contacts:
            return False
        lists = before.contacts[place].lists if place in before.contacts else {}
        return lists.keys() != after.contacts[place].lists.keys() or any(
            tied[1] == place and tie.open and self._opened(tied) for tied, tie in ties.items()
        )

    def _opened(self, tied: Tied) -> bool:
        return tied not in self.ties or not self.ties[tied].open

    def _contacts(self, before: Moment, after: Moment) -> Iterator[str]:
        for email in sorted(before.contacts.keys() - after.contacts.keys()):
            yield f"{email}: the engine deleted it from the account."
        for email, contact in after.contacts.items():
            was = before.contacts.get(email, Contact(0, {}, (), {}))
            lost = self.ledger.hand_tags.get(email, set()) - set(contact.tags)
            if lost:
                yield f"{email}: the tags {sorted(lost)}, given by hand, are gone."
            yield from self._memberships(email, was, contact)
            if set(was.tags) != set(contact.tags):
                self.town.say(f"  engine: {email} tags {sorted(was.tags)} -> {sorted(contact.tags)}")

    def _memberships(self, email: str, was: Contact, now: Contact) -> Iterator[str]:
        for number, (status, _) in now.lists.items():
            former = was.lists.get(number, (0, 0))[0]
            if former == status:
                continue
            self.town.say(f"  engine: {email} in list {number}: status {former} -> {status}")
            if status == SUBSCRIBED and former:
                yield f"{email}: left list {number} and is subscribed again."
            if not former and (number, email) in self.deleted:
                yield f"{email}: somebody deleted it from list {number}, and it is there again."

    def _adopted(self, before: Moment, after: Moment, ties: dict[Tied, Tie]) -> Iterator[str]:
        seen = {(number, email) for number, email, _ in self.ties}
        new = {tied[:2] for tied, tie in ties.items() if tied not in self.ties and tie.origin == "adopted"}
        for number, email in sorted(new - seen):
            was, now = before.contacts.get(email), after.contacts.get(email)
            if was is None or now is None or number not in was.lists:
                continue
            if set(was.tags) - set(now.tags) or set(now.tags) - set(was.tags) - set(CRMS):
                yield f"{email}: adopted, and its tags went from {was.tags} to {now.tags}."
            if any(was.fields[key] != now.fields[key] for key in FIELDS) and self._alone(ties, email):
                yield f"{email}: adopted, and its fields went from {was.fields} to {now.fields}."

    def _alone(self, ties: dict[Tied, Tie], email: str) -> bool:
        """Whether no other list of the account, which shares the fields, had it tied before."""
        return not any(tied[1] == email for tied in self.ties)

    def _rests(self, before: Moment, after: Moment) -> Iterator[str]:
        """Nothing is written for a paused connection: neither its records nor the fields that they rule (R82).

        Another list's connection that takes the contact in fills what is empty (R17).
        """
        paused = look(self.town.house.world.sessions, lambda session: set(session.scalars(_PAUSED)))
        names = {name for number, name in zip(self.town.connections, CRMS, strict=True) if number in paused}
        for record, card in after.records.items():
            was = before.records.get(record)
            if record[0] in names and was is not None and was.fields != card.fields:
                yield f"{place_of(record)} was written, though its connection is paused."
        for email, record in self.rulers.items():
            one, other = before.contacts.get(email), after.contacts.get(email)
            if record[0] in names and one is not None and other is not None and _overwritten(one, other):
                yield f"{email} was written, though the connection of {place_of(record)}, which rules it, is paused."

    def _excuse(self, now: Moment) -> None:
        for (number, email, record), tie in self.ties.items():
            if tie.open:
                found = set(_reasons(now, number, email, record))
                self.reasons.setdefault((number, email, record), set()).update(found)

    def _closed(self, after: Moment, ties: dict[Tied, Tie]) -> Iterator[str]:
        for tied, tie in ties.items():
            before = self.ties.get(tied)
            if tie.open or (before is not None and not before.open):
                continue
            self.town.say(f"  engine: {tied[1]} in list {tied[0]} is untied from {place_of(tied[2])}: {tie.why}")
            found = self.reasons.get(tied, set()) | set(_reasons(after, *tied))
            if before is not None and tie.why not in found:
                yield f"{tied[1]}: the binding of {place_of(tied[2])} closed as {tie.why}; there was {sorted(found)}."

    def _remember(self, after: Moment, ties: dict[Tied, Tie]) -> None:
        typed, rulers = len(self.ledger.typed), self._rule(ties)
        rows = look(self.town.house.world.sessions, lambda session: session.execute(_UIDS).all())
        uids = {(number, email): uid for number, email, uid in rows}
        for tied, tie in ties.items():
            number, email, record = tied
            if not tie.open:
                self.reasons.pop(tied, None)
                continue
            self.known.add((number, email))
            stands = self._opened(tied) or (record == rulers.get(email) != self.rulers.get(email))
            stands = stands or uids.get((number, email)) != self.uids.get((number, email))
            contact, card = after.contacts.get(email), after.records.get(record)
            if contact is None or card is None:
                continue
            for key, value in card.fields.items():
                if stands or contact.fields[key] == value:
                    self.met[email, record, key] = typed
        self.works.append(self.town.now)
        self.ties, self.rulers, self.uids = ties, rulers, uids
        self._excuse(after)


def _reasons(now: Moment, number: int, email: str, record: Record) -> Iterator[str]:
    """Why a binding may end, as things stand."""
    card = now.records.get(record)
    if card is None:
        yield "gone"
    elif not card.usual:
        yield "invalid_record"
        # Some instances don't list invalid records, so that they are seen as gone.
        yield "gone"
    elif email not in card.addresses:
        yield "email_changed"
    elif email != card.emails[0]:
        yield from ("slot_off", "email_changed")
    if any(email in each.addresses and not each.mailable and each.usual for each in now.records.values()):
        yield "do_not_send"
    if email not in now.contacts or number not in now.contacts[email].lists:
        yield "deleted_from_list"


def _overwritten(before: Contact, after: Contact) -> bool:
    joined = set(before.lists) != set(after.lists)
    return any(
        value != before.fields[key] and (before.fields[key] or not joined) for key, value in after.fields.items()
    )


def differences(judge: Judge, now: Moment) -> list[str]:
    """Two-way fields that differ in ruled pairs, though somebody edited one since both were taken as they stood."""
    found = []
    excused = look(judge.town.house.world.sessions, _excused)
    for _, email, record in (tied for tied, tie in judge.ties.items() if tie.open):
        if record not in now.records and (email, FIELDS[0]) not in excused:
            found.append(f"{email} is tied to {place_of(record)}, which is gone.")
    for email, record in judge.rulers.items():
        if record not in now.records or email not in now.contacts:
            continue
        for key, value in now.records[record].fields.items():
            other, place = now.contacts[email].fields[key], place_of(record)
            edits = [judge.ledger.last.get((each, key)) for each in (place, email)]
            since = judge.met.get((email, record, key), 0)
            edited = any(typed is not None and typed.number >= since for typed in edits)
            if value != other and edited and (email, key) not in excused:
                found.append(f"{email}: {key} is {other!r} in the list, and {value!r} in {place}, which rules.")
    return found


def _excused(session: Session) -> set[tuple[str, str]]:
    """(address, field) of edits that failed or wait for a person, and all fields of addresses that do."""
    rows = session.scalars(select(OutboxRow).where(OutboxRow.state.in_(("failed", "asks", "discarded")))).all()
    due = session.scalars(select(DueRow).where((DueRow.parked != "") | (DueRow.waits != ""))).all()
    found = {(row.email, row.payload["field"]) for row in rows if row.kind == "field"}
    return found | {(row.email, key) for row in due for key in FIELDS}
