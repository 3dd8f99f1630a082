"""Edits made in the list arrive in the CRM, once, and then it is quiet (R22-R25, R29, R31, R32, R96), end to end."""

from typing import Any

import pytest
from sqlalchemy import select

from core.engine import answering, erasing
from core.store import questions
from core.store.base import look
from core.store.outbox import OutboxRow
from spojka.emulator import Fault
from tests.support.worlds import House


def tied(house: House, audience: str = "ecomail", **settings: Any) -> tuple[int, int]:
    """One person, carried over: connection and person."""
    person = house.person("eva@firma.cz", firstName="Eva", tel1="111", birthday="1980-05-31")
    connection = house.connect(audience, **settings)
    house.sync(connection)
    return connection, person


def die() -> None:
    """The process is gone."""
    raise SystemExit


def edit(house: House, email: str = "eva@firma.cz", **fields: Any) -> None:
    """Somebody edits the contact in the list, and the next pass is due."""
    house.ecomail.edit_contact(email, **fields)
    house.clock.advance(3600)


def said(house: House, person: int) -> tuple[str, str]:
    """Name and phone in the CRM."""
    row = house.raynet.store.persons.rows[person]
    return row.get("firstName", ""), row.get("contactInfo", {}).get("tel1", "")


def writes(house: House) -> list[tuple[str, str]]:
    """What was written into the CRM."""
    return [(call.method, call.path.removeprefix("/api/v2")) for call in house.raynet.writes()]


def rows(house: House) -> list[OutboxRow]:
    """The outbox but for what is done."""
    with house.world.sessions() as session:
        return list(session.scalars(select(OutboxRow).where(OutboxRow.state != "done")))


def quiet(house: House) -> None:
    """Whatever waits is done, and then nothing is written on either side for a day."""
    for _ in range(4):
        house.hear()
        house.clock.advance(400)
    house.forget()
    for _ in range(3):
        house.clock.advance(8 * 3600)
        house.hear()
    assert (house.writes(), [one for one in writes(house) if "webhook" not in one[1]]) == ([], [])


def test_R22_an_edit_in_the_list_arrives_with_a_run(both_house: House) -> None:
    connection, person = tied(both_house)
    edit(both_house, name="Evička", phone="222")
    result = both_house.sync(connection, "changes")
    assert result["status"] == "done"
    assert (said(both_house, person), writes(both_house)) == (("Evička", "222"), [("POST", f"/person/{person}/")])
    assert both_house.changes(connection, "eva@firma.cz", "R22") in (
        {"phone": ("111", "222")},
        {"name": ("Eva", "Evička")},
    )


def test_R22_workers_carry_it_without_a_run_and_then_it_is_quiet(both_house: House) -> None:
    _, person = tied(both_house)
    edit(both_house, name="Evička")
    both_house.hear()
    assert said(both_house, person)[0] == "Evička"
    quiet(both_house)
    assert both_house.the_list()["eva@firma.cz"].fields["name"] == "Evička"


def test_R22_a_colleagues_edit_of_another_field_survives(house: House) -> None:
    connection, person = tied(house)
    house.raynet.edit_person(person, tel2="999", titleAfter="Ph.D.")
    edit(house, phone="222")
    house.sync(connection, "changes")
    row = house.raynet.store.persons.rows[person]
    assert (row["contactInfo"]["tel1"], row["contactInfo"]["tel2"], row["titleAfter"]) == ("222", "999", "Ph.D.")


def test_R22_what_no_longer_holds_is_not_sent(house: House) -> None:
    connection, person = tied(house, conflicts="crm")
    edit(house, name="Evička")
    house.raynet.edit_person(person, firstName="Evina")
    house.sync(connection, "full")
    assert said(house, person)[0] == "Evina"
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Evina"


def test_R22_nothing_is_written_where_the_setting_says_so(house: House) -> None:
    connection, person = tied(house, write_fields=False)
    edit(house, name="Evička")
    house.sync(connection, "changes")
    assert (said(house, person)[0], writes(house), rows(house)) == ("Eva", [], [])


def test_R24_where_the_list_counts_its_value_goes_to_the_crm(house: House) -> None:
    connection, person = tied(house, conflicts="list")
    house.raynet.edit_person(person, firstName="Evina")
    edit(house, name="Evička")
    house.sync(connection, "changes")
    assert said(house, person)[0] == "Evička"
    assert house.changes(connection, "eva@firma.cz", "R24") == {"name": ("Evina", "Evička")}


def test_R24_where_a_person_is_asked_nothing_is_overwritten(house: House) -> None:
    connection, person = tied(house, conflicts="ask")
    house.raynet.edit_person(person, firstName="Evina")
    edit(house, name="Evička")
    house.sync(connection, "changes")
    assert (said(house, person)[0], house.the_list()["eva@firma.cz"].fields["name"]) == ("Evina", "Evička")
    assert [(row.state, row.payload["was"], row.payload["value"]) for row in rows(house)] == [
        ("asks", "Evina", "Evička")
    ]


def asked(house: House) -> list[dict[str, str]]:
    """What the open questions of conflicts show."""
    with house.world.sessions() as session:
        return [example for one in questions.open_ones(session) for example in answering.examples(session, one)]


def decide(house: House, *, yes: bool) -> None:
    """A person answers the one open question."""
    (one,) = look(house.world.sessions, questions.open_ones)
    answering.answer(house.world, one.id, yes=yes)
    house.hear()


def a_conflict(house: House) -> tuple[int, int]:
    """Both sides edited a name."""
    connection, person = tied(house, conflicts="ask")
    house.raynet.edit_person(person, firstName="Evina")
    edit(house, name="Evička")
    house.sync(connection, "changes")
    return connection, person


@pytest.mark.parametrize(("yes", "name"), [(True, "Evička"), (False, "Evina")])
def test_R24_a_person_chooses_and_both_sides_say_it(both_house: House, yes: bool, name: str) -> None:
    house = both_house
    _, person = a_conflict(house)
    assert asked(house) == [{"email": "eva@firma.cz", "field": "name", "was": "Evina", "value": "Evička"}]
    decide(house, yes=yes)
    assert (said(house, person)[0], house.the_list()["eva@firma.cz"].fields["name"]) == (name, name)
    quiet(house)
    assert asked(house) == []


def test_R24_a_choice_is_between_two_values_and_not_between_others(house: House) -> None:
    connection, person = a_conflict(house)
    house.raynet.edit_person(person, firstName="Evelína")
    house.clock.advance(60)
    (one,) = look(house.world.sessions, questions.open_ones)
    answering.answer(house.world, one.id, yes=True)
    house.sync(connection, "changes")
    assert said(house, person)[0] == "Evelína"
    assert asked(house) == [{"email": "eva@firma.cz", "field": "name", "was": "Evelína", "value": "Evička"}]


def test_R24_nobody_is_asked_any_more_once_both_sides_agree(house: House) -> None:
    connection, person = a_conflict(house)
    house.raynet.edit_person(person, firstName="Evička")
    house.sync(connection, "changes")
    assert (asked(house), rows(house)) == ([], [])


def test_R14_an_erased_person_is_in_no_question(house: House) -> None:
    a_conflict(house)
    erasing.erase(house.world, "eva@firma.cz")
    assert look(house.world.sessions, questions.open_ones) == []


def test_R25_an_emptied_value_is_emptied_in_the_crm(house: House) -> None:
    connection, person = tied(house)
    edit(house, phone="")
    house.sync(connection, "changes")
    assert said(house, person)[1] == ""
    quiet(house)


def test_R25_a_last_name_that_can_not_be_empty_fails_visibly_and_is_not_retried(house: House) -> None:
    connection, _ = tied(house)
    edit(house, surname="")
    house.sync(connection, "changes")
    assert ([row.state for row in rows(house)], writes(house)) == (["failed"], [])
    quiet(house)


def test_R25_an_emptying_that_raynet_does_not_take_fails_visibly(house: House) -> None:
    house.raynet.switch(empty_value="ignored")
    connection, person = tied(house)
    edit(house, phone="")
    house.sync(connection, "changes")
    quiet(house)
    assert (said(house, person)[1], house.the_list()["eva@firma.cz"].fields.get("phone", "")) == ("111", "")
    assert [(row.state, "did not store it" in row.last_error) for row in rows(house)] == [("failed", True)]


def test_R31_an_edit_of_one_address_reaches_the_records_other_address(house: House) -> None:
    person = house.person("eva@firma.cz", email2="eva@doma.cz", firstName="Eva")
    connection = house.connect(both_emails=True)
    house.sync(connection)
    edit(house, "eva@doma.cz", name="Evička")
    house.sync(connection, "changes")
    assert said(house, person)[0] == "Evička"
    assert {member.fields["name"] for member in house.the_list().values()} == {"Evička"}
    quiet(house)


@pytest.mark.parametrize("fault", ["lose", "drop"])
def test_R29_a_write_whose_answer_was_lost_ends_in_the_same_value(both_house: House, fault: str) -> None:
    connection, person = tied(both_house)
    edit(both_house, name="Evička")
    both_house.raynet.fail(Fault(fault, "POST", "/api/v2/person/"))
    both_house.sync(connection, "changes")
    quiet(both_house)
    assert (said(both_house, person)[0], both_house.the_list()["eva@firma.cz"].fields["name"]) == ("Evička", "Evička")
    assert both_house.due() == {}


def test_R92_a_refused_edit_stays_and_says_why(house: House) -> None:
    connection, _ = tied(house)
    edit(house, country="XX")
    house.sync(connection, "changes")
    quiet(house)
    assert [(row.state, "Raynet refuses" in row.last_error) for row in rows(house)] == [("failed", True)]


def test_R96_more_edits_than_usual_wait_for_a_person(both_house: House) -> None:
    people = [both_house.person(f"p{number}@firma.cz", firstName="Eva") for number in range(60)]
    connection = both_house.connect()
    both_house.sync(connection)
    for number in range(60):
        both_house.ecomail.edit_contact(f"p{number}@firma.cz", name="Jana")
    result = both_house.sync(connection, "changes")
    asked = look(both_house.world.sessions, lambda session: questions.open_ones(session))
    assert (result["status"], writes(both_house), len(asked)) == ("asks", [], 1)
    assert (asked[0].facts["waiting"], asked[0].facts["limit"]) == (60, 50)
    answering.answer(both_house.world, asked[0].id, yes=True)
    both_house.hear()
    assert {said(both_house, person)[0] for person in people} == {"Jana"}


def test_R96_what_a_person_refused_stays_in_the_list(house: House) -> None:
    for number in range(60):
        house.person(f"p{number}@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    for number in range(60):
        house.ecomail.edit_contact(f"p{number}@firma.cz", name="Jana")
    house.sync(connection, "changes")
    asked = look(house.world.sessions, lambda session: questions.open_ones(session))
    answering.answer(house.world, asked[0].id, yes=False)
    quiet(house)
    assert {row.state for row in rows(house)} == {"failed"}


def test_K34_edits_of_one_hour_are_counted_together(house: House) -> None:
    for number in range(60):
        house.person(f"p{number}@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    results = []
    for name in ("Jana", "Hana"):
        for number in range(30):
            house.ecomail.edit_contact(f"p{number}@firma.cz", name=name)
        results.append(house.sync(connection, "changes")["status"])
    assert results == ["done", "asks"]


@pytest.mark.parametrize("point", ["outbox.claimed", "crm.before_call", "crm.after_call", "outcome.before_commit"])
def test_R29_a_dead_sender_leaves_an_edit_that_is_judged(both_house: House, point: str) -> None:
    connection, person = tied(both_house)
    edit(both_house, name="Evička")
    both_house.points.once(point, die)
    with pytest.raises(SystemExit):
        both_house.sync(connection, "changes")
    both_house.bury()
    quiet(both_house)
    assert (said(both_house, person)[0], both_house.the_list()["eva@firma.cz"].fields["name"]) == ("Evička", "Evička")
