"""Webhooks at Raynet: what the client sends, and what it makes of the answers (R71, R73)."""

from collections.abc import Callable

import pytest

from plugins.raynet.client import RaynetCrm
from plugins.raynet.sandbox import RaynetEmulator, demo
from spojka import Connection, Json, Malformed, Purpose, Refused, Rejected, Watched
from tests.support.raynet_shelf import Shelf, answer, crm
from tests.support.wsgi_http import WsgiHttp

URL = "https://spojka.firma.cz/hooks/0123456789abcdef"
SECRET = "bell-secret-1"
ID = "0123456789abcdef0123456789abcdef"
CALLS = (
    lambda client: client.watch(URL, SECRET),
    lambda client: client.watched(),
    lambda client: client.unwatch(ID),
)
every_call = pytest.mark.parametrize("call", CALLS, ids=("watch", "watched", "unwatch"))


def answering(body: Json, status: int = 200) -> Shelf:
    shelf = Shelf()
    shelf.instead = answer(body, status)
    return shelf


def an_account() -> tuple[RaynetEmulator, RaynetCrm]:
    emulator = demo(0, 0)
    settings = {"username": "api@example.com", "instance": "demo-crm"}
    http = WsgiHttp("http://raynet.test/api/v2/", emulator)
    return emulator, RaynetCrm(Connection(1, settings, {"api_key": "crm-test-0001"}), http)


def test_G1_what_was_registered_is_listed_and_can_be_taken_away() -> None:
    _, client = an_account()

    made = client.watch(URL, SECRET)

    assert list(client.watched()) == [Watched(made, URL)]
    client.unwatch(made)
    assert list(client.watched()) == []


def test_G1_a_webhook_is_asked_for_everything_that_happens() -> None:
    emulator, client = an_account()

    made = client.watch(URL, SECRET)

    hook = emulator.webhooks.all[made]
    assert (hook.secret, hook.events) == (SECRET, ["record.created", "record.updated", "record.deleted"])


def test_registering_is_a_write_so_that_it_is_not_repeated_blindly() -> None:
    shelf = answering({"success": True, "data": {"uuid": ID}}, 201)

    crm(shelf).watch(URL, SECRET)

    (request,) = shelf.asked
    assert (request.method, request.path, request.purpose) == ("PUT", "webhook/", Purpose.WRITE)


def test_the_secret_that_the_list_repeats_goes_no_further() -> None:
    row = {"webhookId": ID, "url": URL, "secretToken": SECRET, "eventsFilter": []}

    found = crm(answering({"success": True, "data": {"technicalContacts": [], "webhooks": [row]}})).watched()

    assert SECRET not in repr(found)


def test_taking_away_what_is_gone_is_no_error() -> None:
    _, client = an_account()

    client.unwatch(ID)


def test_a_gateways_404_does_not_say_that_a_webhook_is_gone() -> None:
    with pytest.raises(Malformed):
        crm(answering(b"<html>Not Found</html>", 404)).unwatch(ID)


@every_call
@pytest.mark.parametrize(
    ("body", "status"),
    [({"message": "Forbidden"}, 403), ({"message": "No right"}, 500), ({"message": "BadRequest"}, 400), (b"", 403)],
)
def test_R71_webhooks_that_are_refused_do_not_stop_the_key(
    call: Callable[[RaynetCrm], object], body: Json, status: int
) -> None:
    with pytest.raises(Rejected):
        call(crm(answering(body, status)))


@every_call
def test_R91_a_refused_key_is_one_here_too(call: Callable[[RaynetCrm], object]) -> None:
    with pytest.raises(Refused):
        call(crm(answering({"message": "Bad credentials"}, 401)))


@every_call
@pytest.mark.parametrize("body", [b"<html></html>", [], "ok", None])
def test_R106_an_answer_of_another_shape_says_nothing(call: Callable[[RaynetCrm], object], body: Json) -> None:
    with pytest.raises(Malformed):
        call(crm(answering(body)))


@pytest.mark.parametrize("data", [None, {}, {"webhooks": None}, {"webhooks": [None]}, {"webhooks": [{"url": URL}]}])
def test_R106_a_list_of_another_shape_says_nothing(data: Json) -> None:
    with pytest.raises(Malformed):
        crm(answering({"success": True, "data": data})).watched()


@pytest.mark.parametrize("data", [None, {}, {"uuid": ""}, {"uuid": 7}])
def test_R106_a_webhook_without_an_id_was_not_registered(data: Json) -> None:
    with pytest.raises(Malformed):
        crm(answering({"success": True, "data": data}, 201)).watch(URL, SECRET)


def test_the_secret_is_not_in_the_repr_of_a_request() -> None:
    shelf = answering({"success": True, "data": {"uuid": ID}}, 201)

    crm(shelf).watch(URL, SECRET)

    assert SECRET not in repr(shelf.asked[0])
