"""Cases E and F: tags, e-mail activities and mass e-mails."""

from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from tests.support.raynet_sandbox import Account, account

ACTIVITY = {
    "title": "Kampaň Jaro 2026: otevřeno, 2 prokliky",
    "priority": "DEFAULT",
    "owner": 12,
    "person": 1042,
    "company": 207,
    "completed": "2026-03-05 14:00",
    "description": '<p>Otevřeno 5. 3. 14:00</p><p><a href="https://mail.example.com/c/77">Výsledky</a></p>',
    "tags": ["kampaň"],
    "extId": "mailer:sent:77:8841",
}
CAMPAIGN = {
    "title": "Jaro 2026",
    "source": "ECOMAIL",
    "externalId": "77",
    "campaignName": "Jaro 2026",
    "completed": "2026-03-05 10:00",
    "externalOverviewUrl": "https://mail.example.com/c/77",
    "stats": {"sent": 3, "opened": 1, "clicked": 1, "unsubscribed": 0},
}
BULK = [
    {"email": "zofie.prikladova@example.com", "status": "DELIVERED", "opened": "2026-03-05"},
    {"email": "info@example.com", "status": "SENT"},
    {"email": "nikdo@example.com", "status": "SENT"},
]
BULK_PATH = "/massEmail/9/recipientBulkUpdate/"


@pytest.fixture
def crm() -> Account:
    return account()


def said(answer: TestResponse) -> tuple[int, Any]:
    return answer.status_code, orjson.loads(answer.data)


def tags(crm: Account, path: str = "/person/?id=1042") -> list[str]:
    found: list[str] = crm.data(path)[0]["tags"]
    return found


def test_E1_a_tag_is_added(crm: Account) -> None:
    answer = crm.put("/person/1042/tag/", {"tag": "VIP zákazník"})
    assert (answer.status_code, answer.data) == (201, b"")
    assert tags(crm) == ["newsletter", "veletrh 2026", "VIP zákazník"]


def test_E2_two_tags_in_one_call(crm: Account) -> None:
    assert crm.put("/company/207/tag/", {"tag": "kampaň A,kampaň B"}).status_code == 201
    assert tags(crm, "/company/?id=207") == ["velkoobchod", "kampaň A", "kampaň B"]


def test_E3_removing_a_tag_is_a_delete_with_a_body(crm: Account) -> None:
    assert crm.delete("/person/1042/tag/", {"tag": "newsletter"}).status_code == 200
    assert tags(crm) == ["veletrh 2026"]


def test_E3_a_delete_without_a_body_is_refused(crm: Account) -> None:
    assert crm.delete("/person/1042/tag/").status_code == 400
    assert tags(crm) == ["newsletter", "veletrh 2026"]


def test_E4_adding_and_removing_again_changes_nothing(crm: Account) -> None:
    added = [crm.put("/person/1042/tag/", {"tag": "VIP"}).status_code for _ in range(2)]
    removed = [crm.delete("/person/1042/tag/", {"tag": "newsletter"}).status_code for _ in range(2)]
    assert (added, removed) == ([201, 201], [200, 200])
    assert tags(crm) == ["veletrh 2026", "VIP"]
    assert crm.data("/person/1042/")["_version"] == 3


@pytest.mark.parametrize(("touching", "version", "rings"), [(True, 2, 1), (False, 1, 0)])
def test_E5_a_tag_counts_as_a_change_or_does_not(crm: Account, touching: bool, version: int, rings: int) -> None:
    crm.emulator.switch(tags_touch_record=touching)
    crm.listen()
    crm.put("/person/1042/tag/", {"tag": "VIP"})
    person = crm.data("/person/1042/")
    assert (person["_version"], person["rowInfo.updatedAt"] is not None) == (version, touching)
    assert len(crm.ring()) == rings


def test_E6_a_mass_email_has_no_tag_calls(crm: Account) -> None:
    crm.put("/massEmail/", CAMPAIGN)
    assert crm.put("/massEmail/9/tag/", {"tag": "x"}).status_code == 400


def test_F1_an_email_activity_is_created_completed_and_found_by_person(crm: Account) -> None:
    assert said(crm.put("/email/", ACTIVITY)) == (201, {"success": True, "data": {"id": 81}})
    done = {"status": "COMPLETED", "completed": "2026-03-05 14:00"}
    assert said(crm.post("/email/81/", done)) == (200, {"success": True})
    row = crm.data("/email/?personFilter=1042")[0]
    assert (row["id"], row["status"], row["completed"]) == (81, "COMPLETED", "2026-03-05 14:00")
    assert crm.ids("/email/?companyContextFilter=207") == [81]


def test_F1_the_detail_names_the_person_as_a_participant(crm: Account) -> None:
    crm.put("/email/", ACTIVITY)
    detail = crm.data("/email/81/")
    assert "person" not in detail
    assert [item["person"]["id"] for item in detail["participants"]] == [1042]


def test_F1_activities_are_listed_together(crm: Account) -> None:
    crm.put("/email/", ACTIVITY)
    assert [(row["_entityName"], row["id"]) for row in crm.data("/activity/")] == [("Email", 81)]


def test_F1_completed_takes_effect_only_with_an_ending_status(crm: Account) -> None:
    crm.put("/email/", {"title": "x", "priority": "MINOR", "owner": 12})
    crm.post("/email/81/", {"completed": "2026-03-05 14:00"})
    assert crm.data("/email/81/")["completed"] is None


@pytest.mark.parametrize("missing", ["owner", "priority", "title"])
def test_F2_an_activity_needs_title_priority_and_owner(crm: Account, missing: str) -> None:
    body = {key: value for key, value in ACTIVITY.items() if key != missing}
    assert crm.put("/email/", body).status_code == 400


def test_F3_the_same_entry_is_found_by_its_external_id(crm: Account) -> None:
    assert crm.send("GET", "/email/ext/mailer:sent:77:8841/").status_code == 404
    crm.put("/email/", ACTIVITY)
    assert crm.data("/email/ext/mailer:sent:77:8841/")["id"] == 81
    assert crm.put("/email/", ACTIVITY).status_code == 500


def test_F4_an_activity_takes_its_tags_as_text_in_an_update(crm: Account) -> None:
    crm.put("/email/", ACTIVITY)
    assert crm.post("/email/81/", {"tags": "kampaň, jaro"}).status_code == 200
    assert crm.data("/email/81/")["tags"] == ["kampaň", "jaro"]
    assert crm.post("/email/81/", {"tags": ["kampaň"]}).status_code == 400


def test_F5_quotes_in_a_description_are_read_back_as_entities(crm: Account) -> None:
    crm.put("/email/", {**ACTIVITY, "description": '<a href="https://x.example/?a=1">„uvozovky“</a> & "rovné"'})
    assert crm.data("/email/81/")["description"] == (
        '<a href="https://x.example/?a=1">&quot;uvozovky&quot;</a> &amp; &quot;rovné&quot;'
    )


def test_F6_a_campaigns_numbers_are_read_back_as_text(crm: Account) -> None:
    assert said(crm.put("/massEmail/", CAMPAIGN)) == (201, {"success": True, "data": {"id": 9}})
    assert crm.data("/massEmail/9/")["stats"] == {"sent": "3", "opened": "1", "clicked": "1", "unsubscribed": "0"}


@pytest.mark.parametrize("missing", ["title", "source", "externalId"])
def test_F6_a_campaign_needs_title_source_and_external_id(crm: Account, missing: str) -> None:
    body = {key: value for key, value in CAMPAIGN.items() if key != missing}
    assert crm.put("/massEmail/", body).status_code == 400


def test_F7_the_sources_are_a_closed_list(crm: Account) -> None:
    assert crm.put("/massEmail/", {**CAMPAIGN, "source": "MAILER"}).status_code == 400


def test_F8_a_campaign_is_found_by_source_and_name_but_not_by_external_id(crm: Account) -> None:
    crm.put("/massEmail/", CAMPAIGN)
    assert crm.send("GET", "/massEmail/?externalId=77").status_code == 400
    assert crm.ids("/massEmail/?source=ECOMAIL&campaignName=Jaro%202026") == [9]


def test_F9_recipients_are_upserted_by_address(crm: Account) -> None:
    crm.put("/massEmail/", CAMPAIGN)
    status, body = said(crm.post(BULK_PATH, BULK))
    assert (status, body["success"]) == (200, True)
    assert body["data"] == [
        {
            "email": "zofie.prikladova@example.com",
            "massEmailRecipientId": [21],
            "success": True,
            "message": "inserted",
        },
        {"email": "info@example.com", "massEmailRecipientId": [22, 23], "success": True, "message": "inserted"},
        {"email": "nikdo@example.com", "massEmailRecipientId": [], "success": False, "message": "email not found"},
    ]
    rows = crm.data("/massEmail/9/recipient/?sortColumn=id")
    assert [(row["person"] or row["company"])["id"] for row in rows] == [1042, 1044, 207]


def test_F9_sent_again_the_same_recipients_are_updated(crm: Account) -> None:
    crm.put("/massEmail/", CAMPAIGN)
    crm.post(BULK_PATH, BULK)
    again = said(crm.post(BULK_PATH, [{**BULK[0], "clicked": "2026-03-06"}]))[1]["data"][0]
    assert (again["message"], again["massEmailRecipientId"]) == ("updated", [21])
    row = crm.data("/massEmail/9/recipient/?person=1042")[0]
    assert (row["opened"], row["clicked"]) == ("2026-03-05", "2026-03-06")


@pytest.mark.parametrize(("how", "success"), [("nocase", True), ("exact", False)])
def test_F9_addresses_are_matched_with_or_without_case(crm: Account, how: str, success: bool) -> None:
    crm.emulator.switch(email_match=how)
    crm.put("/massEmail/", CAMPAIGN)
    answer = said(crm.post(BULK_PATH, [{"email": "Info@Example.com", "status": "SENT"}]))[1]["data"][0]
    assert answer["success"] is success


def test_F9_the_second_address_is_looked_up_too(crm: Account) -> None:
    crm.put("/massEmail/", CAMPAIGN)
    answer = said(crm.post(BULK_PATH, [{"email": "cenek@example.com", "status": "SENT"}]))[1]["data"][0]
    assert answer["message"] == "inserted"


def test_F10_at_most_1000_addresses_a_call(crm: Account) -> None:
    crm.put("/massEmail/", CAMPAIGN)
    item = {"email": "nikdo@example.com", "status": "SENT"}
    assert crm.post(BULK_PATH, [item] * 1000).status_code == 200
    assert crm.post(BULK_PATH, [item] * 1001).status_code == 400


def test_recipients_are_added_changed_and_removed_one_by_one_or_in_bulk(crm: Account) -> None:
    crm.put("/massEmail/", CAMPAIGN)
    assert (
        crm.put("/massEmail/9/recipient/", {"person": 1042, "status": "SENT", "email": "a@example.com"}).status_code
        == 201
    )
    assert crm.post("/massEmail/9/recipient/21/", {"status": "DELIVERED"}).status_code == 200
    assert crm.data("/massEmail/9/recipient/?status=DELIVERED")[0]["id"] == 21
    assert crm.post("/massEmail/9/recipientBulkDelete/", ["a@example.com"]).status_code == 200
    assert crm.data("/massEmail/9/recipient/") == []
