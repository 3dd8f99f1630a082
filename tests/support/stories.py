"""Stories for the properties: a CRM and a list in agreement or not, and what people then do on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from core.decide.facts import Missing, Policy, Seen, Terms
from spojka import Kind, Limits, Standing, Status
from tests.support.builders import FIELDS, OWNER, a_policy
from tests.support.tiny import CrmRecord, Fate, Tiny

EMAILS = tuple(f"{name}@firma.cz" for name in ("ada", "bob", "cyr", "dan"))
IDS = ((1, Kind.PERSON, "1"), (1, Kind.PERSON, "2"), (1, Kind.COMPANY, "3"), (2, Kind.PERSON, "4"))
SHARED = frozenset({"name", "surname", "phone", "gender", "zip", "company"})
KEYS = ("name", "phone", "gender", "zip", OWNER)
CHAOS = (*Fate, Fate.APPLIED, Fate.APPLIED)

emails = st.sampled_from(EMAILS)
slots = st.sampled_from((("",), *((email,) for email in EMAILS), *((one, two) for one in EMAILS for two in EMAILS)))
crm_values = st.sampled_from(("", "c1", "c2", "c3", "same"))
list_values = st.sampled_from(("", "l1", "l2", "same"))
tags = st.sampled_from(((), ("klient",), ("klient", "vip")))
hand_tags = st.sampled_from(((), ("vip",), ("ručně",)))


def fields(values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    """All mapped fields; the unset ones are empty."""
    said = st.fixed_dictionaries(dict.fromkeys(KEYS, values))
    return said.map(lambda given: {**dict.fromkeys(FIELDS, ""), **given})


@dataclass(slots=True)
class Story:
    """A tiny world with what people typed in it, so that the end can be told from the beginning."""

    world: Tiny
    data: DataObject
    typed: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    hand_tags: dict[str, set[str]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def note_crm(self) -> None:
        """Whatever a record says counts as typed for each of its addresses."""
        for record in self.world.crm.values():
            for email in record.emails:
                self.note(email, record.fields)

    def note(self, email: str, values: Mapping[str, str]) -> None:
        """These values were typed by somebody for this address."""
        for key, value in values.items():
            self.typed.setdefault((email, key), {""}).add(value)

    def fate(self, email: str) -> Fate:
        """Any end a call may take."""
        drawn: Fate = self.data.draw(st.sampled_from(CHAOS), label=f"fate of {email}")
        return drawn

    def chaos(self, rounds: int) -> None:
        """Runs in any order, of which any part succeeds; at the end whatever was late has arrived."""
        for number in range(rounds):
            self.world.round(self.fate, lambda found: self.data.draw(st.permutations(found)))
            if number:
                self.world.arrive()
        self.world.arrive()

    def people(self, steps: int) -> None:
        """People work on both sides, and the settings stay."""
        for _ in range(steps):
            self.data.draw(st.sampled_from((self.edit_crm, self.edit_list)), label="who")()
        self.note_crm()

    def edit_crm(self) -> None:
        """One save of a record in the CRM, or its end."""
        where, kind, id = self.data.draw(st.sampled_from(IDS))
        record = self.world.crm.get((where, kind.value, id)) or new_record(self, where, kind, id)
        step = self.data.draw(st.sampled_from(("field", "field", "emails", "swap", "gone", "standing", "flag", "tag")))
        if step == "field":
            key, value = self.data.draw(st.sampled_from(KEYS)), self.data.draw(crm_values)
            record.fields = {**record.fields, key: value}
        elif step == "emails":
            record.emails = self.data.draw(slots)
        elif step == "swap":
            record.emails = record.emails[::-1]
        elif step == "gone":
            self.world.crm.pop(record.key, None)
        elif step == "standing":
            record.standing = self.data.draw(st.sampled_from((Standing.USUAL, Standing.INVALID, Standing.COLLEAGUE)))
        elif step == "flag":
            record.mailable = not record.mailable
        else:
            record.tags = self.data.draw(tags)
        self.note_crm()

    def edit_list(self) -> None:
        """One thing that a person does to a profile."""
        email = self.data.draw(emails)
        held = self.world.list.get(email)
        self.touched.add(email)
        if held is None:
            put_profile(self, email, self.data.draw(fields(list_values)), self.data.draw(hand_tags))
            return
        step = self.data.draw(st.sampled_from(("field", "field", "tag", "unsubscribe", "delete", "anew")))
        if step == "field":
            key, value = self.data.draw(st.sampled_from(KEYS)), self.data.draw(list_values)
            self.note(email, {key: value})
            self.world.list[email] = replace(held, fields={**held.fields, key: value})
        elif step == "tag":
            self.hand_tags.setdefault(email, set()).add("ručně")
            self.world.list[email] = replace(held, tags=tuple(dict.fromkeys((*(held.tags or ()), "ručně"))))
        elif step == "unsubscribe":
            self.world.list[email] = replace(held, status=Status.UNSUBSCRIBED)
        else:
            self.world.list.pop(email)
            self.hand_tags.pop(email, None)
            if step == "delete":
                self.deleted.add(email)
            else:
                put_profile(self, email, dict.fromkeys(FIELDS, ""), ())


def new_record(story: Story, connection: int, kind: Kind, id: str) -> CrmRecord:
    """A record that nobody had yet."""
    draw = story.data.draw
    record = CrmRecord(connection, kind, id, draw(slots), draw(fields(crm_values)), draw(tags))
    story.world.crm[record.key] = record
    story.note_crm()
    return record


def put_profile(story: Story, email: str, said: Mapping[str, str], hand: tuple[str, ...]) -> None:
    """A profile that a person made, or that was there."""
    story.world.list[email] = story.world.new_profile(said, tags=hand, sources=("form",))
    story.hand_tags.setdefault(email, set()).update(hand)
    story.note(email, said)
    story.deleted.discard(email)


def a_policy_of(data: DataObject, connection: int, tag: str) -> Policy:
    """Settings of one connection, any that this part of the rules knows."""
    wishes = st.sampled_from(("keep", "keep", "tag", "unsubscribe"))
    return a_policy(
        connection,
        tag=tag,
        source=tag,
        both_emails=data.draw(st.booleans(), label="both_emails"),
        on_delete=data.draw(wishes, label="on_delete"),
        on_email_change=data.draw(wishes, label="on_email_change"),
        follow_tags=data.draw(st.booleans(), label="follow_tags"),
    )


def a_story(data: DataObject) -> Story:
    """A CRM and a list: some addresses only here, some only there, some in both; shared ones; any status."""
    audience = data.draw(st.sampled_from((Terms(Limits()), Terms(Limits(), frozenset({"zip"}), SHARED, True))))
    other = data.draw(st.sampled_from(("raynet", "pipedrive")), label="second plugin")
    policies = (a_policy_of(data, 1, "raynet"), a_policy_of(data, 2, other))
    world = Tiny(policies, audience, replaces_tags=data.draw(st.booleans(), label="replaces tags"))
    story = Story(world, data)
    for where, kind, id in data.draw(st.lists(st.sampled_from(IDS), unique=True), label="records"):
        new_record(story, where, kind, id)
    for email in data.draw(st.lists(emails, unique=True), label="profiles"):
        put_profile(story, email, data.draw(fields(list_values)), data.draw(hand_tags))
        world.list[email] = replace(world.list[email], status=data.draw(st.sampled_from(tuple(Status))))
    for email in data.draw(st.lists(emails, unique=True), label="elsewhere"):
        if email not in world.list and audience.shared_tags:
            world.elsewhere[email] = _elsewhere(story, email)
    return story


def _elsewhere(story: Story, email: str) -> Missing:
    """The account knows the address from another list (R17)."""
    said = {key: story.data.draw(list_values) for key in SHARED}
    status = story.data.draw(st.sampled_from(tuple(Status)))
    story.note(email, said)
    return Missing((status,), Seen(status, "", None, said, ()))
