"""Cases E: reading; and what a reading shows after writes."""

from datetime import UTC, datetime

import pytest

from plugins.ecomail.sandbox import EcomailEmulator
from plugins.ecomail.sandbox.store import HARD_BOUNCE, SOFT_BOUNCE
from tests.support.ecomail_sandbox import a_caller, rows

JANA = "jana@example.cz"


def test_E1_the_default_shows_subscribed_people_alone() -> None:
    caller = a_caller()
    assert caller.emails() == [JANA]
    assert caller.get("/lists/1/subscribers")["total"] == 1


@pytest.mark.parametrize(
    ("status", "name"),
    [("unsubscribed", "karel"), ("not_confirmed", "ceka"), ("bounced", "hard"), ("complained", "spam")],
)
def test_E1_every_status_has_a_filter(status: str, name: str) -> None:
    assert a_caller().emails(status) == [f"{name}@example.cz"]


def test_E1_soft_bounced_people_are_listed_as_bounced() -> None:
    caller = a_caller()
    caller.emulator.set_status(1, JANA, SOFT_BOUNCE)
    assert caller.emails("bounced") == [JANA, "hard@example.cz"]


def test_E1_an_unknown_status_is_refused() -> None:
    assert a_caller().send("GET", "/lists/1/subscribers?status=gone").status_code == 422


def test_E2_pages_have_a_length_and_an_end() -> None:
    caller = a_caller()
    caller.bulk(*rows(45), list_id=2)
    pages = [caller.get(f"/lists/2/subscribers?page={number}&per_page=20") for number in (1, 2, 3, 4)]
    assert [len(page["data"]) for page in pages] == [20, 20, 5, 0]
    assert {(page["last_page"], page["total"], page["per_page"]) for page in pages} == {(3, 45, 20)}
    assert pages[0]["next_page_url"] == "http://localhost/lists/2/subscribers?page=2&per_page=20"
    assert pages[2]["next_page_url"] is None
    assert [(page["from"], page["to"]) for page in pages] == [(1, 20), (21, 40), (41, 45), (None, None)]


def test_E2_no_person_is_on_two_pages() -> None:
    caller = a_caller()
    caller.bulk(*rows(45), list_id=2)
    read = [row["email"] for n in (1, 2, 3) for row in caller.get(f"/lists/2/subscribers?page={n}")["data"]]
    assert read == [row["email"] for row in rows(45)]


def test_E2_the_newest_can_come_first() -> None:
    caller = a_caller(order="newest_first")
    caller.bulk(*rows(3), list_id=2)
    pages = [caller.get(f"/lists/2/subscribers?per_page=2&page={number}")["data"] for number in (1, 2, 3)]
    assert [row["email"][4:9] for page in pages for row in page] == ["00002", "00001", "00000"]


@pytest.mark.parametrize(("mode", "status"), [("cut", 200), ("refused", 422)])
def test_E2_pages_over_5000_are_cut_or_refused(mode: str, status: int) -> None:
    answer = a_caller(long_pages=mode).send("GET", "/lists/1/subscribers?per_page=6000")
    assert answer.status_code == status
    assert status == 422 or answer.json["per_page"] == 5000


def test_E3_one_member_has_contact_and_membership_in_one() -> None:
    read = a_caller().member(JANA)
    assert (read["status"], read["list_id"], read["tags"]) == (1, 1, ["vip", "raynet"])
    assert read["custom_fields"] == {"raynet_vlastnik": "Petr Dvořák"}


def test_E3_an_unknown_member_is_not_found() -> None:
    answer = a_caller().send("GET", "/lists/1/subscriber/nikdo@example.cz")
    assert (answer.status_code, answer.json) == (404, {"errors": ["Subscriber not found"]})


def test_E4_a_contact_shows_its_lists_by_id_as_text() -> None:
    read = a_caller().get(f"/subscribers/{JANA}")["subscriber"]
    assert read["tags"] == ["vip", "raynet"]
    assert (list(read["lists"]), read["lists"]["1"]["status"]) == (["1"], 1)


def test_E5_two_forms_mean_one_moment_in_winter() -> None:
    read = a_caller().member(JANA)
    assert (read["inserted_at"], read["subscribed_at"]) == ("2026-11-15 13:59:21", "2026-11-15T12:59:21.000000Z")


def test_E5_in_july_the_difference_is_two_hours() -> None:
    emulator = EcomailEmulator(lambda: datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
    emulator.account.add_list("Klienti")
    emulator.add_contact(1, JANA)
    person = emulator.account.store.people[JANA]
    assert (person.inserted_at, person.memberships[1].subscribed_at) == (
        "2026-07-01 14:00:00",
        "2026-07-01T12:00:00.000000Z",
    )


def test_pages_say_what_is_documented_and_no_more() -> None:
    row = a_caller().get("/lists/1/subscribers")["data"][0]
    names = {"id", "email", "name", "surname", "gender", "company", "city", "country", "phone", "tags"}
    assert set(row["subscriber"]) == names
    assert (row["custom_fields"], row["groups"]) == ({"raynet_vlastnik": "Petr Dvořák"}, None)


def test_pages_can_say_everything() -> None:
    caller = a_caller()
    caller.get("/lists/1/subscribers")
    caller.emulator.switch(page_fields="all")
    subscriber = caller.get("/lists/1/subscribers")["data"][0]["subscriber"]
    assert {"pretitle", "surtitle", "street", "zip", "birthday"} <= set(subscriber)


def test_pages_can_be_without_tags() -> None:
    assert "tags" not in a_caller(tags_in_pages=False).get("/lists/1/subscribers")["data"][0]["subscriber"]


def test_a_page_shows_what_was_changed_after_it_was_read() -> None:
    caller = a_caller()
    caller.get("/lists/1/subscribers")
    caller.bulk({"email": JANA, "surname": "Nová"})
    assert caller.get("/lists/1/subscribers")["data"][0]["subscriber"]["surname"] == "Nová"


def test_an_account_wide_change_through_one_list_shows_in_the_pages_of_another() -> None:
    caller = a_caller()
    caller.bulk({"email": JANA}, list_id=2)
    caller.get("/lists/2/subscribers")
    caller.update(JANA, surname="Nová")
    assert caller.get("/lists/2/subscribers")["data"][0]["subscriber"]["surname"] == "Nová"


def test_a_write_can_become_visible_late() -> None:
    caller = a_caller(visible=5)
    caller.bulk({"email": "nova@example.cz"}, {"email": JANA, "surname": "Nová"})
    at_once = (caller.absent("nova@example.cz"), caller.member(JANA)["surname"], caller.emails())
    caller.clock.advance(5)
    later = (caller.absent("nova@example.cz"), caller.member(JANA)["surname"], caller.emails())
    assert at_once == (True, "Malá", [JANA])
    assert later == (False, "Nová", [JANA, "nova@example.cz"])


def test_a_late_write_counts_at_once_for_the_next_write() -> None:
    caller = a_caller(visible=5)
    caller.bulk({"email": "nova@example.cz"})
    assert caller.bulk({"email": "nova@example.cz"}).json == {"inserts": 0}


def test_a_bounce_moves_somebody_to_another_filter() -> None:
    caller = a_caller()
    caller.emulator.set_status(1, JANA, HARD_BOUNCE)
    counts = caller.get("/lists/1")["subscribers"]
    assert (caller.emails(), counts["subscribed"], counts["hard_bounced"]) == ([], 0, 2)


def test_a_state_survives_as_json() -> None:
    caller, other = a_caller(), EcomailEmulator()
    caller.bulk(*rows(3), list_id=2)
    other.load(caller.emulator.dump())
    other.add_contact(2, "dalsi@example.cz")
    assert other.dump()["people"][:-1] == caller.emulator.dump()["people"]
    assert other.account.store.page(2, "subscribed", 3, 9)[0].person.key == "dalsi@example.cz"
