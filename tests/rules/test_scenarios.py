"""The scenarios that broke earlier wordings, as far as one address, or two of a record, can show them."""

from dataclasses import replace
from itertools import permutations

from core.decide.facts import Bound, Decision, Verb
from core.decide.rules import Rule
from spojka import Status, Write
from tests.support.builders import (
    EMAIL,
    NOW,
    a_binding,
    a_call,
    a_company,
    a_policy,
    a_profile,
    a_record,
    absent,
    an_answered_call,
    closings,
    decided,
    facts,
    only,
    openings,
    terms,
    tied,
)


def test_K1_a_list_that_confirms_and_stores_nothing_is_asked_once_more_then_it_fails_visibly() -> None:
    record = a_record(phone="222")
    first = an_answered_call({"phone": ("111", "222")})
    given = tied(record, sight=a_profile(phone="111"), agreed={"phone": "222"}, pending=(first,))
    once_more = decided(given)
    second = an_answered_call({"phone": ("111", "222")}, ticket=11, ended=12)
    again = replace(given, pending=(*(once_more.pending or ()), second), ticket=13)

    failed = decided(again)

    assert (once_more.verb, once_more.rule) == (Verb.CHANGE, Rule.R32)
    assert (failed.verb, failed.pending, failed.parked != "") == (Verb.KEEP, (), True)


def test_K5_two_addresses_swapped_and_the_name_changed_in_one_save_reach_both_profiles() -> None:
    first, second = a_record(slot=2, name="Nová"), a_record(slot=1, name="Nová")
    policy = a_policy(both_emails=True)
    decisions = [
        decided(
            tied(
                record, sight=a_profile(name="Stará"), bindings=[a_binding(record, slot=3 - record.slot, name="Stará")]
            ),
            policy,
        )
        for record in (first, second)
    ]
    assert [_fields(decision) for decision in decisions] == [{"name": "Nová"}, {"name": "Nová"}]
    assert [closings(decision) for decision in decisions] == [{}, {}]


def test_K6_a_lost_add_whose_record_is_deleted_meanwhile_is_unsubscribed_as_ours() -> None:
    decision = decided(replace(LOST, records=()), a_policy(on_delete="unsubscribe", on_email_change="unsubscribe"))
    assert (decision.verb, decision.ours, decision.known) == (Verb.UNSUBSCRIBE, True, True)


def test_K6_a_lost_add_whose_record_moves_away_is_kept_as_ours_by_default() -> None:
    decision = decided(replace(LOST, records=()))
    assert (decision.verb, decision.ours, decision.known) == (Verb.KEEP, True, True)


def test_K6_a_lost_add_whose_record_gets_the_flag_is_unsubscribed_as_ours() -> None:
    decision = decided(replace(LOST, records=(a_record(mailable=False),)))
    assert (decision.verb, decision.rule, decision.ours) == (Verb.UNSUBSCRIBE, Rule.R10, True)


LOST = facts(
    a_record(name="Eva"),
    sight=a_profile(name="Eva", sources=("raynet",), since=NOW),
    pending=(a_call({"name": ("", "Eva")}, add=True, tags=("raynet",)),),
)


def test_K7_a_profile_deleted_and_made_anew_with_only_its_address_is_a_strangers() -> None:
    record = a_record(name="Eva", phone="111")
    agreed = {"name": "Eva", "phone": "111"}
    decision = decided(tied(record, sight=a_profile(uid="u2", name="", phone=""), uid="u1", agreed=agreed))
    assert (decision.rule, decision.write) == (Rule.R28, Write(EMAIL, {}, ("raynet",)))
    assert (decision.agreed, openings(decision)["1"].agreed) == ({"name": "", "phone": ""}, agreed)


def test_K8_an_edit_meant_for_a_deleted_record_never_reaches_its_successor() -> None:
    first, second = a_record("1", phone="111"), a_record("2", phone="222")
    sight = a_profile(phone="777")
    decision = decided(
        tied(second, sight=sight, bindings=[a_binding(first), a_binding(second)], agreed={"phone": "111"})
    )
    assert (decision.verb, decision.rule, decision.agreed, decision.stands) == (
        Verb.KEEP,
        Rule.R20,
        {"phone": "777"},
        True,
    )


def test_K11_a_frozen_call_that_stores_its_value_after_a_newer_one_was_agreed_is_put_right() -> None:
    frozen = a_call({"phone": ("111", "222")})
    newer = an_answered_call({"phone": ("111", "333")}, ticket=7, ended=8)
    given = tied(a_record(phone="333"), sight=a_profile(phone="222"), agreed={"phone": "333"}, pending=(frozen, newer))
    decision = decided(given)
    assert (_fields(decision), decision.pending) == ({"phone": "333"}, ())


def test_K11_a_retry_with_the_same_value_does_not_excuse_the_frozen_call_early() -> None:
    frozen = a_call({"phone": ("111", "222")})
    retry = an_answered_call({"phone": ("111", "222")}, ticket=7, ended=8)
    given = tied(a_record(phone="222"), sight=a_profile(phone="222"), pending=(frozen, retry))
    assert [call.ticket for call in decided(given).pending or ()] == [frozen.ticket]


def test_K13_a_field_that_pages_leave_out_is_looked_up_and_then_a_conflict_with_both_values_kept() -> None:
    record = a_record(zip="60200")
    given = tied(record, sight=a_profile(), bindings=[a_binding(record, zip="11000")], agreed={"zip": "11000"})
    on = terms(unsaid=frozenset({"zip"}))
    looked = replace(given, sight=a_profile(zip="30100"), looked=True, ticket=12)
    assert decided(given, on=on).verb is Verb.LOOK
    decision = decided(looked, on=on)
    assert (decision.rule, only(decision.lines).changes) == (Rule.R24, {"zip": ("30100", "60200")})


def test_K14_a_call_that_made_the_profile_excuses_nothing_once_it_was_found() -> None:
    call = a_call({"phone": ("", "")}, add=True, tags=("raynet",))
    sight = a_profile(phone="", sources=("raynet",), tags=("raynet",), since=NOW)
    found = decided(facts(a_record(phone=""), sight=sight, pending=(call,)))
    emptied = tied(a_record(phone="777"), sight=sight, agreed={"phone": "777"}, pending=found.pending)
    assert (found.pending, decided(emptied).rule) == ((), Rule.R22)


def test_K16_tags_that_a_frozen_set_replaced_are_put_back() -> None:
    frozen = a_call(tags=("raynet",))
    retried = decided(facts(a_record(), sight=a_profile(tags=()), pending=(frozen,)))
    everybody = ("raynet", "pipedrive", "ručně")
    retry = an_answered_call(tags=("raynet",), ticket=11, ended=12)
    given = tied(a_record(), sight=a_profile(tags=everybody), pending=(*(retried.pending or ()), retry), ticket=13)
    seen = decided(given)
    arrived = replace(given, sight=a_profile(tags=("raynet",)), pending=seen.pending or (), ticket=14)

    decision = decided(arrived)

    assert (decision.write, decision.pending) == (Write(EMAIL, {}, everybody), ())


def test_K17_an_emptying_that_puts_a_late_value_right_and_does_not_take_fails_and_stays() -> None:
    frozen = a_call({"phone": ("", "222")})
    given = tied(a_record(phone=""), sight=a_profile(phone="222"), agreed={"phone": ""}, pending=(frozen,))
    put_right = decided(given)
    emptied = an_answered_call({"phone": ("222", "")}, repeats=1, ticket=11, ended=12)
    failed = decided(replace(given, agreed={"phone": ""}, pending=(emptied,), ticket=13))
    after = decided(replace(given, agreed=failed.agreed or {}, pending=(), ticket=14))
    assert (put_right.rule, _fields(put_right)) == (Rule.R25, {"phone": ""})
    assert (failed.write, failed.parked != "", after.verb, after.rule) == (None, True, Verb.KEEP, Rule.R20)


def test_K18_of_two_unknown_adds_the_snapshot_is_as_read_and_a_tag_counts_only_if_it_is_there() -> None:
    calls = (
        a_call({"name": ("", "Eva")}, add=True, tags=("raynet",), ticket=5),
        a_call({"name": ("", "Evička")}, add=True, tags=("raynet", "pipedrive"), ticket=6),
    )
    first, second = a_record("1", name="Eva"), a_record("2", connection=2, name="Evička")
    sight = a_profile(name="Eva", sources=("raynet",), tags=("raynet",), since=NOW)
    decision = decided(facts(first, second, sight=sight, pending=calls), a_policy(1), a_policy(2, tag="pipedrive"))
    assert (decision.rule, decision.agreed) == (Rule.R101, {"name": "Eva"})
    assert decision.write == Write(EMAIL, {}, ("raynet", "pipedrive"))


def test_K20_a_flag_on_the_second_record_of_a_reading_creates_nothing_in_whichever_order() -> None:
    records = (a_record("1"), a_company("2", mailable=False))
    verbs = {decided(facts(*order, sight=absent())).verb for order in permutations(records)}
    assert verbs == {Verb.SKIP}


def test_K21_a_profile_stays_subscribed_while_another_record_stands_on_it() -> None:
    first, second = a_record("1"), a_record("2")
    given = tied(second, sight=a_profile(), bindings=[a_binding(first), a_binding(second)])
    decision = decided(given, a_policy(on_delete="unsubscribe", on_email_change="unsubscribe"))
    assert (decision.verb, list(closings(decision))) == (Verb.KEEP, ["1"])


def test_K23_who_subscribes_again_by_own_hand_stays_subscribed() -> None:
    record = a_record(mailable=False)
    flagged = decided(tied(record, sight=a_profile()))
    given = tied(record, sight=a_profile(status=Status.SUBSCRIBED), bindings=_bindings(flagged))
    assert (flagged.verb, decided(given).verb) == (Verb.UNSUBSCRIBE, Verb.SKIP)


def test_K25_the_connection_that_takes_over_rules_from_the_first_day_and_keeps_it() -> None:
    first, second = a_record("1", name="Eva"), a_record("1", connection=2, name="Evička")
    both = (a_policy(1), a_policy(2))
    given = tied(second, sight=a_profile(name="Eva"), bindings=[a_binding(first), a_binding(second)])
    week_one = decided(given, *both)
    closed = a_binding(first, open=False, why="gone")
    back = tied(first, second, sight=a_profile(name="Eva"), bindings=[closed, a_binding(second)], ruling=2)
    edited = replace(back, records=(first, a_record("1", connection=2, name="Nová")))
    assert (week_one.ruling, decided(back, *both).ruling, _fields(decided(edited, *both))) == (2, 2, {"name": "Nová"})


def test_K26_a_former_primarys_value_that_the_list_keeps_fails_visibly() -> None:
    former, first = a_record("2", zip="11000"), a_record("1", zip="")
    given = tied(first, former, sight=a_profile(zip="11000"), bindings=[a_binding(former)])
    taken = decided(given)
    emptied = an_answered_call({"zip": ("11000", "")}, repeats=1, ticket=11, ended=12)
    bindings = [a_binding(former), a_binding(first)]
    failed = decided(replace(given, bindings=tuple(bindings), agreed={"zip": ""}, pending=(emptied,), ticket=13))
    assert (taken.rule, _fields(taken)) == (Rule.R25, {"zip": ""})
    assert (failed.write, failed.agreed, "zip" in failed.parked) == (None, {"zip": "11000"}, True)


def test_K29_what_is_meant_for_a_paused_connection_waits_and_the_other_goes_on() -> None:
    first, second = a_record("1", name="Nová"), a_record("1", connection=2, name="Evička")
    bindings = [a_binding(first, name="Eva"), a_binding(second, name="E.")]
    given = tied(first, second, sight=a_profile(name="Eva"), bindings=bindings)
    decision = decided(given, a_policy(1), a_policy(2, paused=True))
    assert (_fields(decision), [tie.key[0] for tie in decision.ties]) == ({"name": "Nová"}, [1])


def test_K33_a_record_first_found_by_the_backfill_starts_no_automation() -> None:
    record = a_record(found="backfill", created_at=NOW)
    assert not decided(facts(record, sight=absent()), a_policy(start_automations=True)).start_automations


def _fields(decision: Decision) -> dict[str, str]:
    return dict(decision.write.fields) if decision.write is not None else {}


def _bindings(decision: Decision) -> list[Bound]:
    tie = only(decision.ties)
    return [a_binding(a_record(tie.key[2]), open=tie.open, why=tie.why)]
