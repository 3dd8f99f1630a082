"""What the client asks Raynet, and what it makes of the answers."""

from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from plugins.raynet.client import RaynetCrm
from spojka import Kind, Malformed, Page, Refused, Rejected
from tests.support.raynet_shelf import ABSENT, KEY, NOW, Shelf, answer, crm, walked

REFUSED = "Raynet refused this API key. Check that it is complete and belongs to this user."
HTML = b"<html><body>Service Unavailable</body></html>"


def rows(*ids: object) -> list[dict[str, object]]:
    return [{"id": number} for number in ids]


def test_every_request_logs_in_with_user_key_and_instance() -> None:
    shelf = Shelf(1)
    crm(shelf).changed(Kind.PERSON, None, None)

    headers = shelf.asked[0].headers
    assert b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"api@example.com:{KEY}"
    assert headers["X-Instance-Name"] == "demo-crm"


def test_neither_key_nor_user_is_in_the_repr_of_a_request() -> None:
    shelf = Shelf(1)
    crm(shelf).changed(Kind.PERSON, None, None)

    assert "Basic" not in repr(shelf.asked[0])


def test_an_instance_that_no_header_could_carry_is_sent_quoted() -> None:
    shelf = Shelf(1)
    crm(shelf, "můj crm").changed(Kind.PERSON, None, None)

    assert shelf.asked[0].headers["X-Instance-Name"] == "m%C5%AFj%20crm"


def test_A1_the_test_says_whose_key_it_is_and_what_is_left_of_the_day() -> None:
    shelf = Shelf()
    shelf.instead = answer({"X-Instance-Name": "demo-crm", "X-Instance-Id": "4711", "userAccountId": 7})

    check = crm(shelf).check()

    assert (check.user, check.eyes, check.left, check.limit) == ("api@example.com", "7", 23997, 24000)
    assert [request.path for request in shelf.asked] == ["security/info"]


@pytest.mark.parametrize("body", [{}, [], {"userAccountId": None}, {"success": True}])
def test_A1_an_answer_that_names_no_user_proves_nothing(body: object) -> None:
    shelf = Shelf()
    shelf.instead = answer(body)

    with pytest.raises(Malformed):
        crm(shelf).check()


@pytest.mark.parametrize("status", [401, 403])
def test_A3_A5_R91_refused_credentials_are_named_as_such(status: int) -> None:
    shelf = Shelf()
    shelf.instead = answer({"message": "Bad credentials"}, status)

    with pytest.raises(Refused) as refused:
        crm(shelf).check()

    assert str(refused.value) == REFUSED


def test_A5_a_refusal_without_json_is_one_too() -> None:
    shelf = Shelf()
    shelf.instead = answer(HTML, 403)

    with pytest.raises(Refused):
        crm(shelf).changed(Kind.PERSON, None, None)


@pytest.mark.parametrize(("kind", "path"), [(Kind.PERSON, "person/"), (Kind.COMPANY, "company/")])
def test_a_page_is_asked_for_in_the_order_of_ids_with_dates_in_iso(kind: Kind, path: str) -> None:
    shelf = Shelf(1)
    crm(shelf).changed(kind, None, None)

    asked = shelf.asked[0]
    assert asked.path == path
    assert asked.params == {"limit": "1000", "sortColumn": "id", "sortDirection": "ASC", "dateFormat": "ISO8601"}


def test_a_page_brings_records_with_version_total_and_the_vendors_clock() -> None:
    shelf = Shelf(12, 1042)
    shelf.rows[1042]["_version"] = "3"

    page = crm(shelf).changed(Kind.PERSON, None, None)

    assert [(record.kind, record.id, record.version) for record in page.items] == [
        ("person", "12", 1),
        ("person", "1042", 3),
    ]
    assert (page.after, page.total, page.vendor_time) == (None, 2, NOW)


def test_2000_records_are_two_requests() -> None:
    shelf = Shelf(*range(1, 2001))

    assert walked(shelf) == list(range(1, 2001))
    assert shelf.queries("id[GT]") == [None, "1000"]


def test_2001_records_are_three_requests() -> None:
    shelf = Shelf(*range(5, 2006))

    assert walked(shelf) == list(range(5, 2006))
    assert shelf.queries("id[GT]") == [None, "1004", "2004"]


def test_an_account_without_records_is_one_request() -> None:
    shelf = Shelf()

    assert walked(shelf) == []
    assert len(shelf.asked) == 1


def test_the_total_counts_all_matches_on_every_page() -> None:
    shelf = Shelf(*range(1, 2501))
    client = crm(shelf)

    first = client.changed(Kind.PERSON, None, None)
    second = client.changed(Kind.PERSON, None, first.after)

    assert (first.total, second.total) == (2500, 2500)


def test_a_page_goes_on_in_another_process() -> None:
    shelf = Shelf(*range(1, 1501))
    first = crm(shelf).changed(Kind.PERSON, None, None)

    second = crm(shelf).changed(Kind.PERSON, None, first.after)

    assert [record.id for record in second.items][:2] == ["1001", "1002"]


def test_R98_a_server_that_sends_shorter_pages_than_asked_is_read_to_the_end() -> None:
    shelf = Shelf(*range(1, 8))
    client = crm(shelf)
    shelf.instead = answer({"totalCount": 7, "data": rows(1, 2, 3)})

    first = client.changed(Kind.PERSON, None, None)
    shelf.instead = None
    second = client.changed(Kind.PERSON, None, first.after)

    assert [record.id for record in second.items] == ["4", "5", "6", "7"]
    assert second.after is None


def test_a_list_without_a_count_ends_with_a_page_shorter_than_asked() -> None:
    shelf = Shelf()
    shelf.instead = answer({"data": rows(1, 2, 3)})

    assert crm(shelf).changed(Kind.PERSON, None, None).after is None


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(2026, 3, 1, 10, 5, 59, 999, tzinfo=UTC), "2026-03-01T10:05:00.000+00:00"),
        (datetime(2026, 3, 1, 10, 5, tzinfo=timezone(timedelta(hours=1))), "2026-03-01T09:05:00.000+00:00"),
    ],
)
def test_R72_changes_are_asked_for_from_the_minute_on_with_a_numeric_offset(moment: datetime, sent: str) -> None:
    shelf = Shelf(1)
    crm(shelf).changed(Kind.PERSON, moment, None)

    assert shelf.queries("rowInfo.lastModifiedAt[GE]") == [sent]


def test_R72_every_page_of_the_changes_asks_since_the_same_moment() -> None:
    shelf = Shelf(*range(1, 1501))
    walked(shelf, datetime(2026, 3, 1, tzinfo=UTC))

    assert shelf.queries("rowInfo.lastModifiedAt[GE]") == ["2026-03-01T00:00:00.000+00:00"] * 2


@pytest.mark.parametrize(
    "body",
    [
        {"totalCount": 2, "data": rows(2, 1)},
        {"totalCount": 2, "data": rows(1, 1)},
        {"totalCount": 5, "data": []},
        {"totalCount": 1, "data": [{"name": "without an id"}]},
        {"totalCount": 1, "data": rows("x")},
        {"totalCount": 1, "data": rows(True)},
        {"totalCount": 1, "data": ["row"]},
        {"totalCount": 1, "data": {"id": 1}},
        {"success": True},
        [],
        "ok",
        None,
        HTML,
        b'{"data": [{"id": 1',
    ],
)
def test_R106_an_answer_that_cannot_be_a_page_concludes_nothing(body: object) -> None:
    shelf = Shelf()
    shelf.instead = answer(body)

    with pytest.raises(Malformed):
        crm(shelf).changed(Kind.PERSON, None, None)


def test_R106_a_page_that_repeats_what_was_read_concludes_nothing() -> None:
    shelf = Shelf(*range(1, 1501))
    client = crm(shelf)
    first = client.changed(Kind.PERSON, None, None)
    shelf.instead = answer({"totalCount": 1500, "data": rows(*range(1, 1001))})

    with pytest.raises(Malformed):
        client.changed(Kind.PERSON, None, first.after)


def test_A9_a_missing_right_is_final_and_shown_in_raynets_words() -> None:
    shelf = Shelf()
    body = {"message": "AttributeAccessDeniedException", "translatedMessage": "Nemáte dostatečné oprávnění"}
    shelf.instead = answer(body, 500)

    with pytest.raises(Rejected, match="Nemáte dostatečné oprávnění"):
        crm(shelf).changed(Kind.PERSON, None, None)


@pytest.mark.parametrize("status", [400, 404, 500])
def test_R92_refusals_in_raynets_own_form_are_final(status: int) -> None:
    shelf = Shelf()
    shelf.instead = answer({"type": "BackEnd", "message": "ConversionFailedException"}, status)

    with pytest.raises(Rejected, match="ConversionFailedException"):
        crm(shelf).changed(Kind.PERSON, None, None)


@pytest.mark.parametrize("body", [HTML, {"error": "no route"}, []])
def test_R106_a_refusal_in_another_form_concludes_nothing(body: object) -> None:
    shelf = Shelf()
    shelf.instead = answer(body, 404)

    with pytest.raises(Malformed):
        crm(shelf).changed(Kind.PERSON, None, None)


def test_R73_ids_come_with_their_versions_from_the_status_view() -> None:
    shelf = Shelf(12, 1042)
    shelf.rows[12]["_version"] = None

    page = crm(shelf).ids(Kind.PERSON, None)

    assert page.items == (("12", 0), ("1042", 1))
    assert shelf.queries("view") == ["rowInfo"]


def test_R73_ids_are_read_to_the_end() -> None:
    shelf = Shelf(*range(1, 1501))
    client = crm(shelf)

    first = client.ids(Kind.COMPANY, None)
    second = client.ids(Kind.COMPANY, first.after)

    assert [len(first.items), len(second.items), second.after] == [1000, 500, None]


def test_B15_records_are_read_by_their_ids_in_one_request_and_a_missing_one_is_not_there() -> None:
    shelf = Shelf(1042, 1043)

    page = crm(shelf).read(Kind.PERSON, ["1043", "999999", "1042"])

    assert [record.id for record in page.items] == ["1042", "1043"]
    assert shelf.queries("id[IN]") == ["1042,1043,999999"]
    assert shelf.queries("limit") == ["1000"]


def test_no_ids_are_no_request() -> None:
    shelf = Shelf(1)

    assert crm(shelf).read(Kind.PERSON, []) == Page(())
    assert shelf.asked == []


def test_an_id_that_raynet_cannot_have_spoils_no_reading() -> None:
    shelf = Shelf(1042)

    page = crm(shelf).read(Kind.PERSON, ["1042", "x'", ""])

    assert shelf.queries("id[IN]") == ["1042"]
    assert len(page.items) == 1


@pytest.mark.parametrize("body", [{"totalCount": 1, "data": rows(7)}, {"totalCount": 2, "data": rows(1042)}])
def test_R98_a_reading_that_brings_others_or_only_a_part_concludes_nothing(body: object) -> None:
    shelf = Shelf()
    shelf.instead = answer(body)

    with pytest.raises(Malformed):
        crm(shelf).read(Kind.PERSON, ["1042", "1043"])


def test_where_the_id_filter_is_refused_records_are_read_one_by_one() -> None:
    shelf = Shelf(1042, 1043, id_filter=False)

    page = crm(shelf).read(Kind.PERSON, ["1042", "999999", "1043"])

    assert [record.id for record in page.items] == ["1042", "1043"]
    assert [request.path for request in shelf.asked[1:]] == ["person/1042/", "person/1043/", "person/999999/"]


@pytest.mark.parametrize("instead", [answer(HTML, 404), answer({"data": {"id": 7}}), answer({"data": None})])
def test_R80_one_by_one_only_raynets_own_word_makes_a_record_absent(instead: Any) -> None:
    def after_the_list(shelf: Shelf, number: int) -> None:
        shelf.instead = instead if number > 1 else None

    shelf = Shelf(1042, id_filter=False)
    shelf.before = after_the_list

    with pytest.raises(Malformed):
        crm(shelf).read(Kind.PERSON, ["1042"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.changed(Kind.PERSON, None, None),
        lambda client: client.ids(Kind.PERSON, None),
        lambda client: client.read(Kind.PERSON, ["1"]),
    ],
)
def test_success_is_judged_by_the_status_alone(ask: Callable[[RaynetCrm], Page[Any]]) -> None:
    shelf = Shelf()
    shelf.instead = answer({"success": "false", "totalCount": "1", "data": rows(1)})

    assert len(ask(crm(shelf)).items) == 1


def test_C3_a_list_that_is_not_there_is_no_empty_list() -> None:
    shelf = Shelf()
    shelf.instead = answer(ABSENT, 404)

    with pytest.raises(Rejected):
        crm(shelf).changed(Kind.PERSON, None, None)
