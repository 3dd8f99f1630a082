"""The plan is total: whatever facts a store may hold, it answers, and never with a write on what nobody saw."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.decide.calls import call_of
from core.decide.facts import (
    Bound,
    Call,
    Decision,
    Facts,
    Missing,
    Origin,
    Policy,
    Seen,
    Standpoint,
    Terms,
    Unknown,
    Verb,
)
from core.decide.meeting import newcomer
from core.decide.plan import plan, plan_at_length
from spojka import Kind, Limits, Standing, Status
from tests.support.builders import EMAIL, FIELDS, NOW, a_policy

VALUES = st.sampled_from(("", "a", "b", "dlouhá hodnota", "e\u0301"))
SOME = st.dictionaries(st.sampled_from((*FIELDS, "unmapped")), VALUES, max_size=4)
TAGS = st.lists(st.sampled_from(("raynet", "vip", "VIP", "a,b", "", "x" * 60)), max_size=3).map(tuple)
MOMENTS = st.sampled_from((None, NOW, NOW - timedelta(days=2), NOW - timedelta(minutes=1)))
STATUSES = st.sampled_from(tuple(Status))
IDS = st.sampled_from(("1", "2", "10"))
CONNECTIONS = st.sampled_from((1, 2, 9))
SHORT = Limits(tag_length=10, tags_length=15, field_length=6, custom_length=8)

standpoints = st.builds(
    Standpoint,
    CONNECTIONS,
    st.sampled_from(tuple(Kind)),
    IDS,
    IDS.map(lambda id: id.zfill(5)),
    st.sampled_from((1, 2)),
    SOME,
    TAGS,
    st.frozensets(st.sampled_from(tuple(FIELDS)), max_size=2),
    st.sampled_from(tuple(Standing)),
    st.booleans(),
    MOMENTS,
    st.sampled_from(("backfill", "live")),
    st.sampled_from(("", "bob@firma.cz")),
)
bounds = st.builds(
    Bound,
    CONNECTIONS,
    st.sampled_from(tuple(Kind)),
    IDS,
    IDS.map(lambda id: id.zfill(5)),
    st.sampled_from((1, 2)),
    st.sampled_from(tuple(Origin)),
    st.booleans(),
    st.sampled_from(("", "gone", "deleted_from_list", "do_not_send")),
    SOME,
    TAGS,
    st.sampled_from(tuple(Standing)),
)
seen = st.builds(
    Seen,
    STATUSES,
    st.sampled_from(("", "u1", "u2")),
    MOMENTS,
    SOME,
    st.none() | TAGS,
    st.sampled_from(((), ("raynet",))),
)
missing = st.builds(Missing, st.lists(STATUSES, max_size=2).map(tuple), st.none() | seen)
calls = st.builds(
    Call,
    st.booleans(),
    st.dictionaries(st.sampled_from(tuple(FIELDS)), st.tuples(VALUES, VALUES), max_size=3),
    st.none() | TAGS,
    st.sampled_from(("", "raynet")),
    st.integers(1, 12),
    st.sampled_from((0, 0, 3, 11, 14)),
    st.sampled_from((NOW, NOW - timedelta(days=2))),
    st.just(NOW),
    st.sampled_from((0, 1)),
    st.none() | TAGS,
)
everything = st.builds(
    Facts,
    st.just(EMAIL),
    st.lists(standpoints, max_size=3).map(tuple),
    seen | missing | st.builds(Unknown),
    st.lists(bounds, max_size=3, unique_by=lambda bound: bound.key).map(tuple),
    SOME,
    st.lists(calls, max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.sampled_from((None, 1, 2, 9)),
    st.sampled_from(("", "u1")),
    MOMENTS,
    st.sampled_from((0, 10, 13)),
    st.sampled_from((0, 10, 13)),
    st.sampled_from((None, NOW)),
    st.booleans(),
)
newcomers = st.builds(
    Facts,
    st.just(EMAIL),
    st.tuples(standpoints),
    st.just(Missing()),
    ours=st.booleans(),
    known=st.booleans(),
    ruling=st.sampled_from((None, 1, 2, 9)),
    now=st.sampled_from((None, NOW)),
)
wishes = st.sampled_from(("keep", "tag", "unsubscribe"))


@st.composite
def settings_of_both(draw: st.DrawFn) -> dict[int, Policy]:
    return {
        number: a_policy(
            number,
            both_emails=draw(st.booleans()),
            include_colleagues=draw(st.booleans()),
            respect_do_not_send=draw(st.booleans()),
            follow_tags=draw(st.booleans()),
            conflicts=draw(st.sampled_from(("crm", "list", "ask"))),
            on_delete=draw(wishes),
            on_email_change=draw(wishes),
            start_automations=draw(st.booleans()),
            paused=draw(st.booleans()),
        )
        for number in (1, 2)
    }


audiences = st.sampled_from(
    (Terms(Limits()), Terms(SHORT), Terms(Limits(), frozenset({"zip"}), frozenset({"name", "zip"}), True))
)


@given(everything, settings_of_both(), audiences)
def test_every_address_gets_a_decision_that_can_be_carried_out(
    facts: Facts, policies: dict[int, Policy], terms: Terms
) -> None:
    decision = plan(facts, policies, terms)

    assert decision.email == EMAIL
    assert _fits(facts, decision)
    assert len({tie.key for tie in decision.ties}) == len(decision.ties)
    assert {number for number, _, _ in decision.outcomes} <= policies.keys()
    call_of(facts, decision, ticket=20, at=NOW, vendor_time=NOW)


@given(everything | newcomers, settings_of_both(), audiences)
def test_the_short_way_of_a_newcomer_ends_where_the_long_one_does(
    facts: Facts, policies: dict[int, Policy], terms: Terms
) -> None:
    short = newcomer(facts, policies, terms)
    assert short is None or short == plan_at_length(facts, policies, terms)


def _fits(facts: Facts, decision: Decision) -> bool:
    """The verb suits what the list shows, and a write has a verb that writes."""
    if decision.verb in (Verb.ADD, Verb.JOIN):
        return isinstance(facts.sight, Missing) and decision.write is not None
    if decision.verb in (Verb.CHANGE, Verb.ADOPT, Verb.UNSUBSCRIBE):
        return isinstance(facts.sight, Seen) and (decision.write is not None or decision.verb is not Verb.CHANGE)
    return decision.write is None


@given(everything, settings_of_both(), audiences)
def test_looking_does_not_lead_to_looking_again(facts: Facts, policies: dict[int, Policy], terms: Terms) -> None:
    looked = replace(facts, looked=True, sight=Missing() if isinstance(facts.sight, Unknown) else facts.sight)
    assert plan(looked, policies, terms).verb is not Verb.LOOK


@given(everything, settings_of_both(), audiences)
def test_no_tag_is_written_without_the_tags_that_are_there(
    facts: Facts, policies: dict[int, Policy], terms: Terms
) -> None:
    decision = plan(facts, policies, terms)
    if decision.write is not None and decision.write.tags is not None and isinstance(facts.sight, Seen):
        came_from_the_crm = {tag for bound in facts.bindings for tag in bound.agreed_tags}
        assert set(facts.sight.tags or ()) - came_from_the_crm <= set(decision.write.tags)
        assert facts.sight.tags is not None


@given(everything, settings_of_both(), audiences)
def test_nothing_is_said_of_a_paused_connections_bindings(
    facts: Facts, policies: dict[int, Policy], terms: Terms
) -> None:
    decision = plan(facts, policies, terms)
    touched = {tie.key[0] for tie in decision.ties if tie.open}
    assert touched <= {number for number, policy in policies.items() if not policy.paused}
