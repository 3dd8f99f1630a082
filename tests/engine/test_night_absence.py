"""R98: what a night does not believe closes nothing, and somebody is told once."""

import orjson
import pytest

from core.engine import nightly
from spojka.emulator import Fault
from tests.support.sleeping import (
    answer,
    answers_instead,
    asked,
    carry_out,
    list_answer,
    sleep_through,
    standing,
    synced,
    whys,
)
from tests.support.worlds import House


def test_K35_an_empty_list_with_success_closes_nothing_and_raises_one_alarm(house: House) -> None:
    connection = synced(house)
    answers_instead(house, list_answer([], 0), times=100)

    night = sleep_through(house, connection)
    house.raynet.faults.clear()
    carry_out(house, connection)

    assert night is not None
    assert night.doubts == {"person": "empty"}
    assert whys(house) == ["empty"]
    assert len(house.origins(connection)) == 12


def test_R98_less_than_half_closes_nothing_and_raises_one_alarm(house: House) -> None:
    connection = synced(house)
    for person in sorted(house.raynet.store.persons.rows)[-8:]:
        house.raynet.delete_person(person)

    sleep_through(house, connection)
    carry_out(house, connection)

    assert whys(house) == ["half"]
    assert len(house.origins(connection)) == 12


def test_R98_an_alarm_ends_with_the_first_night_that_is_believed(house: House) -> None:
    connection = synced(house)
    answers_instead(house, list_answer([], 0), times=100)
    sleep_through(house, connection)
    house.raynet.faults.clear()

    sleep_through(house, connection)

    assert asked(house) == []


def test_R98_a_person_may_say_that_so_many_are_gone(house: House) -> None:
    connection = synced(house)
    for person in sorted(house.raynet.store.persons.rows)[-8:]:
        house.raynet.delete_person(person)
    sleep_through(house, connection)

    answer(house, yes=True)
    nightly.night_now(house.world, connection)

    assert standing(house, connection)["gone"] == 8
    assert asked(house) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html><body>Login</body></html>", 200),
        (b'{"message": "Not found"}', 404),
        (list_answer([12, 12], 2), 200),
        (list_answer([12], 5), 200),
    ],
    ids=["html", "404", "repeats", "count"],
)
def test_R98_an_answer_that_is_no_list_closes_nothing_and_raises_one_alarm(
    house: House, body: bytes, status: int
) -> None:
    connection = synced(house)
    answers_instead(house, body, status, times=1000)

    for _ in range(nightly.TRIES):
        sleep_through(house, connection)
    house.raynet.faults.clear()
    carry_out(house, connection)

    assert [question.key for question in asked(house)] == ["night:unread"]
    assert len(house.origins(connection)) == 12


def test_R98_a_total_that_falls_between_pages_closes_nothing(house: House) -> None:
    connection = synced(house, people=1500)
    people = sorted(house.raynet.store.persons.rows)
    house.raynet.delete_person(people[-1])
    for _ in range(2):
        answers_instead(house, list_answer(people[:1000], 1600))
        house.raynet.fail(Fault("slow", "GET", "/api/v2/person/"))

    night = sleep_through(house, connection)

    assert night is not None
    assert night.doubts == {"person": "moved"}
    assert standing(house, connection)["gone"] == 0


def test_R98_a_total_that_falls_once_is_walked_again(house: House) -> None:
    connection = synced(house, people=1500)
    people = sorted(house.raynet.store.persons.rows)
    house.raynet.delete_person(people[-1])
    answers_instead(house, list_answer(people[:1000], 1600))

    night = sleep_through(house, connection)

    assert night is not None
    assert (night.doubts, night.gone) == ({}, 1)


def test_R80_a_reading_by_id_that_shows_nobody_at_all_is_not_believed(house: House) -> None:
    connection = synced(house)
    people = sorted(house.raynet.store.persons.rows)
    house.raynet.delete_person(people[-1])
    house.raynet.fail(Fault("slow", "GET", "/api/v2/person/"))
    answers_instead(house, list_answer([], 0))

    night = sleep_through(house, connection)

    assert night is not None
    assert (night.doubts, whys(house)) == ({"person": "blind"}, ["blind"])


def test_K36_a_key_that_sees_less_is_a_question_and_closes_nothing(house: House) -> None:
    connection, hidden = _with_a_key_that_sees_less(house)

    sleep_through(house, connection)
    carry_out(house, connection)

    (question,) = asked(house)
    assert (question.kind, question.facts["why"], question.facts["missing"]) == ("R98", "eyes", 3)
    assert question.facts["examples"] == [f"person:{one}" for one in hidden]
    assert len(house.origins(connection)) == 12


def test_K36_what_a_person_gives_up_is_gone(house: House) -> None:
    connection, _ = _with_a_key_that_sees_less(house)
    sleep_through(house, connection)

    answer(house, yes=True)
    nightly.night_now(house.world, connection)

    assert standing(house, connection)["gone"] == 3


def test_K36_what_a_person_keeps_stays_and_is_not_asked_again(house: House) -> None:
    connection, _ = _with_a_key_that_sees_less(house)
    sleep_through(house, connection)

    answer(house, yes=False)
    sleep_through(house, connection)

    assert (standing(house, connection)["gone"], asked(house)) == (0, [])


def test_R98_another_key_that_sees_everything_takes_over(house: House) -> None:
    connection = synced(house)
    account = house.raynet.add_user("eva@example.com", "crm-test-0002")
    house.set(connection, username="eva@example.com", api_key="crm-test-0002")

    sleep_through(house, connection)

    assert (house.row(connection).eyes, asked(house)) == (str(account), [])


def _with_a_key_that_sees_less(house: House) -> tuple[int, list[int]]:
    hidden_level = house.raynet.add_level("Vedení")
    hidden = [house.person(f"v{number}@example.cz", owner=12, securityLevel=hidden_level) for number in range(3)]
    connection = synced(house, people=9)
    house.raynet.add_user("eva@example.com", "crm-test-0002", levels=[1])
    house.set(connection, username="eva@example.com", api_key="crm-test-0002")
    return connection, hidden


def test_R73_nothing_personal_is_in_a_question(house: House) -> None:
    connection = synced(house)
    answers_instead(house, list_answer([], 0), times=100)
    sleep_through(house, connection)
    assert "@" not in orjson.dumps(asked(house)[0].facts).decode()


def test_K24_many_who_are_rightly_gone_wait_for_a_person_all_the_same(house: House) -> None:
    connection = synced(house, people=40, on_delete="unsubscribe")
    for person in sorted(house.raynet.store.persons.rows)[-12:]:
        house.raynet.delete_person(person)

    night = sleep_through(house, connection)
    carry_out(house, connection)

    assert night is not None
    assert (night.gone, [question.kind for question in asked(house)]) == (12, ["R96"])
    assert {member.status for member in house.the_list().values()} == {"subscribed"}
