"""What is due and what waits (contract §3, drain)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from core.engine import draining
from core.engine.draining import Found
from core.engine.leasing import release, take
from core.store import due, questions
from core.store.base import transact
from core.store.connections import ConnectionRow
from core.store.due import Cause
from core.store.inbox import BELL, OPEN, InboxRow
from core.store.outbox import OutboxRow
from tests.support.worlds import House


@pytest.fixture
def connection(both_house: House) -> int:
    """A connection whose first run has ended."""
    made = both_house.connect()
    both_house.sync(made)
    return made


def ring(house: House, connection: int) -> None:
    row = InboxRow(
        connection_id=connection,
        kind=BELL,
        payload={"rings": []},
        state=OPEN,
        claim=None,
        received_at=house.clock.now(),
        closed_at=None,
        error="",
    )
    with house.world.sessions.begin() as session:
        session.add(row)


def mark(house: House, waits: str = "", seconds: float = 0.0, **changed: Any) -> None:
    def work(session: Session) -> None:
        at = house.clock.now() + timedelta(seconds=seconds)
        due.mark(session, 1, ["eva@firma.cz"], Cause("crm", "reading:1", 1, at, waits=waits))
        if changed:
            session.flush()
            row = session.get_one(due.DueRow, (1, "eva@firma.cz"))
            for name, value in changed.items():
                setattr(row, name, value)

    transact(house.world.sessions, work)


def look(house: House) -> Found:
    return draining.look_around(house.world)


def waiting(found: Found) -> list[tuple[str, str]]:
    return [(one.what, one.for_) for one in found.waiting]


def test_nothing_is_due_after_a_run(both_house: House, connection: int) -> None:
    assert look(both_house).nothing


def test_an_open_bell_of_a_running_connection_is_due(both_house: House, connection: int) -> None:
    ring(both_house, connection)
    assert look(both_house).bells == 1


def test_a_bell_of_a_refused_connection_waits_for_a_resume(both_house: House, connection: int) -> None:
    ring(both_house, connection)
    with both_house.world.sessions.begin() as session:
        session.get_one(ConnectionRow, connection).state = "refused"
    found = look(both_house)
    assert (found.nothing, waiting(found)) == (True, [("bells", "resume")])


@pytest.mark.parametrize("waits", ["", "reading:1", "pass", "held:1"])
def test_an_address_that_waits_for_us_is_due(both_house: House, connection: int, waits: str) -> None:
    mark(both_house, waits)
    assert look(both_house).addresses == 1


@pytest.mark.parametrize(("waits", "for_"), [("person", "person"), ("paused:1", "resume"), ("dry:9", "time")])
def test_an_address_that_waits_for_others_is_not(both_house: House, connection: int, waits: str, for_: str) -> None:
    mark(both_house, waits)
    found = look(both_house)
    assert (found.nothing, waiting(found)) == (True, [("addresses", for_)])


def test_an_address_whose_time_has_not_come_says_when_it_does(both_house: House, connection: int) -> None:
    mark(both_house, seconds=60)
    (one,) = look(both_house).waiting
    assert (one.for_, one.until) == ("time", both_house.clock.now() + timedelta(seconds=60))


def test_a_parked_address_waits_for_a_person(both_house: House, connection: int) -> None:
    mark(both_house, parked="The list refused it.")
    assert waiting(look(both_house)) == [("addresses", "person")]


def test_R96_what_is_held_waits_for_a_person_once_the_question_is_asked(both_house: House, connection: int) -> None:
    mark(both_house, f"held:{connection}")
    with both_house.world.sessions.begin() as session:
        questions.ask(session, connection, "R96", "closings", {}, both_house.clock.now())
    found = look(both_house)
    assert (found.nothing, waiting(found)) == (True, [("addresses", "person"), ("questions", "person")])


@pytest.mark.parametrize(
    ("state", "seconds", "due", "why"),
    [("waiting", 0, 1, []), ("waiting", 60, 0, ["time"]), ("failed", 0, 0, ["person"]), ("done", 0, 0, [])],
)
def test_a_row_of_the_outbox_is_due_when_its_time_has_come(
    both_house: House, connection: int, state: str, seconds: int, due: int, why: list[str]
) -> None:
    now = both_house.clock.now()
    row = {"connection_id": connection, "kind": "field", "key": "k", "email": "eva@firma.cz", "payload": {}}
    row |= {"claim": "", "attempts": 0, "last_error": ""}
    with both_house.world.sessions.begin() as session:
        session.add(OutboxRow(**row, state=state, next_try=now + timedelta(seconds=seconds), created_at=now))
    found = look(both_house)
    assert (found.outbox, [one.for_ for one in found.waiting]) == (due, why)


def test_work_in_somebodys_hands_is_due(both_house: House, connection: int) -> None:
    lease = take(both_house.world, f"reading:{connection}")
    assert lease is not None
    before = look(both_house).jobs
    release(both_house.world, lease)
    assert (before, look(both_house).jobs) == (1, 0)


def test_a_seat_that_is_kept_at_a_vendor_is_no_work(both_house: House, connection: int) -> None:
    take(both_house.world, "seat:demo-crm:1")
    assert look(both_house).nothing


def test_it_looks_again_until_nothing_is_due(both_house: House, connection: int) -> None:
    left = [3, 2, 0, 0]
    found = draining.wait(both_house.world, 60, lambda: left.pop(0))
    assert (found.nothing, left) == (True, [])


def test_it_gives_up_when_the_time_is_over(both_house: House, connection: int) -> None:
    begun = both_house.clock.now()
    found = draining.wait(both_house.world, 60, lambda: 1)
    assert (found.jobs, both_house.clock.now() - begun) == (1, timedelta(seconds=60))
