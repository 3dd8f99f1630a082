"""Cases F and G: campaigns, automations, and calls to foreign addresses."""

import pytest

from plugins.ecomail.sandbox import campaigns
from plugins.ecomail.sandbox.mailings import SENT
from plugins.ecomail.sandbox.seed import HOOK
from tests.support.ecomail_sandbox import Caller, a_caller

JANA = "jana@example.cz"


def with_campaigns() -> Caller:
    caller = a_caller()
    campaigns(caller.emulator)
    return caller


def test_F1_campaigns_are_a_bare_array_of_at_most_50() -> None:
    caller = a_caller()
    for number in range(120):
        caller.emulator.account.mailings.add_campaign(100 + number, f"Kampaň {number}")
    pages = [caller.get(f"/campaigns?per_page=50&page={number}") for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({each["id"] for page in pages for each in page}) == 120


def test_F1_51_a_page_is_refused() -> None:
    answer = a_caller().send("GET", "/campaigns?per_page=51")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["per_page"])


def test_F2_drafts_and_arms_have_nulls() -> None:
    by_id = {each["id"]: each for each in with_campaigns().get("/campaigns?per_page=50")}
    assert (by_id[12]["status"], by_id[12]["subject"], by_id[12]["recipients"]) == (0, None, None)
    assert (by_id[14]["campaign_type"], by_id[14]["sent_at"], by_id[14]["parent_id"]) == ("variation", None, 13)
    assert [each["id"] for each in with_campaigns().get("/campaigns?filters[status]=0")] == [12]


def test_F3_the_detail_is_keyed_by_address_page_by_page() -> None:
    caller = with_campaigns()
    first, second = (caller.get(f"/campaigns/10/stats-detail?per_page=100&page={number}") for number in (1, 2))
    assert (len(first["subscribers"]), len(second["subscribers"])) == (100, 50)
    assert (first["total"], second["total"]) == (150, 150)
    assert first["next_page_url"].endswith("/campaigns/10/stats-detail?page=2&per_page=100")
    assert second["next_page_url"] is None
    assert first["subscribers"]["clovek000@example.cz"]["click"] == 1
    assert "last_page" not in first


def test_F3_the_detail_has_at_most_100_a_page() -> None:
    assert with_campaigns().send("GET", "/campaigns/10/stats-detail?per_page=101").status_code == 422


def test_F4_nobody_is_an_empty_array() -> None:
    answer = with_campaigns().get("/campaigns/11/stats-detail")
    assert (answer["subscribers"], answer["total"]) == ([], 0)


def test_F5_an_event_counts_people_in_the_window() -> None:
    answer = with_campaigns().get(
        "/campaigns/10/stats-detail?event=click&from_date=2026-11-01&to_date=2026-11-20&per_page=1"
    )
    assert (answer["total"], len(answer["subscribers"])) == (10, 1)


def test_F5_an_event_outside_of_the_window_does_not_count() -> None:
    answer = with_campaigns().get("/campaigns/10/stats-detail?event=click&from_date=2026-11-13")
    assert (answer["total"], answer["subscribers"]) == (0, [])


def test_F5_an_unknown_event_has_no_total() -> None:
    assert with_campaigns().get("/campaigns/10/stats-detail?event=conversion")["total"] is None


@pytest.mark.parametrize(("day", "status"), [("2025-11-14", 422), ("2025-11-15", 200)])
def test_F6_one_year_back_and_no_further(day: str, status: int) -> None:
    answer = with_campaigns().send("GET", f"/campaigns/10/stats-detail?from_date={day}")
    assert answer.status_code == status
    assert status == 200 or "a date after or equal to 2025-11-15" in answer.json["errors"]["from_date"][0]


def test_F7_totals_do_not_care_about_dates() -> None:
    caller = with_campaigns()
    dated = caller.get("/campaigns/10/stats?from_date=2026-01-01&to_date=2026-01-31")
    assert dated == caller.get("/campaigns/10/stats")
    assert (dated["stats"]["open"], dated["stats"]["click"], dated["stats"]["inject"]) == (50, 10, 150)


def test_F8_the_log_has_stable_ids_and_links() -> None:
    caller = with_campaigns()
    first = caller.get("/campaigns/10/log?events[]=click&per_page=100")
    again = caller.get("/campaigns/10/log?events[]=click&per_page=100")
    assert first == again
    assert first["total"] == 10
    assert len({row["id"] for row in first["campaign_log"]}) == 10
    assert first["campaign_log"][0]["url"] == "https://www.example.cz/akce"
    assert first["campaign_log"][0]["occured_at"] == "2026-11-12T12:59:21.000000Z"


def test_F8_the_former_log_is_a_campaign_without_a_number() -> None:
    answer = with_campaigns().send("GET", "/campaigns/log")
    assert (answer.status_code, answer.json) == (422, {"errors": {"id": ["The id must be a number."]}})


def test_F9_a_deleted_campaign_is_not_found() -> None:
    assert with_campaigns().send("GET", "/campaigns/77/stats").status_code == 404


def test_F10_numbers_grow() -> None:
    caller = with_campaigns()
    caller.emulator.mail_event("open", "clovek001@example.cz", 10)
    assert caller.get("/campaigns/10/stats")["stats"]["open"] == 51


@pytest.mark.parametrize("wrapped", [True, False])
def test_F11_totals_of_an_automation_come_wrapped_or_bare(wrapped: bool) -> None:
    caller = with_campaigns()
    caller.emulator.switch(stats_wrapped=wrapped)
    answer = caller.get("/pipelines/5/stats")
    assert (answer["stats"] if wrapped else answer)["triggered"] == 0


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/campaign/10/send"), ("POST", "/campaigns"), ("POST", "/pipelines/5/trigger")]
)
def test_F12_sending_is_noted_as_forbidden(method: str, path: str) -> None:
    caller = with_campaigns()
    answer = caller.send(method, path, {} if method == "POST" else None)
    assert answer.status_code == 403
    assert [(call.method, call.path) for call in caller.emulator.forbidden_calls] == [(method, path)]


def test_all_stats_write_the_time_as_digits() -> None:
    answer = with_campaigns().get("/campaigns/all-stats")["stats"]
    assert answer["10"]["sent_at"] == "20261110135921"
    assert "12" not in answer


def test_a_sent_campaign_has_its_totals_in_the_detail() -> None:
    answer = with_campaigns().get("/campaigns/10")
    assert (answer["status"], answer["stats"]["open"]) == (SENT, 50)


def test_automations_do_not_say_what_starts_them() -> None:
    assert [set(each) for each in with_campaigns().get("/pipelines")] == [
        {"id", "name", "list_id", "created_at", "updated_at"}
    ] * 2


def test_the_log_of_a_person_has_their_mails() -> None:
    answer = with_campaigns().get("/subscribers/clovek000@example.cz/email-log")
    assert [row["event"] for row in answer["data"]] == ["send", "open", "click"]


def test_G1_the_unsubscribe_link_rings_with_the_campaign() -> None:
    caller = a_caller()
    caller.emulator.unsubscribe(1, JANA, campaign=10)
    [sent] = caller.emulator.take_deliveries()
    assert (sent.kind, sent.url) == ("list", HOOK)
    assert sent.body == {"payload": {"email": JANA, "status": "UNSUBSCRIBED", "listId": 1, "campaignId": 10}}
    assert caller.member(JANA)["status"] == 2


def test_G2_new_people_by_bulk_ring() -> None:
    caller = a_caller()
    caller.bulk({"email": "a@example.cz"}, {"email": JANA})
    assert [each.body["payload"]["email"] for each in caller.emulator.take_deliveries()] == ["a@example.cz"]


def test_G3_a_bounce_is_silent() -> None:
    caller = a_caller()
    caller.emulator.set_status(1, JANA, 4)
    assert caller.emulator.take_deliveries() == []


@pytest.mark.parametrize(
    ("old", "names"),
    [
        (False, {"account", "pipeline", "action", "email", "subscriber", "subscribers"}),
        (True, {"account", "pipeline", "action", "subscribers"}),
    ],
)
def test_G4_a_step_of_an_automation_calls_with_the_whole_contact(old: bool, names: set[str]) -> None:
    caller = with_campaigns()
    caller.emulator.automation_step(5, 7, JANA, "https://hook.example.cz/step", old=old)
    [sent] = caller.emulator.take_deliveries()
    assert set(sent.body) == names
    assert sent.body["subscribers"][0]["tags"] == ["vip", "raynet"]
    assert caller.get(f"/subscribers/{JANA}/automation-log")["automation_log"][0]["pipeline_id"] == 5


def test_G6_message_events_come_in_batches_with_an_id() -> None:
    caller = with_campaigns()
    caller.send("POST", "/account/settings/webhook", {"url": "https://hook.example.cz/events"})
    caller.emulator.mail_event("click", JANA, 10, url="https://www.example.cz/")
    sample, event = caller.emulator.take_deliveries()
    assert sample.headers["X-MessageSystems-Batch-ID"] != event.headers["X-MessageSystems-Batch-ID"]
    assert event.body[0]["msys"]["track_event"]["rcpt_meta"] == {"campaign_id": "10"}


def test_the_address_for_message_events_can_be_set_and_cleared() -> None:
    caller = a_caller()
    url = "https://hook.example.cz/events"
    before = caller.get("/account/settings/webhook")
    made = caller.send("POST", "/account/settings/webhook", {"url": url})
    cleared = caller.send("DELETE", "/account/settings/webhook")
    assert (before, made.json, cleared.json) == (
        {"webhook": {"url": None}},
        {"webhook": {"url": url}},
        {"success": True},
    )
