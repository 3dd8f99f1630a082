"""What was written is taken back, but for what people edited since, and it says what could not be (R35), end to end."""

from typing import Any

import pytest

from core.engine import actions, full, undo
from core.engine.actions import Asked
from core.engine.undo import Scope
from core.errors import WrongInput
from core.store import takebacks, timeline
from core.store.base import look
from core.store.runs import RunRow
from spojka.emulator import Fault
from tests.engine.test_way_back import edit, quiet, said, tied
from tests.support.worlds import House

EVA = "eva@firma.cz"


def take_back(house: House, connection: int, **scope: Any) -> dict[str, Any]:
    """A person takes something back, and somebody carries it out; the result's part of it."""
    run_id = undo.request(house.world, connection, Scope(**scope), "admin")
    row = full.work(house.world, run_id)
    assert (row.error, row.result is not None) == ("", True)
    found: dict[str, Any] = (row.result or {})["undo"]
    return found


def last_run(house: House, connection: int) -> int:
    """The newest run of a connection."""
    with house.world.sessions() as session:
        return max(row.id for row in session.query(RunRow).filter_by(connection_id=connection))


def entry(house: House, connection: int, what: str) -> int:
    """The newest line of Eva's timeline that says this."""
    lines = look(house.world.sessions, lambda session: timeline.of(session, connection, EVA))
    return max(line.id for line in lines if line.what == what)


def edited_in_crm(house: House, **settings: Any) -> tuple[int, int, int]:
    """A run that wrote a new name into the list: connection, person, run."""
    connection, person = tied(house, **settings)
    house.raynet.edit_person(person, firstName="Evina")
    house.sync(connection, "changes")
    assert house.the_list()[EVA].fields["name"] == "Evina"
    return connection, person, last_run(house, connection)


def test_R35_a_run_is_taken_back_and_both_sides_stay_as_they_are_then(both_house: House) -> None:
    house = both_house
    connection, person, run = edited_in_crm(house)
    said_of_it = take_back(house, connection, run=run)
    assert (said_of_it["list"], said_of_it["left"], said_of_it["waiting"]) == (1, 0, 0)
    assert (house.the_list()[EVA].fields["name"], said(house, person)[0]) == ("Eva", "Evina")
    assert house.changes(connection, EVA, "R35") == {"name": ("Evina", "Eva")}
    quiet(house)
    house.sync(connection, "full")
    assert (house.the_list()[EVA].fields["name"], said(house, person)[0]) == ("Eva", "Evina")


def test_R35_edits_travel_again_after_it(house: House) -> None:
    connection, person, run = edited_in_crm(house)
    take_back(house, connection, run=run)
    house.raynet.edit_person(person, firstName="Evelína")
    house.sync(connection, "changes")
    assert house.the_list()[EVA].fields["name"] == "Evelína"
    edit(house, name="Evička")
    house.sync(connection, "changes")
    assert said(house, person)[0] == "Evička"


@pytest.mark.parametrize("side", ["list", "crm"])
def test_R35_what_somebody_edited_since_is_shown_and_not_overwritten(house: House, side: str) -> None:
    connection, person, run = edited_in_crm(house)
    if side == "list":
        edit(house, name="Evička")
    else:
        house.raynet.edit_person(person, firstName="Evička")
        house.sync(connection, "changes")
    said_of_it = take_back(house, connection, run=run)
    house.sync(connection, "changes")
    assert (said_of_it["list"], said_of_it["left"]) == (0, 1)
    assert (house.the_list()[EVA].fields["name"], said(house, person)[0]) == ("Evička", "Evička")
    undone = last_run(house, connection) - 1
    (left,) = look(house.world.sessions, lambda session: takebacks.left(session, undone, 10))
    assert (left.email, left.field, left.was, left.value, left.state) == (EVA, "name", "Evina", "Eva", "edited")


def test_R35_what_went_into_the_crm_is_taken_back_there(both_house: House) -> None:
    house = both_house
    connection, person = tied(house)
    edit(house, phone="222")
    house.sync(connection, "changes")
    assert said(house, person)[1] == "222"
    said_of_it = take_back(house, connection, run=last_run(house, connection))
    assert (said_of_it["crm"], said_of_it["waiting"], said(house, person)[1]) == (1, 0, "111")
    quiet(house)
    house.sync(connection, "full")
    assert (house.the_list()[EVA].fields["phone"], said(house, person)[1]) == ("222", "111")


def test_R35_one_entry_alone_is_taken_back(house: House) -> None:
    connection, person, _ = edited_in_crm(house)
    house.raynet.edit_person(person, firstName="Evelína")
    house.sync(connection, "changes")
    take_back(house, connection, line=entry(house, connection, "updated"))
    assert house.the_list()[EVA].fields["name"] == "Evina"


def test_R35_a_contact_goes_back_to_where_it_began(house: House) -> None:
    connection, person, _ = edited_in_crm(house)
    house.raynet.edit_person(person, firstName="Evelína")
    house.sync(connection, "changes")
    take_back(house, connection, email=EVA)
    assert house.the_list()[EVA].fields["name"] == "Eva"
    assert look(house.world.sessions, lambda s: undo.survey(s, connection, Scope(email=EVA))).created == 1


def test_R35_a_contact_goes_back_no_further_than_to_what_somebody_typed(house: House) -> None:
    connection, person, _ = edited_in_crm(house)
    edit(house, name="Evička")
    house.sync(connection, "changes")
    house.raynet.edit_person(person, firstName="Evelína")
    house.sync(connection, "changes")
    take_back(house, connection, email=EVA)
    assert house.the_list()[EVA].fields["name"] == "Evička"


def test_R35_an_undo_is_undone(house: House) -> None:
    connection, _, run = edited_in_crm(house)
    take_back(house, connection, run=run)
    take_back(house, connection, run=last_run(house, connection))
    assert house.the_list()[EVA].fields["name"] == "Evina"


def test_R35_the_tag_of_an_adoption_is_taken_off_and_what_stood_there_stays(both_house: House) -> None:
    house = both_house
    house.member(EVA, name="Eva", tags=("vip",))
    house.person(EVA, firstName="Eva", tags=["vip"])
    connection = house.connect()
    house.sync(connection)
    assert set(house.the_list()[EVA].tags) == {"vip", "raynet"}
    take_back(house, connection, run=last_run(house, connection))
    assert set(house.the_list()[EVA].tags) == {"vip"}
    quiet(house)


def test_R35_an_automations_tag_is_taken_off_in_the_crm(house: House) -> None:
    connection, person = tied(house, tag_writeback="immediate")
    actions.accept(house.world, connection, [Asked(EVA, "vip", add=True)])
    house.hear()
    assert "vip" in house.raynet.store.persons.rows[person]["tags"]
    take_back(house, connection, line=entry(house, connection, "tagged_crm"))
    assert "vip" not in house.raynet.store.persons.rows[person]["tags"]


def test_R35_what_can_not_be_taken_back_is_said_before(house: House) -> None:
    connection, _ = tied(house)
    found = look(house.world.sessions, lambda s: undo.survey(s, connection, Scope(run=last_run(house, connection))))
    assert (found.created, found.is_empty) == (1, True)
    with pytest.raises(WrongInput, match="nothing in this that can be taken back"):
        undo.request(house.world, connection, Scope(run=last_run(house, connection)), "admin")


@pytest.mark.parametrize("scope", [Scope(run=99), Scope(line=99)])
def test_R35_what_is_not_there_can_not_be_taken_back(house: House, scope: Scope) -> None:
    connection, _ = tied(house)
    with pytest.raises(WrongInput, match="has no"):
        undo.request(house.world, connection, scope, "admin")


def test_R35_an_undo_of_many_reads_the_list_once_and_asks_nobody(both_house: House) -> None:
    house = both_house
    people = [house.person(f"p{number:03}@firma.cz", firstName="Eva") for number in range(120)]
    connection = house.connect()
    house.sync(connection)
    for person in people:
        house.raynet.edit_person(person, firstName="Jana")
    house.sync(connection, "changes")
    run = last_run(house, connection)
    house.forget()
    said_of_it = take_back(house, connection, run=run)
    assert (said_of_it["list"], said_of_it["left"]) == (120, 0)
    assert {member.fields["name"] for member in house.the_list().values()} == {"Eva"}
    assert len(house.writes()) == 1


@pytest.mark.parametrize("fault", ["lose", "drop"])
def test_R35_a_call_whose_answer_was_lost_is_no_edit(house: House, fault: str) -> None:
    connection, person, run = edited_in_crm(house)
    house.ecomail.fail(Fault(fault, "POST", "/lists/"))
    take_back(house, connection, run=run)
    quiet(house)
    assert (house.the_list()[EVA].fields["name"], said(house, person)[0]) == ("Eva", "Evina")


@pytest.mark.parametrize("fault", ["lose", "drop"])
def test_R35_a_write_into_the_crm_whose_answer_was_lost_is_no_edit(both_house: House, fault: str) -> None:
    house = both_house
    connection, person = tied(house)
    edit(house, phone="222")
    house.sync(connection, "changes")
    house.raynet.fail(Fault(fault, "POST", "/api/v2/person/"))
    take_back(house, connection, run=last_run(house, connection))
    quiet(house)
    assert (house.the_list()[EVA].fields["phone"], said(house, person)[1]) == ("222", "111")


def die() -> None:
    """The process is gone."""
    raise SystemExit


@pytest.mark.parametrize(
    "point",
    ["run.between_phases", "note.after_commit", "list.before_call", "list.after_call", "settle.before_commit"],
)
def test_R35_an_undo_that_died_goes_on(both_house: House, point: str) -> None:
    house = both_house
    connection, person, run = edited_in_crm(house)
    undo.request(house.world, connection, Scope(run=run), "admin")
    house.points.once(point, die)
    with pytest.raises(SystemExit):
        full.work(house.world, last_run(house, connection))
    house.bury()
    row = full.work(house.world, last_run(house, connection))
    assert (row.result or {})["undo"]["waiting"] == 0
    quiet(house)
    assert (house.the_list()[EVA].fields["name"], said(house, person)[0]) == ("Eva", "Evina")


@pytest.mark.parametrize("point", ["crm.before_call", "crm.after_call", "outcome.before_commit"])
def test_R35_an_undo_that_died_on_its_way_to_the_crm_goes_on(both_house: House, point: str) -> None:
    house = both_house
    connection, person = tied(house)
    edit(house, phone="222")
    house.sync(connection, "changes")
    undo.request(house.world, connection, Scope(run=last_run(house, connection)), "admin")
    house.points.once(point, die)
    with pytest.raises(SystemExit):
        full.work(house.world, last_run(house, connection))
    house.bury()
    full.work(house.world, last_run(house, connection))
    quiet(house)
    assert (house.the_list()[EVA].fields["phone"], said(house, person)[1]) == ("222", "111")
