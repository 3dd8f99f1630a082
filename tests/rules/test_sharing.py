"""R7, R31, R34, R51: who rules a profile that several records or connections share."""

from dataclasses import replace

from core.decide.facts import Origin, Outcome, Verb
from core.decide.rules import Rule
from spojka import Write
from tests.support.builders import (
    EMAIL,
    a_binding,
    a_company,
    a_policy,
    a_profile,
    a_record,
    absent,
    cited,
    closings,
    decided,
    facts,
    openings,
    outcomes,
    terms,
    tied,
)


def test_R7_a_person_comes_before_a_company() -> None:
    decision = decided(facts(a_company("1", name="Firma"), a_record("9", name="Eva"), sight=absent()))
    assert decision.write is not None
    assert decision.write.fields == {"name": "Eva"}


def test_R7_then_the_lowest_id_by_number() -> None:
    decision = decided(facts(a_record("10", name="Deset"), a_record("9", name="Devět"), sight=absent()))
    assert decision.write is not None
    assert decision.write.fields == {"name": "Devět"}


def test_R7_every_record_has_its_binding() -> None:
    decision = decided(facts(a_company("1"), a_record("9"), sight=absent()))
    assert sorted(openings(decision)) == ["1", "9"]


def test_R7_a_record_that_may_have_no_profile_is_no_primary() -> None:
    decision = decided(facts(a_record("1", slot=2, name="Druhá"), a_record("2", name="První"), sight=absent()))
    assert decision.write is not None
    assert decision.write.fields == {"name": "První"}


def test_R7_an_edit_of_another_record_than_the_primary_changes_nothing() -> None:
    first, second = a_record("1", name="Eva"), a_record("2", name="Bob")
    bindings = [a_binding(first), a_binding(second, name="Robert")]
    decision = decided(tied(first, second, sight=a_profile(name="Eva"), bindings=bindings))
    assert (decision.verb, decision.ties) == (Verb.KEEP, ())


def test_R7_a_record_that_ranks_before_takes_over_what_nobody_touched() -> None:
    first, second = a_record("1", name="Ada", phone="999"), a_record("2", name="Bob", phone="222")
    given = tied(
        first,
        second,
        sight=a_profile(name="Bob", phone="777"),
        bindings=[a_binding(second)],
        agreed={"name": "Bob", "phone": "222"},
    )
    decision = decided(given)
    assert decision.write is not None
    assert (decision.rule, decision.write.fields, decision.stands) == (Rule.R7, {"name": "Ada"}, True)


def test_R7_the_former_primarys_formatting_is_no_touch() -> None:
    first, second = a_record("1", phone="999"), a_record("2", phone="222 333")
    sight = a_profile(phone="222333")
    decision = decided(tied(first, second, sight=sight, bindings=[a_binding(second)], agreed={"phone": "222 333"}))
    assert decision.write is not None
    assert decision.write.fields == {"phone": "999"}


def test_R7_on_an_adopted_profile_it_takes_over_without_writing() -> None:
    first, second = a_record("1", name="Ada"), a_record("2", name="Bob")
    decision = decided(tied(first, second, sight=a_profile(name="Bob"), bindings=[a_binding(second)], ours=False))
    assert (decision.write, openings(decision)["1"].agreed) == (None, {"name": "Ada"})


def test_R7_when_the_primary_goes_the_next_takes_over_with_nothing_written() -> None:
    gone, stays = a_record("1", name="Ada"), a_record("2", name="Bob")
    sight = a_profile(name="Ada", phone="777")
    decision = decided(tied(stays, sight=sight, bindings=[a_binding(gone), a_binding(stays, name="Robert")]))
    assert (decision.write, decision.agreed) == (None, {"name": "Ada", "phone": "777"})
    assert (openings(decision)["2"].agreed, closings(decision)) == ({"name": "Bob"}, {"1": "email_changed"})


def test_R7_the_successors_next_edit_travels() -> None:
    record = a_record("2", name="Robert")
    decision = decided(tied(record, sight=a_profile(name="Ada"), bindings=[a_binding(record, name="Bob")]))
    assert decision.write is not None
    assert decision.write.fields == {"name": "Robert"}


def test_R7_a_successor_keeps_no_snapshot_of_what_the_reading_did_not_say() -> None:
    gone, stays = a_record("1"), a_record("2", zip="60200")
    bindings = [a_binding(gone), a_binding(stays)]
    decision = decided(tied(stays, sight=a_profile(), bindings=bindings, agreed={"zip": "11000"}))
    assert decision.agreed == {}


def test_R7_a_sibling_adds_its_tags_to_what_is_ours() -> None:
    first, second = a_record("1"), a_record("2", tags=("vip",))
    decision = decided(tied(first, second, sight=a_profile(tags=("raynet",)), bindings=[a_binding(first)]))
    assert decision.write == Write(EMAIL, {}, ("raynet", "vip"))
    assert openings(decision)["2"].origin is Origin.CREATED


def test_R7_a_sibling_adds_nothing_to_an_adopted_profile() -> None:
    first, second = a_record("1"), a_record("2", tags=("vip",))
    decision = decided(tied(first, second, sight=a_profile(tags=("raynet",)), bindings=[a_binding(first)], ours=False))
    assert (decision.write, openings(decision)["2"].origin) == (None, Origin.ADOPTED)


def test_R31_both_profiles_of_a_record_follow_it() -> None:
    record = a_record(slot=2, name="Eva")
    given = tied(record, sight=a_profile(name="E."), bindings=[a_binding(record, name="E.")])
    decision = decided(given, a_policy(both_emails=True))
    assert decision.write is not None
    assert decision.write.fields == {"name": "Eva"}


def test_R34_another_connection_adds_its_tag_and_nothing_else() -> None:
    first, second = a_record("1", name="Eva"), a_record("1", connection=2, name="Evička", tags=("vip",))
    given = tied(first, second, sight=a_profile(name="Eva", tags=("raynet",)), bindings=[a_binding(first)])
    decision = decided(given, a_policy(1), a_policy(2, tag="pipedrive"))
    assert decision.write == Write(EMAIL, {}, ("raynet", "pipedrive"))
    assert outcomes(decision) == {1: (Outcome.UNCHANGED, ""), 2: (Outcome.ADOPTED, "")}
    assert (decision.ruling, cited(decision)) == (1, ["R34 adopted"])


def test_R34_the_connection_that_created_the_profile_rules_whoever_ranks_first() -> None:
    ruling, other = a_company("9", name="Firma"), a_record("1", connection=2, name="Eva")
    sight = a_profile(name="Firma", tags=("raynet",))
    given = tied(ruling, other, sight=sight, bindings=[a_binding(ruling), a_binding(other)])
    decision = decided(given, a_policy(1), a_policy(2))
    assert (decision.verb, decision.ruling) == (Verb.KEEP, 1)


def test_R34_when_its_last_binding_closes_the_other_takes_over_as_things_stand() -> None:
    gone, stays = a_record("1", name="Eva"), a_record("1", connection=2, name="Evička")
    given = tied(stays, sight=a_profile(name="Eva"), bindings=[a_binding(gone), a_binding(stays, name="E.")])
    decision = decided(given, a_policy(1), a_policy(2))
    assert (decision.write, decision.ruling, decision.agreed) == (None, 2, {"name": "Eva"})


def test_R34_a_connection_that_was_removed_rules_nothing() -> None:
    stays = a_record("1", connection=2)
    bindings = [a_binding(a_record("1")), a_binding(stays)]
    decision = decided(tied(stays, sight=a_profile(), bindings=bindings), a_policy(2))
    assert (decision.verb, decision.ruling) == (Verb.KEEP, 2)


TERMS = terms(shared=frozenset({"name"}))


def test_R34_what_another_list_of_the_account_rules_is_not_written_and_is_no_edit() -> None:
    record = a_record("1", connection=2, name="Evička")
    given = tied(record, sight=a_profile(name="E."), bindings=[a_binding(record, name="Eva")])
    other = replace(given, agreed={"name": "Eva"}, ruling=2, shared_ruling=1, shared_elsewhere=True)
    decision = decided(other, a_policy(2), on=TERMS)
    assert (decision.write, decision.edits) == (None, ())
    assert openings(decision)["1"].agreed["name"] == "Evička"
    assert decision.agreed == {"name": "Eva"}


def test_R34_once_it_rules_there_no_more_both_snapshots_are_taken_as_they_stand() -> None:
    record = a_record("1", connection=2, name="Evička")
    given = tied(record, sight=a_profile(name="E."), bindings=[a_binding(record, name="Eva")])
    decision = decided(replace(given, agreed={"name": "Eva"}, ruling=2, shared_ruling=1), a_policy(2), on=TERMS)
    assert (decision.write, decision.edits, decision.agreed) == (None, (), {"name": "E."})


def test_R82_what_a_paused_connection_rules_waits_for_it() -> None:
    first, second = a_record("1", name="Eva"), a_record("1", connection=2, name="Evička")
    given = tied(first, second, sight=a_profile(name="E."), bindings=[a_binding(first), a_binding(second, name="x")])
    assert decided(given, a_policy(1, paused=True), a_policy(2)).verb is Verb.LATER


def test_R82_the_binding_of_a_paused_connection_stays_open() -> None:
    first, second = a_record("1"), a_record("1", connection=2)
    given = tied(first, sight=a_profile(tags=("raynet",)), bindings=[a_binding(first), a_binding(second)])
    decision = decided(given, a_policy(1), a_policy(2, paused=True))
    assert (decision.verb, decision.ties) == (Verb.KEEP, ())


def test_R51_tags_edited_in_the_crm_do_not_travel_by_default() -> None:
    record = a_record(tags=("nový",))
    decision = decided(tied(record, sight=a_profile(tags=("raynet",)), bindings=[a_binding(record, agreed_tags=())]))
    assert decision.write is None


def test_R51_a_setting_makes_them_travel_and_leaves_a_persons_own() -> None:
    record = a_record(tags=("nový",))
    given = tied(record, sight=a_profile(tags=("starý", "ručně")), bindings=[a_binding(record, agreed_tags=("starý",))])
    decision = decided(given, a_policy(follow_tags=True))
    assert (decision.rule, decision.write) == (Rule.R51, Write(EMAIL, {}, ("ručně", "nový")))


def test_R51_a_tag_that_another_record_still_has_stays() -> None:
    first, second = a_record("1"), a_record("2", tags=("vip",))
    bindings = [a_binding(first, agreed_tags=("vip",)), a_binding(second)]
    decision = decided(
        tied(first, second, sight=a_profile(tags=("vip",)), bindings=bindings), a_policy(follow_tags=True)
    )
    assert decision.write is None
