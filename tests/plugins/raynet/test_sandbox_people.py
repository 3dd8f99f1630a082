"""Invented people, and the state that survives a restart."""

from collections import Counter

import orjson
import pytest

from plugins.raynet.sandbox import RaynetEmulator, cases, demo
from plugins.raynet.sandbox.store import Rec
from tests.support.clock import VirtualClock
from tests.support.raynet_sandbox import START, Account, account


@pytest.fixture(scope="module")
def big() -> RaynetEmulator:
    return demo(3000, 200, VirtualClock(START).now)


def contacts(emulator: RaynetEmulator) -> list[Rec]:
    return [person.get("contactInfo", {}) for person in emulator.store.persons]


def test_a_demo_has_exactly_as_many_records_as_asked_for(big: RaynetEmulator) -> None:
    assert (len(big.store.persons.rows), len(big.store.companies.rows)) == (3000, 200)


def test_the_same_numbers_give_the_same_people(big: RaynetEmulator) -> None:
    assert demo(3000, 200).dump() == big.dump()


def test_some_people_are_odd_in_every_way_real_ones_are(big: RaynetEmulator) -> None:
    persons, found = list(big.store.persons), contacts(big)
    emails = Counter(contact["email"] for contact in found if contact.get("email"))
    companies = {item["contactInfo"].get("email") for firm in big.store.companies for item in firm["addresses"]}
    assert any(not contact.get("email") for contact in found)
    assert any("@" not in email for email in emails)
    assert any(contact.get("email2") for contact in found)
    assert any(count > 1 for email, count in emails.items() if "@" in email)
    assert companies & set(emails)
    assert any(contact.get("doNotSendMM") for contact in found)
    assert any(person.get("rowAccess") for person in persons)
    assert any("<b>" in person["lastName"] for person in persons)
    assert any(email != email.strip() for email in emails)
    assert len(big.store.account_of) > 1
    assert [firm["id"] for firm in big.store.companies if firm["role"] == "E_OWN"] == [1]
    assert any(person.get("tags") for person in persons)


def test_addresses_that_can_be_real_lie_in_reserved_domains(big: RaynetEmulator) -> None:
    hosts = {contact["email"].strip().lower().rpartition("@")[2] for contact in contacts(big) if contact.get("email")}
    real = {host for host in hosts if "." in host and not host.endswith(("example.com", "example.org", "example.net"))}
    assert real == set()


def test_pages_by_growing_ids_bring_everybody_once(big: RaynetEmulator) -> None:
    crm, after, seen, left = Account(big, VirtualClock(START)), 0, list[int](), list[int]()
    while page := crm.get(f"/person/?limit=700&sortColumn=id&id%5BGT%5D={after}")["data"]:
        seen += [row["id"] for row in page]
        left.append(crm.get(f"/person/?limit=1&id%5BGT%5D={after}")["totalCount"])
        after = seen[-1]
    assert seen == sorted(big.store.persons.ids)
    assert left == [3000, 2300, 1600, 900, 200]


def test_rows_that_were_printed_beforehand_equal_fresh_ones(big: RaynetEmulator) -> None:
    crm = Account(big, VirtualClock(START))
    printed = crm.data("/person/?limit=1000&dateFormat=ISO8601&sortColumn=id")
    big.store.persons.forget_all()
    assert crm.data("/person/?limit=1000&dateFormat=ISO8601&sortColumn=id") == printed


def test_the_state_survives_a_restart() -> None:
    crm = account()
    crm.listen()
    crm.put("/person/", {"lastName": "Nový", "extId": "x:1"})
    crm.put("/massEmail/", {"title": "Jaro", "source": "ECOMAIL", "externalId": "77"})
    crm.post("/massEmail/9/recipientBulkUpdate/", [{"email": "info@example.com", "status": "SENT"}])
    kept = orjson.loads(orjson.dumps(crm.emulator.dump()))
    again = Account(cases(crm.clock.now), crm.clock)
    again.emulator.load(kept)
    assert again.emulator.dump() == crm.emulator.dump()
    assert again.data("/person/ext/x:1/")["id"] == 1050
    assert len(again.data("/massEmail/9/recipient/")) == 2
    assert orjson.loads(again.put("/person/", {"lastName": "Další"}).data)["data"]["id"] == 1051
    assert len(again.ring(5)) == 3


def test_a_state_of_another_version_is_refused() -> None:
    crm = account()
    with pytest.raises(ValueError, match="another version of the sandbox"):
        crm.emulator.load({**crm.emulator.dump(), "version": 0})


def test_an_unknown_switch_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="tags_touch_record"):
        account().emulator.switch(nonsense=True)


@pytest.mark.parametrize(
    ("fields", "email", "city"),
    [({"email": "nova@example.com"}, "nova@example.com", "Brno"), ({"city": "Praha"}, "info@example.com", "Praha")],
)
def test_a_company_is_edited_in_the_browser_with_one_save(fields: Rec, email: str, city: str) -> None:
    crm = account()
    crm.listen()
    crm.emulator.edit_company(207, **fields)
    row = crm.data("/company/?id=207")[0]
    assert row["primaryAddress"]["contactInfo"]["email"] == email
    assert row["primaryAddress"]["address"]["city"] == city
    assert row["_version"] == 2
    assert len(crm.ring(5)) == 1


def test_people_and_companies_are_added_moved_and_deleted_in_the_browser() -> None:
    crm = account()
    company = crm.emulator.add_company(name="Nová s.r.o.", email="nova@example.com", city="Zlín")
    person = crm.emulator.add_person(lastName="Nový", email="novy@example.com", company=company, type="jednatel")
    crm.emulator.edit_person(person, company=207)
    assert crm.ids("/person/?primaryRelationship-company-id=207") == [1042, person]
    crm.emulator.delete_company(company)
    crm.emulator.delete_person(person)
    assert crm.send("GET", f"/person/{person}/").status_code == 404


def test_a_browser_edit_is_not_bent_by_the_switches_of_the_api() -> None:
    crm = account()
    crm.emulator.switch(contact_info="replace", empty_value="ignored", ignore_do_not_send_writes=True)
    crm.emulator.edit_person(1042, email="", doNotSendMM=True)
    contact = crm.data("/person/1042/")["contactInfo"]
    assert (contact["email"], contact["doNotSendMM"], contact["tel1"]) == (None, True, "+420 700 000 001")
