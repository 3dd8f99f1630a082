"""A lost call of an automation's step is noticed the next morning, since its vendor never calls twice (R52, G5)."""

from datetime import timedelta

import pytest

from core.engine import actions, erasing
from core.engine.actions import Asked
from tests.support.mornings import EVA, JAN, PRAGUE, daily, tied
from tests.support.worlds import House

PIPELINE, STEP = 5, "hook"


def automation(house: House) -> None:
    """An automation of the list."""
    at = f"{house.clock.now().astimezone(PRAGUE):%Y-%m-%d %H:%M:%S}"
    house.ecomail.account.mailings.add_pipeline(PIPELINE, "Vítání", 1, at)


def address(house: House, connection: int, tag: str = "vip", action: str = "add") -> str:
    """The address that a person copied into a step."""
    token = house.world.vault.open(house.row(connection).token_sealed)["token"]
    return f"https://spojka.firma.cz/automation/{token}/tags/{action}?tag={tag}"


def step(house: House, connection: int, email: str = EVA, *, lost: bool, tag: str = "vip", name: str = STEP) -> None:
    """A contact comes to the step, whose call arrives or is lost; an hour goes by."""
    house.ecomail.automation_step(PIPELINE, name, email, address(house, connection, tag))
    if not lost:
        called = Asked(email, tag, add=True, source=f"automation:{PIPELINE}", step=name)
        actions.accept(house.world, connection, [called])
    house.clock.advance(3600)


def tags(house: House, email: str = EVA) -> list[str]:
    """A contact's tags in the CRM."""
    rows = house.raynet.store.persons.rows.values()
    return next(list(row.get("tags") or ()) for row in rows if row["contactInfo"].get("email") == email)


def asked(house: House) -> list[str]:
    """Whose log was looked at."""
    return [call.path for call in house.ecomail.calls if "automation-log" in call.path]


@pytest.mark.parametrize("properties", ["url", "empty", "no_route"])
def test_G5_a_lost_call_is_made_up_for_in_the_morning(both_house: House, properties: str) -> None:
    house = both_house
    house.ecomail.switch(step_properties=properties)
    connection = tied(house)
    automation(house)
    step(house, connection, JAN, lost=False)
    step(house, connection, lost=True)
    daily(house, connection)
    assert (tags(house), tags(house, JAN)) == (["vip"], ["vip"])
    assert len(asked(house)) == 1


def test_G5_a_first_call_that_was_lost_is_told_by_the_steps_address(house: House) -> None:
    connection = tied(house)
    automation(house)
    step(house, connection, lost=True)
    daily(house, connection)
    assert tags(house) == ["vip"]


def test_G5_a_quiet_morning_looks_at_nobody(house: House) -> None:
    connection = tied(house)
    automation(house)
    step(house, connection, lost=True)
    daily(house, connection)
    house.forget()
    house.clock.advance(86400)
    daily(house, connection)
    assert [call.path for call in house.ecomail.calls if "actions" in call.path or "log" in call.path] == []


def test_R53_a_wish_that_came_later_counts(house: House) -> None:
    connection = tied(house)
    automation(house)
    step(house, connection, lost=True)
    actions.accept(house.world, connection, [Asked(EVA, "vip", add=False)])
    daily(house, connection)
    assert tags(house) == []


def test_G5_what_was_lost_days_ago_is_left(house: House) -> None:
    connection = tied(house)
    automation(house)
    step(house, connection, lost=True)
    house.clock.advance(4 * 86400)
    daily(house, connection)
    assert tags(house) == []


def test_G5_who_has_not_come_to_the_step_yet_is_looked_at_again(house: House) -> None:
    connection = tied(house)
    automation(house)
    step(house, connection, JAN, lost=False)
    house.ecomail.account.mailings.step(EVA, PIPELINE, "wait", f"{house.clock.now():%Y-%m-%dT%H:%M:%S}.000000Z")
    daily(house, connection)
    assert (tags(house), len(asked(house))) == ([], 1)
    house.clock.advance(86400)
    step(house, connection, lost=True)
    daily(house, connection)
    assert (tags(house), len(asked(house))) == (["vip"], 2)


def test_G5_another_installations_step_is_none_of_ours(house: House) -> None:
    connection = tied(house)
    automation(house)
    house.ecomail.automation_step(PIPELINE, STEP, EVA, "https://jinde.cz/automation/abc/tags/add?tag=vip")
    house.clock.advance(3600)
    daily(house, connection)
    assert (tags(house), asked(house)) == ([], [])


def test_G5_an_account_without_logs_makes_up_for_nothing(house: House) -> None:
    house.ecomail.switch(logs=False)
    connection = tied(house)
    automation(house)
    step(house, connection, lost=True)
    assert (daily(house, connection)["status"], tags(house)) == ("done", [])


def test_R14_nobody_who_was_erased_is_tagged(house: House) -> None:
    connection = tied(house)
    automation(house)
    step(house, connection, lost=True)
    erasing.erase(house.world, EVA)
    daily(house, connection)
    assert (tags(house), asked(house)) == ([], [])


def test_G5_a_call_may_still_be_on_its_way(house: House) -> None:
    connection = tied(house)
    automation(house)
    house.ecomail.automation_step(PIPELINE, STEP, EVA, address(house, connection))
    house.clock.advance(timedelta(minutes=5).total_seconds())
    daily(house, connection)
    assert tags(house) == []
