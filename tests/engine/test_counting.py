"""What operators are told by numbers, on both databases."""

from dataclasses import replace

import pytest

from core import checks
from core.engine.leasing import LostLease, lost
from core.store.base import look
from core.store.counting import Counts, count
from tests.support.rows import mark
from tests.support.tally import Kept
from tests.support.worlds import House


@pytest.fixture
def kept(both_house: House) -> Kept:
    made = Kept()
    both_house.world = replace(both_house.world, tally=made)
    return made


def counted(house: House) -> Counts:
    return look(house.world.sessions, lambda session: count(session, house.clock.now()))


def synced(house: House) -> tuple[int, int]:
    person = house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    return connection, person


def test_a_run_that_ended_leaves_nothing_due(both_house: House) -> None:
    synced(both_house)
    found = counted(both_house)
    assert (found.due, found.runs, found.inbox, len(found.connections)) == ({}, {"done": 1}, {}, 1)


def test_open_bells_and_due_addresses_are_counted(both_house: House) -> None:
    connection, person = synced(both_house)
    both_house.ring(connection, ("person", person, False))
    mark(both_house.world, "a@firma.cz", seconds=-60)
    mark(both_house.world, "b@firma.cz", parked="The list refused it.")
    found = counted(both_house)
    assert (found.inbox, found.due) == ({connection: 1}, {"now": 1, "parked": 1})
    assert (both_house.clock.now() - found.oldest_due["live"]).total_seconds() == 60
    assert found.oldest_bell == {connection: both_house.clock.now()}


def test_readings_are_counted_by_the_door_through_which_they_came(both_house: House, kept: Kept) -> None:
    connection, person = synced(both_house)
    both_house.clock.advance(120)
    both_house.hear()
    both_house.ring(connection, ("person", person, False))
    both_house.live(connection)
    doors = {key[1] for key in kept.counts if key[0] == "readings"}
    assert {"run", "reading", "bell"} <= doors


def test_a_lease_that_was_lost_is_counted_by_its_work(both_house: House, kept: Kept) -> None:
    with pytest.raises(LostLease, match="account:1:live, reading:7"):
        raise lost(both_house.world, "account:1:live", "reading:7")
    assert kept.counts == [("leases_lost", "account")]


def test_doctor_finds_a_synced_connection_well(both_house: House) -> None:
    synced(both_house)
    world = replace(both_house.world, settings=replace(both_house.world.settings, redis_url=None))
    assert [found for found in checks.running(world) if not found.ok and found.check != "clocks"] == []
