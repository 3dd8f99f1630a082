"""Administrators make tokens of the API, see them used, and revoke them."""

import re
from collections.abc import Callable

import pytest

from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words

URL = "/admin/tokens"


def test_without_a_token_the_page_says_so(house: House, admin: Reader) -> None:
    assert "Zatím žádný token." in words(admin.text(URL))


def test_a_new_token_is_shown_once(house: House, admin: Reader) -> None:
    made = admin.send(URL, {"name": "E-shop", "scope": "tags:write"})
    (text,) = re.findall(r"spj_[\w-]{40,}", made.text)
    again = admin.text(URL)
    assert ("E-shop" in again, text in again) == (True, False)
    assert house.audit()[-1] == "token.make"
    assert text not in house.audit_text()


def test_a_token_needs_a_name(house: House, admin: Reader) -> None:
    answer = admin.send(URL, {"name": " ", "scope": "tags:write"})
    assert (answer.status_code, "Token pojmenujte" in answer.text) == (422, True)


def test_a_token_is_revoked(house: House, admin: Reader) -> None:
    admin.send(URL, {"name": "E-shop", "scope": "tags:write"})
    admin.send(f"{URL}/1/revoke")
    assert "zrušen" in words(admin.text(URL))
    assert admin.send(f"{URL}/1/revoke").status_code == 404


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_others_do_not_see_them(house: House, signed_in: Callable[..., Reader], role: str) -> None:
    reader = signed_in(role)
    assert reader.open(URL).status_code == 403
    assert "Tokeny API" not in reader.text("/admin/")
