from datetime import timedelta

import pytest

from core import connecting
from core.engine import pruning
from core.store import inbox
from core.store.inbox import InboxRow
from tests.support.worlds import House


def bell(house: House, connection: int, state: str = "open") -> None:
    with house.world.sessions.begin() as session:
        session.add(
            InboxRow(
                connection_id=connection,
                kind="bell",
                payload={"rings": []},
                state=state,
                received_at=house.clock.now(),
                closed_at=None if state == "open" else house.clock.now(),
                error="",
            )
        )


def left(house: House) -> int:
    with house.world.sessions() as session:
        return session.query(InboxRow).count()


def test_a_bell_that_is_dealt_with_goes_after_a_week(both_house: House) -> None:
    bell(both_house, 1, "done")
    both_house.clock.advance(timedelta(days=7, seconds=1).total_seconds())

    assert pruning.prune(both_house.world) == 1
    assert left(both_house) == 0


def test_a_bell_that_is_dealt_with_stays_for_a_week(house: House) -> None:
    bell(house, 1, "done")
    house.clock.advance(timedelta(days=6, hours=23).total_seconds())

    assert pruning.prune(house.world) == 0


@pytest.mark.parametrize("state", ["open", "failed"])
def test_R94_what_is_not_dealt_with_stays_for_as_long_as_it_takes(house: House, state: str) -> None:
    bell(house, 1, state)
    house.clock.advance(timedelta(days=400).total_seconds())

    assert pruning.prune(house.world) == 0


def test_bells_go_in_sets(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 2)
    for _ in range(5):
        bell(house, 1, "done")
    house.clock.advance(timedelta(days=8).total_seconds())

    assert pruning.prune(house.world) == 5


def test_a_bell_that_came_while_its_connection_was_removed_goes(both_house: House) -> None:
    connection, other = both_house.connect(audience="local"), 99
    connecting.remove(both_house.world, connection)
    bell(both_house, connection)
    bell(both_house, other)
    pruning.prune(both_house.world)

    assert left(both_house) == 1


def test_what_failed_is_opened_again_as_it_was(both_house: House) -> None:
    bell(both_house, 1)
    with both_house.world.sessions.begin() as session:
        inbox.fail(session, [1], "Raynet refused.", both_house.clock.now())
    with both_house.world.sessions.begin() as session:
        inbox.reopen(session, [1])
    with both_house.world.sessions() as session:
        row = session.get_one(InboxRow, 1)

    assert (row.state, row.closed_at, row.error, row.payload) == ("open", None, "", {"rings": []})
