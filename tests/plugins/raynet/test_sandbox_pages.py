"""The page for people under /ui/."""

import pytest
from werkzeug.test import Client, TestResponse

from tests.support.raynet_sandbox import Account, account

FORM = {
    "titleBefore": "Ing.",
    "firstName": "Žofie",
    "lastName": "Příkladová",
    "email": "zofie.prikladova@example.com",
    "tel1": "+420 700 000 001",
    "type": "vedoucí nákupu",
    "company": "207",
    "language": "70",
    "owner": "12",
    "tags": "newsletter, veletrh 2026",
}


@pytest.fixture
def crm() -> Account:
    return account()


def look(crm: Account, path: str) -> TestResponse:
    return Client(crm.emulator).get(path)


def fill(crm: Account, path: str, **fields: str) -> TestResponse:
    return Client(crm.emulator).post(path, data=fields)


def test_the_list_needs_no_key_and_uses_up_nothing(crm: Account) -> None:
    answer = look(crm, "/ui/persons/")
    assert answer.status_code == 200
    assert "Žofie Příkladová" in answer.text
    assert crm.emulator.calls == []
    assert crm.send("GET", "/person/").headers["X-Ratelimit-Remaining"] == "23999"


@pytest.mark.parametrize("path", ["/", "/ui/"])
def test_the_front_door_leads_to_the_persons(crm: Account, path: str) -> None:
    assert look(crm, path).headers["Location"] == "/ui/persons/"


def test_what_a_browser_asks_for_by_itself_is_no_wrong_login(crm: Account) -> None:
    assert {look(crm, "/favicon.ico").status_code for _ in range(30)} == {404}
    assert crm.send("GET", "/person/").status_code == 200


def test_names_are_escaped(crm: Account) -> None:
    assert "&lt;b&gt;O&#39;Neill&lt;/b&gt; &amp; syn" in look(crm, "/ui/persons/").text


def test_no_page_styles_itself(crm: Account) -> None:
    pages = [look(crm, path).text for path in ("/ui/persons/", "/ui/persons/1042", "/ui/companies/207")]
    assert not any("style=" in page or "<style" in page or "<script" in page for page in pages)
    assert look(crm, "/ui/style.css").mimetype == "text/css"


@pytest.mark.parametrize("words", ["příklad", "zofie.prikladova@"])
def test_people_are_found_by_name_or_address(crm: Account, words: str) -> None:
    text = look(crm, f"/ui/persons/?q={words}").text
    assert "Žofie" in text
    assert "Jiří" not in text


def test_an_empty_search_says_what_to_do(crm: Account) -> None:
    assert "Zkuste hledat jinak" in look(crm, "/ui/persons/?q=nikdo").text


def test_saving_a_form_as_it_was_shown_changes_nothing(crm: Account) -> None:
    before = crm.data("/person/1042/")
    assert fill(crm, "/ui/persons/1042", **FORM).status_code == 302
    assert crm.data("/person/1042/") == before


def test_blanks_around_an_address_are_no_edit(crm: Account) -> None:
    crm.emulator.edit_person(1043, email=" Jiri@Example.com ")
    fill(crm, "/ui/persons/1043", firstName="Jiří", lastName="Vzor", email="Jiri@Example.com", owner="12")
    person = crm.data("/person/1043/")
    assert (person["contactInfo"]["email"], person["_version"]) == (" Jiri@Example.com ", 2)


def test_an_edit_saves_what_was_changed_once_and_rings(crm: Account) -> None:
    crm.listen()
    fill(crm, "/ui/persons/1042", **{**FORM, "tel1": "+420 700 000 009", "tags": "vip", "doNotSendMM": "on"})
    person = crm.data("/person/1042/")
    assert person["contactInfo"]["tel1"] == "+420 700 000 009"
    assert (person["tags"], person["contactInfo"]["doNotSendMM"], person["_version"]) == (["vip"], True, 2)
    assert len(crm.ring(5)) == 1


def test_a_refused_edit_shows_the_form_again_with_what_was_typed(crm: Account) -> None:
    answer = fill(crm, "/ui/persons/1042", **{**FORM, "country": "Česko"})
    assert answer.status_code == 400
    assert "Raynet změnu neuložil" in answer.text
    assert 'value="Česko"' in answer.text


def test_a_person_is_added_and_deleted(crm: Account) -> None:
    answer = fill(crm, "/ui/persons/new", lastName="Nový", email="novy@example.com")
    assert answer.headers["Location"] == "/ui/persons/1050?saved=1"
    assert crm.data("/person/1050/")["contactInfo"]["email"] == "novy@example.com"
    assert fill(crm, "/ui/persons/1050/delete").status_code == 302
    assert crm.send("GET", "/person/1050/").status_code == 404


def test_a_person_without_a_last_name_is_refused(crm: Account) -> None:
    assert fill(crm, "/ui/persons/new", firstName="Jan").status_code == 400


def test_a_company_is_edited_at_its_primary_address(crm: Account) -> None:
    codes = {"state": "B_ACTUAL", "role": "A_SUBSCRIBER", "rating": "A", "owner": "12", "tags": "velkoobchod"}
    place = {"street": "Zkušební 1", "city": "Brno", "zipCode": "602 00", "country": "CZ"}
    form = {"name": "Ukázka & syn s.r.o.", "email": "nova@example.com", **codes, **place}
    assert fill(crm, "/ui/companies/207", **form).status_code == 302
    company = crm.data("/company/207/")
    assert company["primaryAddress"]["contactInfo"]["email"] == "nova@example.com"
    assert (company["primaryAddress"]["contactInfo"]["www"], company["_version"]) == ("www.example.com", 2)


def test_a_company_with_people_cannot_be_deleted_and_the_page_says_why(crm: Account) -> None:
    answer = fill(crm, "/ui/companies/207/delete")
    assert answer.status_code == 400
    assert "odkazují na něj jiné záznamy" in answer.text


@pytest.mark.parametrize("path", ["/ui/persons/999", "/ui/nowhere/", "/ui/persons/1042/delete"])
def test_what_is_not_there_is_not_there(crm: Account, path: str) -> None:
    assert look(crm, path).status_code in (404, 405)


def test_a_record_shows_its_history(crm: Account) -> None:
    person = crm.emulator.add_person(lastName="Nová", email="eva@firma.cz")
    store = crm.emulator.store
    store.mass_emails.rows[9] = {
        "id": 9,
        "title": "Jaro",
        "stats": {"sent": 1},
        "externalOverviewUrl": "https://firma.cz/r",
    }
    store.recipients.rows[21] = {"massEmail": 9, "person": person, "status": "DELIVERED", "opened": "2026-03-05"}
    page = look(crm, f"/ui/persons/{person}").text
    assert all(word in page for word in ("Jaro", "DELIVERED", "2026-03-05", "sent 1", "https://firma.cz/r"))
