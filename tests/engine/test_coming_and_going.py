"""What pausing, resuming, new credentials and removing leave behind (R16, R82, R83, K30)."""

from typing import Any

import pytest
from sqlalchemy import func, select

from core import connecting
from core.engine import stopping
from core.engine.watching import watch_now
from core.registry import Registry
from core.store import questions, schedule
from core.store.base import look, transact
from core.store.inbox import InboxRow
from core.store.questions import QuestionRow
from core.store.schedule import READING, WATCH, ScheduleRow
from spojka import Rejected
from tests.engine.test_watching import hooks, outside, refusal
from tests.support.worlds import CRM, House


def due_now(house: House, connection: int) -> set[str]:
    rows = look(house.world.sessions, lambda session: schedule.of(session, connection))
    return {task for task, row in rows.items() if row.next_at <= house.clock.now()}


def count(house: House, table: type[Any]) -> int:
    return look(house.world.sessions, lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


@pytest.mark.parametrize("change", [connecting.pause, connecting.resume, connecting.remove])
def test_K30_whatever_was_planned_before_is_not_sent(house: House, change: Any) -> None:
    connection = house.connect()
    before = house.row(connection).settings_version

    change(house.world, connection)

    assert house.row(connection).settings_version > before


def test_K30_a_pause_between_plan_and_call_that_is_over_already_sends_nothing_on_the_old_plan(house: House) -> None:
    person = house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()

    def blink() -> None:
        connecting.pause(house.world, connection)
        house.raynet.edit_person(person, firstName="Jana")
        connecting.resume(house.world, connection)

    house.points.once("due.claimed", blink)
    house.sync(connection)

    assert house.row(connection).settings_version == 3
    assert "eva@firma.cz" in house.the_list()


def test_R82_a_resumed_connection_reads_and_looks_after_its_webhook_now(house: House) -> None:
    connection = house.connect()
    watch_now(outside(house), connection)
    connecting.pause(house.world, connection)
    house.clock.advance(5)

    connecting.resume(house.world, connection)

    assert due_now(house, connection) == {READING, WATCH}


def test_R16_what_changed_during_a_pause_was_not_found_live(house: House) -> None:
    connection = house.connect()
    connecting.pause(house.world, connection)
    house.clock.advance(5)

    connecting.resume(house.world, connection)

    assert house.row(connection).resumed_at == house.clock.now()


def test_R16_resuming_what_runs_makes_nothing_late(house: House) -> None:
    connection = house.connect()

    connecting.resume(house.world, connection)

    assert house.row(connection).resumed_at is None


def test_R91_new_credentials_are_a_resumption_too(house: House) -> None:
    connection = house.connect()
    keys = dict(house.raynet.access.keys)
    house.raynet.access.keys.clear()
    watch_now(outside(house), connection)
    house.raynet.access.keys.update(keys)

    house.set(connection, api_key=CRM["api_key"])

    row = house.row(connection)
    assert (row.state, row.resumed_at, due_now(house, connection)) == ("running", house.clock.now(), {READING, WATCH})


def test_R83_a_removed_connection_leaves_no_webhook_and_no_secret(house: House) -> None:
    connection = house.connect()
    watch_now(outside(house), connection)

    left = connecting.remove(outside(house), connection)

    row = house.row(connection)
    assert (left, hooks(house)) == ("", [])
    secrets = (row.crm_sealed, row.audience_sealed, row.token_sealed, row.bell_sealed, row.webhook_id)
    assert secrets == ("", "", "", "", "")


def test_R83_other_peoples_webhooks_stay(house: House) -> None:
    house.raynet.webhooks.register({"url": "https://erp.firma.cz/hooks/abc", "events": ["record.updated"]})
    connection = house.connect()
    watch_now(outside(house), connection)

    connecting.remove(outside(house), connection)

    assert [hook.url for hook in hooks(house)] == ["https://erp.firma.cz/hooks/abc"]


def test_R83_a_vendor_that_refuses_keeps_nobody_from_leaving(house: House) -> None:
    connection = house.connect()
    watch_now(outside(house), connection)
    house.raynet.fail(refusal("DELETE", 500))

    left = connecting.remove(outside(house), connection)

    row = house.row(connection)
    assert (row.state, row.bell_sealed, len(hooks(house))) == ("removed", "", 1)
    assert "No right" in left


def test_R91_a_refused_key_is_not_tried_again_for_a_farewell(house: House) -> None:
    connection = house.connect()
    watch_now(outside(house), connection)
    house.raynet.access.keys.clear()
    house.clock.advance(86_401)
    watch_now(outside(house), connection)
    house.forget()

    left = connecting.remove(outside(house), connection)

    assert (left != "", house.raynet.calls) == (True, [])


def test_R109_a_list_that_is_gone_says_nothing_against_the_crm(house: House) -> None:
    connection = house.connect()
    watch_now(outside(house), connection)
    stopping.list_gone(house.world, connection, Rejected("The list is gone.", "list"))

    assert (connecting.remove(outside(house), connection), hooks(house)) == ("", [])


def test_R83_a_plugin_that_is_not_installed_any_more_keeps_nobody_from_leaving(house: House) -> None:
    connection = house.connect()
    watch_now(outside(house), connection)

    left = connecting.remove(outside(house, registry=Registry()), connection)

    assert (left != "", house.row(connection).state) == (True, "removed")


def test_R83_nothing_that_waited_for_a_removed_connection_is_left(house: House) -> None:
    connection, other = house.connect(), house.connect(audience="local")
    now = house.clock.now()

    def fill(session: Any) -> None:
        for each in (connection, other):
            questions.ask(session, each, "R98", "R98", {}, now)
            schedule.put(session, each, READING, now)
            bell = {"kind": "bell", "payload": {"rings": []}, "state": "open", "received_at": now, "error": ""}
            session.add(InboxRow(connection_id=each, claim=None, **bell))

    transact(house.world.sessions, fill)

    connecting.remove(house.world, connection)

    assert [count(house, table) for table in (QuestionRow, ScheduleRow, InboxRow)] == [1, 1, 1]
