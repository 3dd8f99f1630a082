"""R96: what would close or unsubscribe too many at once is held, counted, and let go or asked about."""

from typing import Any

import pytest

from core.decide.brake import KEPT, REFUSED, RELEASED, SETTINGS, Brake, allowed, asks, braked
from core.decide.facts import Decision, Facts, Verb
from core.decide.rules import Rule
from spojka import Standing
from tests.support.builders import (
    NOW,
    a_binding,
    a_call,
    a_policy,
    a_profile,
    a_record,
    absent,
    closings,
    decided,
    facts,
    openings,
    policies,
    tied,
)


def left(standing: Standing = Standing.GONE, **binding: Any) -> Facts:
    """The only record of a profile of ours has no place here any more."""
    bound = a_binding(a_record(), standing=standing, **binding)
    return tied(sight=a_profile(tags=("raynet",)), bindings=[bound])


def weighed(given: Facts, cause: str = "crm", **settings: Any) -> Decision:
    """The plan, as the brake lets it pass."""
    policy = a_policy(**settings)
    return braked(decided(given, policy), given, cause, policies(policy))


@pytest.mark.parametrize(
    ("brake", "bindings", "setting", "most"),
    [
        (Brake.CLOSINGS, 12, 0, 5),
        (Brake.CLOSINGS, 119, 0, 5),
        (Brake.CLOSINGS, 120, 0, 6),
        (Brake.CLOSINGS, 1000, 0, 50),
        (Brake.CLOSINGS, 1000, 3, 3),
        (Brake.EDITS, 60, 0, 50),
        (Brake.EDITS, 10_000, 0, 500),
        (Brake.EDITS, 10_000, 7, 7),
    ],
)
def test_R96_five_in_a_hundred_go_without_asking_and_a_few_in_any_case(
    brake: Brake, bindings: int, setting: int, most: int
) -> None:
    assert allowed(brake, bindings, setting) == most


def test_R96_as_many_as_allowed_do_not_ask() -> None:
    assert not asks(5, 0, 5)


def test_R96_one_more_asks() -> None:
    assert asks(6, 0, 5)


def test_K34_what_was_let_through_in_the_hour_before_counts_as_well() -> None:
    assert asks(30, 30, allowed(Brake.EDITS, 60))


@pytest.mark.parametrize("standing", [Standing.GONE, Standing.INVALID, Standing.COLLEAGUE, Standing.OWN_COMPANY])
@pytest.mark.parametrize("on_delete", ["keep", "tag", "unsubscribe"])
def test_R96_a_record_that_left_the_crm_is_held_whatever_becomes_of_its_profile(
    standing: Standing, on_delete: str
) -> None:
    decision = weighed(left(standing), on_delete=on_delete)
    assert (decision.verb, decision.held_for, decision.rule) == (Verb.HOLD, 1, Rule.R80)


def test_R96_a_changed_address_is_held() -> None:
    assert weighed(left(Standing.USUAL)).verb is Verb.HOLD


def test_R96_an_unsubscription_by_a_flag_is_held() -> None:
    assert weighed(tied(a_record(mailable=False), sight=a_profile())).verb is Verb.HOLD


def test_R96_a_profile_deleted_from_the_list_is_held() -> None:
    record = a_record()
    given = facts(record, sight=absent(), bindings=[a_binding(record)], ours=True, known=True, ruling=1)
    decision = weighed(given)
    assert (decision.verb, decision.rule) == (Verb.HOLD, Rule.R15)


def test_R96_an_unsubscription_that_was_never_bound_is_held() -> None:
    call = a_call({}, add=True, tags=("raynet",))
    given = facts(sight=a_profile(sources=("raynet",), since=NOW), pending=(call,))
    policy = a_policy(on_delete="unsubscribe", on_email_change="unsubscribe")
    assert braked(decided(given, policy), given, "crm", policies(policy)).verb is Verb.HOLD


def test_R96_what_was_let_go_is_carried_out() -> None:
    assert weighed(left(), RELEASED, on_delete="unsubscribe").verb is Verb.UNSUBSCRIBE


def test_R96_a_first_sync_is_exempt() -> None:
    assert weighed(left(), first_sync=True).verb is Verb.KEEP


def test_R96_a_second_address_that_was_switched_off_is_not_held() -> None:
    record = a_record(slot=2)
    decision = weighed(tied(record, sight=a_profile(), bindings=[a_binding(record)]))
    assert (decision.verb, closings(decision)) == (Verb.KEEP, {"1": "slot_off"})


def test_R96_a_closing_that_a_changed_setting_brought_is_not_held() -> None:
    assert weighed(left(Standing.COLLEAGUE), SETTINGS).verb is Verb.KEEP


def test_R96_an_unsubscription_that_a_changed_setting_brought_is_held() -> None:
    assert weighed(left(Standing.COLLEAGUE), SETTINGS, on_delete="unsubscribe").verb is Verb.HOLD


def test_R96_a_deletion_is_held_though_a_setting_was_changed_meanwhile() -> None:
    assert weighed(left(Standing.GONE), SETTINGS).verb is Verb.HOLD


def test_R96_an_edit_in_the_crm_is_not_held() -> None:
    record = a_record(name="Jana")
    given = tied(record, sight=a_profile(name="Eva"), bindings=[a_binding(record, name="Eva")])
    assert weighed(given).verb is Verb.CHANGE


def test_R96_what_a_person_refused_stays_refused_and_says_so() -> None:
    decision = weighed(left(why=KEPT), on_delete="unsubscribe")
    assert (decision.verb, decision.parked, decision.rule) == (Verb.HOLD, REFUSED, Rule.R96)


def test_R96_a_refused_record_that_is_back_is_like_any_other() -> None:
    record = a_record(name="Eva")
    decision = weighed(tied(record, sight=a_profile(name="Eva"), bindings=[a_binding(record, why=KEPT)]))
    assert (decision.verb, openings(decision)["1"].why) == (Verb.KEEP, "")


def test_R80_nobody_is_unsubscribed_while_a_connection_of_the_list_has_not_read_its_records() -> None:
    decision = decided(left(), a_policy(1, on_delete="unsubscribe"), a_policy(2, unread=True))
    assert (decision.verb, closings(decision)) == (Verb.KEEP, {"1": "gone"})
