"""Tags of automations arrive in the CRM: on every bound record, once, and the last wish counts (R52-R55)."""

from typing import Any

import pytest
from sqlalchemy import select

from core.engine import actions, erasing, explaining
from core.engine.actions import Asked
from core.store.outbox import OutboxRow
from spojka.emulator import Fault
from tests.support.worlds import House

EVA = "eva@firma.cz"


def tied(house: House, audience: str = "ecomail", **settings: Any) -> tuple[int, int]:
    """One person, carried over, whose tags go out at once: connection and person."""
    person = house.person(EVA, tags=["klient"])
    connection = house.connect(audience, **{"tag_writeback": "immediate", **settings})
    house.sync(connection)
    house.forget()
    return connection, person


def ask(house: House, connection: int, tag: str, *, add: bool = True, email: str = EVA) -> None:
    """An automation asks for it."""
    actions.accept(house.world, connection, [Asked(email, tag, add)])


def tags(house: House, person: int) -> list[str]:
    """What the CRM holds."""
    return sorted(house.raynet.store.persons.rows[person].get("tags", []))


def writes(house: House) -> list[tuple[str, str]]:
    """What was written into the CRM."""
    found = [(call.method, call.path.removeprefix("/api/v2")) for call in house.raynet.writes()]
    return [one for one in found if "webhook" not in one[1]]


def states(house: House) -> list[str]:
    """How the rows of the outbox stand, oldest first."""
    with house.world.sessions() as session:
        return list(session.scalars(select(OutboxRow.state).order_by(OutboxRow.id)))


def test_R52_a_tag_goes_to_every_record_that_is_bound_when_it_is_sent(both_house: House) -> None:
    house = both_house
    first = house.person(EVA)
    connection = house.connect(tag_writeback="immediate")
    house.sync(connection)
    ask(house, connection, "VIP")
    second = house.person(EVA)
    house.sync(connection, "changes")
    house.hear()
    assert (tags(house, first), tags(house, second)) == (["VIP"], ["VIP"])


def test_R52_adding_and_removing(both_house: House) -> None:
    house = both_house
    connection, person = tied(house)
    ask(house, connection, "VIP")
    ask(house, connection, "klient", add=False)
    house.hear()
    assert (tags(house, person), states(house)) == (["VIP"], ["done", "done"])
    with house.world.sessions() as session:
        said = [(line.rule, line.what) for line in explaining.explain(session, connection, EVA)]
    assert said[-2:] == [("R52", "tagged_crm"), ("R52", "untagged_crm")]


def test_R52_by_default_tags_wait_for_the_morning(house: House) -> None:
    connection, person = tied(house, tag_writeback="morning")
    ask(house, connection, "VIP")
    house.hear()
    assert tags(house, person) == ["klient"]
    house.clock.advance(24 * 3600)
    house.hear()
    assert tags(house, person) == ["VIP", "klient"]


def test_R53_of_opposite_actions_the_last_one_wins_and_takes_one_request(house: House) -> None:
    connection, person = tied(house)
    for add in (True, False, True):
        ask(house, connection, "VIP", add=add)
    house.hear()
    assert (tags(house, person), states(house)) == (["VIP", "klient"], ["done"] * 3)
    assert writes(house) == [("PUT", f"/person/{person}/tag/")]


def test_R53_what_would_change_nothing_is_not_sent(house: House) -> None:
    connection, _ = tied(house)
    ask(house, connection, "klient")
    ask(house, connection, "nikdy", add=False)
    house.hear()
    assert (writes(house), states(house)) == ([], ["done", "done"])


def test_R53_that_is_judged_on_a_reading_never_on_what_is_stored(house: House) -> None:
    connection, person = tied(house)
    house.raynet.edit_person(person, tags=[])
    ask(house, connection, "klient")
    house.hear()
    assert tags(house, person) == ["klient"]


def test_R54_the_spelling_that_is_there_stays(house: House) -> None:
    connection, person = tied(house)
    ask(house, connection, "KLIENT")
    house.hear()
    assert (tags(house, person), writes(house)) == (["klient"], [])
    ask(house, connection, "KLIENT", add=False)
    house.hear()
    assert tags(house, person) == []


def test_R53_many_tags_cost_one_reading_for_each_kind(house: House) -> None:
    people = [house.person(f"p{number}@firma.cz") for number in range(40)]
    connection = house.connect(tag_writeback="immediate")
    house.sync(connection)
    house.forget()
    wished = [Asked(f"p{number}@firma.cz", "VIP", True) for number in range(40)]
    actions.accept(house.world, connection, wished)
    house.hear()
    assert all(tags(house, person) == ["VIP"] for person in people)
    assert len([call for call in house.raynet.calls if call.method == "GET" and "id" in call.query]) <= 3


@pytest.mark.parametrize("kind", ["lose", "drop"])
def test_R53_after_a_lost_answer_the_next_wish_waits_and_is_judged_anew(both_house: House, kind: str) -> None:
    house = both_house
    connection, person = tied(house)
    house.raynet.fail(Fault(kind, "PUT", f"/api/v2/person/{person}/tag/"))
    ask(house, connection, "VIP")
    house.hear()
    ask(house, connection, "VIP", add=False)
    house.hear()
    assert len(writes(house)) <= 1
    house.clock.advance(600)
    house.hear()
    assert (tags(house, person), states(house)) == (["klient"], ["done", "done"])


def test_K22_a_late_addition_is_taken_back_by_the_later_removal(house: House) -> None:
    connection, person = tied(house)
    house.raynet.fail(Fault("drop", "PUT", f"/api/v2/person/{person}/tag/"))
    ask(house, connection, "VIP")
    house.hear()
    ask(house, connection, "VIP", add=False)
    house.hear()
    house.raynet.edit_person(person, tags=["klient", "VIP"])  # the lost call arrives late
    house.clock.advance(600)
    house.hear()
    assert tags(house, person) == ["klient"]
    house.clock.advance(24 * 3600)
    house.hear()
    assert tags(house, person) == ["klient"]


def test_R94_who_dies_in_a_call_leaves_a_row_that_is_judged_on_a_new_reading(both_house: House) -> None:
    house = both_house
    connection, person = tied(house)
    ask(house, connection, "VIP")
    for point in ("outbox.claimed", "crm.before_call", "crm.after_call"):
        house.points.once(point, _die)
        with pytest.raises(SystemExit):
            house.hear()
        house.clock.advance(600)
    house.hear()
    assert (tags(house, person), states(house)) == (["VIP", "klient"], ["done"])
    assert len(writes(house)) == 1


def _die() -> None:
    raise SystemExit


def test_R92_what_the_crm_refuses_fails_visibly_and_alone(house: House) -> None:
    connection, person = tied(house)
    refused = Fault("status", "PUT", f"/api/v2/person/{person}/tag/", status=400, body=b'{"message":"no"}')
    house.raynet.fail(refused)
    ask(house, connection, "VIP")
    house.hear()
    assert (tags(house, person), states(house)) == (["klient"], ["failed"])


def test_R55_an_address_that_nobody_has_waits_for_its_contact(both_house: House) -> None:
    house = both_house
    connection, _ = tied(house)
    ask(house, connection, "VIP", email="novy@firma.cz")
    house.hear()
    assert states(house) == ["contact"]
    person = house.person("novy@firma.cz")
    house.sync(connection, "changes")
    assert tags(house, person) == ["VIP"]


def test_R55_after_seven_days_it_fails_visibly(house: House) -> None:
    connection, _ = tied(house)
    ask(house, connection, "VIP", email="novy@firma.cz")
    for _ in range(7):
        house.hear()
        assert states(house) == ["contact"]
        house.clock.advance(24 * 3600)
    house.hear()
    assert states(house) == ["failed"]
    house.clock.advance(24 * 3600)
    house.hear()
    assert (states(house), writes(house)) == (["failed"], [])


def test_R14_who_was_erased_leaves_nothing(house: House) -> None:
    connection, _ = tied(house)
    erasing.erase(house.world, EVA)
    ask(house, connection, "VIP")
    assert states(house) == []


def test_R51_a_tag_written_for_an_automation_does_not_come_home(house: House) -> None:
    connection, _ = tied(house)
    ask(house, connection, "VIP")
    house.hear()
    house.clock.advance(600)
    house.hear()
    assert "VIP" not in house.the_list()[EVA].tags
