"""The embedded list follows the same rules as a vendor's: the main job with it, end to end."""

from typing import Any

import pytest
from sqlalchemy import select

from core.embedded.tables import LocalList, LocalProfile
from tests.support.worlds import House, Member, profiles

PERSON: dict[str, Any] = {"firstName": "Eva", "tel1": "222", "zipCode": "602 00", "owner": 12, "tags": ["vip"]}


def put(house: House, email: str, status: str = "subscribed", **fields: str) -> None:
    """Somebody whom a person put into the list."""
    with house.world.sessions.begin() as session:
        session.add(
            LocalProfile(
                list_id=session.scalars(select(LocalList.id)).one(),
                email=email,
                uid=house.world.ids.new(),
                status=status,
                since=house.clock.now(),
                fields=fields,
                tags=["ruční"],
                source="app",
                updated_at=house.clock.now(),
            )
        )


def delete(house: House, email: str) -> None:
    with house.world.sessions.begin() as session:
        session.delete(session.scalars(select(LocalProfile).where(LocalProfile.email == email)).one())


def test_R11_a_person_is_created_with_every_field_under_the_names_of_the_rules(both_house: House) -> None:
    house = both_house
    house.person("Eva@Firma.cz", **PERSON)
    connection = house.connect("local")
    result = house.sync(connection)
    assert (result["profiles"], house.ecomail.calls) == (profiles(created=1, skipped=2), [])
    assert house.the_local_list() == {
        "eva@firma.cz": Member(
            "subscribed",
            {"name": "Eva", "surname": "Nová", "phone": "222", "zip": "602 00"},
            ("raynet", "vip"),
            {"Vlastník": "Karel Vzorný"},
            "raynet",
        )
    }
    assert house.origins(connection) == {"eva@firma.cz": "created"}


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "bounced", "unconfirmed"])
def test_R12_R13_who_is_there_gets_the_tag_and_keeps_everything(house: House, status: str) -> None:
    house.person("eva@firma.cz", **PERSON)
    connection = house.connect("local")
    put(house, "eva@firma.cz", status, name="Evička")
    result = house.sync(connection)
    assert result["profiles"]["adopted"] == 1
    assert house.the_local_list()["eva@firma.cz"] == Member(status, {"name": "Evička"}, ("ruční", "raynet"), {}, "app")


def test_R15_who_was_deleted_is_not_created_again(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect("local")
    house.sync(connection)
    delete(house, "eva@firma.cz")
    result = house.sync(connection)
    assert (house.the_local_list(), result["skipped_because"]["deleted_from_list"]) == ({}, 1)


def test_R21_R25_edits_and_emptied_values_arrive_with_the_next_run(both_house: House) -> None:
    house = both_house
    person = house.person("eva@firma.cz", **PERSON)
    connection = house.connect("local")
    house.sync(connection)
    house.raynet.edit_person(person, firstName="Jana", tel1="", zipCode="110 00")
    result = house.sync(connection, "changes")
    assert result["profiles"]["updated"] == 1
    assert house.the_local_list()["eva@firma.cz"].fields == {"name": "Jana", "surname": "Nová", "zip": "110 00"}


def test_R22_an_edit_in_the_list_stays(house: House) -> None:
    house.person("eva@firma.cz", **PERSON)
    connection = house.connect("local")
    house.sync(connection)
    with house.world.sessions.begin() as session:
        row = session.scalars(select(LocalProfile)).one()
        row.fields = {**row.fields, "name": "Evička"}
    house.sync(connection)
    assert house.the_local_list()["eva@firma.cz"].fields["name"] == "Evička"


def test_R28_a_profile_made_anew_is_a_strangers(house: House) -> None:
    house.person("eva@firma.cz", **PERSON)
    connection = house.connect("local")
    house.sync(connection)
    delete(house, "eva@firma.cz")
    house.clock.advance(3600)
    put(house, "eva@firma.cz")
    house.sync(connection)
    assert house.the_local_list()["eva@firma.cz"].fields == {}
    assert house.origins(connection) == {"eva@firma.cz": "adopted"}


def test_R40_custom_fields_are_named_exactly_also_where_everybody_is_adopted(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect("local")
    put(house, "eva@firma.cz")
    house.sync(connection)
    with house.world.sessions() as session:
        found = session.scalars(select(LocalList)).one().fields
    assert set(found) == {"Pozice", "Vlastník", "Jazyk", "Stav", "Vztah"}


def test_K31_a_dry_run_leaves_the_list_as_it_is(house: House) -> None:
    house.person("eva@firma.cz", **PERSON)
    connection = house.connect("local")
    dry = house.sync(connection, dry_run=True)
    assert (house.the_local_list(), dry["profiles"]["created"]) == ({}, 1)
    assert house.sync(connection)["profiles"] == dry["profiles"]


def test_two_connections_may_fill_an_embedded_list_and_one_of_ecomail(house: House) -> None:
    house.person("eva@firma.cz", **PERSON)
    ours, theirs = house.connect("local"), house.connect("ecomail")
    house.sync(ours)
    house.sync(theirs)
    assert house.the_local_list()["eva@firma.cz"].fields == house.the_list()["eva@firma.cz"].fields
