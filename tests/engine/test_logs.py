"""What operators read in the log: the way of a bell, and nothing about anybody."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from spojka.emulator import Fault
from tests.support.worlds import CRM, MAIL, House

PERSONAL = ("eva", "nováková", "firma.cz", "737123456", "brno", "vip")


@pytest.fixture
def lines() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as captured:
        yield captured


def events(lines: list[MutableMapping[str, Any]], event: str) -> list[MutableMapping[str, Any]]:
    return [line for line in lines if line["event"] == event]


def with_eva(house: House) -> tuple[int, int]:
    """A connection, synced, and a person with everything that is personal."""
    person = house.person("eva@firma.cz", firstName="Eva", lastName="Nováková", tel1="737123456", city="Brno")
    connection = house.connect()
    house.sync(connection)
    house.clock.advance(600)
    house.hear()
    return connection, person


def test_a_bell_is_followed_through_the_log_to_what_was_written(
    house: House, lines: list[MutableMapping[str, Any]]
) -> None:
    connection, person = with_eva(house)
    lines.clear()
    house.raynet.edit_person(person, firstName="Jana")
    house.ring(connection, ("person", person, False))
    house.live(connection)
    (reading,) = [line for line in events(lines, "reading.done") if line["bells"]]
    (batch,) = [line for line in events(lines, "batch.settled") if reading["reading"] in line["marked_by"]]
    assert (reading["connection"], batch["written"], batch["rules"]) == (connection, 1, {"R21": 1})


def test_a_run_says_what_it_settled(house: House, lines: list[MutableMapping[str, Any]]) -> None:
    with_eva(house)
    assert {"R11": 1} in [line["rules"] for line in events(lines, "batch.settled")]


def test_nothing_personal_and_no_secret_is_in_any_line(house: House, lines: list[MutableMapping[str, Any]]) -> None:
    connection, person = with_eva(house)
    house.raynet.edit_person(person, firstName="Eva Marie", tags=["VIP"])
    house.ring(connection, ("person", person, False))
    house.live(connection)
    house.raynet.fail(Fault("drop", times=9))
    house.ring(connection, ("person", person, False))
    house.live(connection)
    house.clock.advance(3600)
    house.raynet.access.keys.clear()
    house.ring(connection, ("person", person, False))
    house.live(connection)
    text = str(lines).lower()
    assert len(lines) > 3
    assert [word for word in (*PERSONAL, *CRM.values(), *MAIL.values()) if word in text] == []
