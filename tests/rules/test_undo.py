"""R35: what is taken back, what is left, and what of it is nobody's edit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.decide.facts import Back, Decision, Edit, Facts, Origin, Put, TakeBack, Verb
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
    decided,
    openings,
    tied,
)


def back(field: str = "name", was: str = "Evina", value: str = "Eva", *, to_crm: bool = False) -> TakeBack:
    """A wish of connection 1."""
    return TakeBack(7, 1, to_crm, field, was, value)


def agreed(*backs: TakeBack, said: Mapping[str, Any] | None = None, **changes: Any) -> Facts:
    """A contact whose sides agree on Evina, and whom somebody wants back."""
    record = changes.pop("record", None) or a_record(ticket=10, name="Evina", phone="222")
    profile = a_profile(**{"name": "Evina", "phone": "222", **(said or {})})
    snapshot = {"name": "Evina", "phone": "222"}
    return replace(tied(record, sight=profile, agreed=snapshot), takebacks=backs, **changes)


def ends(decision: Decision) -> list[Back]:
    """What became of the wishes."""
    return [state for _, state in decision.taken]


def test_R35_the_old_value_goes_to_the_list_and_moves_its_snapshot_alone() -> None:
    decision = decided(agreed(back()))
    assert (decision.verb, decision.rule, decision.write) == (
        Verb.CHANGE,
        Rule.R35,
        Write(EMAIL, {"name": "Eva"}, None),
    )
    assert (decision.agreed or {})["name"] == "Eva"
    assert (decision.ties, ends(decision), decision.back) == ((), [Back.DONE], frozenset({"name"}))


def test_R35_the_old_value_goes_to_the_crm_and_stays_wished_for_until_it_is_seen() -> None:
    record = a_record(ticket=10, name="Evina", phone="222")
    decision = decided(agreed(back("phone", "222", "111", to_crm=True), record=record))
    assert decision.edits == (Edit(record.key, "phone", "222", "111", Rule.R35),)
    assert (decision.verb, ends(decision)) == (Verb.KEEP, [])


def test_R35_a_wish_that_the_record_shows_is_done() -> None:
    record = a_record(ticket=10, name="Evina", phone="111")
    bound = a_binding(record, phone="111")
    decision = decided(agreed(back("phone", "222", "111", to_crm=True), record=record, bindings=(bound,)))
    assert (decision.verb, decision.edits, ends(decision)) == (Verb.KEEP, (), [Back.DONE])


@pytest.mark.parametrize("to_crm", [False, True])
def test_R35_what_somebody_edited_since_is_left_and_said(to_crm: bool) -> None:
    wish = back("name", "Jana", "Eva", to_crm=to_crm)
    decision = decided(agreed(wish))
    assert (decision.verb, decision.write, decision.edits, ends(decision)) == (Verb.KEEP, None, (), [Back.EDITED])
    assert [(line.rule, line.what) for line in decision.lines] == [(Rule.R35, "left_edited")]


def test_R35_an_edit_on_its_way_from_the_list_is_not_overwritten_in_the_crm() -> None:
    decision = decided(agreed(back("phone", "222", "111", to_crm=True), said={"phone": "333"}))
    assert [(edit.rule, edit.value) for edit in decision.edits] == [(Rule.R22, "333")]
    assert ends(decision) == [Back.EDITED]


def test_R35_a_connection_that_writes_nothing_takes_nothing_back_in_the_crm() -> None:
    facts = agreed(back("phone", "222", "111", to_crm=True))
    decision = decided(facts, a_policy(write_fields=False))
    assert (decision.edits, ends(decision)) == ((), [Back.REFUSED])


def test_R35_a_profile_that_is_not_there_is_left() -> None:
    decision = decided(agreed(back(), sight=absent()))
    assert ends(decision) == [Back.GONE]


def test_R35_tags_that_came_go_and_those_that_went_come_back() -> None:
    profile = {"tags": ("raynet", "vip", "mine")}
    decision = decided(agreed(back("tags", "vip, gone", "old"), said=profile))
    assert decision.write is not None
    assert set(decision.write.tags or ()) == {"raynet", "mine", "old"}
    assert (decision.rule, ends(decision)) == (Rule.R35, [Back.DONE])


def test_R35_tags_that_are_as_before_cost_nothing() -> None:
    decision = decided(agreed(back("tags", "vip", ""), said={"tags": ("raynet",)}))
    assert (decision.verb, decision.write, ends(decision)) == (Verb.KEEP, None, [Back.SAME])


@pytest.mark.parametrize("seen", ["Eva", "Evina"])
def test_R35_a_call_of_unknown_end_is_no_edit_whether_it_arrived_or_not(seen: str) -> None:
    call = a_call({"name": ("Evina", "Eva")}, back=frozenset({"name"}))
    decision = decided(agreed(back(), said={"name": seen}, pending=(call,)))
    assert (decision.agreed or {})["name"] == "Eva"
    assert (decision.edits, openings(decision)) == ((), {})
    assert decision.write == (None if seen == "Eva" else Write(EMAIL, {"name": "Eva"}, None))


def test_R29_a_late_call_that_took_back_what_was_edited_since_is_put_right() -> None:
    record = a_record(ticket=10, name="Jana")
    call = a_call({"name": ("Evina", "Eva")}, back=frozenset({"name"}), later=())
    facts = tied(record, sight=a_profile(name="Eva"), agreed={"name": "Jana"}, pending=(call,))
    decision = decided(facts)
    assert (decision.write, decision.edits) == (Write(EMAIL, {"name": "Jana"}, None), ())


def test_R32_a_value_taken_back_that_the_list_does_not_store_fails_visibly() -> None:
    call = an_answered_call({"name": ("Evina", "Eva")}, back=frozenset({"name"}))
    facts = agreed(said={"name": "Evina"}, pending=(call,))
    decision = decided(replace(facts, agreed={**facts.agreed, "name": "Eva"}))
    assert (decision.write, decision.edits, "did not store" in decision.parked) == (None, (), True)


def a_put(seen: str, **changes: Any) -> Decision:
    """The plan where our taking back of a phone in the CRM is pending, and the record says this."""
    put = Put({"phone": ("222", "111")}, 5, 6, NOW - timedelta(hours=1), back=True)
    record = a_record(ticket=10, name="Evina", phone=seen)
    bound = a_binding(record, phone="111" if changes.get("ended", 6) else "222", pending=(replace(put, **changes),))
    assert bound.origin is Origin.CREATED
    return decided(agreed(record=record, bindings=(bound,)))


def test_R35_a_write_into_the_crm_coming_back_is_no_edit() -> None:
    decision = a_put("111")
    assert (decision.verb, decision.write, decision.edits) == (Verb.KEEP, None, ())


def test_R35_a_late_write_into_the_crm_is_no_edit() -> None:
    decision = a_put("111", ended=0)
    assert (decision.verb, decision.write, decision.edits) == (Verb.KEEP, None, ())


def test_R32_a_value_taken_back_that_the_crm_does_not_store_fails_visibly() -> None:
    (edit,) = a_put("222").edits
    assert (edit.rule, edit.value, edit.refused != "") == (Rule.R32, "111", True)
