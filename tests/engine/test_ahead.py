"""The next page is asked for while the one before is worked off."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.engine.ahead import Ahead
from core.engine.job import Job
from core.real import ThreadCrew
from tests.support.worlds import House, profiles


def asking(house: House, ticket: int = 0) -> tuple[Any, Ahead[str]]:
    job: Any = SimpleNamespace(ticket=ticket, world=house.world, now=house.clock.now)
    return job, Ahead(cast(Job, job))


def test_the_first_page_is_asked_with_the_ticket_of_the_last_commit(house: House) -> None:
    _, pages = asking(house, ticket=7)
    pages.ask(lambda: "one")
    assert pages.take()[:2] == (7, "one")


def test_a_page_asked_before_the_next_commit_has_a_ticket_of_its_own(house: House) -> None:
    _, pages = asking(house)
    pages.ask(lambda: "one")
    first, *_ = pages.take()
    pages.ask(lambda: "two")
    second, *_ = pages.take()
    assert second > first


def test_an_error_is_raised_where_the_page_is_taken(house: House) -> None:
    def fail() -> str:
        raise ValueError("no page")

    _, pages = asking(house)
    pages.ask(fail)
    pages.wait()
    with pytest.raises(ValueError, match="no page"):
        pages.take()


def test_two_runs_with_real_threads_find_everybody_and_then_nothing_to_do(house: House) -> None:
    for number in range(2100):
        house.person(f"n{number}@firma.cz", firstName=f"N{number}")
    house.world = replace(house.world, crew=ThreadCrew())
    connection = house.connect()

    first, second = house.sync(connection), house.sync(connection)

    assert first["profiles"] == profiles(created=2100, skipped=2)
    assert second["profiles"] == profiles(unchanged=2100, skipped=2)
