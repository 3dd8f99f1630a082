"""Cases G: webhooks, legal titles, users and custom fields."""

import re
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from plugins.raynet.sandbox.seed import OTHER_KEY
from tests.support.raynet_sandbox import Account, account, credentials


@pytest.fixture
def crm() -> Account:
    return account()


def said(answer: TestResponse) -> tuple[int, Any]:
    return answer.status_code, orjson.loads(answer.data)


def test_G1_a_webhook_is_registered_listed_and_removed(crm: Account) -> None:
    body = {"url": "https://mail.example.com/hook/abc", "events": ["record.updated"], "secretToken": "s3cr3t"}
    status, answer = said(crm.put("/webhook/", body))
    uuid = answer["data"]["uuid"]
    assert status == 201
    assert re.fullmatch("[0-9a-f]{32}", uuid)
    assert crm.data("/webhook/")["webhooks"] == [
        {"webhookId": uuid, "url": body["url"], "secretToken": "s3cr3t", "eventsFilter": ["record.updated"]}
    ]
    assert said(crm.delete(f"/webhook/{uuid}/")) == (200, {"success": True})
    assert crm.data("/webhook/")["webhooks"] == []


@pytest.mark.parametrize(
    "body", [{"events": ["record.updated"]}, {"url": "https://x.example/", "events": ["person.created"]}]
)
def test_G1_a_webhook_needs_an_address_and_known_events(crm: Account, body: Any) -> None:
    assert crm.put("/webhook/", body).status_code == 400


def test_G2_an_edit_in_the_browser_is_delivered_with_the_secret(crm: Account) -> None:
    crm.listen()
    crm.emulator.edit_person(1042, tel1="+420 700 000 002")
    event = crm.ring()[0]
    url, headers, _ = crm.receiver.got[0]
    assert (url, headers["X-RAYNETCRM-Token"]) == ("https://mail.example.com/hook/abc", "s3cr3t")
    assert re.fullmatch("[0-9a-f]{32}", event.pop("eventId"))
    assert event == {
        "createdAt": "2026-03-05T13:00:20.000+01:00",
        "type": "record.updated",
        "author": "karel.vzorny@example.com",
        "source": {"name": "user", "description": "browser"},
        "data": {"entityName": "Person", "entityId": 1042, "extIds": ["mailer:contact:8841"]},
    }


def test_G3_our_own_write_names_our_key(crm: Account) -> None:
    crm.listen()
    crm.post("/person/1042/", {"titleBefore": "Mgr."})
    event = crm.ring()[0]
    assert (event["author"], event["source"]) == ("api@example.com", {"name": "api", "description": "Mailer"})


def test_G3_another_key_of_the_same_user_has_another_name(crm: Account) -> None:
    crm.listen()
    crm.send("POST", "/person/1042/", {"titleBefore": "Mgr."}, login=credentials(key=OTHER_KEY))
    event = crm.ring()[0]
    assert (event["author"], event["source"]["description"]) == ("api@example.com", "ERP")


def test_G3_the_same_user_in_the_browser_is_no_api(crm: Account) -> None:
    crm.listen()
    crm.emulator.edit_person(1042, by="api@example.com", titleBefore="Mgr.")
    event = crm.ring()[0]
    assert (event["author"], event["source"]["name"]) == ("api@example.com", "user")


@pytest.mark.parametrize(("firing", "names"), [(True, ["Email"]), (False, [])])
def test_G4_own_history_rings_or_does_not(crm: Account, firing: bool, names: list[str]) -> None:
    crm.emulator.switch(history_fires_webhooks=firing)
    crm.listen()
    crm.put("/email/", {"title": "x", "priority": "MINOR", "owner": 12})
    assert [event["data"]["entityName"] for event in crm.ring()] == names


def test_G5_an_event_is_sent_until_it_is_accepted(crm: Account) -> None:
    crm.listen()
    crm.receiver.statuses = [500, 500, 500, 200]
    crm.emulator.edit_person(1042, notice="x")
    events = crm.ring(10)
    assert len(events) == 4
    assert len({event["eventId"] for event in events}) == 1


def test_G5_an_accepted_event_may_come_twice(crm: Account) -> None:
    crm.emulator.switch(webhooks_come_twice=True)
    crm.listen()
    crm.emulator.edit_person(1042, notice="x")
    crm.emulator.edit_person(1043, notice="x")
    assert [event["data"]["entityId"] for event in crm.ring(10)] == [1042, 1043, 1042, 1043]


def test_G5_nobody_listening_is_a_failure_like_any_other(crm: Account) -> None:
    def nobody(*_: object) -> int:
        raise ConnectionRefusedError

    crm.listen()
    crm.emulator.edit_person(1042, notice="x")
    crm.emulator.poster = nobody
    assert [delivery.status for delivery in crm.emulator.deliver()] == [0]
    crm.emulator.poster = crm.receiver
    crm.later(seconds=1)
    assert len(crm.ring(3)) == 1


def test_G6_one_event_a_second(crm: Account) -> None:
    crm.listen()
    for _ in range(100):
        crm.emulator.edit_person(1042, notice="x")
    assert len(crm.ring(30)) == 30
    assert len(crm.emulator.deliver()) == 1
    assert crm.emulator.deliver() == []


def test_G7_a_webhook_that_fails_for_a_week_is_removed(crm: Account) -> None:
    crm.listen()
    crm.receiver.statuses = [500] * 20
    crm.emulator.edit_person(1042, notice="x")
    for _ in range(8):
        crm.ring(1)
        crm.later(days=1)
    assert len(crm.data("/webhook/")["webhooks"]) == 0
    assert crm.emulator.webhooks.mails == [
        "https://mail.example.com/hook/abc does not answer",
        "https://mail.example.com/hook/abc was removed",
    ]


def test_G8_a_legal_title_is_given_and_withdrawn_but_never_deleted(crm: Account) -> None:
    title = {"person": 1043, "gdprTemplate": 4, "gdprFormAgreement": 140, "validFrom": "2026-03-05"}
    assert said(crm.put("/gdpr/", title)) == (201, {"success": "true", "data": 31})
    assert crm.data("/person/?id=1043")[0]["inlineGdpr"][0]["legalTitle"] == "CONSENT"
    assert crm.post("/gdpr/31/invalid/").status_code == 200
    assert crm.data("/person/?id=1043")[0]["inlineGdpr"] == []
    assert crm.delete("/gdpr/31/").status_code == 405


@pytest.mark.parametrize(("touching", "version"), [(False, 1), (True, 2)])
def test_G8_a_consent_counts_as_a_change_or_does_not(crm: Account, touching: bool, version: int) -> None:
    crm.emulator.switch(gdpr_touches_record=touching)
    crm.put("/gdpr/", {"person": 1043, "gdprTemplate": 4})
    assert crm.data("/person/1043/")["_version"] == version


def test_G9_an_account_id_is_no_owner(crm: Account) -> None:
    assert crm.put("/person/", {"lastName": "Test", "owner": 7}).status_code == 404
    assert crm.data("/userAccount/")[0]["person"] == {"id": 12, "fullName": "Karel Vzorný"}


def test_G10_custom_fields_are_listed_written_and_cleared(crm: Account) -> None:
    assert crm.data("/customField/config/")["Person"][0]["name"] == "Novinky_3f2a1"
    assert crm.post("/person/1043/", {"customFields": {"Novinky_3f2a1": True}}).status_code == 200
    assert crm.data("/person/1043/")["customFields"] == {"Novinky_3f2a1": True}
    crm.post("/person/1043/", {"customFields": {"Novinky_3f2a1": None}})
    assert crm.data("/person/1043/")["customFields"] == {}
    assert crm.post("/person/1043/", {"customFields": {"Jiné_00000": 1}}).status_code == 400


def test_a_picklist_is_read_and_grows_by_a_bare_id(crm: Account) -> None:
    assert [item["code01"] for item in crm.data("/language/")][:2] == ["čeština", "English"]
    status, body = said(crm.put("/language/", {"code01": "polski"}))
    assert (status, body["success"]) == (201, "true")
    assert crm.post("/person/1043/", {"language": body["data"]}).status_code == 200
    assert crm.data("/person/1043/")["language"]["value"] == "polski"
