"""What vendors do to us: refused rows, ignored rows, lost answers, broken pages (R92, R93, R101, R102, R106)."""

from collections.abc import Mapping
from typing import Any

import pytest

from spojka.emulator import Fault
from tests.support.worlds import House, profiles

BULK = "/lists/1/subscribe-bulk"
UPDATE = "/lists/1/update-subscriber-bulk"
PAGE = "/lists/1/subscribers"
HTML: Mapping[str, Any] = {"kind": "status", "status": 200, "body": b"<html>maintenance</html>"}


def with_people(house: House, count: int = 8, **person: Any) -> int:
    """A connection with so many new people; the list has all our fields already."""
    for name in ("pozice", "vlastník", "jazyk", "stav", "vztah"):
        house.ecomail.account.lists[1].learn(name, "string")
    for number in range(count):
        house.person(f"n{number}@firma.cz", firstName=f"N{number}", **person)
    return house.connect()


@pytest.mark.parametrize("habit", ["refuse_batch", "store_good_rows"])
def test_R102_a_row_that_the_list_refuses_is_named_and_tried_again_only_when_it_changes(
    house: House, habit: str
) -> None:
    house.ecomail.switch(bad_row=habit)
    connection = with_people(house)
    bad = house.person("spatny@firma.cz", country="CZ", city="Brno")
    house.raynet.store.persons.rows[bad]["privateAddress"]["country"] = "Q9"
    house.raynet.store.persons.forget_all()
    result = house.sync(connection)
    assert (result["status"], result["profiles"]) == ("failed", profiles(created=8, failed=1, skipped=2))
    assert [(each["record"], each["email"]) for each in result["failures"]] == [(f"person:{bad}", "spatny@firma.cz")]
    house.sync(connection)
    quiet = house.writes()
    house.raynet.edit_person(bad, country="CZ")
    again = house.sync(connection, "changes")
    assert (quiet, again["profiles"], "spatny@firma.cz" in house.the_list()) == (
        [],
        profiles(created=1, unchanged=8, skipped=2),
        True,
    )


@pytest.mark.parametrize("ignored", [1, 3])
def test_R101_rows_that_were_ignored_with_200_are_found_by_the_closing_pass(house: House, ignored: int) -> None:
    connection = with_people(house)
    house.ecomail.switch(ignore_rows=ignored)
    house.points.once("list.after_call", lambda: house.ecomail.switch(ignore_rows=0))
    result = house.sync(connection)
    assert result["profiles"] == profiles(created=8, skipped=2)
    assert set(house.origins(connection).values()) == {"created"}
    assert len(house.the_list()) == 8


def test_R101_rows_that_are_always_ignored_fail_visibly_and_the_run_ends(house: House) -> None:
    connection = with_people(house)
    house.ecomail.switch(ignore_rows=1)
    result = house.sync(connection)
    assert (result["status"], result["profiles"]["failed"]) == ("failed", 1)
    assert len(house.the_list()) == 7


@pytest.mark.parametrize("habit", [{}, {"tags": "merge"}, {"source_lands": "contact"}, {"source_lands": "both"}])
def test_R101_a_creation_whose_answer_was_lost_is_known_as_created(both_house: House, habit: dict[str, str]) -> None:
    house = both_house
    house.ecomail.switch(**habit)
    connection = with_people(house, owner=12, tags=["vip"])
    house.ecomail.fail(Fault("lose", "POST", BULK))
    result = house.sync(connection)
    assert result["profiles"] == profiles(created=8, skipped=2)
    assert set(house.origins(connection).values()) == {"created"}
    assert house.writes() == [("subscribe-bulk", 8)]
    house.sync(connection)
    assert house.writes() == []


def test_R101_a_creation_that_never_arrived_is_sent_again(house: House) -> None:
    connection = with_people(house)
    house.ecomail.fail(Fault("drop", "POST", BULK))
    result = house.sync(connection)
    assert result["profiles"] == profiles(created=8, skipped=2)
    assert [name for name, _ in house.writes()] == ["subscribe-bulk", "subscribe-bulk"]


def test_R101_who_subscribed_in_the_moment_of_the_call_is_adopted_not_created(house: House) -> None:
    connection = with_people(house)
    house.points.once("list.before_call", lambda: house.member("n0@firma.cz", name="Vlastní", tags=("web",)))
    result = house.sync(connection)
    assert result["profiles"] == profiles(created=7, adopted=1, skipped=2)
    found = house.the_list()["n0@firma.cz"]
    assert (found.fields, set(found.tags)) == ({"name": "Vlastní"}, {"web", "raynet"})


@pytest.mark.parametrize("kind", ["lose", "drop"])
def test_R102_an_update_whose_answer_was_lost_arrives_and_is_settled(house: House, kind: str) -> None:
    person = house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(person, firstName="Jana")
    house.ecomail.fail(Fault(kind, "PUT", UPDATE))
    house.sync(connection, "changes")
    house.clock.advance(300)
    result = house.sync(connection, "changes")
    assert (result["status"], house.the_list()["eva@firma.cz"].fields["name"]) == ("done", "Jana")
    house.sync(connection)
    assert house.writes() == []


@pytest.mark.parametrize("page", [HTML, {**HTML, "body": b'{"data": ["nonsense"]}'}, {**HTML, "body": b'{"tot'}])
def test_R106_a_broken_page_of_the_list_ends_the_pass_without_conclusions(
    house: House, page: Mapping[str, Any]
) -> None:
    connection = with_people(house)
    house.sync(connection)
    house.ecomail.fail(Fault(method="GET", path=PAGE, skip=1, times=1, **page))
    result = house.sync(connection)
    assert result["status"] == "unreachable"
    assert len(house.origins(connection)) == 8
    assert house.writes() == []


def test_R106_a_run_that_met_a_broken_page_goes_on_later(house: House) -> None:
    connection = with_people(house)
    house.ecomail.fail(Fault(method="GET", path=PAGE, skip=1, times=1, **HTML))
    run_id = house.queue(connection)
    first = house.work(run_id)
    house.clock.advance(60)
    second = house.work(run_id)
    assert (first["status"], second["status"], second["profiles"]["created"]) == ("unreachable", "done", 8)


def test_R92_a_vendor_that_fails_for_a_moment_is_asked_again(house: House) -> None:
    connection = with_people(house)
    house.raynet.fail(Fault("status", "GET", "/api/v2/person", status=502, times=2))
    house.ecomail.fail(Fault("drop", "GET", PAGE, times=2))
    assert house.sync(connection)["status"] == "done"


def test_R93_a_record_that_cannot_be_read_fails_alone_and_keeps_its_last_good_values(house: House) -> None:
    connection = with_people(house)
    bad = house.person("spatny@firma.cz", firstName="Dobrá")
    house.sync(connection)
    good = dict(house.raynet.store.persons.rows[bad])
    house.raynet.store.persons.rows[bad] |= {"firstName": {"nonsense": 1}, "version": good["version"] + 1}
    house.raynet.store.persons.forget_all()
    result = house.sync(connection)
    assert (result["status"], result["profiles"]["failed"]) == ("failed", 1)
    assert [each["record"] for each in result["failures"]] == [f"person:{bad}"]
    assert house.the_list()["spatny@firma.cz"].fields["name"] == "Dobrá"
    house.raynet.store.persons.rows[bad] = {**good, "version": good["version"] + 2}
    house.raynet.store.persons.forget_all()
    assert house.sync(connection)["status"] == "done"
