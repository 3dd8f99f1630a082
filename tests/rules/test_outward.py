"""R29, R32, R25 at the CRM: what of a record is our own writing, and nobody's edit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.decide.facts import Decision, Edit, Outcome, Put, Standpoint, Verb
from core.decide.rules import Rule
from tests.support.builders import NOW, a_binding, a_profile, a_record, decided, only, openings, outcomes, tied


def a_put(fields: Mapping[str, tuple[str, str]], **changes: Any) -> Put:
    """A write that the CRM confirmed an hour ago, in ticket 6."""
    return replace(Put(fields, 5, 6, NOW - timedelta(hours=1)), **changes)


def unanswered(fields: Mapping[str, tuple[str, str]], **changes: Any) -> Put:
    """A write of unknown end."""
    return a_put(fields, ended=0, **changes)


def read(**values: Any) -> Standpoint:
    """The record as a reading with ticket 10 shows it."""
    return a_record(**{"ticket": 10, **values})


def met(record: Standpoint, *pending: Put, crm: str, said: str, agreed: str) -> Decision:
    """The plan for a phone: the snapshots of both sides, and what the list says."""
    bound = a_binding(record, phone=crm, pending=pending)
    return decided(tied(record, sight=a_profile(phone=said), bindings=[bound], agreed={"phone": agreed}))


def test_R29_our_own_write_coming_back_costs_nothing() -> None:
    decision = met(read(phone="222"), a_put({"phone": ("111", "222")}), crm="222", said="222", agreed="222")
    assert (decision.verb, decision.write, decision.edits) == (Verb.KEEP, None, ())
    assert openings(decision)["1"].pending == ()


def test_K2_until_the_crm_was_read_nothing_travels_back() -> None:
    record = a_record(phone="222", ticket=6)
    decision = met(record, a_put({"phone": ("111", "222")}), crm="222", said="222", agreed="222")
    assert (decision.verb, decision.write, decision.edits, decision.ties) == (Verb.KEEP, None, (), ())


def test_R32_an_old_value_within_two_minutes_of_our_write_is_no_edit() -> None:
    put = a_put({"phone": ("111", "222")}, at=NOW - timedelta(seconds=30))
    decision = met(read(phone="111"), put, crm="222", said="222", agreed="222")
    assert (decision.write, decision.edits, decision.ties) == (None, (), ())


def test_R32_what_the_crm_did_not_store_is_written_once_more() -> None:
    record = read(phone="111")
    decision = met(record, a_put({"phone": ("111", "222")}), crm="222", said="222", agreed="222")
    assert decision.edits == (Edit(record.key, "phone", "111", "222", Rule.R32, repeats=1),)
    assert openings(decision)["1"].pending == ()


def test_K1_mirrored_what_was_not_stored_twice_fails_and_never_travels_back() -> None:
    put = a_put({"phone": ("111", "222")}, repeats=1)
    decision = met(read(phone="111"), put, crm="222", said="222", agreed="222")
    assert (decision.write, [edit.refused != "" for edit in decision.edits]) == (None, [True])
    assert outcomes(decision)[1][0] is Outcome.FAILED


def test_K1_mirrored_the_snapshots_go_back() -> None:
    put = a_put({"phone": ("111", "222")}, repeats=1)
    decision = met(read(phone="111"), put, crm="222", said="222", agreed="222")
    assert (decision.agreed, openings(decision)["1"].agreed) == ({"phone": "111"}, {"phone": "111"})


def test_R25_an_emptying_that_did_not_take_leaves_the_lists_snapshot() -> None:
    put = a_put({"phone": ("111", "")}, repeats=1)
    decision = met(read(phone="111"), put, crm="", said="", agreed="")
    assert (decision.agreed, openings(decision)["1"].agreed) == ({"phone": ""}, {"phone": "111"})


def test_R32_any_third_value_is_a_persons_edit() -> None:
    decision = met(read(phone="333"), a_put({"phone": ("111", "222")}), crm="222", said="222", agreed="222")
    assert decision.write is not None
    assert (decision.rule, decision.write.fields) == (Rule.R21, {"phone": "333"})


def test_R29_a_write_of_unknown_end_is_judged_on_a_reading_made_after_it() -> None:
    record = a_record(phone="111", ticket=4)
    decision = met(record, unanswered({"phone": ("111", "222")}), crm="111", said="222", agreed="111")
    assert (decision.write, decision.edits) == (None, ())


def test_R29_a_late_value_that_the_list_still_says_is_settled() -> None:
    put = unanswered({"phone": ("111", "222")})
    decision = met(read(phone="222"), put, crm="111", said="222", agreed="111")
    assert (decision.write, decision.edits, decision.agreed) == (None, (), {"phone": "222"})
    assert openings(decision)["1"].agreed == {"phone": "222"}


def test_R22_a_newer_edit_goes_out_after_a_late_value_has_arrived() -> None:
    record = read(phone="222")
    decision = met(record, unanswered({"phone": ("111", "222")}), crm="111", said="444", agreed="111")
    assert decision.edits == (Edit(record.key, "phone", "222", "444", Rule.R22),)


def test_K11_a_late_value_is_put_right_to_what_was_agreed_since() -> None:
    record = read(phone="222")
    decision = met(record, unanswered({"phone": ("111", "222")}), crm="333", said="333", agreed="333")
    assert decision.edits == (Edit(record.key, "phone", "222", "333", Rule.R29),)
    assert decision.write is None


def test_R29_once_it_was_seen_to_have_arrived_it_excuses_nothing_more() -> None:
    put = unanswered({"phone": ("111", "222")})
    decision = met(read(phone="222"), put, crm="333", said="333", agreed="333")
    assert openings(decision)["1"].pending == ()


def test_R29_a_write_that_has_not_arrived_is_remembered() -> None:
    put = unanswered({"phone": ("111", "222")})
    decision = met(read(phone="111"), put, crm="111", said="222", agreed="111")
    assert openings(decision)["1"].pending == (replace(put, judged=True),)
    assert only(decision.edits).value == "222"


@pytest.mark.parametrize(("judged", "kept"), [(False, 1), (True, 0)])
def test_R29_after_a_day_a_write_that_was_judged_is_forgotten(judged: bool, kept: int) -> None:
    put = unanswered({"phone": ("111", "222")}, at=NOW - timedelta(days=2), judged=judged)
    decision = met(read(phone="333"), put, crm="333", said="333", agreed="333")
    assert [len(tie.pending) for tie in decision.ties] == [kept]


def test_R31_for_another_binding_a_late_value_is_an_edit_of_the_record() -> None:
    decision = met(read(phone="222"), crm="111", said="111", agreed="111")
    assert decision.write is not None
    assert (decision.rule, decision.write.fields) == (Rule.R21, {"phone": "222"})
