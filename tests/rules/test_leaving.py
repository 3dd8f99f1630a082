"""R8, R10, R27, R80: who leaves an address; the profile stays."""

from typing import Any

import pytest

from core.decide.facts import Facts, Unknown, Verb
from core.decide.rules import Rule
from spojka import Standing, Status, Write
from tests.support.builders import (
    EMAIL,
    NOW,
    a_binding,
    a_call,
    a_policy,
    a_profile,
    a_record,
    absent,
    cited,
    closings,
    decided,
    facts,
    openings,
    tied,
)


def left(standing: Standing = Standing.USUAL, **changes: Any) -> Facts:
    """The only record of a profile of ours has no place here any more."""
    return tied(sight=a_profile(tags=("raynet",)), bindings=[a_binding(a_record(), standing=standing)], **changes)


def test_R27_the_old_address_of_a_record_closes_and_its_profile_stays_as_it_is() -> None:
    decision = decided(left())
    assert (decision.verb, decision.rule, closings(decision)) == (Verb.KEEP, Rule.R27, {"1": "email_changed"})
    assert cited(decision) == ["R27 closed"]


def test_R27_a_closed_binding_keeps_its_snapshot() -> None:
    record = a_record(name="Eva")
    decision = decided(tied(sight=a_profile(name="Eva"), bindings=[a_binding(record)]))
    assert [(dict(tie.agreed), tie.open) for tie in decision.ties] == [({"name": "Eva"}, False)]


def test_R27_a_setting_unsubscribes_it() -> None:
    assert decided(left(), a_policy(on_email_change="unsubscribe")).verb is Verb.UNSUBSCRIBE


def test_R27_a_setting_tags_it() -> None:
    decision = decided(left(), a_policy(on_email_change="tag"))
    assert (decision.verb, decision.write) == (Verb.CHANGE, Write(EMAIL, {}, ("raynet", "raynet-left")))


def test_R27_tags_are_looked_up_before_the_set_is_written() -> None:
    given = tied(sight=a_profile(tags=None), bindings=[a_binding(a_record())])
    assert decided(given, a_policy(on_email_change="tag")).verb is Verb.LOOK


def test_R27_an_address_that_moves_to_another_slot_keeps_binding_and_snapshots() -> None:
    record = a_record(slot=2, name="Eva")
    given = tied(record, sight=a_profile(name="Eva"), bindings=[a_binding(record, slot=1)])
    decision = decided(given, a_policy(both_emails=True))
    assert (decision.verb, openings(decision)["1"].slot, closings(decision)) == (Verb.KEEP, 2, {})


def test_R27_a_colleague_who_is_carried_leaves_by_a_changed_address() -> None:
    decision = decided(left(Standing.COLLEAGUE), a_policy(include_colleagues=True, on_delete="unsubscribe"))
    assert (decision.verb, decision.rule) == (Verb.KEEP, Rule.R27)


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        (Standing.GONE, "gone"),
        (Standing.INVALID, "invalid_record"),
        (Standing.COLLEAGUE, "colleague"),
        (Standing.OWN_COMPANY, "own_company"),
    ],
)
def test_R80_a_record_that_left_the_crm_closes_its_binding_and_the_profile_stays(standing: Standing, why: str) -> None:
    decision = decided(left(standing))
    assert (decision.verb, decision.rule, closings(decision)) == (Verb.KEEP, Rule.R80, {"1": why})


def test_R80_a_setting_unsubscribes_a_profile_of_ours() -> None:
    assert decided(left(Standing.GONE), a_policy(on_delete="unsubscribe")).verb is Verb.UNSUBSCRIBE


@pytest.mark.parametrize(
    "changes", [{"ours": False}, {"uid": "another"}, {"sight": a_profile(status=Status.BOUNCED)}, {"sight": absent()}]
)
def test_R80_it_unsubscribes_nobody_elses_nobody_who_left_and_nobody_absent(changes: dict[str, Any]) -> None:
    given = {"sight": a_profile(), "bindings": [a_binding(a_record(), standing=Standing.GONE)], "ours": True}
    decision = decided(facts(**{"known": True, **given, **changes}), a_policy(on_delete="unsubscribe"))
    assert decision.verb is Verb.KEEP


def test_R80_it_applies_once() -> None:
    closed = a_binding(a_record(), open=False, why="gone", standing=Standing.GONE)
    decision = decided(tied(sight=a_profile(), bindings=[closed]), a_policy(on_delete="unsubscribe"))
    assert (decision.verb, decision.ties) == (Verb.KEEP, ())


@pytest.mark.parametrize("paused", [True, False])
def test_R80_a_record_of_any_connection_that_stands_here_keeps_the_profile_subscribed(paused: bool) -> None:
    gone, stays = a_record("1"), a_record("2", connection=2)
    bindings = [a_binding(gone, standing=Standing.GONE), a_binding(stays)]
    given = tied(stays, sight=a_profile(tags=("raynet",)), bindings=bindings)
    decision = decided(given, a_policy(1, on_delete="unsubscribe"), a_policy(2, paused=paused))
    assert (decision.verb, closings(decision)) == (Verb.KEEP, {"1": "gone"})


def test_R80_so_does_a_record_that_has_only_now_come() -> None:
    gone, comes = a_record("1"), a_record("2")
    given = tied(comes, sight=a_profile(), bindings=[a_binding(gone, standing=Standing.GONE)])
    decision = decided(given, a_policy(on_delete="unsubscribe"))
    assert (decision.verb, closings(decision), list(openings(decision))) == (Verb.KEEP, {"1": "gone"}, ["2"])


def test_R80_a_binding_is_not_closed_while_nobody_has_looked() -> None:
    given = facts(sight=Unknown(), bindings=[a_binding(a_record(), standing=Standing.GONE)], ours=True, known=True)
    assert decided(given).verb is Verb.LOOK


def test_R80_a_profile_that_the_leaving_record_made_without_an_answer_is_ours() -> None:
    call = a_call({}, add=True, tags=("raynet",))
    sight = a_profile(sources=("raynet",), since=NOW)
    decision = decided(facts(sight=sight, pending=(call,)))
    assert (decision.verb, decision.ours, decision.known, decision.pending) == (Verb.KEEP, True, True, ())


def test_R10_an_unsubscription_happens_once_for_a_flag() -> None:
    closed = a_binding(a_record(), open=False, why="do_not_send")
    decision = decided(tied(a_record(mailable=False), sight=a_profile(), bindings=[closed]))
    assert (decision.verb, decision.lines) == (Verb.SKIP, ())


def test_R10_nothing_is_tagged_or_written_while_flagged() -> None:
    record = a_record(mailable=False, name="Nová")
    decision = decided(tied(record, sight=a_profile(name="Eva"), bindings=[a_binding(record, name="Eva")]))
    assert (decision.write, decision.then) == (None, None)


def test_R10_the_flag_closes_the_bindings_of_every_record() -> None:
    first, second = a_record("1"), a_record("2", mailable=False)
    decision = decided(tied(first, second, sight=a_profile()))
    assert closings(decision) == {"1": "do_not_send", "2": "do_not_send"}
