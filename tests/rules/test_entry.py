"""Part A: which records become profiles, and why others do not."""

import pytest

from core.decide.facts import Outcome, Unknown, Verb
from core.decide.rules import Rule
from spojka import Standing, Status
from tests.support.builders import (
    a_binding,
    a_company,
    a_policy,
    a_profile,
    a_record,
    absent,
    closings,
    decided,
    facts,
    openings,
    outcomes,
    tied,
)


def test_R1_a_person_gets_one_profile() -> None:
    decision = decided(facts(a_record(name="Eva"), sight=absent()))
    assert (decision.verb, outcomes(decision)) == (Verb.ADD, {1: (Outcome.CREATED, "")})


def test_R2_a_company_gets_one_profile() -> None:
    decision = decided(facts(a_company(company="Firma"), sight=absent()))
    assert decision.write is not None
    assert decision.write.fields == {"company": "Firma"}


def test_R4_a_second_address_makes_a_profile_with_the_same_data_when_asked_for() -> None:
    decision = decided(facts(a_record(slot=2, name="Eva"), sight=absent()), a_policy(both_emails=True))
    assert decision.write is not None
    assert (decision.write.fields, openings(decision)["1"].slot) == ({"name": "Eva"}, 2)


def test_R4_a_second_address_is_not_looked_at_by_default() -> None:
    decision = decided(facts(a_record(slot=2), sight=absent()))
    assert (decision.verb, decision.outcomes) == (Verb.KEEP, ())


def test_R5_two_equal_addresses_of_a_record_are_one_binding() -> None:
    record = facts(a_record(slot=2), a_record(slot=1), sight=absent())
    decision = decided(record, a_policy(both_emails=True))
    assert [(tie.key[2], tie.slot) for tie in decision.ties] == [("1", 1)]


def test_R8_second_addresses_switched_off_close_their_bindings_and_keep_the_profile() -> None:
    decision = decided(tied(a_record(slot=2), sight=a_profile()))
    assert (decision.verb, decision.rule, closings(decision)) == (Verb.KEEP, Rule.R8, {"1": "slot_off"})


def test_R8_switching_it_off_never_unsubscribes() -> None:
    policy = a_policy(on_delete="unsubscribe", on_email_change="unsubscribe")
    assert decided(tied(a_record(slot=2), sight=a_profile()), policy).verb is Verb.KEEP


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        (Standing.COLLEAGUE, "colleague"),
        (Standing.OWN_COMPANY, "own_company"),
        (Standing.INVALID, "invalid_record"),
        (Standing.GONE, "invalid_record"),
    ],
)
def test_R9_some_records_make_no_profile_and_are_counted(standing: Standing, why: str) -> None:
    decision = decided(facts(a_record(standing=standing), sight=absent()))
    assert (decision.write, outcomes(decision)) == (None, {1: (Outcome.SKIPPED, why)})


def test_R9_nobody_needs_to_look_for_a_record_without_a_place() -> None:
    decision = decided(facts(a_record(standing=Standing.COLLEAGUE), sight=Unknown()))
    assert (decision.verb, outcomes(decision)) == (Verb.SKIP, {1: (Outcome.SKIPPED, "colleague")})


def test_R9_what_is_remembered_of_the_address_stays_while_nobody_looks() -> None:
    closed = a_binding(a_record(), open=False, why="colleague")
    given = facts(
        a_record(standing=Standing.COLLEAGUE), sight=Unknown(), bindings=[closed], ours=True, known=True, ruling=1
    )
    decision = decided(given)
    assert (decision.ours, decision.known, decision.ruling) == (True, True, 1)


@pytest.mark.parametrize("setting", ["include_colleagues", "include_own_company"])
def test_R9_a_setting_lifts_it(setting: str) -> None:
    standing = Standing.COLLEAGUE if setting == "include_colleagues" else Standing.OWN_COMPANY
    decision = decided(facts(a_record(standing=standing), sight=absent()), a_policy(**{setting: True}))
    assert decision.verb is Verb.ADD


def test_R9_another_record_of_the_address_may_have_the_profile() -> None:
    decision = decided(facts(a_record("1", standing=Standing.INVALID), a_record("2", name="Bob"), sight=absent()))
    assert (decision.verb, list(openings(decision)), outcomes(decision)) == (
        Verb.ADD,
        ["2"],
        {1: (Outcome.CREATED, "")},
    )


def test_R9_each_connection_counts_its_own() -> None:
    given = facts(a_record("1"), a_record("2", connection=2, standing=Standing.COLLEAGUE), sight=absent())
    decision = decided(given, a_policy(1), a_policy(2))
    assert outcomes(decision) == {1: (Outcome.CREATED, ""), 2: (Outcome.SKIPPED, "colleague")}


def test_R10_a_flagged_record_makes_no_profile() -> None:
    decision = decided(facts(a_record(mailable=False), sight=absent()))
    assert (decision.verb, decision.rule) == (Verb.SKIP, Rule.R10)
    assert outcomes(decision) == {1: (Outcome.SKIPPED, "do_not_send")}


def test_R10_one_flag_speaks_for_every_record_of_the_address_and_all_connections() -> None:
    given = facts(a_record("1"), a_record("2", connection=2, mailable=False), sight=absent())
    assert decided(given, a_policy(1), a_policy(2)).verb is Verb.SKIP


def test_R10_the_flag_counts_in_a_slot_that_is_not_looked_at() -> None:
    assert decided(facts(a_record("1"), a_record("2", slot=2, mailable=False), sight=absent())).verb is Verb.SKIP


@pytest.mark.parametrize("standing", [Standing.INVALID, Standing.GONE])
def test_R10_the_flag_of_an_invalid_record_does_not_count(standing: Standing) -> None:
    given = facts(a_record("1"), a_record("2", mailable=False, standing=standing), sight=absent())
    assert decided(given).verb is Verb.ADD


def test_R10_the_setting_is_that_of_the_records_own_connection() -> None:
    given = facts(a_record("1"), a_record("2", connection=2, mailable=False), sight=absent())
    assert decided(given, a_policy(1), a_policy(2, respect_do_not_send=False)).verb is Verb.ADD


def test_R10_what_is_ours_is_unsubscribed_and_its_bindings_close() -> None:
    decision = decided(tied(a_record(mailable=False), sight=a_profile()))
    assert (decision.verb, closings(decision)) == (Verb.UNSUBSCRIBE, {"1": "do_not_send"})


def test_R10_who_was_there_before_us_is_left_as_is() -> None:
    decision = decided(tied(a_record(mailable=False), sight=a_profile(), ours=False))
    assert (decision.verb, closings(decision)) == (Verb.SKIP, {"1": "do_not_send"})


def test_R10_who_left_already_is_not_unsubscribed_again() -> None:
    sight = a_profile(status=Status.UNSUBSCRIBED)
    assert decided(tied(a_record(mailable=False), sight=sight)).verb is Verb.SKIP


def test_R10_a_strangers_profile_made_anew_in_place_of_ours_is_left_as_is() -> None:
    decision = decided(tied(a_record(mailable=False), sight=a_profile(uid="u2"), uid="u1"))
    assert (decision.verb, decision.ours) == (Verb.SKIP, False)


def test_R10_the_flag_of_a_paused_connection_goes_on_counting() -> None:
    given = facts(a_record("1"), a_record("2", connection=2, mailable=False), sight=absent())
    assert decided(given, a_policy(1), a_policy(2, paused=True)).verb is Verb.SKIP


def test_R10_a_flag_that_goes_takes_the_binding_up_again_and_the_status_stays() -> None:
    record = a_record(name="Eva")
    closed = a_binding(record, open=False, why="do_not_send")
    sight = a_profile(name="Evička", status=Status.UNSUBSCRIBED)
    decision = decided(tied(record, sight=sight, bindings=[closed]))
    assert (decision.verb, decision.rule, list(openings(decision))) == (Verb.KEEP, Rule.R12A, ["1"])
