"""Whatever people and the net do, the planner ends, falls silent and harms nobody."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from core.decide.facts import Decision, Facts, Verb
from core.decide.plan import plan
from core.decide.rules import Rule
from spojka import Kind, Status
from tests.support.stories import CRM_VALUES, EMAILS, Story, a_story, new_record
from tests.support.tiny import Fate

QUIET = (Verb.KEEP, Verb.SKIP, Verb.LATER)
ROUNDS_TO_END = 4
DICE = st.randoms(use_true_random=True)


def applied(_: str) -> Fate:
    return Fate.APPLIED


def calm(story: Story) -> list[list[Decision]]:
    """Runs in which everything succeeds."""
    return [story.world.round(applied) for _ in range(ROUNDS_TO_END)]


def writes(decision: Decision) -> bool:
    return decision.verb not in QUIET or decision.write is not None or bool(decision.ties)


@given(DICE)
def test_a_plan_of_which_any_part_succeeded_ends_and_the_next_run_plans_nothing(dice: Random) -> None:
    story = a_story(dice)
    story.chaos(4, busy=True)

    calm(story)

    assert [decision for decision in story.world.round(applied) if writes(decision)] == []


@given(DICE)
def test_the_order_in_which_records_were_read_changes_nothing(dice: Random) -> None:
    story = a_story(dice)
    story.world.watch = lambda facts, decision: _same_in_any_order(story, facts, decision)
    story.chaos(2)
    story.people(6)
    story.chaos(1)


def _same_in_any_order(story: Story, facts: Facts, decision: Decision) -> None:
    shuffled = replace(
        facts,
        records=tuple(story.dice.sample(facts.records, len(facts.records))),
        bindings=tuple(story.dice.sample(facts.bindings, len(facts.bindings))),
        pending=tuple(story.dice.sample(facts.pending, len(facts.pending))),
    )
    assert plan(shuffled, story.world.policies, story.world.terms) == decision


@given(DICE)
def test_no_value_appears_that_nobody_typed_for_that_address(dice: Random) -> None:
    story = a_story(dice)
    story.chaos(4, busy=True)
    calm(story)

    for email, profile in story.world.list.items():
        for key, value in profile.fields.items():
            assert value in story.typed.get((email, key), {""})


@given(DICE)
def test_nobody_who_left_is_brought_back(dice: Random) -> None:
    story = a_story(dice)
    story.chaos(2)
    story.people(6)
    before = {email: held for email, held in story.world.list.items() if held.status is not Status.SUBSCRIBED}

    story.chaos(3)
    calm(story)

    after = {email: story.world.list[email].status for email in before}
    assert after == {email: held.status for email, held in before.items()}


@given(DICE)
def test_a_tag_that_a_person_gave_stays(dice: Random) -> None:
    story = a_story(dice)
    first_is_late = _once_late()
    for _ in range(3):
        story.world.round(first_is_late)
        story.world.arrive(before=story.world.rounds)
        story.people(3)
    story.world.round(applied)
    story.world.arrive()
    calm(story)

    for email, hand in story.hand_tags.items():
        assert hand <= set(story.world.list[email].tags or ())


def _once_late() -> Callable[[str], Fate]:
    """The first call about each address freezes; all others succeed."""
    frozen: set[str] = set()

    def fate(email: str) -> Fate:
        if email in frozen:
            return Fate.APPLIED
        frozen.add(email)
        return Fate.LATE

    return fate


@given(DICE)
def test_a_profile_is_ours_if_a_call_of_ours_made_it_whatever_became_of_the_answer(dice: Random) -> None:
    story = a_story(dice)
    story.chaos(4, busy=True)
    calm(story)

    for email, held in story.world.list.items():
        book = story.world.books.get(email)
        if book is not None and book.known:
            assert book.ours == (held.uid in story.world.made)


@given(DICE)
def test_who_was_only_in_the_crm_and_may_have_a_profile_is_in_both(dice: Random) -> None:
    story = a_story(dice)
    missing = [email for email in story.world.addresses() if email not in story.world.list]
    story.chaos(3)

    calm(story)

    for email in missing:
        if email not in story.world.elsewhere and _may_have_a_profile(story, email):
            assert email in story.world.list


def _may_have_a_profile(story: Story, email: str) -> bool:
    named = [
        slot
        for record in story.world.crm.values()
        for slot, address in enumerate(record.emails)
        if address == email and (slot == 0 or story.world.policies[record.connection].both_emails)
    ]
    return bool(named)


@given(DICE)
def test_an_adopted_profile_differs_by_its_tags_alone(dice: Random) -> None:
    story = a_story(dice)
    before = dict(story.world.list)
    story.chaos(3)
    calm(story)
    own = {policy.tag for policy in story.world.policies.values()}

    for email, held in before.items():
        now = story.world.list[email]
        assert (now.fields, now.status, now.sources) == (held.fields, held.status, held.sources)
        assert set(now.tags or ()) - own == set(held.tags or ()) - own


@given(DICE)
def test_what_a_person_deleted_from_the_list_is_not_made_again(dice: Random) -> None:
    story = a_story(dice)
    calm(story)
    known = {email for email, book in story.world.books.items() if book.known}
    story.people(5)
    gone = story.deleted & known

    story.chaos(3)
    calm(story)

    assert gone & story.world.list.keys() == set()


@given(DICE)
def test_a_profile_of_ours_that_nobody_touched_says_what_its_only_record_says(dice: Random) -> None:
    story = a_story(dice)
    strangers = story.world.list.keys() | story.world.elsewhere.keys()
    stood: set[str] = set()
    story.world.watch = lambda facts, decision: stood.add(facts.email) if decision.stands else None
    story.chaos(4, busy=True)
    calm(story)

    for email in story.world.list.keys() - strangers - story.touched - stood:
        named = [record for record in story.world.crm.values() if email in record.emails]
        book = story.world.books[email]
        if len(named) == 1 and len(book.bindings) == 1 and any(bound.open for bound in book.bindings.values()):
            said = {key: value for key, value in named[0].fields.items() if key != "gender"}
            assert {key: story.world.list[email].fields[key] for key in said} == said


@given(DICE)
def test_a_late_value_never_stays_and_is_nobodys_edit(dice: Random) -> None:
    story = a_story(dice)
    world = story.world
    world.list, world.crm, world.elsewhere = {}, {}, {}
    record = new_record(story, 1, Kind.PERSON, "1")
    record.emails = EMAILS[:1]
    world.round(applied)
    for _ in range(8):
        record.fields = {**record.fields, "phone": dice.choice(CRM_VALUES), "name": dice.choice(CRM_VALUES)}
        world.round(lambda _: dice.choice((Fate.LATE, Fate.LATE, Fate.APPLIED, Fate.LOST_BEFORE, Fate.IGNORED)))
        world.arrive(before=world.rounds)
    world.arrive()
    calm(story)

    assert {key: world.list[EMAILS[0]].fields[key] for key in ("phone", "name")} == {
        key: record.fields[key] for key in ("phone", "name")
    }
    assert [decision.rule for decision in world.round(applied)] == [Rule.R20]


@given(DICE)
def test_an_edit_made_in_the_list_alone_is_not_overwritten(dice: Random) -> None:
    story = a_story(dice)
    calm(story)
    crm_before = {key: dict(record.fields) for key, record in story.world.crm.items()}
    names = {key: record.emails for key, record in story.world.crm.items()}
    story.people(5)
    edited = {email: dict(held.fields) for email, held in story.world.list.items() if email in story.touched}
    untouched_crm = crm_before == {key: record.fields for key, record in story.world.crm.items()}
    same_names = names == {key: record.emails for key, record in story.world.crm.items()}

    calm(story)

    if untouched_crm and same_names:
        assert {email: story.world.list[email].fields for email in edited if email in story.world.list} == edited
