"""Our webhook at the CRM: registered once, kept alive, moved, and none but ours touched (R71, R73)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from core import connecting
from core.engine.crash import WEBHOOK
from core.engine.watching import LOOPBACK, watch_now
from core.ports import World
from core.registry import Registry
from core.store import schedule
from core.store.base import look
from plugins import raynet
from plugins.raynet.sandbox.webhooks import Webhook
from spojka import hookimpl
from spojka.emulator import Fault
from tests.support.worlds import CRM, House

OUTSIDE = "https://spojka.firma.cz"
HOOKS = "/api/v2/webhook"
DAY = 86_400.0


class Died(Exception):
    """The process ends here."""


def die() -> None:
    raise Died


def outside(house: House, url: str = OUTSIDE, **changes: Any) -> World:
    """The house as the internet reaches it."""
    return replace(house.world, settings=replace(house.world.settings, public_url=url), **changes)


def registered(house: House) -> tuple[House, int]:
    connection = house.connect()
    watch_now(outside(house), connection)
    house.forget()
    return house, connection


def url(house: House, connection: int, base: str = OUTSIDE) -> str:
    token = house.world.vault.open(house.row(connection).token_sealed)["token"]
    return f"{base}/hooks/{token}"


def hooks(house: House) -> list[Webhook]:
    return list(house.raynet.webhooks.all.values())


def secret(house: House, connection: int) -> str:
    return house.world.vault.open(house.row(connection).bell_sealed)["bell"]


def asked(house: House) -> list[str]:
    return [f"{call.method} {call.path}" for call in house.raynet.calls]


def pause(house: House, connection: int) -> timedelta:
    when = look(house.world.sessions, lambda session: schedule.next_at(session, connection, schedule.WATCH))
    assert when is not None
    return when - house.clock.now()


def refusal(method: str, status: int, message: str = "No right", times: int = 1) -> Fault:
    body = orjson.dumps({"message": message})
    json = {"Content-Type": "application/json"}
    return Fault("status", method, HOOKS, status=status, body=body, headers=json, times=times)


def is_whole(house: House, connection: int) -> bool:
    """Exactly one webhook, at our address, with the secret that we know, and we know it."""
    row, found = house.row(connection), hooks(house)
    return [(hook.id, hook.url, hook.secret) for hook in found] == [
        (row.webhook_id, url(house, connection), secret(house, connection))
    ] and row.webhook_state == "registered"


def test_a_connection_registers_its_webhook(house: House) -> None:
    house, connection = registered(house)

    assert is_whole(house, connection)


def test_it_is_looked_at_once_a_day_for_one_request(house: House) -> None:
    house, connection = registered(house)

    watch_now(outside(house), connection)
    house.clock.advance(DAY + 1)
    watch_now(outside(house), connection)

    assert asked(house) == [f"GET {HOOKS}/"]


def test_what_changed_before_it_rang_is_read_at_once(house: House) -> None:
    house, connection = registered(house)

    when = look(house.world.sessions, lambda session: schedule.next_at(session, connection, schedule.READING))
    assert when == house.clock.now()


def test_R73_a_webhook_that_the_vendor_dropped_is_registered_again_with_another_secret(house: House) -> None:
    house, connection = registered(house)
    before = secret(house, connection)
    house.raynet.webhooks.all.clear()

    house.clock.advance(DAY + 1)
    watch_now(outside(house), connection)

    assert is_whole(house, connection)
    assert secret(house, connection) != before


def test_nobody_elses_webhook_is_touched(house: House) -> None:
    others = ["https://erp.firma.cz/hooks/abc", f"{OUTSIDE}/hooks/", f"{OUTSIDE}/hooks/another-connection"]
    for address in others:
        house.raynet.webhooks.register({"url": address, "events": ["record.updated"]})

    house, connection = registered(house)

    assert [hook.url for hook in hooks(house)] == [*others, url(house, connection)]


def test_one_at_our_address_whose_secret_we_do_not_know_is_replaced(house: House) -> None:
    connection = house.connect()
    events = ["record.updated"]
    house.raynet.webhooks.register({"url": url(house, connection), "events": events, "secretToken": "whose?"})

    watch_now(outside(house), connection)

    assert is_whole(house, connection)


@pytest.mark.parametrize("point", WEBHOOK)
def test_R94_who_comes_after_a_death_leaves_one_webhook_with_a_secret_that_is_known(
    both_house: House, point: str
) -> None:
    connection = both_house.connect()
    both_house.raynet.webhooks.register({"url": url(both_house, connection), "events": ["record.updated"]})
    both_house.points.once(point, die)
    with pytest.raises(Died):
        watch_now(outside(both_house), connection)
    both_house.bury()

    watch_now(outside(both_house), connection)

    assert is_whole(both_house, connection)


def test_a_registration_whose_answer_was_lost_is_done_over(house: House) -> None:
    connection = house.connect()
    house.raynet.fail(Fault("lose", "PUT", HOOKS))

    watch_now(outside(house), connection)
    assert (len(hooks(house)), house.row(connection).webhook_state) == (1, "unable")
    house.clock.advance(61)
    watch_now(outside(house), connection)

    assert is_whole(house, connection)


@pytest.mark.parametrize("point", ["watch.before_call", "watch.after_call"])
def test_two_processes_at_once_register_once(both_house: House, point: str) -> None:
    connection = both_house.connect()
    other = replace(outside(both_house), holder="second")
    both_house.points.once(point, lambda: watch_now(other, connection))

    watch_now(outside(both_house), connection)

    assert is_whole(both_house, connection)
    assert asked(both_house).count(f"PUT {HOOKS}/") == 1


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_R71_where_the_vendor_refuses_the_connection_goes_on_without_a_webhook(
    house: House, method: str, status: int
) -> None:
    connection = house.connect()
    house.raynet.fail(refusal(method, status))

    watch_now(outside(house), connection)

    row = house.row(connection)
    assert (row.state, row.webhook_state) == ("running", "unable")
    assert row.webhook_text != ""


def test_a_refused_registration_is_tried_again_after_growing_pauses_and_every_day(house: House) -> None:
    connection = house.connect()
    house.raynet.fail(refusal("PUT", 500, times=7))

    pauses = []
    for _ in range(7):
        watch_now(outside(house), connection)
        pauses.append(pause(house, connection).total_seconds())
        house.clock.advance(pauses[-1])

    assert pauses == [60, 300, 900, 3600, 14_400, 14_400, 14_400]
    watch_now(outside(house), connection)
    assert is_whole(house, connection)


def test_what_the_vendor_says_of_a_refusal_is_kept_without_token_and_secret(house: House) -> None:
    connection = house.connect()
    whole = url(house, connection)
    house.raynet.fail(refusal("PUT", 400, f"{whole} is not reachable"))

    watch_now(outside(house), connection)

    text = house.row(connection).webhook_text
    assert "is not reachable" in text
    assert whole.rpartition("/")[2] not in text


@pytest.mark.parametrize("kind", ["drop", "status"])
def test_a_vendor_that_does_not_answer_leaves_a_known_webhook_known(house: House, kind: str) -> None:
    house, connection = registered(house)
    house.raynet.fail(Fault(kind, "GET", HOOKS, times=5))

    house.clock.advance(DAY + 1)
    watch_now(outside(house), connection)

    assert is_whole(house, connection)
    assert pause(house, connection) == timedelta(seconds=60)


def test_R91_a_refused_key_stops_the_connection(house: House) -> None:
    connection = house.connect()
    house.raynet.access.keys.clear()

    watch_now(outside(house), connection)

    row = house.row(connection)
    assert (row.state, row.problem, asked(house)) == ("refused", "refused", [f"GET {HOOKS}/"])


def test_R71_an_address_of_this_machine_alone_is_not_given_to_a_vendor_outside(house: House) -> None:
    connection = house.connect()

    watch_now(house.world, connection)

    row = house.row(connection)
    assert (row.webhook_state, row.webhook_text, asked(house)) == ("unable", LOOPBACK, [])


def test_an_emulator_beside_us_gets_our_address_of_this_machine(house: House) -> None:
    connection = house.connect()
    bases = {"RAYNET_BASE_URL": "http://127.0.0.1:8090/api/v2/"}
    near = replace(house.world, settings=replace(house.world.settings, base_urls=bases))

    watch_now(near, connection)

    assert [hook.url for hook in hooks(house)] == [url(house, connection, "http://127.0.0.1:8080")]


def test_R110_a_loopback_address_leaves_the_webhook_of_the_outside_address_alone(house: House) -> None:
    house, connection = registered(house)
    bases = {"RAYNET_BASE_URL": "http://127.0.0.1:8090/api/v2/"}
    near = replace(house.world, settings=replace(house.world.settings, base_urls=bases))

    house.clock.advance(DAY + 1)
    watch_now(near, connection)

    assert url(house, connection) in [hook.url for hook in hooks(house)]


def test_R82_a_paused_connection_asks_nothing_and_registers_when_it_runs(house: House) -> None:
    connection = house.connect()
    connecting.pause(house.world, connection)
    watch_now(outside(house), connection)
    assert asked(house) == []

    connecting.resume(house.world, connection)
    watch_now(outside(house), connection)

    assert is_whole(house, connection)


def test_a_connection_removed_while_it_registers_leaves_no_webhook(house: House) -> None:
    connection = house.connect()
    house.points.once("watch.after_call", lambda: connecting.remove(house.world, connection))

    watch_now(outside(house), connection)

    assert hooks(house) == []


def test_a_plugin_without_bells_is_never_asked(house: House) -> None:
    class Mute:
        """Raynet without webhooks."""

        open_crm, on_contact_in = raynet.open_crm, raynet.on_contact_in

        @hookimpl
        def describe(self) -> Any:
            """Its description."""
            return replace(raynet.describe(), bell=None)

    connection = house.connect()
    registry = Registry()
    registry.add("raynet", Mute())
    house.forget()

    watch_now(outside(house, registry=registry), connection)

    assert (asked(house), house.row(connection).webhook_state) == ([], "unable")


def test_another_key_tries_again_at_once(house: House) -> None:
    connection = house.connect()
    house.raynet.fail(refusal("GET", 403))
    watch_now(outside(house), connection)

    house.set(connection, api_key=CRM["api_key"])
    watch_now(outside(house), connection)

    assert is_whole(house, connection)


def test_a_setting_of_our_own_does_not(house: House) -> None:
    house, connection = registered(house)
    house.clock.advance(5)

    house.set(connection, follow_tags=True)
    watch_now(outside(house), connection)

    assert asked(house) == []


def test_no_secret_is_stored_in_clear(house: House) -> None:
    house, connection = registered(house)

    assert secret(house, connection) not in repr(vars(house.row(connection)))
    assert CRM["api_key"] != secret(house, connection)


def rotated(house: House, connection: int) -> str:
    before = url(house, connection)
    connecting.rotate(house.world, connection)
    return before


def test_a_webhook_follows_a_new_token(house: House) -> None:
    house, connection = registered(house)
    old = rotated(house, connection)

    watch_now(outside(house), connection)

    assert is_whole(house, connection)
    assert old not in [hook.url for hook in hooks(house)]


def test_a_token_that_was_replaced_twice_before_anybody_looked_leaves_no_webhook_behind(house: House) -> None:
    connection = house.connect()
    house.points.once("watch.before_commit", die)
    with pytest.raises(Died):
        watch_now(outside(house), connection)
    rotated(house, connection)
    rotated(house, connection)

    watch_now(outside(house), connection)

    assert is_whole(house, connection)
    assert "former" not in house.world.vault.open(house.row(connection).token_sealed)


def test_a_token_replaced_while_it_registers_wins(house: House) -> None:
    connection = house.connect()
    house.points.once("watch.after_call", lambda: rotated(house, connection))

    watch_now(outside(house), connection)
    watch_now(outside(house), connection)

    assert is_whole(house, connection)
