"""A campaign is sent and read on the sandbox's pages, and an automation's step calls its address."""

from typing import Any

from werkzeug.test import Client

from plugins.ecomail.sandbox import EcomailEmulator, demo
from tests.support.clock import VirtualClock

EVA = "eva@firma.cz"


def an_account() -> EcomailEmulator:
    return demo(5, (EVA,), VirtualClock().now)


def test_a_campaign_goes_to_everybody_who_is_subscribed() -> None:
    emulator = an_account()
    client = Client(emulator)
    assert "Zatím se nic neposlalo." in client.get("/ui/campaigns").text
    answer = client.post("/ui/campaigns", data={"title": "Jaro", "list": "1"})
    assert answer.headers["Location"] == "/ui/campaigns/1"
    assert "Odesláno 5, otevřelo 0" in client.get("/ui/campaigns/1").text
    assert "Jaro" in client.get("/ui/campaigns").text


def test_a_reader_opens_clicks_and_leaves() -> None:
    emulator = an_account()
    client = Client(emulator)
    number = emulator.send_campaign("Jaro", 1)
    for event in ("open", "click", "unsub", "nothing"):
        client.post(f"/ui/campaigns/{number}/{EVA}", data={"event": event})
    assert "otevřelo 1, kliklo 1, odhlásilo se 1" in client.get(f"/ui/campaigns/{number}").text
    assert emulator.account.store.people[EVA].memberships[1].status == 2


def test_a_step_of_an_automation_calls_its_address_once() -> None:
    emulator, called = an_account(), list[tuple[str, Any]]()
    emulator.poster = lambda url, headers, body: called.append((url, body["email"]))
    Client(emulator).post(f"/ui/contacts/{EVA}/step", data={"url": "http://127.0.0.1:9/automation/x/tags/add?tag=a"})
    emulator.deliver()
    emulator.deliver()
    assert called == [("http://127.0.0.1:9/automation/x/tags/add?tag=a", EVA)]


def test_nobody_listens_and_nothing_happens() -> None:
    emulator = an_account()
    emulator.account.mailings.add_pipeline(1, "Uvítání", 1, "2026-03-02 10:00:00")
    emulator.automation_step(1, "x", EVA, "http://127.0.0.1:9/")
    assert len(emulator.deliver()) == 1


def test_a_campaign_that_is_not_there_has_no_page() -> None:
    assert Client(an_account()).get("/ui/campaigns/7").status_code == 404
