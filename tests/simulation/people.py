"""What people do on both sides; each deed is one save, and says in the log what was done."""

from collections.abc import Sequence
from random import Random
from typing import Any

from plugins.ecomail.sandbox.store import COMPLAINED, HARD_BOUNCE, SUBSCRIBED, UNSUBSCRIBED
from tests.simulation.ledger import Card, Ledger, Moment, Record, moment, place_of
from tests.simulation.tiny import COLUMNS, TinyEmulator
from tests.simulation.world import Town

ADDRESSES = tuple(f"p{number}@firma.cz" for number in range(20))
PERSON_COLUMNS = {"name": "firstName", "surname": "lastName", "phone": "tel1", "city": "city"}
COMPANY_COLUMNS = {"company": "name", "phone": "tel1", "city": "city"}
NEVER_EMPTY = ("surname", "company")
NEAR = 0.8
"""How often people who have to do with some addresses choose one of them."""
CRM_TAGS = ("klient", "vip", "veletrh")


class People:
    """Everybody who works in the CRMs and in the list. A deed that can't be done is left, and says nothing."""

    def __init__(self, town: Town, dice: Random, ledger: Ledger) -> None:
        self.town, self.dice, self.ledger = town, dice, ledger
        self.count = 0
        self.near: list[str] = []
        """Addresses that people have to do with now, more often than with others."""
        self.now = moment(town)

    def settle_in(self) -> None:
        """Records on both sides of the town, a third of the addresses shared, and some who are in the lists already."""
        for email in ADDRESSES[:12]:
            self._add("raynet", email)
        for email in ADDRESSES[6:8]:
            self._add("raynet", email)
        self._company(ADDRESSES[13])
        self._company(ADDRESSES[4])
        for email in ADDRESSES[8:18]:
            self._add("tiny", email)
        for email in (*ADDRESSES[2:5], *ADDRESSES[16:20]):
            self._add("tiny2", email)
        for email in (ADDRESSES[1], ADDRESSES[9], ADDRESSES[12]):
            self.town.house.member(email, name=self.value("name"), phone=self.value("phone"), tags=[self.hand_tag()])
        self._noted()

    def act(self, deeds: Sequence[str]) -> bool:
        """One of these deeds, by chance; False where nobody could do it."""
        words = getattr(self, self.dice.choice(deeds))()
        if words:
            self.town.say(words)
        self._noted()
        return bool(words)

    def _noted(self) -> None:
        before, self.now = self.now, moment(self.town)
        self.ledger.people(before, self.now, self.town.now)

    def see(self) -> tuple[Moment, Moment]:
        """What both sides said before the engine worked, and say now."""
        before, self.now = self.now, moment(self.town)
        return before, self.now

    def value(self, key: str) -> str:
        """Something that nobody typed before."""
        self.count += 1
        words = {"name": "Jan", "surname": "Nová", "city": "Město", "company": "Firma"}
        return f"+4206{self.count:08d}" if key == "phone" else f"{words[key]} {self.count}"

    def hand_tag(self) -> str:
        """A tag that only hands give."""
        return f"ruka {self.dice.randrange(6)}"

    def crm_field(self) -> str:
        """Somebody edits a field of a record."""
        record = self._any_record()
        card = self.now.records[record]
        key = self.dice.choice(sorted(card.fields))
        value = self._wanted(key, [self.now.contacts[each] for each in card.addresses if each in self.now.contacts])
        self._edit(record, {key: value})
        return f"{place_of(record)} {key} := {value!r}"

    def list_field(self) -> str:
        """Somebody edits a field of a profile."""
        email = self._any_contact()
        if not email:
            return ""
        key = self.dice.choice(("name", "surname", "phone", "city"))
        value = self._wanted(key, [card for card in self.now.records.values() if email in card.addresses])
        said: dict[str, Any] = {key: value}
        self.town.house.ecomail.edit_contact(email, **said)
        return f"{email} {key} := {value!r}"

    def _wanted(self, key: str, others: Sequence[Any]) -> str:
        chance = self.dice.random()
        if chance < 0.12 and key not in NEVER_EMPTY:
            return ""
        known = [other.fields[key] for other in others if other.fields.get(key)]
        return self.dice.choice(known) if known and chance > 0.9 else self.value(key)

    def _any_record(self, crm: str = "") -> Record:
        of_crm = [record for record in self.now.records if not crm or record[0] == crm]
        near = [record for record in of_crm if set(self.near) & set(self.now.records[record].addresses)]
        return self.dice.choice(near if near and self.dice.random() < NEAR else of_crm)

    def _any_contact(self) -> str:
        near = [email for email in self.near if email in self.now.contacts]
        if near and self.dice.random() < NEAR:
            return self.dice.choice(near)
        return self.dice.choice(sorted(self.now.contacts)) if self.now.contacts else ""

    def _tiny(self, name: str) -> TinyEmulator:
        return self.town.tiny if name == "tiny" else self.town.other_tiny

    def _edit(self, record: Record, said: dict[str, str]) -> None:
        crm, kind, number = record
        if crm != "raynet":
            self._tiny(crm).edit(number, **{COLUMNS[key]: value for key, value in said.items()})
        elif kind == "person":
            self.town.house.raynet.edit_person(number, **{PERSON_COLUMNS[key]: value for key, value in said.items()})
        else:
            self.town.house.raynet.edit_company(number, **{COMPANY_COLUMNS[key]: value for key, value in said.items()})

    def _mail(self, record: Record, emails: tuple[str, str]) -> None:
        crm, kind, number = record
        said = {"email": emails[0], "email2": emails[1]}
        if crm != "raynet":
            self._tiny(crm).edit(number, **said)
        elif kind == "person":
            self.town.house.raynet.edit_person(number, **said)
        else:
            self.town.house.raynet.edit_company(number, **said)

    def _add(self, crm: str, email: str, second: str = "") -> Record:
        said = {key: self.value(key) for key in ("name", "surname", "phone", "city")}
        tags = self.dice.sample(CRM_TAGS, self.dice.randrange(3))
        if crm == "raynet":
            columns = {PERSON_COLUMNS[key]: value for key, value in said.items()}
            made = self.town.house.raynet.add_person(email=email, email2=second, tags=tags, **columns)
        else:
            made = self._tiny(crm).add(
                email=email, email2=second, labels=tags, **{COLUMNS[key]: value for key, value in said.items()}
            )
        return crm, "person", made

    def _company(self, email: str) -> Record:
        columns = {COMPANY_COLUMNS[key]: self.value(key) for key in COMPANY_COLUMNS}
        return "raynet", "company", self.town.house.raynet.add_company(email=email, **columns)

    def crm_add(self) -> str:
        """A new record, on an address that may be somebody's."""
        crm = self.dice.choice(("raynet", "raynet", "tiny", "tiny", "tiny2", "company"))
        email = self.dice.choice(ADDRESSES)
        second = self.dice.choice((*ADDRESSES, "", "", "")) if self.dice.random() < 0.3 else ""
        record = self._company(email) if crm == "company" else self._add(crm, email, second)
        return f"{place_of(record)} is new on {email} {second}"

    def crm_move(self) -> str:
        """A record's address changes, or goes."""
        record = self._any_record()
        emails = (self.dice.choice((*ADDRESSES, "")), self.now.records[record].emails[1])
        self._mail(record, emails)
        return f"{place_of(record)} moves to {emails}"

    def crm_second(self) -> str:
        """A record's second address changes, or goes."""
        record = self._any_record()
        second = self.dice.choice((*ADDRESSES, "", "", ""))
        emails = (self.now.records[record].emails[0], second)
        self._mail(record, emails)
        return f"{place_of(record)} has now {emails}"

    def crm_turn(self) -> str:
        """The two addresses of a record change places."""
        record = self._any_record()
        emails = self.now.records[record].emails[::-1]
        self._mail(record, (emails[0], emails[1]))
        return f"{place_of(record)} turns to {emails}"

    def crm_swap(self) -> str:
        """Two records of a CRM swap their addresses."""
        one = self._any_record()
        other = self._any_record(one[0])
        cards = self.now.records[one], self.now.records[other]
        self._mail(one, cards[1].emails)
        self._mail(other, cards[0].emails)
        return f"{place_of(one)} and {place_of(other)} swap addresses"

    def crm_delete(self) -> str:
        """A record is deleted."""
        record = self._any_record()
        if len(self.now.records) < 24:
            return ""
        self._delete(record)
        return f"{place_of(record)} is deleted"

    def _delete(self, record: Record) -> None:
        crm, kind, number = record
        if crm != "raynet":
            self._tiny(crm).delete(number)
        elif kind == "person":
            self.town.house.raynet.delete_person(number)
        else:
            self.town.house.raynet.delete_company(number)

    def crm_merge(self) -> str:
        """A person is merged into another one of the same CRM."""
        one = self._any_record()
        other = self._any_record(one[0])
        if one == other or "company" in (one[1], other[1]) or len(self.now.records) < 24:
            return ""
        if one[0] == "raynet":
            self.town.house.raynet.merge_person(one[2], other[2])
        else:
            self._merge(one, self.now.records[one], self.now.records[other])
            self._delete(other)
        return f"{place_of(other)} is merged into {place_of(one)}"

    def _merge(self, record: Record, into: Card, gone: Card) -> None:
        self._edit(record, {key: value or gone.fields[key] for key, value in into.fields.items()})
        emails = list(dict.fromkeys((*into.addresses, *gone.addresses)))
        self._mail(record, (emails[0] if emails else "", emails[1] if len(emails) > 1 else ""))

    def crm_flag(self) -> str:
        """The do-not-send flag is set or goes."""
        record = self._any_record()
        mailable = not self.now.records[record].mailable
        if record[0] == "raynet" and record[1] == "person":
            self.town.house.raynet.edit_person(record[2], doNotSendMM=not mailable)
        elif record[0] == "raynet":
            self.town.house.raynet.edit_company(record[2], doNotSendMM=not mailable)
        else:
            self._tiny(record[0]).edit(record[2], no_mail=not mailable)
        return f"{place_of(record)} may {'' if mailable else 'not '}be written to"

    def crm_invalid(self) -> str:
        """A record becomes invalid, or valid again."""
        record = self._any_record()
        invalid, (crm, kind, number) = self.now.records[record].usual, record
        if crm != "raynet":
            self._tiny(crm).edit(number, archived=invalid)
        elif kind == "person":
            self.town.house.raynet.invalidate_person(number, invalid=invalid)
        else:
            self.town.house.raynet.invalidate_company(number, invalid=invalid)
        return f"{place_of(record)} is {'in' if invalid else ''}valid"

    def crm_tag(self) -> str:
        """The tags of a record change."""
        record = self._any_record()
        tags = self.dice.sample(CRM_TAGS, self.dice.randrange(3))
        if record[0] != "raynet":
            self._tiny(record[0]).edit(record[2], labels=tags)
        elif record[1] == "person":
            self.town.house.raynet.edit_person(record[2], tags=tags)
        else:
            self.town.house.raynet.edit_company(record[2], tags=tags)
        return f"{place_of(record)} is tagged {tags}"

    def list_tag(self) -> str:
        """Somebody gives a profile a tag."""
        email, tag = self._any_contact(), self.hand_tag()
        if not email or tag in self.now.contacts[email].tags:
            return ""
        self.town.house.ecomail.add_tag(email, tag)
        return f"{email} is given the tag {tag!r}"

    def list_untag(self) -> str:
        """Somebody takes a tag away from a profile, one that a hand gave."""
        email = self._any_contact()
        tags = sorted(self.ledger.hand_tags.get(email, ())) if email else []
        if not tags:
            return ""
        tag = self.dice.choice(tags)
        self.town.house.ecomail.remove_tag(email, tag)
        return f"{email} loses the tag {tag!r}"

    def list_status(self) -> str:
        """Somebody leaves, bounces, complains, or comes back by own hand."""
        email = self._any_contact()
        if not email or not self.now.contacts[email].lists:
            return ""
        number = self.dice.choice(sorted(self.now.contacts[email].lists))
        status = self.dice.choice((UNSUBSCRIBED, UNSUBSCRIBED, UNSUBSCRIBED, HARD_BOUNCE, COMPLAINED, SUBSCRIBED))
        if self.now.contacts[email].lists[number][0] == status:
            return ""
        self.town.house.ecomail.set_status(number, email, status)
        return f"{email} in list {number} has now status {status}"

    def list_delete(self) -> str:
        """A profile is deleted from the account."""
        email = self._any_contact()
        if not email:
            return ""
        self.town.house.ecomail.delete_contact(email)
        return f"{email} is deleted from the account"

    def list_anew(self) -> str:
        """A profile is deleted and made anew."""
        email = self._any_contact()
        if not email:
            return ""
        self.town.house.ecomail.delete_contact(email)
        return f"{email} is deleted; {self._member(email)}"

    def list_add(self) -> str:
        """Somebody puts an address into a list by hand, or subscribes there."""
        email = self.dice.choice(ADDRESSES)
        return self._member(email) if email not in self.now.contacts else ""

    def _member(self, email: str) -> str:
        said = {key: self.value(key) for key in ("name", "phone") if self.dice.random() < 0.7}
        number, status = self.dice.choice((1, 1, 2)), self.dice.choice((SUBSCRIBED, SUBSCRIBED, UNSUBSCRIBED))
        self.town.house.member(email, status, number, tags=[self.hand_tag()], **said)
        return f"{email} is put into list {number} with status {status}: {said}"


DELETIONS = ("list_delete", "list_anew")
EDITS = ("crm_field", "list_field")
DEEDS = (
    *(EDITS * 6),
    *("crm_add", "crm_move", "crm_second", "crm_turn", "crm_swap", "crm_delete", "crm_merge"),
    *("crm_flag", "crm_invalid", "crm_tag", "crm_tag"),
    *("list_tag", "list_tag", "list_untag", "list_status", "list_delete", "list_anew", "list_add"),
)
