"""R29, R32, R101, R103: what is nobody's edit."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.decide.facts import Facts, Outcome, Verb
from core.decide.rules import Rule
from spojka import Write
from tests.support.builders import (
    EMAIL,
    NOW,
    a_binding,
    a_call,
    a_policy,
    a_profile,
    a_record,
    absent,
    an_answered_call,
    cited,
    decided,
    facts,
    only,
    openings,
    outcomes,
    terms,
    tied,
)


def test_R29_our_own_write_coming_back_costs_nothing() -> None:
    record = a_record(phone="222")
    pending = (an_answered_call({"phone": ("111", "222")}),)
    decision = decided(tied(record, sight=a_profile(phone="222"), pending=pending))
    assert (decision.verb, decision.write, decision.pending) == (Verb.KEEP, None, ())


def test_R29_a_call_of_unknown_end_is_judged_on_a_reading_made_after_it() -> None:
    record = a_record(phone="222")
    given = tied(record, sight=a_profile(phone="111"), pending=(a_call({"phone": ("111", "222")}, ticket=11),))
    assert decided(given).verb is Verb.LOOK


def test_R29_a_pass_that_left_the_mirror_as_it_was_is_such_a_reading() -> None:
    record = a_record(phone="222")
    pending = (a_call({"phone": ("111", "222")}, ticket=11),)
    given = tied(record, sight=a_profile(phone="222"), agreed={"phone": "111"}, pending=pending, pass_ticket=12)
    assert decided(given).verb is Verb.KEEP


def test_R29_a_late_value_that_the_crm_still_says_is_settled() -> None:
    record = a_record(phone="222")
    given = tied(
        record,
        sight=a_profile(phone="222"),
        bindings=[a_binding(record, phone="111")],
        agreed={"phone": "111"},
        pending=(a_call({"phone": ("111", "222")}),),
    )
    decision = decided(given)
    assert (decision.write, decision.agreed, decision.pending) == (None, {"phone": "222"}, ())
    assert openings(decision)["1"].agreed == {"phone": "222"}


def test_R29_a_late_value_that_the_crm_no_longer_says_is_put_right() -> None:
    pending = (a_call({"phone": ("111", "222")}),)
    given = tied(a_record(phone="333"), sight=a_profile(phone="222"), agreed={"phone": "333"}, pending=pending)
    decision = decided(given)
    assert decision.write is not None
    assert (decision.rule, decision.write.fields) == (Rule.R21, {"phone": "333"})


def test_R29_once_it_was_seen_to_have_arrived_it_excuses_nothing_more() -> None:
    pending = (a_call({"phone": ("111", "222")}),)
    given = tied(a_record(phone="333"), sight=a_profile(phone="222"), agreed={"phone": "333"}, pending=pending)
    assert decided(given).pending == ()


def test_R29_a_third_value_is_a_persons_edit() -> None:
    pending = (a_call({"phone": ("111", "222")}),)
    given = tied(a_record(phone="333"), sight=a_profile(phone="777"), agreed={"phone": "333"}, pending=pending)
    assert (decided(given).verb, decided(given).rule) == (Verb.KEEP, Rule.R22)


def test_R29_until_it_arrives_it_stays_pending() -> None:
    call = a_call({"phone": ("111", "222")})
    given = tied(a_record(phone="333"), sight=a_profile(phone="333", tags=()), pending=(call,))
    assert decided(given).pending == (replace(call, later=()),)


def test_R29_after_a_day_it_is_still_judged_once() -> None:
    pending = (a_call({"phone": ("111", "222")}, at=NOW - timedelta(days=3)),)
    given = tied(a_record(phone="333"), sight=a_profile(phone="222"), agreed={"phone": "333"}, pending=pending)
    decision = decided(given)
    assert decision.write is not None
    assert decision.write.fields == {"phone": "333"}


def test_R29_after_a_day_and_a_judgement_the_value_is_an_edit() -> None:
    pending = (a_call({"phone": ("111", "222")}, at=NOW - timedelta(days=3), later=()),)
    given = tied(a_record(phone="333"), sight=a_profile(phone="222"), agreed={"phone": "333"}, pending=pending)
    decision = decided(given)
    assert (decision.rule, decision.write, decision.pending) == (Rule.R22, None, ())


@pytest.mark.parametrize("shown", ["111", ""])
def test_R32_a_write_not_stored_after_two_minutes_is_repeated_once(shown: str) -> None:
    decision = decided(_not_stored(shown=shown))
    assert decision.write is not None
    assert (decision.verb, decision.rule, decision.write.fields) == (Verb.CHANGE, Rule.R32, {"phone": "222"})
    assert only(decision.pending or ()).repeats == 1


def test_R32_within_two_minutes_the_old_value_is_nobodys_edit() -> None:
    decision = decided(_not_stored(shown="111", at=NOW - timedelta(seconds=90)))
    assert (decision.verb, decision.rule, decision.again_after) == (Verb.KEEP, Rule.R20, 120)
    assert len(decision.pending or ()) == 1


def test_R32_not_stored_twice_it_fails_visibly_and_the_snapshots_go_back() -> None:
    decision = decided(_not_stored(shown="111", repeats=1))
    assert (decision.verb, decision.write, decision.pending) == (Verb.KEEP, None, ())
    assert (decision.agreed, openings(decision)["1"].agreed) == ({"phone": "111"}, {"phone": "111"})
    assert ("phone" in decision.parked, cited(decision), outcomes(decision)[1][0]) == (
        True,
        ["R32 failed"],
        Outcome.FAILED,
    )


def test_R32_a_repetition_that_nobody_needs_any_more_is_forgotten() -> None:
    decision = decided(_not_stored(shown="111", now_in_crm="111"))
    assert (decision.write, decision.pending) == (None, ())


def test_R32_the_newest_write_of_a_field_counts_and_older_ones_say_what_is_old() -> None:
    calls = (
        an_answered_call({"phone": ("111", "222")}),
        an_answered_call({"phone": ("222", "333")}, ticket=7, ended=8),
    )
    given = tied(a_record(phone="333"), sight=a_profile(phone="111"), agreed={"phone": "333"}, pending=calls)
    decision = decided(given)
    assert decision.write is not None
    assert (decision.rule, decision.write.fields) == (Rule.R32, {"phone": "333"})


def test_R32_a_persons_edit_made_in_that_moment_is_not_swallowed() -> None:
    decision = decided(_not_stored(shown="777"))
    assert (decision.verb, decision.rule, decision.pending) == (Verb.KEEP, Rule.R22, ())


def test_R32_a_reading_asked_for_before_the_answer_decides_nothing() -> None:
    decision = decided(_not_stored(shown="111", ended=10))
    assert (decision.verb, decision.write, len(decision.pending or ())) == (Verb.KEEP, None, 1)


def test_R32_a_field_that_pages_leave_out_stays_pending_until_it_is_shown() -> None:
    call = an_answered_call({"zip": ("11000", "60200")})
    given = tied(a_record(zip="60200"), sight=a_profile(), agreed={"zip": "60200"}, pending=(call,), pass_ticket=12)
    assert decided(given, on=terms(unsaid=frozenset({"zip"}))).pending == (call,)


def test_R25_an_emptying_that_did_not_take_fails_and_nothing_travels_back() -> None:
    call = an_answered_call({"phone": ("111", "")}, repeats=1)
    given = tied(a_record(phone=""), sight=a_profile(phone="111"), agreed={"phone": ""}, pending=(call,))
    decision = decided(given)
    assert (decision.write, decision.agreed, decision.ties, decision.parked != "") == (None, {"phone": "111"}, (), True)


def _not_stored(*, shown: str, now_in_crm: str = "222", **call: Any) -> Facts:
    """111 was overwritten with 222, which the list confirmed; it shows something else."""
    pending = (an_answered_call({"phone": ("111", "222")}, **call),)
    record = a_record(phone=now_in_crm)
    bound = a_binding(record, phone="222")
    return tied(record, sight=a_profile(phone=shown), bindings=[bound], agreed={"phone": "222"}, pending=pending)


def test_R101_a_profile_that_a_call_without_an_answer_made_is_ours_by_its_source() -> None:
    decision = decided(_found(sources=("raynet",)))
    assert (decision.verb, decision.rule, decision.ours, decision.known) == (Verb.KEEP, Rule.R101, True, True)
    assert (outcomes(decision), cited(decision)) == ({1: (Outcome.CREATED, "")}, ["R101 created"])
    assert (decision.agreed, openings(decision)["1"].agreed) == ({"phone": "111"}, {"phone": "111"})


def test_R101_or_by_our_tag_and_every_value_that_we_sent() -> None:
    assert decided(_found(tags=("raynet",))).rule is Rule.R101


@pytest.mark.parametrize(
    "seen",
    [
        {"tags": ()},
        {"tags": ("raynet",), "phone": "777"},
        {"sources": ("raynet",), "since": NOW - timedelta(hours=2)},
        {"sources": ("form",), "tags": ()},
    ],
)
def test_R101_all_others_are_adopted(seen: dict[str, Any]) -> None:
    decision = decided(_found(**seen))
    assert (decision.verb, decision.rule, decision.ours) == (Verb.ADOPT, Rule.R12, False)


def test_R101_what_has_changed_since_is_written() -> None:
    decision = decided(_found(record_phone="222", sources=("raynet",), tags=("raynet",)))
    assert decision.write == Write(EMAIL, {"phone": "222"})


def test_R101_a_sent_value_found_empty_is_a_failed_write_and_no_emptying() -> None:
    decision = decided(_found(phone="", sources=("raynet",), tags=("raynet",)))
    assert decision.write == Write(EMAIL, {"phone": "111"})


def test_R101_a_value_typed_since_is_a_persons_edit() -> None:
    decision = decided(_found(phone="777", sources=("raynet",), tags=("raynet",)))
    assert (decision.write, decision.agreed) == (None, {"phone": "111"})


def test_R101_tags_that_did_not_arrive_are_written() -> None:
    decision = decided(_found(sources=("raynet",), tags=()))
    assert decision.write == Write(EMAIL, {}, ("raynet",))


def test_R101_a_call_that_was_not_carried_out_is_made_again_and_stays_in_mind() -> None:
    call = a_call({"phone": ("", "111")}, add=True, tags=("raynet",))
    decision = decided(facts(a_record(phone="111"), sight=absent(), pending=(call,)))
    assert (decision.verb, decision.pending) == (Verb.ADD, (call,))


def test_R101_of_several_calls_what_differs_from_the_newest_is_looked_up_where_the_page_does_not_say_it() -> None:
    calls = (
        a_call({"zip": ("", "11000")}, add=True, tags=("raynet",)),
        a_call({"zip": ("", "60200")}, add=True, tags=("raynet",), ticket=7),
    )
    given = facts(a_record(zip="60200"), sight=a_profile(sources=("raynet",), since=NOW), pending=calls)
    assert decided(given).verb is Verb.LOOK


def test_R101_of_several_calls_the_one_that_the_reading_shows_arrived() -> None:
    calls = (
        a_call({"phone": ("", "111")}, add=True, tags=("raynet",)),
        a_call({"phone": ("", "222")}, add=True, tags=("raynet",), ticket=7),
    )
    sight = a_profile(phone="111", sources=("raynet",), tags=("raynet",), since=NOW)
    decision = decided(facts(a_record(phone="222"), sight=sight, pending=calls))
    assert decision.write == Write(EMAIL, {"phone": "222"})


def test_R101_a_change_in_flight_after_it_is_judged_too() -> None:
    calls = (
        a_call({"phone": ("", "111")}, add=True, tags=("raynet",)),
        a_call({"phone": ("111", "222")}, ticket=7),
    )
    sight = a_profile(phone="222", sources=("raynet",), tags=("raynet",), since=NOW)
    decision = decided(facts(a_record(phone="111"), sight=sight, pending=calls))
    assert decision.write == Write(EMAIL, {"phone": "111"})


def _found(record_phone: str = "111", **seen: Any) -> Facts:
    """An hour ago 111 was sent to an absent address, without an answer; this is what the list shows now."""
    call = a_call({"phone": ("", "111")}, add=True, tags=("raynet",))
    sight = a_profile(**{"phone": "111", "since": NOW - timedelta(hours=1), "tags": ("raynet",), **seen})
    return facts(a_record(phone=record_phone), sight=sight, pending=(call,))


def test_R103_a_tag_written_and_missing_is_written_once_more_into_what_is_there() -> None:
    call = an_answered_call(tags=("raynet", "vip"))
    decision = decided(tied(a_record(), sight=a_profile(tags=("vip", "ručně")), pending=(call,)))
    assert (decision.rule, decision.write) == (Rule.R103, Write(EMAIL, {}, ("vip", "ručně", "raynet")))
    assert only(decision.pending or ()).repeats == 1


def test_R103_missing_twice_it_fails_visibly() -> None:
    call = an_answered_call(tags=("raynet",), repeats=1)
    decision = decided(tied(a_record(), sight=a_profile(tags=()), pending=(call,)))
    assert (decision.write, decision.pending, cited(decision)) == (None, (), ["R103 failed"])
    assert decision.parked != ""


def test_R103_a_write_without_a_tag_change_carries_no_tags() -> None:
    record = a_record(phone="222", tags=("vip",))
    decision = decided(tied(record, sight=a_profile(phone="111"), bindings=[a_binding(record, phone="111")]))
    assert decision.write is not None
    assert decision.write.tags is None


def test_R103_two_connections_tags_are_judged_alike() -> None:
    first, second = a_record("1"), a_record("1", connection=2)
    call = an_answered_call(tags=("raynet", "pipedrive"))
    given = tied(first, second, sight=a_profile(tags=("raynet",)), pending=(call,))
    decision = decided(given, a_policy(1), a_policy(2, tag="pipedrive"))
    assert decision.write == Write(EMAIL, {}, ("raynet", "pipedrive"))


def test_R101_a_tag_that_a_later_call_may_have_brought_proves_nothing() -> None:
    added = a_call({"phone": ("", "111")}, add=True, tags=("raynet",))
    adopted = a_call(tags=("raynet",), ticket=7)
    sight = a_profile(phone="111", tags=("raynet",), since=NOW)
    decision = decided(facts(a_record(phone="111"), sight=sight, pending=(added, adopted)))
    assert (decision.verb, decision.ours) == (Verb.ADOPT, False)


def test_R101_a_call_that_was_judged_once_made_no_profile_later_by_its_tag() -> None:
    added = a_call({}, add=True, tags=("raynet",), later=("raynet",))
    decision = decided(facts(a_record(), sight=a_profile(tags=("raynet",), since=NOW), pending=(added,)))
    assert (decision.verb, decision.ours) == (Verb.ADOPT, False)


def test_R101_what_joined_from_another_list_keeps_what_stood_there() -> None:
    joined = a_call({"surname": ("", "Nová")}, add=True, tags=("raynet",), joins=True)
    sight = a_profile(name="Evička", surname="Nová", sources=("raynet",), tags=("raynet",), since=NOW)
    decision = decided(facts(a_record(name="Eva", surname="Nová"), sight=sight, pending=(joined,)))
    assert (decision.rule, decision.write) == (Rule.R101, None)
    assert (decision.agreed or {})["name"] == "Evička"


def test_R29_replaced_tags_come_back_where_no_record_stands_any_more() -> None:
    frozen = a_call(tags=("raynet",), later=("raynet", "ručně"))
    bindings = [a_binding(a_record())]
    decision = decided(tied(sight=a_profile(tags=("raynet",)), bindings=bindings, pending=(frozen,)))
    assert (decision.verb, decision.write) == (Verb.CHANGE, Write(EMAIL, {}, ("raynet", "ručně")))


def test_R29_an_unsubscription_goes_first_and_replaced_tags_come_back_after_it() -> None:
    frozen = a_call(tags=("raynet",), later=("raynet", "ručně"))
    decision = decided(tied(a_record(mailable=False), sight=a_profile(tags=("raynet",)), pending=(frozen,)))
    assert (decision.verb, decision.pending) == (Verb.UNSUBSCRIBE, (frozen,))


def test_R29_replaced_tags_come_back_with_an_adoption_too() -> None:
    frozen = a_call(tags=("pipedrive",), later=("pipedrive", "ručně"))
    decision = decided(facts(a_record(), sight=a_profile(tags=("pipedrive",)), pending=(frozen,)))
    assert decision.write == Write(EMAIL, {}, ("pipedrive", "raynet", "ručně"))
