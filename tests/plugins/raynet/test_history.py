"""The history of contacts: one entry, however often it is written and whatever becomes of answers (R61-R63)."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from plugins.raynet.activities import description
from plugins.raynet.history import safe
from spojka import Activity, Kind
from tests.support.raynet_desk import SENT, SPRING, Desk, a_desk, an_activity


def entries(desk: Desk) -> list[dict[str, Any]]:
    return list(desk.emulator.store.mass_emails)


def recipients(desk: Desk) -> list[dict[str, Any]]:
    return list(desk.emulator.store.recipients)


def activities(desk: Desk) -> list[dict[str, Any]]:
    return list(desk.emulator.store.emails)


def as_activity(**switches: Any) -> Desk:
    desk = a_desk(**switches)
    desk.settings["history_as"] = "email_activity"
    return desk


def test_R61_a_campaign_is_one_mass_email_with_recipients() -> None:
    desk = a_desk()
    outcome = desk.history(an_activity())[0]
    entry = entries(desk)[0]
    assert (outcome.done, outcome.created, outcome.handle) == (True, True, str(entry["id"]))
    said = (entry["title"], entry["source"], entry["externalId"], entry["externalOverviewUrl"])
    assert said == ("Jaro 2026", "ECOMAIL", "campaign:77", "https://mail.example.com/c/77")
    assert [(row["email"], row["status"], row["opened"]) for row in recipients(desk)] == [
        ("zofie.prikladova@example.com", "DELIVERED", "2026-03-05")
    ]


def test_R62_known_by_its_handle_a_second_morning_is_one_write() -> None:
    desk = a_desk()
    handle = desk.history(an_activity())[0].handle
    again = desk.history(an_activity(handle=handle, sent=1, opened=2, clicked=1))[0]
    assert (again.done, again.created) == (True, False)
    assert desk.writes() == [("POST", f"/massEmail/{handle}/recipientBulkUpdate/")]


def test_R63_without_a_handle_the_entry_is_looked_for() -> None:
    desk = a_desk()
    desk.history(an_activity())
    assert desk.history(an_activity())[0].done
    assert len(entries(desk)) == 1


@pytest.mark.parametrize("fault", ["lose", "drop"])
def test_R63_a_create_whose_answer_was_lost_is_there_once(fault: str) -> None:
    desk = a_desk()
    desk.fails(fault, "PUT", "/massEmail/")
    assert desk.history(an_activity())[0].unknown
    assert desk.history(an_activity())[0].done
    assert (len(entries(desk)), len(recipients(desk))) == (1, 1)


def test_R63_recipients_whose_answer_was_lost_are_there_once() -> None:
    desk = a_desk()
    desk.fails("lose", "POST", "/massEmail/")
    assert desk.history(an_activity())[0].unknown
    desk.history(an_activity())
    assert len(recipients(desk)) == 1


def test_totals_that_changed_are_brought_up_to_date_once() -> None:
    desk = a_desk()
    handle = desk.history(an_activity())[0].handle
    grown = replace(an_activity(handle=handle), mailing=replace(SPRING, totals={"sent": 3, "opened": 2}))
    desk.history(grown)
    assert ("POST", f"/massEmail/{handle}/") in desk.writes()
    desk.history(grown)
    assert ("POST", f"/massEmail/{handle}/") not in desk.writes()


def test_F9_who_is_not_found_fails_alone_inside_a_200() -> None:
    desk = a_desk()
    there, nobody = desk.history(an_activity(), an_activity("nikdo@example.com"))
    assert (there.done, nobody.done, nobody.unknown) == (True, False, False)
    assert "email not found" in nobody.error


def test_F10_more_than_a_thousand_recipients_go_in_two_requests() -> None:
    desk = a_desk()
    outcomes = desk.history(*[an_activity(f"p{number}@example.com") for number in range(1001)])
    assert len(outcomes) == 1001
    assert [path.rsplit("/", 2)[1] for _, path in desk.writes()].count("recipientBulkUpdate") == 2


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil", ""])
def test_R67_only_http_links(url: str) -> None:
    assert safe(url) == ""


def test_R61_an_email_activity_stands_on_each_record() -> None:
    desk = as_activity()
    given = replace(an_activity(), records=((Kind.PERSON, "1042"), (Kind.COMPANY, "207")))
    outcome = desk.history(given)[0]
    assert (outcome.done, outcome.created, sorted(orjson.loads(outcome.handle))) == (
        True,
        True,
        ["company:207", "person:1042"],
    )
    assert [row["status"] for row in activities(desk)] == ["COMPLETED", "COMPLETED"]


def test_R61_the_form_for_lists_that_are_not_ecomails() -> None:
    desk = a_desk()
    desk.history(replace(an_activity(), mailing=replace(SPRING, audience="local")))
    assert (len(entries(desk)), len(activities(desk))) == (0, 1)


@pytest.mark.parametrize("fault", ["lose", "drop"])
def test_R63_an_activity_whose_answer_was_lost_is_there_once(fault: str) -> None:
    desk = as_activity()
    desk.fails(fault, "PUT", "/email/")
    assert desk.history(an_activity())[0].unknown
    assert desk.history(an_activity())[0].done
    assert len(activities(desk)) == 1


def test_an_activity_grows_by_its_handle() -> None:
    desk = as_activity()
    handle = desk.history(an_activity())[0].handle
    desk.history(an_activity(handle=handle, sent=1, opened=3))
    assert len(activities(desk)) == 1
    assert "3×" in activities(desk)[0]["description"]


def test_what_people_typed_is_no_markup() -> None:
    said = replace(SPRING, subject="<script>alert(1)</script> & „sleva“")
    given = Activity("k", said, "a@b.cz", (), {"sent": 1}, {"sent": SENT}, ("javascript:alert(1)",))
    html = description(given, "cs")
    assert "&lt;script&gt;" in html
    assert "javascript" not in html
