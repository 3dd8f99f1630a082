"""Who leaves in real time, beside the brake (R10, R15, R80, R96, R109; K21, K23, K24)."""

from typing import Any

import pytest

from core.engine import answering
from core.errors import WrongInput
from core.store import questions
from core.store.base import look
from core.store.questions import QuestionRow
from plugins.ecomail.sandbox.store import SUBSCRIBED
from tests.support.worlds import House


class Died(BaseException):
    """The process ends here, as far as a test within one process can tell."""


def die() -> None:
    raise Died


def synced(house: House, number: int, **settings: Any) -> tuple[int, list[int]]:
    """So many people, carried over, and the clock moved on: the connection and their ids."""
    people = [house.person(f"n{each:04}@firma.cz") for each in range(number)]
    connection = house.connect(**settings)
    house.sync(connection)
    quiet(house)
    return connection, people


def quiet(house: House) -> None:
    """What is to be done is done, and some minutes pass."""
    house.hear()
    house.clock.advance(120)
    house.hear()
    house.clock.advance(30)


def deleted(house: House, connection: int, people: list[int]) -> None:
    """Deleted in the CRM, which rings for each."""
    for person in people:
        house.raynet.delete_person(person)
        house.ring(connection, ("person", person, True))
    house.hear()


def statuses(house: House) -> dict[str, int]:
    found: dict[str, int] = {}
    for member in house.the_list().values():
        found[member.status] = found.get(member.status, 0) + 1
    return found


def open_questions(house: House) -> list[QuestionRow]:
    return list(look(house.world.sessions, questions.open_ones))


def answer(house: House, *, yes: bool) -> None:
    (question,) = open_questions(house)
    answering.answer(house.world, question.id, yes=yes)
    house.clock.advance(5)
    house.hear()


@pytest.mark.parametrize(("on_delete", "left"), [("keep", {"subscribed": 8}), ("unsubscribe", {"unsubscribed": 5})])
def test_R80_a_few_that_are_deleted_leave_as_the_setting_says(
    both_house: House, on_delete: str, left: dict[str, int]
) -> None:
    house = both_house
    connection, people = synced(house, 8, on_delete=on_delete)
    deleted(house, connection, people[:5])
    assert left.items() <= statuses(house).items()
    assert (len(house.origins(connection)), open_questions(house), house.due()) == (3, [], {})


def test_R80_a_deleted_one_is_tagged_where_the_setting_says_so(house: House) -> None:
    connection, people = synced(house, 3, on_delete="tag")
    deleted(house, connection, people[:1])
    assert house.the_list()["n0000@firma.cz"].tags == ("raynet", "raynet-left")


def test_K24_of_400_deleted_at_once_nobody_is_unsubscribed_before_a_person_agrees(house: House) -> None:
    connection, people = synced(house, 1000, on_delete="unsubscribe")
    deleted(house, connection, people[:400])
    assert (statuses(house), len(house.origins(connection))) == ({"subscribed": 1000}, 1000)
    assert open_questions(house)[0].facts["waiting"] == 400


def test_K24_after_a_yes_they_leave_without_another_question(house: House) -> None:
    connection, people = synced(house, 1000, on_delete="unsubscribe")
    deleted(house, connection, people[:400])
    answer(house, yes=True)
    quiet(house)
    assert statuses(house) == {"subscribed": 600, "unsubscribed": 400}
    assert (len(house.origins(connection)), open_questions(house), house.due()) == (600, [], {})


def test_R96_those_that_leave_one_by_one_within_an_hour_are_counted_together(house: House) -> None:
    connection, people = synced(house, 12, on_delete="unsubscribe")
    for person in people[:8]:
        deleted(house, connection, [person])
        house.clock.advance(60)
    assert statuses(house) == {"subscribed": 7, "unsubscribed": 5}
    assert open_questions(house)[0].facts["waiting"] == 3


def test_R96_what_a_dead_worker_held_is_let_go_by_the_next_pass(house: House) -> None:
    connection, people = synced(house, 12, on_delete="unsubscribe")
    house.raynet.delete_person(people[0])
    house.ring(connection, ("person", people[0], True))
    house.points.once("settle.after_commit", die)
    with pytest.raises(Died):
        house.hear()
    house.bury()
    house.clock.advance(900)
    house.hear()
    assert (statuses(house), house.due()) == ({"subscribed": 11, "unsubscribed": 1}, {})


def test_R96_what_waits_for_a_person_costs_no_request(house: House) -> None:
    connection, people = synced(house, 12, on_delete="unsubscribe")
    deleted(house, connection, people[:8])
    quiet(house)
    house.forget()
    house.clock.advance(60)
    house.hear()
    assert house.ecomail.calls == []


def test_K21_a_profile_that_another_record_stands_on_stays_subscribed(house: House) -> None:
    first = house.person("spolecna@firma.cz")
    house.person("spolecna@firma.cz")
    connection = house.connect(on_delete="unsubscribe")
    house.sync(connection)
    quiet(house)
    deleted(house, connection, [first])
    assert house.the_list()["spolecna@firma.cz"].status == "subscribed"
    assert house.due() == {}


def test_K23_who_subscribes_again_by_own_hand_stays_subscribed(house: House) -> None:
    connection, people = synced(house, 2)
    house.raynet.edit_person(people[0], doNotSendMM=True)
    house.ring(connection, ("person", people[0], False))
    house.hear()
    flagged = house.the_list()["n0000@firma.cz"].status
    house.ecomail.set_status(1, "n0000@firma.cz", SUBSCRIBED)
    house.raynet.edit_person(people[0], firstName="Jana", doNotSendMM=True)
    house.sync(connection)
    quiet(house)
    assert (flagged, house.the_list()["n0000@firma.cz"].status) == ("unsubscribed", "subscribed")


def test_R15_who_was_deleted_from_the_list_is_created_again_once_a_person_lifts_it(both_house: House) -> None:
    house = both_house
    connection, _ = synced(house, 2)
    house.ecomail.delete_contact("n0000@firma.cz")
    house.sync(connection)
    answering.lift(house.world, connection, "N0000@firma.cz")
    house.hear()
    assert house.origins(connection)["n0000@firma.cz"] == "created"
    assert house.the_list()["n0000@firma.cz"].status == "subscribed"


@pytest.mark.parametrize("email", ["n0001@firma.cz", "nikdo@firma.cz", "není adresa"])
def test_R15_nothing_is_lifted_where_nobody_deleted_anything(house: House, email: str) -> None:
    connection, _ = synced(house, 2)
    with pytest.raises(WrongInput):
        answering.lift(house.world, connection, email)


def gone_list(house: House) -> int:
    """A connection whose list somebody has deleted at the vendor, found out by a run."""
    connection, _ = synced(house, 12, on_delete="unsubscribe")
    house.ecomail.account.lists.pop(1)
    house.sync(connection)
    return connection


def test_R109_a_list_that_is_gone_stops_the_connection_with_one_question(house: House) -> None:
    connection = gone_list(house)
    row = house.row(connection)
    assert (row.state, row.problem) == ("refused", "list_gone")
    assert [question.kind for question in open_questions(house)] == ["R109"]


def test_R109_nobody_deleted_anybody(house: House) -> None:
    connection = gone_list(house)
    assert (len(house.origins(connection)), house.due()) == (12, {})


def test_R109_a_pass_finds_out_as_well(house: House) -> None:
    connection, _ = synced(house, 2)
    house.ecomail.account.lists.pop(1)
    house.clock.advance(3600)
    house.hear()
    assert (house.row(connection).problem, len(open_questions(house))) == ("list_gone", 1)


def test_R109_once_the_list_is_back_a_yes_takes_the_connection_to_work_again(house: House) -> None:
    connection, people = synced(house, 3)
    kept = house.ecomail.account.lists.pop(1)
    house.sync(connection)
    house.ecomail.account.lists[1] = kept
    house.raynet.edit_person(people[0], firstName="Jana")
    answer(house, yes=True)
    assert (house.row(connection).state, house.row(connection).problem) == ("running", "")
    assert house.the_list()["n0000@firma.cz"].fields["name"] == "Jana"


def test_R109_a_no_leaves_it_stopped(house: House) -> None:
    connection = gone_list(house)
    answer(house, yes=False)
    assert (house.row(connection).state, open_questions(house)) == ("refused", [])


def test_R109_resuming_answers_the_question(house: House) -> None:
    connection, _ = synced(house, 2)
    kept = house.ecomail.account.lists.pop(1)
    house.sync(connection)
    house.ecomail.account.lists[1] = kept
    house.resume(connection)
    house.hear()
    assert (house.row(connection).state, open_questions(house)) == ("running", [])
