"""Edits of the list written into Raynet: nothing else of the record changes, whatever the vendor does with the rest."""

import pytest

from plugins import raynet
from spojka import Busy, Edit, Kind, Refused, Unreachable
from tests.support.raynet_desk import Desk, a_desk

PERSON, COMPANY = Kind.PERSON, Kind.COMPANY
both_ways = pytest.mark.parametrize("contact_info", ["merge", "replace"])


def told(desk: Desk, kind: Kind, number: int) -> dict[str, str]:
    return dict(desk.contact(kind, number).fields)


@both_ways
def test_D11_a_phone_is_edited_and_every_other_contact_key_stays(contact_info: str) -> None:
    desk = a_desk(contact_info=contact_info)
    before = dict(desk.record(PERSON, 12).raw["contactInfo"])
    assert desk.edit(PERSON, 12, phone="+420 777 000 000").done
    assert desk.record(PERSON, 12).raw["contactInfo"] == {**before, "tel1": "+420 777 000 000"}


@both_ways
def test_D12_a_do_not_send_flag_survives_the_edit_of_a_phone(contact_info: str) -> None:
    desk = a_desk(contact_info=contact_info)
    desk.emulator.store.persons.rows[1042]["contactInfo"]["doNotSendMM"] = True
    desk.edit(PERSON, 1042, phone="1")
    assert desk.record(PERSON, 1042).raw["contactInfo"]["doNotSendMM"] is True


def test_names_titles_gender_and_birthday_go_in_one_request() -> None:
    desk = a_desk()
    values = {"name": "Zoe", "surname": "<b>O'Neill</b>", "pretitle": "Mgr.", "surtitle": "Ph.D."}
    assert desk.edit(PERSON, 1042, **values, gender="female", birthday="1980-05-31").done
    fields = told(desk, PERSON, 1042)
    assert {key: fields[key] for key in values} == values
    assert (fields["gender"], fields["birthday"], len(desk.emulator.writes())) == ("female", "1980-05-31", 1)


def test_R25_an_emptied_value_is_emptied() -> None:
    desk = a_desk()
    desk.edit(PERSON, 1042, phone="1", birthday="1980-05-31", gender="male")
    desk.edit(PERSON, 1042, phone="", birthday="", gender="", name="")
    fields = told(desk, PERSON, 1042)
    assert [fields[key] for key in ("phone", "birthday", "gender", "name")] == ["", "", "", ""]


def test_R25_a_last_name_that_raynet_does_not_let_be_empty_is_refused() -> None:
    outcome = a_desk().edit(PERSON, 1042, surname="")
    assert not (outcome.done or outcome.unknown or outcome.passing)
    assert "Chyba ve vstupních datech" in outcome.error


def test_a_private_address_goes_whole_with_the_country_as_its_code() -> None:
    desk = a_desk()
    desk.edit(PERSON, 1043, street="Krátká 1", city="Brno", zip="602 00", country="CZ")
    assert desk.edit(PERSON, 1043, city="Praha").done
    fields = told(desk, PERSON, 1043)
    assert [fields[key] for key in ("street", "city", "zip", "country")] == ["Krátká 1", "Praha", "602 00", "CZ"]


@both_ways
def test_D13_a_companys_phone_and_place_go_to_its_address(contact_info: str) -> None:
    desk = a_desk(contact_info=contact_info)
    assert desk.edit(COMPANY, 207, phone="5", city="Praha").done
    assert desk.writes() == [("POST", "/company/207/address/208/")]
    fields = told(desk, COMPANY, 207)
    assert (fields["phone"], fields["city"], desk.contact(COMPANY, 207).addresses[0]) == (
        "5",
        "Praha",
        "info@example.com",
    )


def test_a_companys_name_goes_to_the_company() -> None:
    desk = a_desk()
    assert desk.edit(COMPANY, 207, company="Nová s.r.o.").done
    assert (desk.writes(), told(desk, COMPANY, 207)["company"]) == ([("POST", "/company/207/")], "Nová s.r.o.")


def test_a_natural_persons_own_name_goes_to_the_company() -> None:
    desk = a_desk()
    assert desk.edit(COMPANY, 209, name="Jan", surname="Osobní").done
    fields = told(desk, COMPANY, 209)
    assert (fields["name"], fields["surname"]) == ("Jan", "Osobní")


def test_a_record_that_is_gone_fails_alone() -> None:
    desk = a_desk()
    record = desk.record(PERSON, 1043)
    desk.emulator.store.persons.remove(1043)
    edits = [Edit("gone", PERSON, "1043", {"name": "A"}, record)]
    edits.append(Edit("there", PERSON, "1042", {"name": "B"}, desk.record(PERSON, 1042)))
    outcomes = raynet.on_contact_out(desk.connection, desk.crm, edits)
    assert [outcome.done for outcome in outcomes] == [False, True]


def test_R29_an_answer_that_was_lost_is_unknown() -> None:
    desk = a_desk()
    desk.fails("lose", "POST", "/person/1042/")
    outcome = desk.edit(PERSON, 1042, name="Zoe")
    assert (outcome.done, outcome.unknown) == (False, True)


@pytest.mark.parametrize(("status", "error"), [(401, Refused)])
def test_R91_a_refused_key_stops_before_anything_is_sent(status: int, error: type[Exception]) -> None:
    desk = a_desk()
    record = desk.record(PERSON, 1042)
    assert record
    desk.fails("status", "POST", "/person/", status=status, body=b"{}", times=5)
    with pytest.raises(error):
        desk.edit(PERSON, 1042, name="Zoe")


def test_R92_a_used_up_allowance_is_raised() -> None:
    desk = a_desk()
    desk.fails("status", "POST", "/person/", status=429, body=b"{}", times=9)
    with pytest.raises((Busy, Unreachable)):
        desk.edit(PERSON, 1042, name="Zoe")
