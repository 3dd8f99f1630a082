"""The addresses of a connection, whether the CRM rings there, and what a copy says (R71, R110, contract §4)."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.app import create_app
from core.engine.home import move_in
from core.engine.watching import LOOPBACK, NO_BELLS
from core.store.base import transact
from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words


def url(number: int) -> str:
    return f"/admin/connections/{number}/addresses"


def token(house: House, number: int) -> str:
    return house.world.vault.open(house.row(number).token_sealed)["token"]


def test_the_page_shows_every_address_whole(house: House, admin: Reader) -> None:
    number = house.connection()
    known = token(house, number)

    page = words(admin.text(url(number)))

    for path in (f"hooks/{known}", f"automation/{known}/tags/add?tag=VIP", f"campaign-events/{known}"):
        assert f"http://127.0.0.1:8080/{path}" in page


def test_who_may_change_nothing_does_not_see_them(house: House, signed_in: Callable[..., Reader]) -> None:
    number = house.connection()

    viewer = signed_in("viewer")

    assert viewer.open(url(number)).status_code == 403
    assert viewer.send(url(number)).status_code == 403


def test_new_addresses_end_the_old_ones_at_once_and_are_noted(house: House, admin: Reader) -> None:
    number = house.connection()
    before, row = token(house, number), house.row(number)

    answer = admin.send(url(number), follow_redirects=True)

    assert token(house, number) != before
    assert house.row(number).token_hash != row.token_hash
    assert "Adresy jsou nové." in words(answer.text)
    assert before not in answer.text
    assert house.audit() == ["login", "connection.rotate"]
    assert token(house, number) not in house.audit_text()


@pytest.mark.parametrize(
    ("state", "text", "said"),
    [
        ("", "", "Hlášení změn se v Raynet CRM teprve zapne."),
        ("registered", "", "Raynet CRM hlásí změny hned."),
        ("unable", LOOPBACK, "na tuto adresu z internetu nevidí"),
        ("unable", NO_BELLS, "Raynet CRM změny hlásit neumí"),
        ("unable", "Raynet refuses: No right", "nepovolil, proto ho čteme pravidelně. Zkusíme to znovu."),
    ],
)
def test_R71_the_connections_page_says_whether_the_crm_rings(
    house: House, admin: Reader, state: str, text: str, said: str
) -> None:
    number = house.connection()
    house.change(number, webhook_state=state, webhook_text=text)

    assert said in words(admin.text(f"/admin/connections/{number}"))


def test_what_the_vendor_said_stands_below(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, webhook_state="unable", webhook_text="Raynet refuses: No right")

    assert "Raynet refuses: No right" in words(admin.text(f"/admin/connections/{number}"))


def test_R83_a_webhook_that_could_not_be_taken_away_is_said(house: House, admin: Reader) -> None:
    number = house.connection()
    house.change(number, webhook_state="registered", webhook_id="0123", state="refused")

    answer = admin.send(f"/admin/connections/{number}/remove", follow_redirects=True)

    assert "Hlášení změn se v Raynet CRM zrušit nepodařilo." in words(answer.text)
    assert house.row(number).webhook_id == ""


def test_R110_a_copy_says_so(house: House) -> None:
    number, email = house.connection(), house.user()
    settings = house.world.settings
    transact(
        house.world.sessions, lambda session: move_in(session, replace(settings, public_url="https://spojka.firma.cz"))
    )
    copy = replace(house.world, settings=replace(settings, public_url="https://staging.firma.cz"))
    reader = Reader(create_app(copy).test_client())
    reader.sign_in(email)

    assert "Tohle je kopie Spojky" in words(reader.text(f"/admin/connections/{number}"))


def test_the_addresses_of_a_tag_are_ready_to_copy(house: House, admin: Reader) -> None:
    number = house.connection()
    page = words(admin.text(url(number) + "?tag=%20Novinky%20a%20slevy%20"))
    known = token(house, number)
    for action in ("add", "remove"):
        assert f"automation/{known}/tags/{action}?tag=Novinky%20a%20slevy" in page


@pytest.mark.parametrize(("tag", "said"), [("a,b", "nesmí být čárka"), ("x" * 51, "nejvýš 50 znaků")])
def test_R54_a_tag_that_no_crm_takes_is_said_so(house: House, admin: Reader, tag: str, said: str) -> None:
    assert said in admin.text(url(house.connection()) + f"?tag={tag}")


def test_R52_the_page_says_when_tags_arrive(house: House, admin: Reader) -> None:
    assert "zapíše ráno v 6:00" in words(admin.text(url(house.connection())))
