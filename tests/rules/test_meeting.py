"""Part B and E: the first meeting of a record and a profile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.decide.facts import Missing, Origin, Outcome, Unknown, Verb
from core.decide.rules import Rule
from spojka import Limits, Status, Write
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
    closings,
    decided,
    facts,
    openings,
    outcomes,
    terms,
    tied,
)

ACCOUNT = terms(shared=frozenset({"name", "surname", "phone"}), shared_tags=True)


def test_R11_a_new_profile_gets_all_that_is_filled_in() -> None:
    record = a_record(name="Eva", phone="", owner="Jan", tags=("klient",))
    decision = decided(facts(record, sight=absent()))
    fields = {"name": "Eva", "custom:Vlastník": "Jan"}
    assert decision.write == Write(EMAIL, fields, ("raynet", "klient"), "raynet")


def test_R11_both_snapshots_are_what_was_sent() -> None:
    decision = decided(facts(a_record(name="Eva", phone=""), sight=absent()))
    assert decision.agreed == {"name": "Eva", "phone": ""}
    assert openings(decision)["1"].agreed == {"name": "Eva", "phone": ""}


def test_R11_the_profile_is_ours_and_its_connection_rules() -> None:
    decision = decided(facts(a_record(), sight=absent()))
    assert (decision.ours, decision.known, decision.ruling, openings(decision)["1"].origin) == (
        True,
        True,
        1,
        Origin.CREATED,
    )


def test_R11_a_field_that_no_connection_maps_is_not_sent() -> None:
    decision = decided(facts(a_record(hobby="šachy"), sight=absent()))
    assert decision.write is not None
    assert decision.write.fields == {}


def test_R11_nobody_is_added_on_guesswork() -> None:
    assert decided(facts(a_record(), sight=Unknown())).verb is Verb.LOOK


def test_R12_an_address_already_in_the_list_gets_the_tag_and_nothing_else() -> None:
    decision = decided(facts(a_record(phone="222", tags=("klient",)), sight=a_profile(phone="111", tags=("vip",))))
    assert (decision.verb, decision.rule) == (Verb.ADOPT, Rule.R12)
    assert decision.write == Write(EMAIL, {}, ("vip", "raynet"), None)


def test_R12_both_snapshots_are_taken_as_they_stand() -> None:
    decision = decided(facts(a_record(phone="222"), sight=a_profile(phone="111")))
    assert (decision.agreed, openings(decision)["1"].agreed) == ({"phone": "111"}, {"phone": "222"})
    assert decision.stands


def test_R12_who_has_the_tag_already_costs_no_request() -> None:
    decision = decided(facts(a_record(), sight=a_profile(tags=("Raynet",))))
    assert (decision.verb, decision.write, outcomes(decision)) == (Verb.ADOPT, None, {1: (Outcome.ADOPTED, "")})


def test_R12_an_adopted_profile_is_not_ours() -> None:
    assert not decided(facts(a_record(), sight=a_profile())).ours


def test_R12_tags_that_the_reading_did_not_say_are_looked_up_before_a_set_is_written() -> None:
    assert decided(facts(a_record(), sight=a_profile(tags=None))).verb is Verb.LOOK


def test_R12_what_even_a_look_up_does_not_say_waits_for_a_person() -> None:
    decision = decided(facts(a_record(), sight=a_profile(tags=None), looked=True))
    assert decision.verb is Verb.PARK
    assert decision.parked != ""


def test_R12a_a_binding_that_closed_is_taken_up_again_without_writing_a_field() -> None:
    record = a_record(phone="333")
    closed = a_binding(record, phone="111", open=False, why="email_changed")
    decision = decided(tied(record, sight=a_profile(phone="222"), bindings=[closed], agreed={"phone": "111"}))
    assert (decision.verb, decision.rule, decision.stands) == (Verb.KEEP, Rule.R12A, True)
    assert (decision.agreed, openings(decision)["1"].agreed) == ({"phone": "222"}, {"phone": "333"})


@pytest.mark.parametrize("origin", list(Origin))
def test_R12a_created_or_adopted_it_stays_what_it_was(origin: Origin) -> None:
    closed = a_binding(a_record(), open=False, why="gone", origin=origin)
    decision = decided(tied(a_record(), sight=a_profile(), bindings=[closed], ours=origin is Origin.CREATED))
    assert (openings(decision)["1"].origin, decision.ours) == (origin, origin is Origin.CREATED)


def test_R12a_tags_of_a_record_that_comes_back_stay_where_they_are() -> None:
    record = a_record(tags=("nový",))
    closed = a_binding(a_record(), open=False, why="gone")
    decision = decided(tied(record, sight=a_profile(), bindings=[closed]), a_policy(follow_tags=True))
    assert decision.write is None


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SUBSCRIBED])
def test_R13_adoption_never_touches_a_status(status: Status) -> None:
    decision = decided(facts(a_record(), sight=a_profile(status=status)))
    assert (decision.verb, decision.rule) == (Verb.ADOPT, Rule.R12)


def test_R14_an_address_without_records_or_bindings_is_left_alone() -> None:
    decision = decided(facts(sight=a_profile()))
    assert (decision.verb, decision.write, decision.ties) == (Verb.KEEP, None, ())


def test_R15_what_somebody_deleted_from_the_list_is_not_made_again() -> None:
    record = a_record()
    decision = decided(facts(record, sight=absent(), bindings=[a_binding(record)], ours=True, known=True, ruling=1))
    assert (decision.verb, decision.rule, closings(decision)) == (Verb.SKIP, Rule.R15, {"1": "deleted_from_list"})
    assert outcomes(decision) == {1: (Outcome.SKIPPED, "deleted_from_list")}


def test_R15_the_timeline_hears_of_it_once() -> None:
    closed = a_binding(a_record(), open=False, why="deleted_from_list")
    decision = decided(facts(a_record(), sight=absent(), bindings=[closed], ours=True, known=True))
    assert (decision.rule, decision.lines) == (Rule.R15, ())


@pytest.mark.parametrize(
    ("switched_on", "found", "hours", "starts"),
    [
        (True, "live", 23, True),
        (True, "live", 25, False),
        (True, "backfill", 1, False),
        (False, "live", 1, False),
    ],
)
def test_R16_only_a_young_record_first_found_live_starts_automations(
    switched_on: bool, found: str, hours: int, starts: bool
) -> None:
    record = a_record(found=found, created_at=NOW - timedelta(hours=hours))
    decision = decided(facts(record, sight=absent()), a_policy(start_automations=switched_on))
    assert decision.start_automations is starts


def test_R16_a_record_of_unknown_age_starts_nothing() -> None:
    assert not decided(
        facts(a_record(found="live"), sight=absent()), a_policy(start_automations=True)
    ).start_automations


def test_R17_who_is_known_to_the_account_joins_and_typed_values_stay() -> None:
    account = a_profile(name="Evička", surname="", phone="111", tags=("vip",))
    record = a_record(name="Eva", surname="Nová", phone="222", owner="Jan", tags=("klient",))
    decision = decided(facts(record, sight=absent(Status.SUBSCRIBED, account=account)), on=ACCOUNT)
    assert (decision.verb, decision.rule, decision.ours) == (Verb.JOIN, Rule.R17, True)
    assert decision.write == Write(EMAIL, {"custom:Vlastník": "Jan"}, None, "raynet")
    assert decision.then == Write(EMAIL, {"surname": "Nová"}, ("vip", "raynet", "klient"))


def test_R17_the_lists_snapshot_is_what_the_account_said_and_what_was_filled() -> None:
    account = a_profile(name="Evička", surname="", tags=())
    record = a_record(name="Eva", surname="Nová", owner="")
    decision = decided(facts(record, sight=absent(Status.SUBSCRIBED, account=account)), on=ACCOUNT)
    assert decision.agreed == {"name": "Evička", "surname": "Nová", "custom:Vlastník": ""}
    assert openings(decision)["1"].agreed == dict(record.fields)


@pytest.mark.parametrize("account", [a_profile(tags=None, name=""), a_profile(tags=())])
def test_R17_what_the_account_did_not_say_is_looked_up_first(account: Missing) -> None:
    decision = decided(facts(a_record(name="Eva"), sight=absent(Status.SUBSCRIBED, account=account)), on=ACCOUNT)  # type: ignore[arg-type]  # a profile
    assert decision.verb is Verb.LOOK


@pytest.mark.parametrize("status", [Status.COMPLAINED, Status.BOUNCED])
def test_R17_who_complained_or_bounced_elsewhere_is_not_added(status: Status) -> None:
    policy = a_policy(join_who_left_elsewhere=True)
    decision = decided(facts(a_record(), sight=absent(Status.SUBSCRIBED, status)), policy)
    assert (decision.verb, outcomes(decision)) == (Verb.SKIP, {1: (Outcome.SKIPPED, "refused_elsewhere")})


def test_R17_who_left_another_list_is_not_added() -> None:
    decision = decided(facts(a_record(), sight=absent(Status.UNSUBSCRIBED)))
    assert (decision.rule, outcomes(decision)) == (Rule.R17, {1: (Outcome.SKIPPED, "left_elsewhere")})


def test_R17_a_setting_lets_those_join_who_left_another_list() -> None:
    sight = absent(Status.UNSUBSCRIBED, account=a_profile(name=""))
    decision = decided(facts(a_record(name="Eva"), sight=sight), a_policy(join_who_left_elsewhere=True), on=ACCOUNT)
    assert decision.verb is Verb.JOIN


def test_R28_a_profile_with_another_id_is_a_strangers_and_gets_the_tag_alone() -> None:
    record = a_record(phone="111")
    decision = decided(tied(record, sight=a_profile(uid="u2", phone=""), uid="u1", agreed={"phone": "111"}))
    assert (decision.verb, decision.rule, decision.ours) == (Verb.ADOPT, Rule.R28, False)
    assert decision.write == Write(EMAIL, {}, ("raynet",), None)
    assert decision.agreed == {"phone": ""}


def test_R28_what_the_former_profile_confirmed_is_not_missing_in_the_new_one() -> None:
    record = a_record(surname="Nová")
    given = tied(record, sight=a_profile(uid="u2", surname=""), bindings=[a_binding(record)])
    call = an_answered_call({"surname": ("Stará", "Nová")})
    decision = decided(replace(given, uid="u1", agreed={"surname": "Nová"}, pending=(call,)))
    assert (decision.rule, decision.pending, decision.agreed) == (Rule.R28, (), {"surname": ""})
    assert openings(decision)["1"].agreed["surname"] == "Nová"


def test_R28_without_an_id_a_later_beginning_tells_it() -> None:
    sight = a_profile(uid="", since=NOW)
    decision = decided(tied(a_record(), sight=sight, uid="", since=NOW - timedelta(days=2)))
    assert decision.rule is Rule.R28


def test_R28_one_made_anew_before_its_id_was_read_bears_nothing_of_ours() -> None:
    record = a_record(name="Eva")
    given = tied(record, sight=a_profile(uid="u2", sources=("app",)), bindings=[a_binding(record)], uid="", ours=True)
    decision = decided(replace(given, agreed={"name": "Eva"}))
    assert (decision.rule, decision.edits) == (Rule.R28, ())
    mine = replace(given, sight=a_profile(uid="u2", sources=("raynet",), name="Eva"), agreed={"name": "Eva"})
    assert decided(mine).rule is not Rule.R28


def test_R28_who_leaves_and_comes_back_under_the_same_id_is_the_same() -> None:
    decision = decided(tied(a_record(), sight=a_profile(since=NOW), since=NOW - timedelta(days=2)))
    assert (decision.verb, decision.ours) == (Verb.KEEP, True)


def test_R28_what_was_deleted_and_is_there_again_is_a_strangers() -> None:
    closed = a_binding(a_record(), open=False, why="deleted_from_list")
    decision = decided(tied(a_record(), sight=a_profile(), bindings=[closed]))
    assert (decision.rule, decision.ours) == (Rule.R28, False)


def test_R28_an_old_deletion_counts_only_until_the_address_is_tied_again() -> None:
    old = a_binding(a_record("2"), open=False, why="deleted_from_list")
    decision = decided(tied(a_record(), sight=a_profile(), bindings=[a_binding(a_record()), old]))
    assert (decision.verb, decision.ties) == (Verb.KEEP, ())


def test_R29_a_call_in_flight_is_not_forgotten_by_an_adoption() -> None:
    flying = a_call(tags=("raynet",))
    decision = decided(facts(a_record(), sight=a_profile(tags=("vip",)), pending=(flying,)))
    assert decision.pending == (replace(flying, later=("vip", "raynet")),)


def test_R42_a_value_longer_than_the_list_takes_is_cut_and_told() -> None:
    decision = decided(
        facts(a_record(company="Firma s dlouhým jménem"), sight=absent()), on=terms(Limits(field_length=5))
    )
    assert decision.write is not None
    assert (decision.write.fields, cited(decision)) == ({"company": "Firma"}, ["R11 created", "R42 cut"])


def test_R50_a_new_profile_gets_the_tags_of_all_its_records() -> None:
    decision = decided(facts(a_record("1", tags=("a",)), a_record("2", tags=("b", "A")), sight=absent()))
    assert decision.write is not None
    assert decision.write.tags == ("raynet", "a", "b")


def test_R50_each_connection_leaves_its_own_tag() -> None:
    given = facts(a_record("1"), a_record("2", connection=2), sight=absent())
    decision = decided(given, a_policy(1), a_policy(2, tag="pipedrive"))
    assert decision.write is not None
    assert decision.write.tags == ("raynet", "pipedrive")


@pytest.mark.parametrize("tag", ["a,b", "", "  ", "x" * 51])
def test_R54_a_tag_that_the_list_does_not_take_is_left_out_and_told(tag: str) -> None:
    decision = decided(facts(a_record(tags=(tag, "klient")), sight=absent()))
    assert decision.write is not None
    assert (decision.write.tags, cited(decision)) == (("raynet", "klient"), ["R11 created", "R54 left_out"])


def test_R54_tags_that_together_are_too_long_are_left_out_from_the_end() -> None:
    decision = decided(facts(a_record(tags=("abc", "defgh")), sight=absent()), on=terms(Limits(tags_length=10)))
    assert decision.write is not None
    assert decision.write.tags == ("raynet", "abc")


@pytest.mark.parametrize("spelling", ["KLIENT", " klient ", "Klient"])
def test_R54_a_tag_that_differs_by_case_or_space_is_the_same_and_its_spelling_stays(spelling: str) -> None:
    decision = decided(facts(a_record(tags=("klient", spelling)), sight=absent()))
    assert decision.write is not None
    assert decision.write.tags == ("raynet", "klient")


def test_R3_further_addresses_of_the_field_are_named_in_the_timeline() -> None:
    decision = decided(facts(a_record(note="bob@firma.cz"), sight=absent()))
    assert cited(decision) == ["R11 created", "R3 others"]
