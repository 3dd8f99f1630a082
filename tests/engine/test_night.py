"""R73, R80, R81, R97: what a night finds that nobody told, once, and by whom."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from core import connecting
from core.engine import erasing, leasing, nightly, waiting
from core.engine.lane import pass_now
from core.errors import Stopping
from core.store import persons, schedule
from core.store.base import look, transact
from core.store.leases import CursorRow
from core.store.records import RecordRow
from core.store.schedule import NIGHT, WATCH
from tests.support.sleeping import (
    asked,
    carry_out,
    sleep_through,
    standing,
    synced,
    unreported,
)
from tests.support.worlds import House


def test_R73_a_night_that_was_never_planned_is_planned_and_not_made(house: House) -> None:
    connection = synced(house)
    house.forget()

    nightly.night_now(house.world, connection)

    assert house.raynet.calls == []
    due_at = look(house.world.sessions, lambda session: schedule.next_at(session, connection, NIGHT))
    assert due_at is not None
    assert 2 <= due_at.astimezone(house.world.settings.timezone).hour < 5


def test_R73_a_night_that_has_come_is_rung_for_until_somebody_is_at_it(house: House) -> None:
    connection = synced(house)
    nightly.night_now(house.world, connection)
    before = look(house.world.sessions, lambda session: waiting.rings(house.world, session))
    house.clock.advance(timedelta(days=1).total_seconds())
    during = look(house.world.sessions, lambda session: waiting.rings(house.world, session))
    assert leasing.take(house.another("second"), f"night:{connection}") is not None
    after = look(house.world.sessions, lambda session: waiting.rings(house.world, session))

    ring = ("bulk", "night_now", connection)
    assert [ring in rung for rung in (before, during, after)] == [False, True, False]


def test_R73_one_night_a_day(house: House) -> None:
    connection = synced(house)
    sleep_through(house, connection)
    house.forget()

    nightly.night_now(house.world, connection)

    assert house.raynet.calls == []


def test_R80_a_record_that_nobody_reported_gone_closes_its_binding(both_house: House) -> None:
    house = both_house
    connection = synced(house)
    gone = house.person("zmizela@example.cz")
    house.sync(connection)
    house.raynet.delete_person(gone)

    night = sleep_through(house, connection)
    carry_out(house, connection)

    assert night is not None
    assert night.gone == 1
    assert house.rules(connection, "zmizela@example.cz")[-1] == "R80"
    assert "zmizela@example.cz" not in house.origins(connection)
    assert house.the_list()["zmizela@example.cz"].status == "subscribed"


def test_R73_what_the_night_marks_is_bulk_work_of_a_pass(house: House) -> None:
    connection = synced(house)
    gone = house.person("zmizela@example.cz")
    house.sync(connection)
    house.raynet.delete_person(gone)
    sleep_through(house, connection)

    pass_now(house.world, house.row(connection).list_id)

    assert "zmizela@example.cz" not in house.origins(connection)


def test_R73_a_record_that_no_reading_brought_is_read(both_house: House) -> None:
    house = both_house
    connection = synced(house)
    unreported(house, "nevidena@example.cz")

    night = sleep_through(house, connection)
    carry_out(house, connection)

    assert night is not None
    assert (night.unseen, "nevidena@example.cz" in house.the_list()) == (1, True)


def test_R16_what_a_night_finds_starts_no_automation(house: House) -> None:
    connection = synced(house)
    unseen = unreported(house, "nevidena@example.cz")
    sleep_through(house, connection)

    chosen = select(RecordRow.found).where(RecordRow.record_id == str(unseen))
    assert look(house.world.sessions, lambda session: session.scalar(chosen)) == "catch_up"


def test_R73_a_quiet_night_costs_few_requests_and_writes_nothing(house: House) -> None:
    connection = synced(house, people=2500)

    night = sleep_through(house, connection)

    kinds = Counter(
        "check" if call.path.endswith("/info") else "ids" if call.query.get("view") == "rowInfo" else "read"
        for call in house.raynet.calls
    )
    assert kinds == {"check": 1, "ids": 4, "read": len(("changes", "of both", "owners", "of both", "a thirtieth"))}
    assert (house.ecomail.calls, house.due()) == ([], {})
    assert night is not None
    assert (night.listed, night.unseen, night.gone, night.differed) == (2502, 0, 0, 0)


def test_R73_a_kind_that_was_never_read_is_left_to_its_first_reading(house: House) -> None:
    connection = synced(house)
    company = (CursorRow.connection_id == connection, CursorRow.stream == "company")
    transact(house.world.sessions, lambda session: session.execute(delete(CursorRow).where(*company)))

    sleep_through(house, connection)

    assert {call.path for call in house.raynet.calls if "company" in call.path} == set()


def test_R73_the_webhook_is_looked_at_in_the_same_night(house: House) -> None:
    connection = synced(house)
    sleep_through(house, connection)
    watched = look(house.world.sessions, lambda session: schedule.next_at(session, connection, WATCH))
    assert watched == house.clock.now()


def test_K4_a_page_asked_for_before_the_night_does_not_bring_a_record_back(house: House) -> None:
    connection = synced(house)
    gone = house.person("zmizela@example.cz")
    house.sync(connection)
    run_id = house.queue(connection)

    def meanwhile() -> None:
        house.raynet.delete_person(gone)
        sleep_through(house, connection)

    house.points.once("page.read", meanwhile)
    house.work(run_id)

    assert standing(house, connection)["gone"] == 1
    assert "zmizela@example.cz" not in house.origins(connection)


def test_R80_a_record_that_comes_back_is_read_like_any_other(house: House) -> None:
    connection = synced(house)
    gone = house.person("zmizela@example.cz")
    house.sync(connection)
    kept = dict(house.raynet.store.persons.rows[gone])
    house.raynet.delete_person(gone)
    sleep_through(house, connection)
    carry_out(house, connection)

    house.raynet.store.persons.add(kept)
    sleep_through(house, connection)
    carry_out(house, connection)

    assert standing(house, connection)["gone"] == 0
    assert "zmizela@example.cz" in house.origins(connection)


def test_R81_a_merge_that_nobody_reported_leaves_the_profile_to_the_other_record(house: House) -> None:
    connection = synced(house)
    source, target = house.person("slouceny@example.cz"), house.person("")
    house.sync(connection)
    house.raynet.merge_person(target, source)

    sleep_through(house, connection)
    carry_out(house, connection)

    assert "slouceny@example.cz" in house.origins(connection)


def test_R91_a_refused_key_stops_the_connection_by_night_too(house: House) -> None:
    connection = synced(house)
    house.raynet.access.keys.clear()

    sleep_through(house, connection)

    assert house.row(connection).state == "refused"


def test_R82_a_paused_connection_sleeps(house: House) -> None:
    connection = synced(house)
    nightly.night_now(house.world, connection)
    connecting.pause(house.world, connection)
    house.clock.advance(timedelta(days=1).total_seconds())
    house.forget()

    nightly.night_now(house.world, connection)

    assert house.raynet.calls == []


def test_R97_two_workers_make_one_night(house: House) -> None:
    connection = synced(house)
    nightly.night_now(house.world, connection)
    house.clock.advance(timedelta(days=1).total_seconds())
    house.points.once("page.read", lambda: nightly.night_now(house.another("second"), connection))
    house.forget()

    nightly.night_now(house.world, connection)

    assert sum(call.path.endswith("/info") for call in house.raynet.calls) == 1


def test_K38_a_night_that_slept_through_its_lease_buries_nobody(house: House) -> None:
    connection = synced(house)
    house.raynet.delete_person(max(house.raynet.store.persons.rows))

    def frozen() -> None:
        house.bury()
        assert leasing.take(house.another("second"), f"reading:{connection}") is not None

    house.points.once("page.mapped", frozen)
    sleep_through(house, connection)

    assert standing(house, connection)["gone"] == 0


def test_R73_a_night_that_breaks_off_is_made_again(house: House) -> None:
    connection = synced(house)
    house.raynet.delete_person(max(house.raynet.store.persons.rows))

    def dies() -> None:
        raise KeyboardInterrupt

    house.points.once("page.mapped", dies)
    with pytest.raises(KeyboardInterrupt):
        sleep_through(house, connection)
    sleep_through(house, connection)

    assert standing(house, connection)["gone"] == 1


def test_R73_a_reading_that_goes_on_and_on_puts_the_night_off_without_counting(house: House) -> None:
    connection = synced(house)
    assert leasing.take(house.another("second"), f"reading:{connection}") is not None

    sleep_through(house, connection)

    plan = look(house.world.sessions, lambda session: schedule.of(session, connection)[NIGHT])
    assert (plan.next_at - house.clock.now(), plan.tries) == (nightly.AGAIN_AFTER, 0)


def test_R73_no_reading_is_made_while_differences_are_acted_on(house: House) -> None:
    connection = synced(house)
    taken: list[object] = []
    house.points.once(
        "page.mapped", lambda: taken.append(leasing.take(house.another("second"), f"reading:{connection}"))
    )

    sleep_through(house, connection)

    assert taken == [None]


def test_who_is_asked_to_stop_leaves_the_night_to_others(house: House) -> None:
    connection = synced(house)
    house.raynet.delete_person(max(house.raynet.store.persons.rows))
    house.points.once("page.mapped", house.world.halt.set)
    with pytest.raises(Stopping):
        sleep_through(house, connection)
    house.world.halt.clear()

    nightly.night_now(house.another("second"), connection)

    assert standing(house, connection)["gone"] == 1


def test_R92_without_allowance_the_night_waits_for_the_reset(house: House) -> None:
    connection = synced(house)
    nightly.night_now(house.world, connection)
    house.clock.advance(timedelta(days=1).total_seconds())
    house.raynet.allow(0)

    nightly.night_now(house.world, connection)

    plan = look(house.world.sessions, lambda session: schedule.of(session, connection)[NIGHT])
    assert (plan.next_at.hour, plan.next_at.minute, plan.tries) == (0, 0, 0)


def test_R14_a_night_stores_nobody_who_was_erased(house: House) -> None:
    connection = synced(house)
    erasing.erase(house.world, "p3@example.cz")

    for _ in range(30):
        sleep_through(house, connection)

    assert look(house.world.sessions, lambda session: persons.stored(session, "p3@example.cz")) == {}
    assert asked(house) == []
