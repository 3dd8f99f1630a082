"""Whatever people and the net do, the planner ends, falls silent and harms nobody."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from core.decide.facts import Decision, Facts, Verb
from core.decide.plan import plan
from spojka import Status
from tests.support.stories import Story, a_story
from tests.support.tiny import Fate

QUIET = (Verb.KEEP, Verb.SKIP, Verb.LATER)
ROUNDS_TO_END = 4


def applied(_: str) -> Fate:
    return Fate.APPLIED


def calm(story: Story) -> list[list[Decision]]:
    """Runs in which everything succeeds."""
    return [story.world.round(applied) for _ in range(ROUNDS_TO_END)]


def writes(decision: Decision) -> bool:
    return decision.verb not in QUIET or decision.write is not None or bool(decision.ties)


@given(st.data())
def test_a_plan_of_which_any_part_succeeded_ends_and_the_next_run_plans_nothing(data: DataObject) -> None:
    story = a_story(data)
    story.chaos(2)
    story.people(4)
    story.chaos(3)

    calm(story)

    assert [decision for decision in story.world.round(applied) if writes(decision)] == []


@given(st.data())
def test_the_order_in_which_records_were_read_changes_nothing(data: DataObject) -> None:
    story = a_story(data)
    story.world.watch = lambda facts, decision: _same_in_any_order(data, story, facts, decision)
    story.chaos(2)
    story.people(4)
    story.chaos(1)


def _same_in_any_order(data: DataObject, story: Story, facts: Facts, decision: Decision) -> None:
    shuffled = replace(
        facts,
        records=tuple(data.draw(st.permutations(facts.records))),
        bindings=tuple(data.draw(st.permutations(facts.bindings))),
        pending=tuple(data.draw(st.permutations(facts.pending))),
    )
    assert plan(shuffled, story.world.policies, story.world.terms) == decision


@given(st.data())
def test_no_value_appears_that_nobody_typed_for_that_address(data: DataObject) -> None:
    story = a_story(data)
    story.chaos(2)
    story.people(6)
    story.chaos(3)
    calm(story)

    for email, profile in story.world.list.items():
        for key, value in profile.fields.items():
            assert value in story.typed.get((email, key), {""})


@given(st.data())
def test_nobody_who_left_is_brought_back(data: DataObject) -> None:
    story = a_story(data)
    story.chaos(2)
    story.people(4)
    before = {email: held for email, held in story.world.list.items() if held.status is not Status.SUBSCRIBED}

    story.chaos(3)
    calm(story)

    after = {email: story.world.list[email].status for email in before}
    assert after == {email: held.status for email, held in before.items()}


@given(st.data())
def test_a_tag_that_a_person_gave_stays(data: DataObject) -> None:
    story = a_story(data)
    story.chaos(2)
    story.people(4)

    story.chaos(3)
    calm(story)

    for email, hand in story.hand_tags.items():
        assert hand <= set(story.world.list[email].tags or ())


@given(st.data())
def test_who_was_only_in_the_crm_and_may_have_a_profile_is_in_both(data: DataObject) -> None:
    story = a_story(data)
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


@given(st.data())
def test_an_adopted_profile_differs_by_its_tags_alone(data: DataObject) -> None:
    story = a_story(data)
    before = dict(story.world.list)
    story.chaos(3)
    calm(story)
    own = {policy.tag for policy in story.world.policies.values()}

    for email, held in before.items():
        now = story.world.list[email]
        assert (now.fields, now.status, now.sources) == (held.fields, held.status, held.sources)
        assert set(now.tags or ()) - own == set(held.tags or ()) - own


@given(st.data())
def test_what_a_person_deleted_from_the_list_is_not_made_again(data: DataObject) -> None:
    story = a_story(data)
    calm(story)
    known = {email for email, book in story.world.books.items() if book.known}
    story.people(5)
    gone = story.deleted & known

    story.chaos(3)
    calm(story)

    assert gone & story.world.list.keys() == set()


@given(st.data())
def test_a_profile_of_ours_that_nobody_touched_says_what_its_only_record_says(data: DataObject) -> None:
    story = a_story(data)
    strangers = story.world.list.keys() | story.world.elsewhere.keys()
    story.chaos(2)
    story.people(4)
    story.chaos(3)
    calm(story)

    for email in story.world.list.keys() - strangers - story.touched:
        named = [record for record in story.world.crm.values() if email in record.emails]
        book = story.world.books[email]
        if len(named) == 1 and len(book.bindings) == 1 and any(bound.open for bound in book.bindings.values()):
            said = {key: value for key, value in named[0].fields.items() if key != "gender"}
            assert {key: story.world.list[email].fields[key] for key in said} == said


@given(st.data())
def test_an_edit_made_in_the_list_alone_is_not_overwritten(data: DataObject) -> None:
    story = a_story(data)
    calm(story)
    crm_before = {key: dict(record.fields) for key, record in story.world.crm.items()}
    names = {key: record.emails for key, record in story.world.crm.items()}
    story.people(3)
    edited = {email: dict(held.fields) for email, held in story.world.list.items() if email in story.touched}
    untouched_crm = crm_before == {key: record.fields for key, record in story.world.crm.items()}
    same_names = names == {key: record.emails for key, record in story.world.crm.items()}

    calm(story)

    if untouched_crm and same_names:
        assert {email: story.world.list[email].fields for email in edited if email in story.world.list} == edited
