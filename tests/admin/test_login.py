from collections.abc import Callable

import pytest

from core import accounts
from core.store.people import UserRow
from tests.support.admin_house import PASSWORD, House
from tests.support.admin_reader import Reader


def stranger(house: House) -> Reader:
    return Reader(house.app.test_client())


@pytest.mark.parametrize("path", ["/admin/", "/admin/connections/new", "/admin/connections/1", "/admin/runs/1"])
def test_a_page_without_a_sign_in_leads_to_the_sign_in_and_back(house: House, path: str) -> None:
    answer = stranger(house).open(path)

    assert (answer.status_code, answer.location) == (302, f"/admin/login?next={path}")


def test_the_right_password_leads_to_the_page_that_was_wanted(house: House) -> None:
    answer = stranger(house).sign_in(house.user(), path="/admin/login?next=/admin/connections/new")

    assert (answer.status_code, answer.location) == (302, "/admin/connections/new")
    assert house.audit() == ["login"]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/admin/", "/\\evil.example", "/other"])
def test_nobody_is_led_out_of_the_house_after_the_sign_in(house: House, target: str) -> None:
    answer = stranger(house).sign_in(house.user(), path=f"/admin/login?next={target}")

    assert answer.location == "/admin/"


def test_a_wrong_password_says_what_to_do_and_keeps_the_email(house: House) -> None:
    answer = stranger(house).sign_in(house.user(), "jiné heslo")

    assert answer.status_code == 401
    assert "E-mail nebo heslo nesouhlasí. Zkontrolujte obojí a přihlaste se znovu." in answer.text
    assert 'value="jana@firma.cz"' in answer.text
    assert house.audit() == ["login_refused"]


def test_after_ten_refused_passwords_the_eleventh_is_not_tried(house: House) -> None:
    email, reader = house.user(), stranger(house)
    for _ in range(10):
        reader.sign_in(email, "jiné heslo")

    answer = reader.sign_in(email)

    assert answer.status_code == 429
    assert "Počkejte pět minut a pak se přihlaste znovu." in answer.text


def test_right_passwords_use_up_no_attempts(house: House) -> None:
    email = house.user()

    assert [stranger(house).sign_in(email).status_code for _ in range(11)] == [302] * 11


def test_a_form_without_its_token_changes_nothing(house: House, admin: Reader) -> None:
    number = house.connection()

    answer = admin.client.post(f"/admin/connections/{number}/pause")

    assert answer.status_code == 400
    assert house.row(number).state == "running"


@pytest.mark.parametrize("action", ["pause", "resume", "run", "settings", "failures/again"])
def test_a_viewer_changes_nothing(house: House, signed_in: Callable[..., Reader], action: str) -> None:
    number, viewer = house.connection(), signed_in("viewer")
    house.rings.heard.clear()

    answer = viewer.send(f"/admin/connections/{number}/{action}")

    assert answer.status_code == 403
    assert "Váš účet smí jen prohlížet." in answer.text
    assert (house.row(number).state, house.rings.heard) == ("running", [])


def test_a_viewer_sees_pages_without_buttons_that_change(house: House, signed_in: Callable[..., Reader]) -> None:
    number = house.connection()

    page = signed_in("viewer").text(f"/admin/connections/{number}")

    assert "Pozastavit" not in page


def test_a_new_password_ends_every_session(house: House, admin: Reader) -> None:
    with house.world.sessions.begin() as session:
        new = accounts.create(
            session, email="x@firma.cz", role="viewer", password="jiné heslo", locale="cs", now=house.now
        )
        session.get_one(UserRow, 1).password_hash = new.password_hash

    assert admin.open("/admin/").status_code == 302


def test_signing_out_ends_the_session(house: House, admin: Reader) -> None:
    admin.send("/admin/logout")

    assert admin.open("/admin/").status_code == 302
    assert house.audit() == ["login", "logout"]


def test_pages_are_kept_by_no_cache_and_files_are_kept_long(house: House, admin: Reader) -> None:
    page = admin.open("/admin/")
    address = page.text.split('rel="stylesheet" href="')[2].split('"')[0]

    assert page.headers["Cache-Control"] == "no-store"
    assert "immutable" in admin.open(address).headers["Cache-Control"]
    assert "immutable" not in admin.open("/admin/assets/000000000000/admin.css").headers["Cache-Control"]


def test_the_email_is_taken_without_regard_to_capitals_and_spaces(house: House) -> None:
    house.user()

    assert stranger(house).sign_in(" Jana@Firma.CZ ", PASSWORD).status_code == 302
