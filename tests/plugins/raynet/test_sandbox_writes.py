"""Cases D: writing persons and companies."""

from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from spojka.emulator import Fault
from tests.support.raynet_sandbox import Account, account

COMPANY = {"name": "X s.r.o.", "state": "A_POTENTIAL", "role": "A_SUBSCRIBER", "rating": "B"}
PERSON = {
    "firstName": "Růžena",
    "lastName": "Žlutá",
    "contactInfo": {"email": "ruzena@example.com"},
    "language": 70,
    "relationship": {"company": 207, "type": "nákup"},
    "tags": ["newsletter"],
    "extId": "mailer:contact:9001",
}


@pytest.fixture
def crm() -> Account:
    return account()


def said(answer: TestResponse) -> tuple[int, Any]:
    return answer.status_code, orjson.loads(answer.data)


def test_D1_the_smallest_person_is_a_last_name(crm: Account) -> None:
    assert said(crm.put("/person/", {"lastName": "Nový"})) == (201, {"success": True, "data": {"id": 1050}})


def test_D2_a_person_with_everything(crm: Account) -> None:
    assert crm.put("/person/", PERSON).status_code == 201
    person = crm.data("/person/ext/mailer:contact:9001/")
    assert person["primaryRelationship"]["company"]["id"] == 207
    assert (person["tags"], person["language"]) == (["newsletter"], {"id": 70, "value": "čeština"})
    assert crm.ids("/person/?primaryRelationship-company-id=207") == [1042, 1050]


def test_D3_the_last_name_is_required(crm: Account) -> None:
    status, body = said(crm.put("/person/", {"firstName": "Bez"}))
    assert (status, body["message"]) == (400, "LastName cannot be null")
    assert body["translatedMessage"] == "Chyba ve vstupních datech"
    assert "success" not in body


def test_D4_a_company_needs_state_role_and_rating(crm: Account) -> None:
    status, body = said(crm.put("/company/", {"name": "X s.r.o."}))
    assert (status, body["message"]) == (400, "State cannot be null")
    assert crm.put("/company/", COMPANY).status_code == 201


@pytest.mark.parametrize("status", [400, 500])
def test_D5_a_code_outside_the_list_is_refused(crm: Account, status: int) -> None:
    crm.emulator.switch(bad_enum_status=status)
    assert crm.put("/company/", {**COMPANY, "state": "D_ENDED"}).status_code == status


@pytest.mark.parametrize(
    ("moment", "status"),
    [("2026-03-05T10:00:00.000Z", 400), ("2026-03-05 11:00", 201), ("2026-03-05T11:00:00.000+01:00", 201)],
)
def test_D6_moments_are_native_or_have_a_numeric_offset(crm: Account, moment: str, status: int) -> None:
    mail = {"title": "x", "priority": "DEFAULT", "owner": 12, "scheduledFrom": moment}
    assert crm.put("/email/", mail).status_code == status


@pytest.mark.parametrize(("method", "path"), [("POST", "/person/"), ("PUT", "/person/1042/"), ("DELETE", "/gdpr/9/")])
def test_D7_the_wrong_verb_is_refused(crm: Account, method: str, path: str) -> None:
    status, body = said(crm.send(method, path, {"lastName": "Nový"}))
    assert (status, body["status"]) == (405, 405)


def test_D8_an_update_changes_one_field_and_the_row_info(crm: Account) -> None:
    before = crm.data("/person/1042/")
    assert crm.post("/person/1042/", {"titleBefore": "Mgr."}).status_code == 200
    after = crm.data("/person/1042/")
    moved = {key: after[key] for key in after if after[key] != before[key]}
    assert moved == {
        "titleBefore": "Mgr.",
        "_version": 2,
        "rowInfo.updatedAt": "2026-03-05 13:00",
        "rowInfo.updatedBy": "api@example.com",
    }


def test_D9_a_stale_version_is_saved_anyway(crm: Account) -> None:
    crm.post("/person/1042/", {"titleBefore": "Mgr."})
    assert crm.post("/person/1042/", {"_version": 0, "titleAfter": "Ph.D."}).status_code == 200
    person = crm.data("/person/1042/")
    assert (person["titleAfter"], person["_version"]) == ("Ph.D.", 3)


@pytest.mark.parametrize(
    ("how", "status", "tags"),
    [
        ("ignored", 200, ["newsletter", "veletrh 2026"]),
        ("replace", 200, ["jen toto"]),
        ("refused", 400, ["newsletter", "veletrh 2026"]),
    ],
)
def test_D10_tags_in_an_update(crm: Account, how: str, status: int, tags: list[str]) -> None:
    crm.emulator.switch(update_tags=how)
    assert crm.post("/person/1042/", {"tags": ["jen toto"]}).status_code == status
    assert crm.data("/person/1042/")["tags"] == tags


@pytest.mark.parametrize(("how", "phone"), [("merge", "+420 700 000 001"), ("replace", None)])
def test_D11_contact_data_is_merged_or_replaced(crm: Account, how: str, phone: str | None) -> None:
    crm.emulator.switch(contact_info=how)
    crm.post("/person/1042/", {"contactInfo": {"email": "nova@example.com"}})
    contact = crm.data("/person/1042/")["contactInfo"]
    assert (contact["email"], contact["tel1"]) == ("nova@example.com", phone)


@pytest.mark.parametrize(("how", "email"), [("clears", None), ("ignored", "zofie.prikladova@example.com")])
def test_D11_an_empty_value_clears_or_is_ignored(crm: Account, how: str, email: str | None) -> None:
    crm.emulator.switch(empty_value=how)
    assert crm.post("/person/1042/", {"contactInfo": {"email": None}}).status_code == 200
    assert crm.data("/person/1042/")["contactInfo"]["email"] == email


@pytest.mark.parametrize(("ignoring", "flag"), [(False, True), (True, False)])
def test_D12_the_opt_out_flag_sticks_or_is_ignored(crm: Account, ignoring: bool, flag: bool) -> None:
    crm.emulator.switch(ignore_do_not_send_writes=ignoring)
    contact = {**crm.data("/person/1042/")["contactInfo"], "doNotSendMM": True}
    assert crm.post("/person/1042/", {"contactInfo": contact}).status_code == 200
    assert crm.data("/person/1042/")["contactInfo"]["doNotSendMM"] is flag


def test_D13_a_companys_email_is_changed_at_its_address_alone(crm: Account) -> None:
    contact = {"contactInfo": {"email": "x@example.com"}}
    assert crm.post("/company/207/", {"primaryAddress": contact}).status_code == 200
    assert crm.data("/company/207/")["primaryAddress"]["contactInfo"]["email"] == "info@example.com"
    assert crm.post("/company/207/address/208/", contact).status_code == 200
    assert crm.data("/company/?id=207")[0]["primaryAddress"]["contactInfo"]["email"] == "x@example.com"


def test_D13_an_address_needs_its_name_whenever_it_is_sent(crm: Account) -> None:
    assert crm.post("/company/207/address/208/", {"address": {"city": "Praha"}}).status_code == 400
    assert crm.post("/company/207/address/208/", {"address": {"name": "Sídlo", "city": "Praha"}}).status_code == 200
    assert crm.data("/company/207/")["addresses"][0]["address"]["city"] == "Praha"
    assert crm.data("/person/?id=1042")[0]["companyAddress"]["address"]["city"] == "Praha"


def test_D14_a_record_in_use_cannot_be_deleted(crm: Account) -> None:
    status, body = said(crm.delete("/company/207/"))
    assert (status, body["message"]) == (500, "TranslatedApplicationException: exception.stillReferenced")
    assert crm.delete("/person/12/").status_code == 500


def test_D14_a_deleted_record_is_gone(crm: Account) -> None:
    assert crm.delete("/person/1043/").status_code == 200
    assert crm.send("GET", "/person/1043/").status_code == 404
    assert crm.ids("/person/?sortColumn=id") == [12, 1042, 1044, 1045]


def test_D15_a_merge_deletes_the_source_and_says_so(crm: Account) -> None:
    crm.listen()
    assert crm.post("/person/1042/merge/1044/").status_code == 200
    assert crm.send("GET", "/person/1044/").status_code == 404
    told = [(event["type"], event["data"]["entityId"]) for event in crm.ring()]
    assert sorted(told) == [("record.deleted", 1044), ("record.updated", 1042)]


def test_D15_a_merge_moves_external_ids_legal_titles_and_links(crm: Account) -> None:
    assert crm.post("/person/1043/merge/1042/").status_code == 200
    person = crm.data("/person/ext/mailer:contact:8841/")
    assert (person["id"], person["primaryRelationship"]["company"]["id"]) == (1043, 207)
    assert [title["id"] for title in person["inlineGdpr"]] == [9]
    assert person["contactInfo"]["email"] == "zofie.prikladova@example.com"


def test_D16_an_anonymised_record_stays_and_is_empty(crm: Account) -> None:
    assert crm.post("/person/1042/anonymize/").status_code == 200
    person = crm.data("/person/1042/")
    assert (person["lastName"], person["firstName"]) == ("[Anonymizovaný záznam]", None)
    assert set(person["contactInfo"].values()) == {None, False}


def test_D17_invalidate_and_renew(crm: Account) -> None:
    assert crm.post("/person/1042/invalid").status_code == 200
    assert crm.data("/person/1042/")["rowInfo.rowAccess"] == "INVALID"
    assert crm.post("/person/1042/valid").status_code == 200
    assert crm.data("/person/1042/")["rowInfo.rowAccess"] is None


def test_D18_external_ids_are_unique_and_at_most_ten(crm: Account) -> None:
    assert said(crm.put("/person/1043/extId/", {"extId": "mailer:contact:77"})) == (200, {"success": "true"})
    status, body = said(crm.put("/person/1044/extId/", {"extId": "mailer:contact:77"}))
    assert (status, body["message"]) == (500, "TranslatedApplicationException: exception.duplicateKey")
    assert {crm.put("/person/1043/extId/", {"extId": f"x:{place}"}).status_code for place in range(9)} == {200}
    assert crm.put("/person/1043/extId/", {"extId": "x:10"}).status_code == 400
    assert crm.delete("/person/1043/extId/mailer:contact:77").status_code == 200
    assert crm.send("GET", "/person/ext/mailer:contact:77/").status_code == 404


def test_D19_an_answer_lost_after_the_record_was_stored(crm: Account) -> None:
    crm.emulator.fail(Fault("lose", method="PUT"))
    with pytest.raises(ConnectionAbortedError):
        crm.put("/person/", PERSON)
    assert crm.data("/person/ext/mailer:contact:9001/")["id"] == 1050


@pytest.mark.parametrize(
    "body",
    [
        {"firstName": 5},
        {"gender": "OTHER"},
        {"keyman": "maybe"},
        {"birthday": "1. 2. 1990"},
        {"contactInfo": "x@example.com"},
        {"contactInfo": {"mail": "x@example.com"}},
        {"nonsense": 1},
        {"lastName": ""},
        {"privateAddress": {"country": "Česko"}},
        {"customFields": {"Neznámé_00000": 1}},
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_changes_nothing(crm: Account, body: Any) -> None:
    before = crm.data("/person/1042/")
    assert crm.post("/person/1042/", {"titleBefore": "Bc.", **body}).status_code == 400
    assert crm.data("/person/1042/") == before


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"'])
def test_a_body_that_is_no_object_is_refused(crm: Account, raw: bytes) -> None:
    assert crm.send("POST", "/person/1042/", raw=raw).status_code == 400


@pytest.mark.parametrize("body", [{"owner": 999}, {"language": 999}])
def test_a_reference_that_points_nowhere_is_not_found(crm: Account, body: Any) -> None:
    assert crm.post("/person/1042/", body).status_code == 404


def test_a_country_goes_in_as_a_code_and_comes_out_as_a_name(crm: Account) -> None:
    crm.post("/person/1042/", {"privateAddress": {"city": "Žilina", "country": "SK"}})
    address = crm.data("/person/?id=1042")[0]["privateAddress"]
    assert (address["city"], address["country"], address["countryCode"]) == ("Žilina", "Slovensko", "SK")


def test_a_reference_may_be_sent_as_an_object(crm: Account) -> None:
    assert crm.post("/person/1043/", {"language": {"id": 71}}).status_code == 200
    assert crm.data("/person/1043/")["language"] == {"id": 71, "value": "English"}


def test_a_renamed_company_or_owner_shows_in_rows_that_were_printed_before(crm: Account) -> None:
    crm.get("/person/?limit=1000")
    crm.emulator.edit_company(207, name="Nová ukázka s.r.o.")
    crm.emulator.edit_person(12, lastName="Nový")
    row = crm.data("/person/?id=1042")[0]
    assert row["primaryRelationship"]["company"]["name"] == "Nová ukázka s.r.o."
    assert row["owner"]["fullName"] == "Karel Nový"
    assert row["_version"] == 1


def test_a_further_address_can_be_added_preferred_and_removed(crm: Account) -> None:
    status, body = said(crm.put("/company/207/address/", {"address": {"name": "Sklad", "city": "Olomouc"}}))
    added = body["data"]["id"]
    assert status == 201
    assert crm.delete("/company/207/address/208/").status_code == 500
    assert crm.post(f"/company/207/address/{added}/setPrimary/").status_code == 200
    assert crm.data("/company/?id=207")[0]["primaryAddress"]["address"]["city"] == "Olomouc"
    assert crm.delete("/company/207/address/208/").status_code == 200


def test_a_person_can_belong_to_a_second_company(crm: Account) -> None:
    status, body = said(crm.put("/person/1042/relationship/", {"company": 209, "type": "poradkyně"}))
    assert status == 201
    assert crm.ids("/person/?personRelationship%5BCUSTOM%5D=209") == [1042]
    assert crm.ids("/person/?primaryRelationship-company-id=209") == []
    assert crm.post(f"/person/1042/relationship/{body['data']['id']}/setPrimary/").status_code == 200
    assert crm.ids("/person/?primaryRelationship-company-id=209") == [1042]
