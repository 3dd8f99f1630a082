"""Cases B: reading lists."""

from typing import Any

import orjson
import pytest

from tests.support.raynet_reference import REFERENCE_ROW
from tests.support.raynet_sandbox import Account, account

SINCE = "2026-03-01%2000%3A00"


@pytest.fixture
def crm() -> Account:
    return account()


def refused(crm: Account, path: str) -> tuple[int, Any]:
    answer = crm.send("GET", path)
    return answer.status_code, orjson.loads(answer.data)


def test_B1_the_first_page_counts_all_matches_and_has_flat_row_info(crm: Account) -> None:
    page = crm.get("/person/?offset=0&limit=2&sortColumn=id&sortDirection=ASC")
    assert (page["success"], page["totalCount"]) == (True, 5)
    assert [row["id"] for row in page["data"]] == [12, 1042]
    assert page["data"][1]["rowInfo.createdAt"] == "2026-03-02 09:14"


def test_B1_a_row_looks_as_the_reference_shows_it(crm: Account) -> None:
    assert crm.data("/person/?id=1042")[0] == REFERENCE_ROW


def test_B2_a_page_past_the_end_is_empty_and_still_counts(crm: Account) -> None:
    page = crm.get("/person/?offset=1000&limit=1000&sortColumn=id&sortDirection=ASC")
    assert (page["totalCount"], page["data"]) == (5, [])


def test_B3_a_limit_above_1000_is_refused_or_cut(crm: Account) -> None:
    assert crm.send("GET", "/person/?limit=1001").status_code == 400
    crm.emulator.switch(limit_over_1000="cut")
    assert crm.send("GET", "/person/?limit=1001").status_code == 200


def test_B4_an_unknown_filter_is_refused_by_name(crm: Account) -> None:
    assert refused(crm, "/person/?company=207") == (
        400,
        {"type": "BadRequest", "message": "Unsupported filter column [company]'", "status": 400},
    )


@pytest.mark.parametrize(
    "path",
    [
        "/person/?contactInfo.tel1=1",
        "/person/?language=70",
        "/company/?contactInfo.email=a",
        "/person/?firstName%5BGT%5D=A",
        "/person/?id%5BLIKE%5D=1",
        "/person/?owner%5BIN%5D=12",
        "/person/?withoutGdpr=",
        "/person/?rowInfo.lastModifiedAt=2026-03-01",
        "/person/?sortColumn=contactInfo.email",
        "/person/?sortDirection=asc",
        "/person/?view=all",
        "/person/?limit=0",
        "/person/?offset=-1",
    ],
)
def test_B4_every_endpoint_has_a_closed_set_of_names_and_operators(crm: Account, path: str) -> None:
    assert crm.send("GET", path).status_code == 400


@pytest.mark.parametrize(
    "path", ["/person/?primaryRelationship-company-id=207&limit=1000", "/person/?personRelationship%5BCUSTOM%5D=207"]
)
def test_B5_the_persons_of_a_company(crm: Account, path: str) -> None:
    assert crm.ids(path) == [1042]


def test_B6_a_misspelt_sort_parameter_is_refused(crm: Account) -> None:
    assert refused(crm, "/person/?sort=lastName")[0] == 400


def test_B7_a_reference_that_points_nowhere_is_not_found(crm: Account) -> None:
    status, body = refused(crm, "/person/?owner=999999")
    assert status == 404
    assert "EntityNotFoundException" in body["message"]


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("/person/?contactInfo.email=info@example.com", [1044]),
        ("/person/?contactInfo.email=cenek@example.com", []),
        ("/person/?contactInfo.email2=cenek@example.com", [1045]),
    ],
)
def test_B8_each_email_field_is_filtered_alone(crm: Account, path: str, ids: list[int]) -> None:
    assert crm.ids(path) == ids


@pytest.mark.parametrize(("op", "ids"), [("NE", [12, 1042, 1044]), ("EQ", [1043, 1045])])
def test_B9_an_empty_value_asks_for_empty_or_not(crm: Account, op: str, ids: list[int]) -> None:
    assert crm.ids(f"/person/?contactInfo.email%5B{op}%5D=") == ids


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("lastName%5BLIKE%5D=P%C5%99%C3%ADk%25", [1042]),
        ("lastName%5BLIKE%5D=p%C5%99%C3%ADk%25", []),
        ("lastName%5BLIKE_NOCASE%5D=p%C5%99%C3%ADk%25", [1042]),
        ("lastName%5BLIKE_NOCASE%5D=prik%25", []),
        ("lastName%5BLIKE%5D=P%C5%99%C3%ADk", []),
    ],
)
def test_B10_like_has_a_wildcard_and_takes_accents_seriously(crm: Account, condition: str, ids: list[int]) -> None:
    assert crm.ids(f"/person/?{condition}") == ids


def test_B11_changes_since_include_a_record_that_was_only_created(crm: Account) -> None:
    path = f"/person/?rowInfo.lastModifiedAt%5BGE%5D={SINCE}&sortColumn=rowInfo.lastModifiedAt&sortDirection=ASC"
    assert crm.ids(path + "&limit=1000") == [1042]


def test_B11_updated_since_leaves_out_what_was_never_updated(crm: Account) -> None:
    assert crm.ids(f"/person/?rowInfo.updatedAt%5BGE%5D={SINCE}") == []


def test_B11_a_later_change_moves_a_record_to_the_end(crm: Account) -> None:
    crm.emulator.edit_person(1043, titleBefore="Bc.")
    path = f"/person/?rowInfo.lastModifiedAt%5BGE%5D={SINCE}&sortColumn=rowInfo.lastModifiedAt"
    assert crm.ids(path) == [1042, 1043]


def test_B12_iso_8601_is_accepted_in_a_filter(crm: Account) -> None:
    path = "/person/?rowInfo.lastModifiedAt%5BGE%5D=2026-03-01T00%3A00%3A00.000%2B01%3A00"
    assert crm.ids(path) == [1042]


@pytest.mark.parametrize("value", ["2026-03-01T00%3A00%3A00.000+01%3A00", "2026-03-01T00%3A00%3A00Z", "yesterday", ""])
def test_B12_an_unreadable_moment_is_refused(crm: Account, value: str) -> None:
    assert crm.send("GET", f"/person/?rowInfo.lastModifiedAt%5BGE%5D={value}").status_code == 400


def test_B13_iso_8601_output_carries_the_offset(crm: Account) -> None:
    assert crm.data("/person/1042/?dateFormat=ISO8601")["rowInfo.createdAt"] == "2026-03-02T09:14:00.000+01:00"
    assert crm.data("/person/1042/")["rowInfo.createdAt"] == "2026-03-02 09:14"
    assert crm.data("/person/1042/?dateFormat=ISO8601")["inlineGdpr"][0]["validFrom"] == "2026-03-02"


def test_B14_the_row_info_view_holds_ids_dates_and_versions(crm: Account) -> None:
    row = crm.data("/person/?view=rowInfo&limit=1000&sortColumn=id")[1]
    assert set(row) == {
        "id",
        "_version",
        *(f"rowInfo.{key}" for key in ("createdAt", "createdBy", "updatedAt", "updatedBy", "rowAccess", "rowState")),
    }


def test_B15_a_missing_id_is_just_absent(crm: Account) -> None:
    page = crm.get("/person/?id%5BIN%5D=1042,1043,999999")
    assert (page["totalCount"], [row["id"] for row in page["data"]]) == (2, [1042, 1043])


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("id%5BGT%5D=1042", [1043, 1044, 1045]),
        ("id%5BGE%5D=1042&id%5BLT%5D=1044", [1042, 1043]),
        ("id%5BLE%5D=12", [12]),
        ("id%5BGT%5D=9999", []),
        ("id%5BNE%5D=12", [1042, 1043, 1044, 1045]),
        ("id=1043", [1043]),
        ("id%5BIN%5D=1045,12&id%5BGT%5D=12", [1045]),
        (f"id%5BGT%5D=12&rowInfo.lastModifiedAt%5BGE%5D={SINCE}", [1042]),
    ],
)
def test_B15_ids_can_be_compared(crm: Account, condition: str, ids: list[int]) -> None:
    page = crm.get(f"/person/?{condition}&sortColumn=id")
    assert ([row["id"] for row in page["data"]], page["totalCount"]) == (ids, len(ids))


@pytest.mark.parametrize("op", ["GT", "IN"])
def test_B15_older_instances_know_no_filter_by_id(crm: Account, op: str) -> None:
    crm.emulator.switch(id_filter=False)
    status, body = refused(crm, f"/person/?id%5B{op}%5D=12")
    assert (status, body["message"]) == (400, "Unsupported filter column [id]'")


def test_B16_by_tags_means_at_least_one(crm: Account) -> None:
    assert crm.ids("/person/?tags=newsletter,vip") == [1042]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("", [12, 1042, 1043, 1044, 1045]),
        ("rowInfo.rowAccess%5BNE_OR_NULL%5D=INVALID", [12, 1042, 1043, 1044]),
        ("rowInfo.rowAccess=INVALID", [1045]),
    ],
)
def test_B17_invalid_records_are_in_lists_unless_left_out(crm: Account, condition: str, ids: list[int]) -> None:
    assert crm.ids(f"/person/?{condition}") == ids


def test_B17_an_instance_that_hides_invalid_records_shows_them_when_asked(crm: Account) -> None:
    crm.emulator.switch(invalid_in_lists=False)
    assert crm.ids("/person/") == [12, 1042, 1043, 1044]
    assert crm.ids("/person/?rowInfo.rowAccess=INVALID") == [1045]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [("withoutGdpr%5BCUSTOM%5D=", [12, 1043, 1044, 1045]), ("gdprTemplate%5BCUSTOM%5D=4", [1042])],
)
def test_B18_with_and_without_a_legal_title(crm: Account, condition: str, ids: list[int]) -> None:
    assert crm.ids(f"/person/?{condition}") == ids


def test_B19_the_same_address_on_a_person_and_a_company(crm: Account) -> None:
    assert crm.ids("/company/?primaryAddress-contactInfo.email=info@example.com") == [207]


def test_B20_empty_contact_data_has_every_value_null(crm: Account) -> None:
    contact = crm.data("/company/209/")["primaryAddress"]["contactInfo"]
    assert set(contact.values()) == {None}
    assert "email" in contact


def test_B20_contact_data_can_be_missing_altogether(crm: Account) -> None:
    crm.emulator.switch(empty_contact="null")
    assert crm.data("/company/?id=209")[0]["primaryAddress"]["contactInfo"] is None
    crm.emulator.switch(empty_contact="absent")
    assert "primaryAddress" not in crm.data("/company/?id=209")[0]


def test_B21_own_company_and_colleagues_can_be_found(crm: Account) -> None:
    assert crm.ids("/company/?role=E_OWN") == [1]
    assert crm.ids("/person/?userAccount-id%5BNE%5D=") == [12]
    assert crm.data("/person/?id=12")[0]["activeUserAccount"] is True


def test_without_a_sort_column_the_order_may_be_anything(crm: Account) -> None:
    crm.emulator.switch(unsorted="shuffled")
    assert crm.ids("/person/") != [12, 1042, 1043, 1044, 1045]
    assert sorted(crm.ids("/person/")) == [12, 1042, 1043, 1044, 1045]


def test_descending_order(crm: Account) -> None:
    assert crm.ids("/person/?sortColumn=id&sortDirection=DESC") == [1045, 1044, 1043, 1042, 12]
