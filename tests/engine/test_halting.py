"""Who is asked to stop finishes what is in hand, and others go on with the rest (R97)."""

import contextlib

import pytest
from sqlalchemy import select

from core.engine import full
from core.engine.draining import look_around
from core.errors import Stopping
from core.store.journal import JournalRow
from tests.support.worlds import House, profiles

POINTS = (
    "run.leased",
    "page.after_commit",
    "run.between_phases",
    "pass.after_commit",
    "due.claimed",
    "note.after_commit",
    "list.after_call",
    "settle.after_commit",
)


def a_run(house: House, people: int = 20) -> int:
    for number in range(people):
        house.person(f"n{number}@firma.cz", firstName=f"N{number}")
    for number in range(people // 2):
        house.member(f"n{number}@firma.cz")
    return house.queue(house.connect())


def stop(house: House, run_id: int, point: str) -> None:
    """Let the process be asked to stop at a point of the run."""
    house.points.once(point, house.world.halt.set)
    with pytest.raises(Stopping):
        house.work(run_id)
    house.world.halt.clear()


@pytest.mark.parametrize("point", POINTS)
def test_another_process_finds_the_run_at_once(house: House, point: str) -> None:
    run_id = a_run(house)
    stop(house, run_id, point)
    with house.world.sessions() as session:
        found = full.next_open(house.world, session)
    assert (house.run(run_id).state, found, look_around(house.world).jobs) == ("queued", [run_id], 0)


@pytest.mark.parametrize("point", POINTS)
def test_no_call_is_left_without_its_outcome(house: House, point: str) -> None:
    stop(house, a_run(house), point)
    with house.world.sessions() as session:
        assert session.scalars(select(JournalRow)).all() == []


@pytest.mark.parametrize("point", POINTS)
def test_the_rest_is_done_by_whoever_goes_on(house: House, point: str) -> None:
    run_id = a_run(house)
    stop(house, run_id, point)
    house.clock.advance(60)
    assert house.work(run_id)["profiles"] == profiles(created=10, adopted=10, skipped=2)


def test_nothing_more_is_read_once_a_stop_is_asked_for(house: House) -> None:
    run_id = a_run(house, 1100)
    house.forget()
    stop(house, run_id, "page.after_commit")
    assert len([call for call in house.raynet.calls if call.path.endswith("/person/")]) == 1


@pytest.mark.parametrize(
    "point", ["reading.claimed", "page.read", "due.claimed", "note.after_commit", "list.after_call"]
)
def test_a_bell_is_dealt_with_by_whoever_goes_on(house: House, point: str) -> None:
    person = house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    house.clock.advance(600)
    house.hear()
    house.raynet.edit_person(person, firstName="Jana")
    house.ring(connection, ("person", person, False))
    house.points.once(point, house.world.halt.set)
    with contextlib.suppress(Stopping):
        house.live(connection)
    jobs = look_around(house.world).jobs
    house.world.halt.clear()
    house.clock.advance(60)
    house.hear()
    assert (jobs, house.the_list()["eva@firma.cz"].fields["name"], house.open_bells(connection)) == (0, "Jana", 0)


def test_stopping_often_is_not_breaking_off(house: House) -> None:
    run_id = a_run(house)
    for _ in range(full.CRASHES_AT_MOST + 2):
        stop(house, run_id, "run.leased")
    assert house.work(run_id)["status"] == "done"
