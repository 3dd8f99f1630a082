"""Stories in which somebody comes in between (K3, K9, K10, K15, K19, K27): nothing old overwrites what is new."""

from collections.abc import Callable
from typing import Any

from core.engine import lane, live, senders
from spojka.emulator import Fault
from tests.support.worlds import House

EVA = "eva@firma.cz"


def tied(house: House, **settings: Any) -> tuple[int, int]:
    """One person, carried over: connection and person."""
    person = house.person(EVA, firstName="Eva", tel1="111")
    connection = house.connect(**settings)
    house.sync(connection)
    house.hear()
    return connection, person


def meanwhile(house: House, point: str, call: Callable[[], object], passing: int = 1) -> None:
    """When somebody comes to a point, this happens first."""
    house.points.once(point, call, passing)


def settle(house: House) -> None:
    """Whatever waits is done; then nothing is written on either side for a day."""
    for _ in range(6):
        house.clock.advance(1000)
        house.hear()
    house.forget()
    house.clock.advance(8 * 3600)
    house.hear()
    assert house.writes() == []
    assert [call for call in house.raynet.writes() if "webhook" not in call.path] == []


def both(house: House, person: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Name and phone in the CRM and in the list."""
    row, member = house.raynet.store.persons.rows[person], house.the_list()[EVA].fields
    return (row.get("firstName", ""), row["contactInfo"].get("tel1", "")), (member["name"], member["phone"])


def test_K3_a_page_asked_for_before_a_write_of_ours_does_not_undo_it(house: House) -> None:
    connection, person = tied(house)
    house.ecomail.edit_contact(EVA, phone="222")
    house.clock.advance(1000)
    lane.pass_now(house.world, 1)
    house.raynet.edit_person(person, firstName="Evina")
    meanwhile(house, "page.read", lambda: senders.send_now(house.world, connection))
    house.clock.advance(60)
    live.live_now(house.world, connection)
    settle(house)
    assert both(house, person) == (("Evina", "222"), ("Evina", "222"))


def test_K9_an_address_that_goes_to_another_record_is_given_back_unplanned(house: House) -> None:
    connection, person = tied(house)
    house.raynet.edit_person(person, tel1="222")

    def moves() -> None:
        house.raynet.edit_person(person, email="jina@firma.cz")
        house.person(EVA, firstName="Jana", tel1="999")
        house.clock.advance(60)
        live.live_now(house.world, connection)

    meanwhile(house, "due.looked", moves)
    house.clock.advance(60)
    house.hear()
    settle(house)
    assert house.the_list()["jina@firma.cz"].fields["phone"] == "222"
    crm = {row["contactInfo"]["email"]: row["contactInfo"]["tel1"] for row in house.raynet.store.persons.rows.values()}
    assert (crm["jina@firma.cz"], crm[EVA]) == ("222", "999")


def test_K10_an_outcome_that_comes_late_leaves_what_was_settled_since(house: House) -> None:
    connection, person = tied(house)
    house.ecomail.edit_contact(EVA, name="Evička")
    house.clock.advance(1000)
    lane.pass_now(house.world, 1)

    def edited() -> None:
        house.raynet.edit_person(person, firstName="Evelína")
        house.clock.advance(60)
        live.live_now(house.world, connection)
        lane.reconcile_now(house.world, 1)

    meanwhile(house, "crm.after_call", edited)
    senders.send_now(house.world, connection)
    settle(house)
    assert both(house, person)[0][0] == both(house, person)[1][0] == "Evelína"


def test_K15_an_edit_of_the_second_address_reaches_the_first_one_and_then_it_is_quiet(house: House) -> None:
    person = house.person(EVA, email2="eva@doma.cz", firstName="Eva", tel1="111")
    connection = house.connect(both_emails=True)
    house.sync(connection)
    house.hear()
    house.ecomail.edit_contact("eva@doma.cz", phone="222")
    house.raynet.fail(Fault("lose", "POST", f"/api/v2/person/{person}/"))
    house.clock.advance(1000)
    house.hear()
    settle(house)
    assert both(house, person)[0][1] == "222"
    assert {email: member.fields["phone"] for email, member in house.the_list().items()} == {
        EVA: "222",
        "eva@doma.cz": "222",
    }


def test_K19_a_tag_that_a_person_gives_while_a_batch_is_claimed_stays(house: House) -> None:
    connection, _ = tied(house)
    house.member("jan@firma.cz", tags=["ruční"])
    house.person("jan@firma.cz")

    def tagged() -> None:
        house.ecomail.add_tag("jan@firma.cz", "právě teď")

    meanwhile(house, "due.claimed", tagged)
    house.clock.advance(60)
    live.live_now(house.world, connection)
    house.hear()
    assert set(house.the_list()["jan@firma.cz"].tags) == {"ruční", "právě teď", "raynet"}


def test_K27_a_page_of_the_list_asked_for_before_a_write_brings_nothing_old_into_the_crm(house: House) -> None:
    connection, person = tied(house)
    house.raynet.edit_person(person, tel1="222")

    def written() -> None:
        live.live_now(house.world, connection)
        lane.reconcile_now(house.world, 1)

    meanwhile(house, "pass.read", written)
    house.clock.advance(1000)
    lane.pass_now(house.world, 1)
    settle(house)
    assert both(house, person) == (("Eva", "222"), ("Eva", "222"))


def test_R29_what_a_pass_has_seen_stored_excuses_no_later_edit(house: House) -> None:
    connection, person = tied(house)
    house.raynet.edit_person(person, tel1="222")
    house.clock.advance(60)
    live.live_now(house.world, connection)
    for _ in range(3):
        house.clock.advance(1000)
        house.hear()
    house.ecomail.edit_contact(EVA, phone="111")
    settle(house)
    assert both(house, person) == (("Eva", "111"), ("Eva", "111"))


def test_R25_an_emptying_in_the_list_after_a_write_of_ours_travels(house: House) -> None:
    connection, person = tied(house)
    house.raynet.edit_person(person, tel1="222")
    house.clock.advance(60)
    live.live_now(house.world, connection)
    house.clock.advance(1000)
    house.hear()
    house.ecomail.edit_contact(EVA, phone="")
    settle(house)
    assert house.raynet.store.persons.rows[person]["contactInfo"].get("tel1", "") == ""
