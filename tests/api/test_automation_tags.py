"""Programs add and remove tags: POST /api/v1/connections/<id>/automation-tags (contract §4)."""

from typing import Any

import pytest

from core.engine import erasing
from tests.api.conftest import ApiHouse


def test_a_tag_is_kept_and_answered_with_its_number(api: ApiHouse) -> None:
    answer = api.post()
    assert (answer.status_code, answer.json) == (202, {"id": 1, "status": "waiting"})
    assert api.rows() == [("eva@firma.cz", "VIP", True)]


def test_the_same_key_has_one_effect(api: ApiHouse) -> None:
    first, again = (api.post(Idempotency_Key="order-1") for _ in range(2))
    assert (again.status_code, again.json) == (202, first.json)
    assert len(api.rows()) == 1


def test_without_a_key_each_call_counts(api: ApiHouse) -> None:
    api.post()
    api.post()
    assert len(api.rows()) == 2


def test_the_same_key_with_another_body_is_refused(api: ApiHouse) -> None:
    api.post(Idempotency_Key="order-1")
    answer = api.post({"email": "eva@firma.cz", "tag": "VIP", "action": "remove"}, Idempotency_Key="order-1")
    assert (answer.status_code, list((answer.json or {})["errors"])) == (422, ["Idempotency-Key"])
    assert api.rows() == [("eva@firma.cz", "VIP", True)]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"email", "tag", "action"}),
        ({"email": "x", "tag": "a,b", "action": "set"}, {"email", "tag", "action"}),
        ({"email": "eva@firma.cz", "tag": "x" * 51, "action": "add"}, {"tag"}),
        ({"email": "eva@firma.cz", "tag": "", "action": "add"}, {"tag"}),
        ({"email": "eva@firma.cz", "tag": "a", "action": "add", "tags": []}, {"tags"}),
        ({"email": 7, "tag": "a", "action": "add"}, {"email"}),
        ([], {"body"}),
    ],
)
def test_each_wrong_field_is_named(api: ApiHouse, body: Any, wrong: set[str]) -> None:
    answer = api.post(body)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert set((answer.json or {})["errors"]) == wrong
    assert api.rows() == []


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer spj_unknown", "Basic amFuYTp4", "spj_x"])
def test_without_a_token_nobody_is_let_in(api: ApiHouse, given: str) -> None:
    answer = api.post(Authorization=given)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer realm=spojka")
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("number", [99, 0])
def test_an_unknown_connection_is_said_so(api: ApiHouse, number: int) -> None:
    assert api.post(connection=number).status_code == 404


def test_what_is_not_json_is_refused(api: ApiHouse) -> None:
    url, token = f"/api/v1/connections/{api.connection}/automation-tags", {"Authorization": f"Bearer {api.token}"}
    assert api.client.post(url, data=b"{", headers=token, content_type="application/json").status_code == 400
    assert api.client.post(url, data=b"{}", headers=token, content_type="text/plain").status_code == 415
    large = b'"' + b"x" * 1024 * 1024 + b'"'
    assert api.client.post(url, data=large, headers=token, content_type="application/json").status_code == 413


def test_R14_nothing_is_kept_of_who_was_erased(api: ApiHouse) -> None:
    erasing.erase(api.house.world, "eva@firma.cz")
    assert (api.post().json, api.rows()) == ({"id": None, "status": "ignored"}, [])


def test_no_cookie_is_needed_or_given(api: ApiHouse) -> None:
    assert "Set-Cookie" not in api.post().headers
