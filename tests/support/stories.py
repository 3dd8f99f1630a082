"""Stories for the properties: a CRM and a list in agreement or not, and what people then do on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from core.decide.facts import Missing, Policy, Seen, Terms
from spojka import Kind, Limits, Standing, Status
from tests.support.builders import FIELDS, OWNER, a_policy
from tests.support.tiny import CrmRecord, Fate, Tiny

EMAILS = tuple(f"{name}@firma.cz" for name in ("ada", "bob", "cyr", "dan"))
IDS = ((1, Kind.PERSON, "1"), (1, Kind.PERSON, "2"), (1, Kind.COMPANY, "3"), (2, Kind.PERSON, "4"))
SHARED = frozenset({"name", "surname", "phone", "gender", "zip", "company"})
KEYS = ("name", "phone", "gender", "zip", OWNER)
CHAOS = (*Fate, Fate.APPLIED, Fate.APPLIED)
SLOTS = (("",), *((email,) for email in EMAILS), *((one, two) for one in EMAILS for two in (*EMAILS, "")))
CRM_VALUES = ("", "c1", "c2", "c3", "same")
LIST_VALUES = ("", "l1", "l2", "same")
TAGS = ((), ("klient",), ("klient", "vip"))
HAND_TAGS = ((), ("vip",), ("ručně",))
IN_CRM = ("field", "field", "field", "emails", "swap", "gone", "standing", "flag", "tag")
IN_LIST = ("field", "field", "field", "tag", "unsubscribe", "delete", "anew")


@dataclass(slots=True)
class Story:
    """A tiny world with what people typed in it, so that the end can be told from the beginning."""

    world: Tiny
    dice: Random
    typed: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    hand_tags: dict[str, set[str]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def fields(self, values: tuple[str, ...]) -> dict[str, str]:
        """All mapped fields; most are filled in by chance."""
        return {**dict.fromkeys(FIELDS, ""), **{key: self.dice.choice(values) for key in KEYS}}

    def note_crm(self) -> None:
        """Whatever a record says counts as typed for each of its addresses."""
        for record in self.world.crm.values():
            for email in record.emails:
                self.note(email, record.fields)

    def note(self, email: str, values: Mapping[str, str]) -> None:
        """These values were typed by somebody for this address."""
        for key, value in values.items():
            self.typed.setdefault((email, key), {""}).add(value)

    def fate(self, _: str) -> Fate:
        """Any end a call may take."""
        fate: Fate = self.dice.choice(CHAOS)
        return fate

    def chaos(self, rounds: int, *, busy: bool = False) -> None:
        """Runs in any order, of which any part succeeds; at the end whatever was late has arrived.

        What was late arrives after the run that came next. `busy`: people go on working between the runs.
        """
        for _ in range(rounds):
            self.world.round(self.fate, lambda found: self.dice.sample(found, len(found)))
            self.world.arrive(before=self.world.rounds)
            if busy:
                self.people(3)
        self.world.round(self.fate)
        self.world.arrive()

    def people(self, steps: int) -> None:
        """People work on both sides, and the settings stay."""
        self.world.now += timedelta(minutes=30)
        for _ in range(steps):
            self.dice.choice((self.edit_crm, self.edit_list))()
            self.note_crm()

    def edit_crm(self) -> None:
        """One save of a record in the CRM, or its end."""
        where, kind, id = self.dice.choice(IDS)
        record = self.world.crm.get((where, kind.value, id)) or new_record(self, where, kind, id)
        step = self.dice.choice(IN_CRM)
        if step == "field":
            record.fields = {**record.fields, self.dice.choice(KEYS): self.dice.choice(CRM_VALUES)}
        elif step == "emails":
            record.emails = self.dice.choice(SLOTS)
        elif step == "swap":
            record.emails = record.emails[::-1]
        elif step == "gone":
            self.world.crm.pop(record.key, None)
        elif step == "standing":
            record.standing = self.dice.choice((Standing.USUAL, Standing.INVALID, Standing.COLLEAGUE))
        elif step == "flag":
            record.mailable = not record.mailable
        else:
            record.tags = self.dice.choice(TAGS)

    def edit_list(self) -> None:
        """One thing that a person does to a profile."""
        email = self.dice.choice(EMAILS)
        held = self.world.list.get(email)
        self.touched.add(email)
        if held is None:
            put_profile(self, email, self.fields(LIST_VALUES), self.dice.choice(HAND_TAGS))
            return
        step = self.dice.choice(IN_LIST)
        if step == "field":
            key, value = self.dice.choice(KEYS), self.dice.choice(LIST_VALUES)
            self.note(email, {key: value})
            self.world.list[email] = replace(held, fields={**held.fields, key: value})
        elif step == "tag":
            self.hand_tags.setdefault(email, set()).add("ručně")
            self.world.list[email] = replace(held, tags=tuple(dict.fromkeys((*(held.tags or ()), "ručně"))))
        elif step == "unsubscribe":
            self.world.list[email] = replace(held, status=Status.UNSUBSCRIBED)
        else:
            self._deleted(email, anew=step == "anew")

    def _deleted(self, email: str, *, anew: bool) -> None:
        self.world.list.pop(email)
        self.hand_tags.pop(email, None)
        self.deleted.add(email)
        if anew:
            put_profile(self, email, dict.fromkeys(FIELDS, ""), ())


def new_record(story: Story, connection: int, kind: Kind, id: str) -> CrmRecord:
    """A record that nobody had yet."""
    dice = story.dice
    record = CrmRecord(connection, kind, id, dice.choice(SLOTS), story.fields(CRM_VALUES), dice.choice(TAGS))
    story.world.crm[record.key] = record
    story.note_crm()
    return record


def put_profile(story: Story, email: str, said: Mapping[str, str], hand: tuple[str, ...]) -> None:
    """A profile that a person made, or that was there."""
    story.world.list[email] = story.world.new_profile(said, tags=hand, sources=("form",))
    story.hand_tags.setdefault(email, set()).update(hand)
    story.note(email, said)
    story.deleted.discard(email)


def a_story(dice: Random) -> Story:
    """A CRM and a list: some addresses only here, some only there, some in both; shared ones; any status."""
    audience = dice.choice((Terms(Limits()), Terms(Limits(), frozenset({"zip"}), SHARED, True)))
    settings = (_settings(dice, 1, "raynet"), _settings(dice, 2, dice.choice(("raynet", "pipedrive"))))
    story = Story(Tiny(settings, audience, replaces_tags=dice.random() < 0.5), dice)
    for where, kind, id in IDS:
        if dice.random() < 0.75:
            new_record(story, where, kind, id)
    for email in EMAILS:
        chance = dice.random()
        if chance < 0.4:
            _put(story, email)
        elif chance < 0.55 and audience.shared_tags:
            story.world.elsewhere[email] = _elsewhere(story, email)
    return story


def _settings(dice: Random, connection: int, tag: str) -> Policy:
    wishes = ("keep", "keep", "tag", "unsubscribe")
    return a_policy(
        connection,
        tag=tag,
        source=tag,
        both_emails=dice.random() < 0.5,
        on_delete=dice.choice(wishes),
        on_email_change=dice.choice(wishes),
        follow_tags=dice.random() < 0.3,
    )


def _put(story: Story, email: str) -> None:
    put_profile(story, email, story.fields(LIST_VALUES), story.dice.choice(HAND_TAGS))
    status = story.dice.choice((Status.SUBSCRIBED, *Status))
    story.world.list[email] = replace(story.world.list[email], status=status)


def _elsewhere(story: Story, email: str) -> Missing:
    """The account knows the address from another list (R17)."""
    said = {**dict.fromkeys(SHARED, ""), **{key: story.dice.choice(LIST_VALUES) for key in KEYS if key in SHARED}}
    story.note(email, said)
    status = story.dice.choice((Status.SUBSCRIBED, Status.SUBSCRIBED, *Status))
    return Missing((status,), Seen(status, "", None, said, ()))
