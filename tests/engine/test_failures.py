"""What failed and waits, and how it is tried again (R92, R93)."""

from typing import Any

from core.engine import failures
from core.engine.failures import Failure
from tests.support.worlds import House, profiles


def listed(house: House, connection: int, limit: int = 50, offset: int = 0) -> list[Failure]:
    with house.world.sessions() as session:
        return failures.failures(session, connection, limit, offset)


def count(house: House, connection: int) -> int:
    with house.world.sessions() as session:
        return failures.count_failures(session, connection)


def try_again(house: House, connection: int, email: str | None = None) -> int:
    with house.world.sessions.begin() as session:
        return failures.try_again(session, connection, email, house.clock.now())


def broken(house: House, id_: int, **values: Any) -> None:
    """The CRM says something that no documented record says."""
    house.raynet.store.persons.rows[id_].update(values)
    house.raynet.store.persons.forget_all()


def refused(house: House, email: str) -> int:
    """A person whose country the list does not take."""
    person = house.person(email, city="Brno", country="CZ")
    house.raynet.store.persons.rows[person]["privateAddress"]["country"] = "Q9"
    house.raynet.store.persons.forget_all()
    return person


def test_a_record_that_cannot_be_read_and_an_address_that_was_refused_are_both_listed(both_house: House) -> None:
    house = both_house
    house.person("eva@firma.cz")
    first, second = refused(house, "spatny@firma.cz"), house.person("jan@firma.cz")
    broken(house, second, firstName={"nonsense": 1})
    connection = house.connect()
    result = house.sync(connection)
    found = listed(house, connection)
    assert [(one.record, one.email) for one in found] == [
        (f"person:{second}", ""),
        (f"person:{first}", "spatny@firma.cz"),
    ]
    assert "firstName" in found[0].error
    assert (count(house, connection), result["profiles"]["failed"]) == (2, 2)


def test_failures_come_page_by_page(house: House) -> None:
    for number in range(3):
        refused(house, f"n{number}@firma.cz")
    broken(house, house.person("jan@firma.cz"), firstName=["nonsense"])
    connection = house.connect()
    house.sync(connection)
    pages = [listed(house, connection, 2, offset) for offset in (0, 2, 4)]
    assert [one.email for page in pages for one in page] == ["", "n0@firma.cz", "n1@firma.cz", "n2@firma.cz"]


def test_an_address_that_is_tried_again_passes_when_the_list_takes_it(house: House) -> None:
    refused(house, "eva@firma.cz")
    refused(house, "jan@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.ecomail.switch(formats="stored")
    freed = try_again(house, connection, "eva@firma.cz")
    result = house.sync(connection, "changes")
    assert (freed, result["profiles"]) == (1, profiles(created=1, failed=1, skipped=2))
    assert list(house.the_list()) == ["eva@firma.cz"]


def test_everything_is_tried_again_at_once(house: House) -> None:
    refused(house, "eva@firma.cz")
    refused(house, "jan@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.ecomail.switch(formats="stored")
    freed = try_again(house, connection)
    house.sync(connection, "changes")
    assert (freed, len(house.the_list()), count(house, connection)) == (2, 2, 0)


def test_what_was_not_freed_is_not_tried_again_by_itself(house: House) -> None:
    refused(house, "eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.ecomail.switch(formats="stored")
    house.sync(connection)
    assert (house.writes(), count(house, connection)) == ([], 1)


def test_R92_a_changed_setting_tries_it_again(house: House) -> None:
    refused(house, "eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.ecomail.switch(formats="stored")
    house.set(connection, follow_tags=True)
    house.sync(connection, "changes")
    assert list(house.the_list()) == ["eva@firma.cz"]


def test_an_address_that_no_record_names_any_more_is_no_failure(house: House) -> None:
    person = refused(house, "eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(person, email="jina@firma.cz", country="CZ")
    result = house.sync(connection, "changes")
    assert (result["status"], listed(house, connection), house.due()) == ("done", [], {})
