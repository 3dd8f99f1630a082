"""R45, R75: what a night repairs by comparing values."""

from sqlalchemy import select

from core.engine import nightly
from core.store import nights
from core.store.base import look
from core.store.records import RecordRow
from tests.support.sleeping import (
    answer,
    asked,
    carry_out,
    sleep_through,
    synced,
    tamper,
)
from tests.support.worlds import House


def test_R45_a_renamed_colleague_is_found_by_one_record_and_all_of_theirs_are_read(both_house: House) -> None:
    house = both_house
    connection = synced(house)
    house.raynet.edit_person(12, lastName="Přejmenovaný")
    house.sync(connection, "changes")

    night = sleep_through(house, connection)
    carry_out(house, connection)

    assert night is not None
    assert night.renamed == len(house.the_list()) + len(["the own company, which is nobody's contact"])
    assert {member.custom.get("vlastník") for member in house.the_list().values()} == {"Karel Přejmenovaný"}


def test_R75_what_the_mirror_holds_wrongly_is_repaired_within_thirty_nights(house: House) -> None:
    connection = synced(house)
    wrong = house.person("spatne@example.cz", firstName="Eva")
    house.clock.advance(3600)
    house.sync(connection)
    tamper(house, connection, wrong, name="Jana")

    nights_made = [sleep_through(house, connection) for _ in range(30)]

    found = [night for night in nights_made if night is not None and night.differed]
    assert [(night.differed, night.repaired) for night in found] == [(1, 1)]
    chosen = select(RecordRow.fields).where(RecordRow.record_id == str(wrong))
    (fields,) = look(house.world.sessions, lambda session: session.scalars(chosen).all())
    assert fields["name"] == "Eva"


def test_R75_too_many_differences_alarm_and_repair_nothing(house: House) -> None:
    connection, _ = _with_a_wrong_mirror(house)

    night = sleep_through(house, connection)

    assert night is not None
    assert (night.differed > 5, night.repaired) == (True, 0)
    assert [question.kind for question in asked(house)] == ["R75"]
    assert house.due() == {}


def test_R75_a_person_may_have_them_repaired(house: House) -> None:
    connection, _ = _with_a_wrong_mirror(house)
    sleep_through(house, connection)

    answer(house, yes=True)
    nightly.night_now(house.world, connection)

    night = look(house.world.sessions, lambda session: nights.last(session, connection))
    assert night is not None
    assert (night.repaired > 5, asked(house)) == (True, [])


def _with_a_wrong_mirror(house: House) -> tuple[int, list[int]]:
    connection = synced(house, people=400)
    people = sorted(house.raynet.store.persons.rows)
    for person in people:
        tamper(house, connection, person, name="Jana")
    return connection, people


def test_R75_an_account_that_reads_one_by_one_does_not_differ(house: House) -> None:
    connection = synced(house, people=60)
    house.raynet.switch(id_filter=False)

    differed = [night.differed for _ in range(30) if (night := sleep_through(house, connection)) is not None]

    assert sum(differed) == 0
