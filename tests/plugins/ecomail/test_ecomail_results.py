"""What campaigns and automations did, as the plugin reads it from the emulated account (R107)."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from plugins.ecomail.sandbox import EcomailEmulator
from spojka import Counts, Deed, Happening, Malformed, Rejected, Results, Unreachable
from spojka.emulator import Fault
from tests.support.ecomail_account import a_list, an_audience, an_emulator

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
JARO = "campaign:10"
AT = "2026-11-10T08:00:00.000000Z"
URL = "https://firma.ecomailapp.cz/campaigns/render/10/abc"


@pytest.fixture
def emulator() -> EcomailEmulator:
    made = an_emulator()
    a_list(made)
    return made


def results(emulator: EcomailEmulator) -> Results:
    return cast(Results, an_audience(emulator))


def campaign(emulator: EcomailEmulator, number: int = 10, title: str | None = "Jaro", **more: Any) -> None:
    said = {"status": 3, "sent_at": "2026-11-10 09:00:00", "archive_url": URL, **more}
    emulator.account.mailings.add_campaign(number, title or "", **said)


def happen(emulator: EcomailEmulator, event: str, email: str = "jana@example.cz", **more: Any) -> None:
    emulator.account.mailings.happen(event, email, AT, **{"campaign": 10, **more})


def test_a_campaign_says_what_it_is_and_its_totals(emulator: EcomailEmulator) -> None:
    campaign(emulator, subject="Sleva")
    for event in ("send", "open", "open", "click"):
        happen(emulator, event)
    (found,) = results(emulator).mailings("1", LONG_AGO)
    assert (found.key, found.title, found.subject, found.account) == (JARO, "Jaro", "Sleva", "firma")
    assert (found.sent_at, found.archive_url) == (datetime(2026, 11, 10, 8, 0, tzinfo=UTC), URL)
    assert {deed: found.totals[deed] for deed in ("sent", "opened", "clicked")} == {
        "sent": 1,
        "opened": 1,
        "clicked": 1,
    }


@pytest.mark.parametrize(
    "said",
    [
        {"status": 0},
        {"status": 2},
        {"campaign_type": "variation"},
        {"campaign_type": "sms"},
        {"sent_at": "2025-12-01 09:00:00"},
        {"recepient_lists": [2]},
        {"recepient_lists": [{"id": 1, "list": 2}]},
    ],
)
def test_what_was_not_sent_to_this_list_lately_is_left_out(emulator: EcomailEmulator, said: dict[str, Any]) -> None:
    campaign(emulator, **said)
    assert results(emulator).mailings("1", LONG_AGO) == ()


@pytest.mark.parametrize("lists", [[], [1], ["1"], [{"id": 7, "list": 1}], [{"id": 1}], None])
def test_a_campaign_to_this_list_is_taken(emulator: EcomailEmulator, lists: object) -> None:
    campaign(emulator, recepient_lists=lists)
    assert len(results(emulator).mailings("1", LONG_AGO)) == 1


def test_F1_campaigns_come_fifty_at_a_time(emulator: EcomailEmulator) -> None:
    for number in range(1, 121):
        campaign(emulator, number)
    assert len(results(emulator).mailings("1", LONG_AGO)) == 120


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_automation_of_this_list_has_totals_wrapped_or_bare(emulator: EcomailEmulator, wrapped: bool) -> None:
    emulator.switch(stats_wrapped=wrapped)
    emulator.account.mailings.add_pipeline(3, "Uvítání", 1, "2026-01-01 10:00:00")
    emulator.account.mailings.add_pipeline(4, "Jiný seznam", 2, "2026-01-01 10:00:00")
    happen(emulator, "open", campaign=None, pipeline=3)
    (found,) = results(emulator).mailings("1", LONG_AGO)
    assert (found.key, found.title, found.totals["opened"]) == ("automation:3", "Uvítání", 1)


def test_F9_a_campaign_deleted_between_two_requests_is_left_out(emulator: EcomailEmulator) -> None:
    campaign(emulator)
    body = b'{"errors":["Campaign not found"]}'
    emulator.fail(Fault("status", path="/campaigns/10/stats", status=404, body=body, headers=JSON))
    assert results(emulator).mailings("1", LONG_AGO) == ()


JSON = {"Content-Type": "application/json"}


def test_F8_the_log_says_when_and_which_link(emulator: EcomailEmulator) -> None:
    campaign(emulator)
    happen(emulator, "send")
    happen(emulator, "click", url="https://firma.cz/sleva")
    happen(emulator, "not_an_event_we_know")
    page = results(emulator).log(JARO, None, None)
    moment = datetime(2026, 11, 10, 8, 0, tzinfo=UTC)
    assert page.items == (
        Happening("log:1", JARO, "jana@example.cz", Deed.SENT, moment),
        Happening("log:2", JARO, "jana@example.cz", Deed.CLICKED, moment, "https://firma.cz/sleva"),
    )
    assert page.after is None


def test_the_log_comes_in_pages(emulator: EcomailEmulator) -> None:
    campaign(emulator)
    for number in range(250):
        happen(emulator, "open", f"p{number}@example.cz")
    reader, after, found = results(emulator), None, list[Happening]()
    while True:
        page = reader.log(JARO, None, after)
        found += page.items
        if page.after is None:
            break
        after = page.after
    assert (len({one.id for one in found}), len(emulator.calls)) == (250, 3)


def test_the_log_begins_on_a_day(emulator: EcomailEmulator) -> None:
    campaign(emulator)
    happen(emulator, "open")
    assert results(emulator).log(JARO, datetime(2026, 11, 10, 23, tzinfo=UTC), None).items
    assert not results(emulator).log(JARO, datetime(2026, 11, 11, tzinfo=UTC), None).items


def test_an_account_without_logs_says_so(emulator: EcomailEmulator) -> None:
    emulator.switch(logs=False)
    campaign(emulator)
    with pytest.raises(Rejected) as refused:
        results(emulator).log(JARO, None, None)
    assert refused.value.key == "log"


def test_an_automation_has_no_log_and_costs_no_request(emulator: EcomailEmulator) -> None:
    with pytest.raises(Rejected) as refused:
        results(emulator).log("automation:3", None, None)
    assert (refused.value.key, emulator.calls) == ("log", [])


@pytest.mark.parametrize("mailing", ["campaign:77", "automation:77"])
def test_F9_a_mailing_that_is_gone_says_so(emulator: EcomailEmulator, mailing: str) -> None:
    with pytest.raises(Rejected) as refused:
        results(emulator).counts(mailing, None)
    assert refused.value.key == "mailing"


def test_F3_numbers_by_person_in_pages(emulator: EcomailEmulator) -> None:
    campaign(emulator)
    for number in range(150):
        happen(emulator, "send", f"p{number}@example.cz")
    first = results(emulator).counts(JARO, None)
    assert (len(first.items), first.after) == (100, "2")
    assert first.items[0] == Counts("p0@example.cz", {"sent": 1})
    second = results(emulator).counts(JARO, first.after)
    assert (len(second.items), second.after) == (50, None)


def test_F4_a_mailing_without_recipients_has_no_numbers(emulator: EcomailEmulator) -> None:
    campaign(emulator)
    assert results(emulator).counts(JARO, None).items == ()


def test_bounces_under_several_names_are_one_deed(emulator: EcomailEmulator) -> None:
    campaign(emulator)
    happen(emulator, "soft_bounce")
    happen(emulator, "hard_bounce")
    assert results(emulator).counts(JARO, None).items == (Counts("jana@example.cz", {"bounced": 1}),)


def test_F12_nothing_is_ever_sent(emulator: EcomailEmulator) -> None:
    campaign(emulator)
    reader = results(emulator)
    reader.mailings("1", LONG_AGO)
    reader.log(JARO, None, None)
    reader.counts(JARO, None)
    assert {call.method for call in emulator.calls} == {"GET"}
    assert not [call for call in emulator.calls if call.path.endswith("/send")]


@pytest.mark.parametrize("path", ["/campaigns/10/log", "/campaigns/10/stats-detail", "/campaigns", "/pipelines"])
def test_an_answer_of_another_form_is_believed_nothing(emulator: EcomailEmulator, path: str) -> None:
    campaign(emulator)
    html = Fault("status", path=path, status=200, body=b"<html></html>", times=9)
    emulator.fail(html)
    reader = results(emulator)
    with pytest.raises((Malformed, Unreachable)):
        reader.mailings("1", LONG_AGO)
        reader.log(JARO, None, None)
        reader.counts(JARO, None)
