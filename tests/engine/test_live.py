"""Real time: bells, the minute reading, and what they bring into the list (part G, R80-R82)."""

from typing import Any

import pytest

from spojka.emulator import Fault
from tests.support.worlds import House


def synced(house: House, audience: str = "ecomail", **settings: Any) -> tuple[int, int]:
    """One person, carried over, and the virtual clock moved on: connection and person."""
    person = house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect(audience, **settings)
    house.sync(connection)
    house.hear()
    house.clock.advance(120)
    house.hear()
    house.clock.advance(30)
    house.forget()
    return connection, person


def asked(house: House) -> list[str]:
    """The paths of the requests to the CRM, without the beginning they share."""
    return [call.path.removeprefix("/api/v2/") for call in house.raynet.calls]


@pytest.mark.parametrize("audience", ["ecomail", "local"])
def test_R70_a_bell_brings_an_edit_into_the_list(both_house: House, audience: str) -> None:
    house = both_house
    connection, person = synced(house, audience)
    house.raynet.edit_person(person, firstName="Jana")
    house.ring(connection, ("person", person, False))
    house.live(connection)
    members = house.the_list() if audience == "ecomail" else house.the_local_list()
    assert members["eva@firma.cz"].fields["name"] == "Jana"
    assert house.rules(connection, "eva@firma.cz")[-1] == "R21"


def test_R70_a_bell_costs_one_request_to_the_crm_a_look_up_and_a_write(house: House) -> None:
    connection, person = synced(house)
    house.raynet.edit_person(person, firstName="Jana")
    house.ring(connection, ("person", person, False))
    house.live(connection)
    assert asked(house) == ["person/"]
    assert [call.path for call in house.ecomail.calls] == [
        "/lists/1/subscriber/eva@firma.cz",
        "/lists/1/update-subscriber-bulk",
    ]


def test_R104_an_edit_that_no_mapped_field_says_costs_the_list_nothing(house: House) -> None:
    connection, person = synced(house)
    house.raynet.edit_person(person, notice="Volat odpoledne")
    house.ring(connection, ("person", person, False))
    house.live(connection)
    assert (asked(house), house.ecomail.calls) == (["person/"], [])


def test_R70_a_thousand_edits_and_bells_cost_a_few_requests(house: House) -> None:
    people = [house.person(f"jan{number}@firma.cz", firstName="Jan") for number in range(1000)]
    connection, _ = synced(house)
    for person in people:
        house.raynet.edit_person(person, firstName="Johan")
        house.ring(connection, ("person", person, False))
    house.hear()
    looked = [call for call in house.ecomail.calls if "/subscriber/" in call.path]
    assert len(house.raynet.calls) <= 60
    assert len(looked) <= 50
    assert len(house.writes()) <= 10
    assert {member.fields["name"] for email, member in house.the_list().items() if email[:3] == "jan"} == {"Johan"}


def test_R70_a_new_person_is_created_by_a_bell(house: House) -> None:
    connection, _ = synced(house)
    person = house.person("nova@firma.cz", firstName="Nora", tags=["vip"])
    house.ring(connection, ("person", person, False))
    house.live(connection)
    assert house.the_list()["nova@firma.cz"].tags == ("raynet", "vip")
    assert house.origins(connection)["nova@firma.cz"] == "created"


def test_R70_a_record_that_rang_and_is_not_among_the_changed_is_read_by_its_id(house: House) -> None:
    connection, person = synced(house)
    for _ in range(10):
        house.clock.advance(60)
        house.hear()
    house.clock.advance(30)
    house.ring(connection, ("person", person, False))
    house.live(connection)
    assert [dict(call.query) for call in house.raynet.calls][-1]["id[IN]"] == str(person)


def test_R71_without_bells_a_minute_reading_brings_it(house: House) -> None:
    connection, person = synced(house)
    house.raynet.edit_person(person, firstName="Jana")
    house.clock.advance(60)
    house.hear()
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Jana"
    assert asked(house) == ["person/", "company/"]


def test_R71_a_quiet_hour_is_one_request_a_kind_and_reading_and_none_to_the_list_but_its_passes(house: House) -> None:
    synced(house)
    house.hear()
    house.forget()
    for _ in range(60):
        house.clock.advance(60)
        house.hear()
    passes = [call for call in house.ecomail.calls if call.path.endswith("/subscribers")]
    assert len(house.raynet.calls) == 120
    assert len(house.ecomail.calls) - len(passes) <= 4
    assert house.writes() == []


def test_R70_a_bell_while_paused_waits_and_is_answered_after_resuming(house: House) -> None:
    connection, person = synced(house)
    house.pause(connection)
    house.raynet.edit_person(person, firstName="Jana")
    house.ring(connection, ("person", person, False))
    house.clock.advance(300)
    house.hear()
    before = house.the_list()["eva@firma.cz"].fields["name"]
    house.resume(connection)
    house.hear()
    assert (before, house.the_list()["eva@firma.cz"].fields["name"]) == ("Eva", "Jana")
    assert house.open_bells(connection) == 0


def test_R80_deleted_by_a_bell_and_a_reading_by_id_closes_the_binding_and_keeps_the_profile(both_house: House) -> None:
    house = both_house
    connection, person = synced(house)
    house.raynet.delete_person(person)
    house.ring(connection, ("person", person, True))
    house.live(connection)
    assert house.origins(connection) == {}
    assert house.the_list()["eva@firma.cz"].status == "subscribed"
    assert house.rules(connection, "eva@firma.cz")[-1] == "R80"


def test_R80_a_bell_alone_closes_nothing(house: House) -> None:
    connection, person = synced(house)
    house.ring(connection, ("person", person, True))
    house.live(connection)
    assert list(house.origins(connection)) == ["eva@firma.cz"]


def test_R80_a_record_that_comes_back_is_read_like_any_other(house: House) -> None:
    connection, person = synced(house)
    kept = house.raynet.dump()
    house.raynet.delete_person(person)
    house.ring(connection, ("person", person, True))
    house.live(connection)
    house.raynet.load(kept)
    house.raynet.edit_person(person, firstName="Jana")
    house.clock.advance(120)
    house.hear()
    assert list(house.origins(connection)) == ["eva@firma.cz"]
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Eva"


def test_R81_after_a_merge_the_address_goes_over_and_nothing_visible_happens(house: House) -> None:
    connection, person = synced(house)
    other = house.person("", firstName="Eva")
    house.raynet.merge_person(other, person)
    house.raynet.edit_person(other, email="eva@firma.cz")
    before = house.the_list()
    house.ring(connection, ("person", person, True))
    house.live(connection)
    assert house.the_list() == before
    assert list(house.origins(connection)) == ["eva@firma.cz"]


def test_R10_nothing_is_created_before_a_reading_of_two_kinds_has_ended_K20(house: House) -> None:
    connection, _ = synced(house)
    person = house.person("spolu@firma.cz")
    company = house.company("spolu@firma.cz", doNotSendMM=True)
    house.ring(connection, ("person", person, False), ("company", company, False))
    house.live(connection)
    assert "spolu@firma.cz" not in house.the_list()


def test_R16_found_by_the_backfill_and_edited_live_starts_no_automation_K33(house: House) -> None:
    person = house.person("eva@firma.cz")
    connection = house.connect(start_automations=True)
    house.sync(connection)
    house.clock.advance(120)
    house.raynet.edit_person(person, email="jina@firma.cz")
    house.ring(connection, ("person", person, False))
    house.forget()
    house.live(connection)
    (added,) = house.ecomail.writes()
    assert added.body["trigger_autoresponders"] is False


def test_R16_created_and_found_live_starts_automations(house: House) -> None:
    connection, _ = synced(house, start_automations=True)
    person = house.person("nova@firma.cz")
    house.ring(connection, ("person", person, False))
    house.live(connection)
    (added,) = house.ecomail.writes()
    assert added.body["trigger_autoresponders"] is True


def test_R91_a_refused_login_stops_the_connection_and_keeps_the_bell(house: House) -> None:
    connection, person = synced(house)
    house.raynet.access.keys.clear()
    house.ring(connection, ("person", person, False))
    house.live(connection)
    assert (house.row(connection).state, house.open_bells(connection)) == ("refused", 1)


def test_R92_an_unreachable_crm_is_read_again_later_and_the_bell_stays(house: House) -> None:
    connection, person = synced(house)
    house.raynet.edit_person(person, firstName="Jana")
    house.ring(connection, ("person", person, False))
    house.raynet.fail(Fault("status", times=50))
    house.live(connection)
    assert house.open_bells(connection) == 1
    house.raynet.faults.clear()
    house.clock.advance(60)
    house.hear()
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Jana"


def test_R94_a_bell_whose_ring_was_lost_is_heard_by_the_sweep(house: House) -> None:
    connection, person = synced(house)
    house.raynet.edit_person(person, firstName="Jana")
    house.ring(connection, ("person", person, False))
    assert house.hear() > 0
    assert house.open_bells(connection) == 0
