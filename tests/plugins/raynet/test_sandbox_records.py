"""Cases C: reading one record; and moments across the change of the clocks."""

from datetime import UTC, datetime

import orjson
import pytest

from tests.support.raynet_sandbox import Account, account, credentials


@pytest.fixture
def crm() -> Account:
    return account()


def test_C1_a_detail_says_success_as_text_and_knows_more_than_a_row(crm: Account) -> None:
    answer = crm.get("/person/1042/")
    assert answer["success"] == "true"
    assert answer["data"]["extIds"] == ["mailer:contact:8841"]
    assert answer["data"]["attachments"] == []
    assert "companyAddress" not in answer["data"]
    assert answer["data"]["relationships"] == [
        {
            "id": 311,
            "company": {"id": 207, "name": "Ukázka & syn s.r.o."},
            "companyAddress": {"id": 208, "name": "Sídlo"},
            "notice": None,
            "primary": True,
            "type": "vedoucí nákupu",
        }
    ]


@pytest.mark.parametrize("ext_id", ["mailer:contact:8841", "mailer%3Acontact%3A8841"])
def test_C2_by_external_id_in_either_spelling(crm: Account, ext_id: str) -> None:
    assert crm.get(f"/person/ext/{ext_id}/") == crm.get("/person/1042/")


@pytest.mark.parametrize("path", ["/person/999999/", "/person/ext/mailer:contact:0/"])
def test_C3_an_unknown_record_is_not_found_without_a_success_key(crm: Account, path: str) -> None:
    answer = crm.send("GET", path)
    body = orjson.loads(answer.data)
    assert answer.status_code == 404
    assert "EntityNotFoundException" in body["message"]
    assert "success" not in body


def test_C4_markup_and_quotes_in_names_come_as_stored(crm: Account) -> None:
    person = crm.data("/person/1044/")
    assert (person["firstName"], person["lastName"]) == ("Anna", "<b>O'Neill</b> & syn")


def test_C5_a_code_outside_the_description(crm: Account) -> None:
    assert crm.data("/company/1/")["role"] == "E_OWN"


def test_C6_an_activity_has_no_general_detail(crm: Account) -> None:
    assert crm.send("GET", "/activity/81/").status_code == 404


def test_a_company_shows_its_primary_address_in_detail_and_row(crm: Account) -> None:
    row, detail = crm.data("/company/?id=207")[0], crm.data("/company/207/")
    assert row["primaryAddress"]["contactInfo"]["email"] == "info@example.com"
    assert row["contactAddress"] == row["primaryAddress"] == detail["addresses"][0]
    assert row["attachments"] is None
    assert "contactAddress" not in detail


@pytest.mark.parametrize(
    ("now", "native", "iso"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "2026-03-29 01:59", "2026-03-29T01:59:00.000+01:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29 03:00", "2026-03-29T03:00:00.000+02:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 02:30", "2026-10-25T02:30:00.000+02:00"),
        (datetime(2026, 10, 25, 1, 30, 59, tzinfo=UTC), "2026-10-25 02:30", "2026-10-25T02:30:00.000+01:00"),
    ],
)
def test_moments_are_minutes_of_the_key_owners_clock_also_when_it_is_changed(
    now: datetime, native: str, iso: str
) -> None:
    crm = account(now)
    crm.emulator.edit_person(1042, notice="x")
    assert crm.data("/person/?id=1042")[0]["rowInfo.updatedAt"] == native
    assert crm.data("/person/?id=1042&dateFormat=ISO8601")[0]["rowInfo.updatedAt"] == iso


def test_the_autumn_hour_comes_twice_and_an_offset_tells_them_apart() -> None:
    crm = account(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    crm.emulator.edit_person(1042, notice="first 02:30")
    crm.later(hours=1)
    crm.emulator.edit_person(1043, notice="second 02:30")
    first, second = "2026-10-25T02:30:00%2B02:00", "2026-10-25T02:30:00%2B01:00"
    assert crm.ids(f"/person/?rowInfo.lastModifiedAt%5BGE%5D={first}") == [1042, 1043]
    assert crm.ids(f"/person/?rowInfo.lastModifiedAt%5BGE%5D={second}") == [1043]
    assert crm.ids("/person/?rowInfo.lastModifiedAt%5BGE%5D=2026-10-25%2002:30") == [1042, 1043]


def test_another_users_key_sees_fewer_records_and_says_who_it_is(crm: Account) -> None:
    secret = crm.emulator.add_level("Vedení")
    account_id = crm.emulator.add_user("omezeny@example.com", "crm-test-0009", levels=[1])
    crm.emulator.edit_person(1043, securityLevel=secret)
    eyes = credentials("omezeny@example.com", "crm-test-0009")
    listed = orjson.loads(crm.send("GET", "/person/?sortColumn=id", login=eyes).data)
    assert ([row["id"] for row in listed["data"]], listed["totalCount"]) == ([12, 1042, 1044, 1045, 1050], 5)
    assert crm.send("GET", "/person/1043/", login=eyes).status_code == 404
    assert orjson.loads(crm.send("GET", "/security/info", login=eyes).data)["userAccountId"] == account_id
    assert crm.send("GET", "/person/1043/").status_code == 200


def test_another_zone_of_the_key_owner_changes_what_is_shown_and_how_filters_are_read(crm: Account) -> None:
    crm.emulator.switch(time_zone="Europe/London")
    assert crm.data("/person/?id=1042")[0]["rowInfo.createdAt"] == "2026-03-02 08:14"
    assert crm.data("/userAccount/7/")["timezone"] == "EUROPE_LONDON"
    assert crm.ids("/person/?rowInfo.createdAt%5BGE%5D=2026-03-02%2008:14") == [1042]
