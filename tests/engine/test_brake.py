"""R96: too many closings and unsubscribes wait for a person; K24, and what yes and no do."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.engine import answering, failures
from core.errors import WrongInput
from core.store import questions
from core.store.base import look, transact
from core.store.people import AuditRow
from core.store.questions import QuestionRow
from tests.support.worlds import House


class Died(BaseException):
    """The process ends here, as far as a test within one process can tell."""


def die() -> None:
    raise Died


def a_crowd(house: House, number: int, **settings: Any) -> tuple[int, list[int]]:
    """So many people, carried over: the connection and their ids."""
    people = [house.person(f"n{each:04}@firma.cz") for each in range(number)]
    connection = house.connect(**{"on_delete": "unsubscribe", **settings})
    house.sync(connection)
    return connection, people


def invalidated(house: House, people: list[int]) -> None:
    for person in people:
        house.raynet.invalidate_person(person)


def subscribed(house: House) -> int:
    return sum(member.status == "subscribed" for member in house.the_list().values())


def open_questions(house: House) -> list[QuestionRow]:
    return list(look(house.world.sessions, questions.open_ones))


def asked(house: House) -> dict[str, Any]:
    """What the only open question says."""
    (question,) = open_questions(house)
    return dict(question.facts)


def answer(house: House, *, yes: bool) -> None:
    """A person answers the only open question, and the workers do what follows."""
    (question,) = open_questions(house)
    answering.answer(house.world, question.id, yes=yes)
    house.clock.advance(5)
    house.hear()


def try_again(house: House, connection: int, email: str | None) -> None:
    transact(house.world.sessions, lambda session: failures.try_again(session, connection, email, house.clock.now()))


def test_R96_as_many_as_allowed_leave_without_a_question(both_house: House) -> None:
    connection, people = a_crowd(both_house, 12)
    invalidated(both_house, people[:5])
    result = both_house.sync(connection, "changes")
    assert (result["status"], subscribed(both_house), open_questions(both_house)) == ("done", 7, [])


def test_R96_one_more_and_not_one_leaves(both_house: House) -> None:
    connection, people = a_crowd(both_house, 12)
    invalidated(both_house, people[:6])
    result = both_house.sync(connection, "changes")
    assert (result["status"], subscribed(both_house), len(both_house.origins(connection))) == ("asks", 12, 12)
    numbers = {"waiting": 6, "let_through": 0, "bindings": 12, "limit": 5, "rules": {"R80": 6}}
    assert asked(both_house) == numbers


def test_R96_what_the_hour_before_let_through_counts(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:4])
    house.sync(connection, "changes")
    invalidated(house, people[4:6])
    assert house.sync(connection, "changes")["status"] == "asks"
    assert (asked(house)["let_through"], subscribed(house)) == (4, 8)


def test_R96_what_was_let_through_an_hour_ago_counts_no_longer(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:4])
    house.sync(connection, "changes")
    house.clock.advance(3600)
    invalidated(house, people[4:6])
    assert (house.sync(connection, "changes")["status"], subscribed(house)) == ("done", 6)


def test_R96_a_setting_says_how_many(house: House) -> None:
    connection, people = a_crowd(house, 12, brake_closings=8)
    invalidated(house, people[:8])
    assert (house.sync(connection, "changes")["status"], subscribed(house)) == ("done", 4)


def test_R96_later_ones_join_the_question_that_waits(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    invalidated(house, people[6:7])
    assert house.sync(connection, "changes")["status"] == "asks"
    assert (asked(house)["waiting"], subscribed(house)) == (7, 12)


def test_R96_yes_lets_them_go(both_house: House) -> None:
    connection, people = a_crowd(both_house, 12)
    invalidated(both_house, people[:6])
    both_house.sync(connection, "changes")
    answer(both_house, yes=True)
    assert (subscribed(both_house), len(both_house.origins(connection)), both_house.due()) == (6, 6, {})
    assert both_house.sync(connection, "changes")["status"] == "done"


def test_R96_what_a_person_agreed_to_does_not_count_against_the_next_hour(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    answer(house, yes=True)
    invalidated(house, people[6:11])
    assert (house.sync(connection, "changes")["status"], subscribed(house)) == ("done", 1)


def test_R96_no_drops_them_visibly_and_for_good(both_house: House) -> None:
    house = both_house
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    answer(house, yes=False)
    house.ecomail.edit_contact("n0000@firma.cz", name="Evička")
    results = [house.sync(connection), house.sync(connection)]
    assert [each["profiles"]["failed"] for each in results] == [6, 6]
    assert set(house.due().values()) == {"A person decided against it."}
    assert (subscribed(house), open_questions(house)) == (12, [])


def test_R96_a_refused_record_that_comes_back_is_carried_on(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    answer(house, yes=False)
    for person in people[:6]:
        house.raynet.invalidate_person(person, invalid=False)
        house.raynet.edit_person(person, firstName="Jana")
    result = house.sync(connection, "changes")
    assert (result["profiles"]["failed"], result["profiles"]["updated"], house.due()) == (0, 6, {})
    assert house.the_list()["n0000@firma.cz"].fields["name"] == "Jana"


def test_R96_another_try_of_one_lets_it_go_and_leaves_the_others(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    answer(house, yes=False)
    try_again(house, connection, "n0003@firma.cz")
    house.sync(connection, "changes")
    assert (subscribed(house), len(house.due())) == (11, 5)


def test_R96_another_try_of_all_asks_again(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    answer(house, yes=False)
    try_again(house, connection, None)
    assert (house.sync(connection, "changes")["status"], subscribed(house)) == ("asks", 12)


def test_R96_a_question_goes_once_the_records_are_back(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    for person in people[:6]:
        house.raynet.invalidate_person(person, invalid=False)
    assert house.sync(connection, "changes")["status"] == "done"
    assert (open_questions(house), house.due(), subscribed(house)) == ([], {}, 12)


def test_R96_the_flag_of_many_waits_and_is_counted_as_a_reason_meanwhile(house: House) -> None:
    connection, people = a_crowd(house, 12)
    for person in people[:6]:
        house.raynet.edit_person(person, doNotSendMM=True)
    result = house.sync(connection, "changes")
    assert (result["status"], result["skipped_because"]["do_not_send"]) == ("asks", 6)
    assert (asked(house)["rules"], subscribed(house)) == ({"R10": 6}, 12)


def test_R96_changed_addresses_of_many_wait_and_the_new_ones_are_created(house: House) -> None:
    connection, people = a_crowd(house, 12, on_email_change="unsubscribe")
    for number, person in enumerate(people[:6]):
        house.raynet.edit_person(person, email=f"novy{number}@firma.cz")
    result = house.sync(connection, "changes")
    assert (result["status"], result["profiles"]["created"], asked(house)["rules"]) == ("asks", 6, {"R27": 6})
    assert subscribed(house) == 18


def test_R106_many_that_were_deleted_from_the_list_wait_and_are_not_created_again(house: House) -> None:
    connection, _ = a_crowd(house, 12)
    for number in range(6):
        house.ecomail.delete_contact(f"n{number:04}@firma.cz")
    result = house.sync(connection)
    assert (result["status"], result["skipped_because"]["deleted_from_list"]) == ("asks", 6)
    assert (len(house.the_list()), len(house.origins(connection))) == (6, 12)


def test_R96_a_second_address_switched_off_closes_without_a_question(house: House) -> None:
    for number in range(8):
        house.person(f"n{number}@firma.cz", email2=f"druha{number}@firma.cz")
    connection = house.connect(both_emails=True)
    house.sync(connection)
    house.set(connection, both_emails=False)
    result = house.sync(connection)
    assert (result["status"], len(house.origins(connection)), len(house.the_list())) == ("done", 8, 16)


def test_R96_a_setting_that_leaves_records_out_closes_without_a_question(house: House) -> None:
    connection = house.connect(include_colleagues=True, include_own_company=True, brake_closings=1)
    house.sync(connection)
    assert len(house.origins(connection)) == 2
    house.set(connection, include_colleagues=False, include_own_company=False)
    assert (house.sync(connection)["status"], house.origins(connection)) == ("done", {})


@pytest.mark.parametrize("point", ["due.claimed", "settle.before_commit", "settle.after_commit", "run.before_end"])
def test_K24_a_run_that_dies_among_400_that_are_gone_unsubscribes_nobody(house: House, point: str) -> None:
    connection, people = a_crowd(house, 1000)
    invalidated(house, people[:400])
    run_id = house.queue(connection, "changes")
    house.points.once(point, die)
    with pytest.raises(Died):
        house.work(run_id)
    house.bury()
    house.clock.advance(30)
    result = house.work(run_id)
    assert (result["status"], subscribed(house)) == ("asks", 1000)
    assert (asked(house)["waiting"], asked(house)["limit"]) == (400, 50)


def test_R96_the_local_list_brakes_as_well(house: House) -> None:
    people = [house.person(f"n{each}@firma.cz") for each in range(12)]
    connection = house.connect("local", on_delete="unsubscribe")
    house.sync(connection)
    invalidated(house, people[:6])
    assert house.sync(connection, "changes")["status"] == "asks"
    assert {member.status for member in house.the_local_list().values()} == {"subscribed"}


def test_R96_an_answer_is_in_the_audit_log(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    (question,) = open_questions(house)
    answering.answer(house.world, question.id, yes=False, user_id=7)

    def last(session: Session) -> AuditRow:
        return session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).all()[0]

    row = look(house.world.sessions, last)
    assert (row.what, row.user_id, row.details["answer"], row.details["kind"]) == ("question.answer", 7, "no", "R96")


def test_R96_a_question_is_answered_once(house: House) -> None:
    connection, people = a_crowd(house, 12)
    invalidated(house, people[:6])
    house.sync(connection, "changes")
    (question,) = open_questions(house)
    answering.answer(house.world, question.id, yes=True)
    with pytest.raises(WrongInput):
        answering.answer(house.world, question.id, yes=False)
