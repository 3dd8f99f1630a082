"""The human pages, and the people who use them."""

import re

import pytest
from werkzeug.test import Client

from plugins.ecomail.sandbox import EcomailEmulator, demo
from tests.support.clock import VirtualClock

KNOWN = ("eva@firma.cz", "petr@firma.cz", "iva@firma.cz")


def an_account(members: int = 120) -> EcomailEmulator:
    return demo(members, KNOWN, VirtualClock().now)


def test_demo_has_the_asked_number_of_people_and_those_the_crm_knows() -> None:
    store = an_account().account.store
    read = [store.people[email] for email in KNOWN]
    assert len(store.people) == 120
    assert [person.memberships[1].status for person in read] == [1, 2, 4]
    assert (read[0].tags, read[0].values["name"]) == (("vip",), "Vlastní")


def test_the_same_demo_is_made_every_time() -> None:
    assert an_account().dump() == an_account().dump()


def test_the_lists_are_shown_without_a_key() -> None:
    answer = Client(an_account()).get("/ui/")
    assert answer.status_code == 200
    assert "Klienti" in answer.text
    assert "style=" not in answer.text


def test_members_are_shown_page_by_page() -> None:
    pages = [Client(an_account()).get(f"/ui/lists/1?page={number}").text for number in (1, 2, 3)]
    assert [len(re.findall("<tr><td>", page)) for page in pages] == [50, 50, 20]
    assert ["Další" in page for page in pages] == [True, True, False]


def test_members_are_found_by_address_name_or_tag() -> None:
    client = Client(an_account())
    assert "eva@firma.cz" in client.get("/ui/lists/1?q=EVA@FIRMA").text
    assert "eva@firma.cz" in client.get("/ui/lists/1?q=vip").text
    assert "Nikdo takový" in client.get("/ui/lists/1?q=neexistuje").text


def test_members_are_found_by_status() -> None:
    text = Client(an_account()).get("/ui/lists/1?status=2").text
    assert ("petr@firma.cz" in text, "eva@firma.cz" in text) == (True, False)


def test_a_contact_shows_everything_and_escapes_it() -> None:
    emulator = an_account()
    emulator.edit_contact(KNOWN[0], list_id=1, custom_fields={"Vlastník": "<b>Jan</b>"}, surname='"><script>')
    text = Client(emulator).get("/ui/contacts/eva@firma.cz").text
    assert "&lt;b&gt;Jan&lt;/b&gt;" in text
    assert "<script>" not in text


def test_moments_are_shown_in_the_readers_form() -> None:
    text = Client(an_account()).get("/ui/contacts/petr@firma.cz").text
    assert "v účtu od 2. 3. 2026 10:00" in text
    assert "odhlášen 2. 3. 2026 10:00" in text


def test_an_edit_is_saved_like_a_users() -> None:
    emulator = an_account()
    form = {"name": "Eva", "surname": "Nová", "phone": "+420 601 000 111", "tags": "vip\nvěrný\n"}
    answer = Client(emulator).post("/ui/contacts/eva@firma.cz", data=form)
    person = emulator.account.store.people[KNOWN[0]]
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ui/contacts/eva@firma.cz?saved=1")
    assert person.values == {"name": "Eva", "surname": "Nová", "phone": "+420 601 000 111"}
    assert person.tags == ("vip", "věrný")


def test_custom_fields_and_the_status_are_saved_for_one_list() -> None:
    emulator = an_account()
    emulator.account.lists[1].learn("vlastník", None)
    Client(emulator).post("/ui/contacts/eva@firma.cz/lists/1", data={"status": "4", "custom.vlastník": "Jan"})
    member = emulator.account.store.people[KNOWN[0]].memberships[1]
    assert (member.status, member.custom) == (4, {"vlastník": "Jan"})


def test_somebody_is_unsubscribed_by_a_button() -> None:
    emulator = an_account()
    emulator.set_list_webhook(1, "https://hook.example.cz/")
    Client(emulator).post("/ui/contacts/eva@firma.cz/lists/1/unsubscribe")
    assert emulator.account.store.people[KNOWN[0]].memberships[1].status == 2
    assert [each.body["payload"]["status"] for each in emulator.take_deliveries()] == ["UNSUBSCRIBED"]


def test_somebody_is_deleted_by_a_button() -> None:
    emulator = an_account()
    Client(emulator).post("/ui/contacts/eva@firma.cz/delete")
    assert KNOWN[0] not in emulator.account.store.people


def test_somebody_is_added_by_a_form() -> None:
    emulator = an_account()
    Client(emulator).post("/ui/lists/2", data={"email": "nova+1@firma.cz"})
    assert emulator.account.store.people["nova+1@firma.cz"].memberships[2].source == "app"
    assert Client(emulator).get("/ui/contacts/nova%2B1@firma.cz").status_code == 200


def test_a_form_of_another_site_is_refused() -> None:
    emulator = an_account()
    headers = {"Origin": "https://zly.example.cz"}
    answer = Client(emulator).post("/ui/contacts/eva@firma.cz/delete", headers=headers)
    assert answer.status_code == 403
    assert KNOWN[0] in emulator.account.store.people


@pytest.mark.parametrize("path", ["/ui/contacts/nikdo@firma.cz", "/ui/lists/9", "/ui/jinam"])
def test_what_is_not_there_is_said(path: str) -> None:
    answer = Client(an_account()).get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
