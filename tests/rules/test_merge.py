"""Part C and R42: one field, two snapshots, two values."""

from dataclasses import replace

import pytest

from core.decide.facts import Edit, Outcome, Verb
from core.decide.merge import Merging, Move, Side, Verdict, merge
from core.decide.rules import Rule
from core.decide.values import cut, fit, normal
from spojka import Custom, Field, Limits, Normal, Std, Text, Way
from tests.support.builders import (
    OWNER,
    a_binding,
    a_policy,
    a_profile,
    a_record,
    cited,
    decided,
    only,
    openings,
    outcomes,
    terms,
    tied,
)

WORDS = Text(cs="Pole", en="Field")
NAME = Field(Std.NAME, Way.BOTH, WORDS)
PHONE = Field(Std.PHONE, Way.BOTH, WORDS, Normal.PHONE)
GENDER = Field(Std.GENDER, Way.BOTH, WORDS, Normal.GENDER)
STATE = Field(Custom("Stav"), Way.IN, WORDS)
NOTE = Field(Custom("Poznámka"), Way.BOTH, WORDS)


def verdict(
    crm: tuple[str | None, str | None], audience: tuple[str | None, str | None], field: Field = NAME
) -> Verdict:
    return merge(Side(*crm), Side(*audience), field, Merging(a_policy(), 255))


def test_R20_nothing_changed_means_nothing_happens() -> None:
    assert verdict(("a", "a"), ("b", "b")) == Verdict(Move.NOTHING, Rule.R20)


def test_R20_an_unchanged_profile_costs_no_write_and_no_tie() -> None:
    decision = decided(tied(a_record(name="Eva"), sight=a_profile(name="Eva")))
    assert (decision.verb, decision.write, decision.ties, decision.lines) == (Verb.KEEP, None, (), ())
    assert outcomes(decision) == {1: (Outcome.UNCHANGED, "")}


def test_R21_an_edit_in_the_crm_goes_to_the_list() -> None:
    assert verdict(("a", "b"), ("a", "a")) == Verdict(Move.TO_LIST, Rule.R21, "b")


def test_R21_only_the_changed_field_is_written_and_both_snapshots_move() -> None:
    record = a_record(name="Eva", phone="222")
    bound = a_binding(record, phone="111")
    decision = decided(tied(record, sight=a_profile(name="Eva", phone="111"), bindings=[bound]))
    assert decision.write is not None
    assert (decision.verb, decision.rule, decision.write.fields) == (Verb.CHANGE, Rule.R21, {"phone": "222"})
    assert decision.write.tags is None
    assert (decision.agreed, openings(decision)["1"].agreed) == (dict(record.fields), dict(record.fields))


def test_R21_the_timeline_says_from_what_to_what() -> None:
    record = a_record(phone="222")
    decision = decided(tied(record, sight=a_profile(phone="111"), bindings=[a_binding(record, phone="111")]))
    assert only(decision.lines).changes == {"phone": ("111", "222")}


def test_R21_a_field_that_the_reading_does_not_say_is_looked_up_before_it_is_overwritten() -> None:
    record = a_record(zip="60200")
    decision = decided(tied(record, sight=a_profile(), bindings=[a_binding(record, zip="11000")]))
    assert decision.verb is Verb.LOOK


def test_R21_what_a_look_up_does_not_say_either_is_written() -> None:
    record = a_record(zip="60200")
    decision = decided(tied(record, sight=a_profile(), bindings=[a_binding(record, zip="11000")], looked=True))
    assert decision.write is not None
    assert decision.write.fields == {"zip": "60200"}


def test_R22_an_edit_in_the_list_goes_to_the_crm() -> None:
    assert verdict(("a", "a"), ("a", "b")) == Verdict(Move.TO_CRM, Rule.R22, "b")


def test_R22_an_edit_in_the_list_stays_there_where_nothing_is_written_into_the_crm() -> None:
    how = Merging(a_policy(write_fields=False), 255)
    assert merge(Side("a", "a"), Side("a", "b"), NAME, how) == Verdict(Move.NOTHING, Rule.R20)


def test_R26_an_edit_of_what_only_comes_from_the_crm_stays_in_the_list() -> None:
    assert verdict(("a", "a"), ("a", "b"), STATE) == Verdict(Move.NOTHING, Rule.R20)


def test_R25_an_emptied_value_is_emptied_in_the_crm() -> None:
    assert verdict(("a", "a"), ("a", "")) == Verdict(Move.TO_CRM, Rule.R22, "")


def test_R25_what_the_crm_does_not_let_be_empty_is_refused() -> None:
    surname = Field(Std.SURNAME, Way.BOTH, WORDS, empties=False)
    assert verdict(("a", "a"), ("a", ""), surname) == Verdict(Move.REFUSED, Rule.R25, "")


def test_R22_while_it_waits_no_snapshot_moves() -> None:
    decision = decided(tied(a_record(name="Eva"), sight=a_profile(name="Evička"), agreed={"name": "Eva"}))
    assert (decision.verb, decision.rule, decision.ties) == (Verb.KEEP, Rule.R22, ())
    assert decision.agreed == {"name": "Eva"}


def test_R22_the_ruling_record_alone_gets_the_edit() -> None:
    first, second = a_record("1", name="Eva"), a_record("2", name="Eva")
    decision = decided(tied(first, second, sight=a_profile(name="Evička"), agreed={"name": "Eva"}))
    assert decision.edits == (Edit(first.key, "name", "Eva", "Evička", Rule.R22),)


def test_R22_a_field_without_a_snapshot_has_no_edit() -> None:
    assert verdict(("a", "a"), (None, "b")) == Verdict(Move.NOTHING, Rule.R20)


def test_R23_the_same_edit_on_both_sides_moves_the_snapshots_alone() -> None:
    assert verdict(("a", "b"), ("a", "b")) == Verdict(Move.AGREED, Rule.R23)


def test_R23_values_are_compared_in_the_fields_normal_form() -> None:
    assert verdict(("1", "+420 777 123 456"), ("1", "00420777123456"), PHONE).move is Move.AGREED


def test_R24_of_two_different_edits_the_crms_counts() -> None:
    assert verdict(("a", "b"), ("a", "c")) == Verdict(Move.TO_LIST, Rule.R24, "b")


def test_R24_the_other_value_is_kept_in_the_timeline() -> None:
    record = a_record(name="Eva")
    given = tied(record, sight=a_profile(name="Evička"), bindings=[a_binding(record, name="E.")], agreed={"name": "E."})
    assert only(decided(given).lines).changes == {"name": ("Evička", "Eva")}


@pytest.mark.parametrize("conflicts", ["list", "ask"])
def test_R24_a_setting_lets_the_list_count_or_a_person_decide(conflicts: str) -> None:
    how = Merging(a_policy(conflicts=conflicts), 255)
    move = Move.TO_CRM if conflicts == "list" else Move.ASKS
    assert merge(Side("a", "b"), Side("a", "c"), NAME, how) == Verdict(move, Rule.R24, "c")


@pytest.mark.parametrize(("choice", "move"), [("crm", Move.TO_LIST), ("list", Move.TO_CRM)])
def test_R24_what_a_person_chose_counts(choice: str, move: Move) -> None:
    how = Merging(a_policy(conflicts="ask"), 255, choice=choice)
    assert merge(Side("a", "b"), Side("a", "c"), NAME, how).move is move


def test_R24_where_nothing_is_written_into_the_crm_it_counts() -> None:
    how = Merging(a_policy(conflicts="ask", write_fields=False), 255)
    assert merge(Side("a", "b"), Side("a", "c"), NAME, how) == Verdict(Move.TO_LIST, Rule.R24, "b")


def test_R25_an_emptied_field_is_emptied_in_the_list() -> None:
    assert verdict(("a", ""), ("a", "a")) == Verdict(Move.TO_LIST, Rule.R25, "")


@pytest.mark.parametrize(("crm", "audience"), [(("a", None), ("a", "a")), (("a", "a"), ("a", None))])
def test_R25_what_an_answer_leaves_out_is_no_edit(
    crm: tuple[str | None, str | None], audience: tuple[str | None, str | None]
) -> None:
    assert verdict(crm, audience).move is Move.NOTHING


def test_R26_what_the_list_says_of_a_one_way_field_stays_until_the_crm_changes() -> None:
    assert verdict(("a", "a"), ("a", "b"), STATE) == Verdict(Move.NOTHING, Rule.R20)


def test_R26_a_change_in_the_crm_restores_it() -> None:
    assert verdict(("a", "c"), ("a", "b"), STATE) == Verdict(Move.TO_LIST, Rule.R26, "c")


def test_R26_a_field_may_be_one_way_for_one_record_only() -> None:
    record = a_record(zip="60200", one_way=frozenset({"zip"}))
    decision = decided(tied(record, sight=a_profile(zip="11000"), agreed={"zip": "60200"}))
    assert (decision.verb, decision.rule) == (Verb.KEEP, Rule.R20)


def test_R40_a_value_said_for_the_first_time_fills_an_empty_field_of_a_profile_of_ours() -> None:
    record = a_record(owner="Jan")
    given = tied(record, sight=a_profile(owner=""), bindings=[a_binding(record, agreed={})])
    decision = decided(given)
    assert decision.write is not None
    assert decision.write.fields == {OWNER: "Jan"}


@pytest.mark.parametrize(("ours", "there"), [(False, ""), (True, "Petr")])
def test_R40_it_overwrites_nothing_and_changes_no_adopted_profile(ours: bool, there: str) -> None:
    record = a_record(owner="Jan")
    decision = decided(tied(record, sight=a_profile(owner=there), bindings=[a_binding(record, agreed={})], ours=ours))
    assert (decision.write, openings(decision)["1"].agreed) == (None, {OWNER: "Jan"})


def test_R42_a_cut_value_is_compared_as_it_was_cut() -> None:
    how = Merging(a_policy(), 4)
    assert merge(Side("abcdef", "abcdxy"), Side("abcd", "abcd"), NAME, how) == Verdict(Move.AGREED, Rule.R23)


def test_R42_the_short_copy_never_comes_home() -> None:
    how = Merging(a_policy(), 4)
    assert merge(Side("abcdef", "abcdef"), Side("abcd", "abc"), NAME, how) == Verdict(Move.NOTHING, Rule.R20)


def test_R42_a_custom_field_that_gave_way_to_others_is_one_way_too() -> None:
    assert verdict(("abcdef", "abcdef"), ("abcd", "x"), NOTE) == Verdict(Move.NOTHING, Rule.R20)


def test_R42_a_later_cut_is_in_the_timeline() -> None:
    record = a_record(company="Firma Nová")
    given = tied(record, sight=a_profile(company=""), bindings=[a_binding(record, company="")])
    assert cited(decided(given, on=terms(Limits(field_length=5)))) == ["R21 updated", "R42 cut"]


def test_R42_a_cut_never_goes_through_a_combined_character() -> None:
    assert cut("ae\u0301x", 2) == "a"


def test_R42_of_custom_fields_the_longest_gives_way() -> None:
    fitted = fit({"custom:A": "aaaaaa", "custom:B": "bb", "name": "Eva"}, 255, 5)
    assert (fitted.fields, fitted.cut) == ({"custom:A": "aaa", "custom:B": "bb", "name": "Eva"}, ("custom:A",))


def test_R42_custom_fields_that_stay_count_too() -> None:
    note, both = NOTE.key, {NOTE.key: NOTE, OWNER: STATE}
    record = replace(a_record(), fields={OWNER: "Jana", note: "dlouhá"})
    sight = replace(a_profile(), fields={OWNER: "Jana", note: ""})
    bound = a_binding(record, agreed=sight.fields)
    decision = decided(
        tied(record, sight=sight, bindings=[bound]), a_policy(fields=both), on=terms(Limits(custom_length=7))
    )
    assert decision.write is not None
    assert decision.write.fields == {note: "dlo"}


@pytest.mark.parametrize("value", ["<b>O'Neill</b> & syn", "  dvě  mezery ", "777 123 456"])
def test_R43_values_travel_as_they_were_typed(value: str) -> None:
    assert verdict(("a", value), ("a", "a")).sent == value


def test_R105_a_gender_filled_in_by_the_list_is_no_edit() -> None:
    assert verdict(("", ""), ("", "female"), GENDER) == Verdict(Move.AGREED, Rule.R20)


def test_R105_a_gender_filled_in_by_the_list_is_no_conflict() -> None:
    assert verdict(("", "male"), ("", "female"), GENDER) == Verdict(Move.TO_LIST, Rule.R21, "male")


@pytest.mark.parametrize("crm", ["", "female"])
def test_R105_a_gender_changed_in_the_list_is_an_edit(crm: str) -> None:
    assert verdict((crm, crm), ("female", "male"), GENDER) == Verdict(Move.TO_CRM, Rule.R22, "male")


def test_R105_a_gender_is_never_emptied_in_the_list() -> None:
    assert verdict(("male", ""), ("male", "male"), GENDER) == Verdict(Move.AGREED, Rule.R20)


@pytest.mark.parametrize(
    ("form", "one", "other"),
    [
        (Normal.PHONE, "+420 777 123 456", "00420777123456"),
        (Normal.TEXT, "Jan  Novák ", "Jan Novák"),
        (Normal.TEXT, "Nova\u0301", "Nová"),
        (Normal.CODE, "cz", "CZ"),
        (Normal.GENDER, "Male", "male"),
    ],
)
def test_R32_a_vendor_that_normalises_changes_nothing(form: Normal, one: str, other: str) -> None:
    assert normal(form, one) == normal(form, other)


@pytest.mark.parametrize(("form", "one", "other"), [(Normal.TEXT, "Eva", "eva"), (Normal.PHONE, "777", "+777")])
def test_R32_what_a_person_may_mean_stays_a_difference(form: Normal, one: str, other: str) -> None:
    assert normal(form, one) != normal(form, other)
