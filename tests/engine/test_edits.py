"""Later edits, field by field (part C), and what leaves (R27, R80): end to end."""

import pytest

from plugins.ecomail.sandbox.store import UNSUBSCRIBED
from tests.support.worlds import House, Member, profiles

HABITS = [{}, {"tags": "merge"}, {"empty_fields": "text"}, {"cleared_fields": "dropped"}, {"phone_format": "spaces"}]


def synced(house: House, **person: object) -> tuple[int, int]:
    """One person, carried over: connection and person."""
    made = house.person("eva@firma.cz", **{"firstName": "Eva", "tel1": "+420 222 333 444", "owner": 12, **person})
    connection = house.connect()
    house.sync(connection)
    return connection, made


@pytest.mark.parametrize("audience", ["ecomail", "local"])
def test_R20_a_second_run_writes_nothing(both_house: House, audience: str) -> None:
    house = both_house
    house.member("eva@firma.cz", name="Evička", tags=("vip",))
    house.person("eva@firma.cz", firstName="Eva", tags=["crm"])
    house.person("jan@firma.cz", firstName="Jan", owner=12, tags=["crm"])
    connection = house.connect(audience)
    first = house.sync(connection)["profiles"]
    second = house.sync(connection)
    assert first["created"] + first["adopted"] == 2
    assert second["profiles"] == profiles(unchanged=2, skipped=2)
    assert (second["status"], house.writes()) == ("done", [])


@pytest.mark.parametrize("habit", HABITS)
def test_R20_a_second_run_writes_nothing_whatever_the_vendors_habits(house: House, habit: dict[str, str]) -> None:
    house.ecomail.switch(**habit)
    house.member("jan@firma.cz", name="Honza", tags=("vip",))
    house.person("jan@firma.cz", firstName="Jan", tags=["crm"])
    connection, _ = synced(house, tags=["crm"])
    house.sync(connection)
    assert house.writes() == []


def test_R21_an_edit_in_the_crm_arrives_with_the_next_run(both_house: House) -> None:
    connection, person = synced(both_house)
    both_house.raynet.edit_person(person, firstName="Jana", tel1="999")
    result = both_house.sync(connection, "changes")
    assert (result["read"], result["profiles"]) == ({"person": 1, "company": 0}, profiles(updated=1, skipped=2))
    assert both_house.the_list()["eva@firma.cz"].fields == {"name": "Jana", "surname": "Nová", "phone": "999"}
    assert both_house.writes() == [("update-subscriber-bulk", 1)]


def test_R21_only_what_changed_is_sent_and_no_tags_with_it(house: House) -> None:
    connection, person = synced(house, tags=["vip"])
    house.raynet.edit_person(person, firstName="Jana")
    house.sync(connection, "changes")
    assert house.ecomail.writes()[0].body["subscriber_data"] == [{"email": "eva@firma.cz", "name": "Jana"}]


def test_R21_an_edit_that_no_page_says_is_looked_up_before_it_is_overwritten(house: House) -> None:
    connection, person = synced(house, zipCode="602 00", city="Brno")
    house.raynet.edit_person(person, zipCode="110 00")
    house.sync(connection, "changes")
    assert house.the_list()["eva@firma.cz"].fields["zip"] == "110 00"
    assert [call.path for call in house.ecomail.calls if "/subscriber/" in call.path] == [
        "/lists/1/subscriber/eva@firma.cz"
    ]


def test_R21_an_adopted_profile_takes_later_edits_and_keeps_the_rest(house: House) -> None:
    house.member("eva@firma.cz", name="Evička", city="Plzeň", tags=("vip",))
    connection, person = synced(house)
    house.raynet.edit_person(person, tel1="999")
    house.sync(connection, "changes")
    assert house.the_list()["eva@firma.cz"] == Member(
        "subscribed", {"name": "Evička", "city": "Plzeň", "phone": "999"}, ("vip", "raynet")
    )


def test_R22_an_edit_in_the_list_is_not_written_over_by_the_old_value_of_the_crm(house: House) -> None:
    connection, _ = synced(house)
    house.ecomail.edit_contact("eva@firma.cz", name="Evička")
    house.sync(connection)
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Evička"
    assert house.writes() == []


def test_R23_both_sides_say_the_same_and_nothing_is_sent(house: House) -> None:
    connection, person = synced(house)
    house.ecomail.edit_contact("eva@firma.cz", name="Jana")
    house.raynet.edit_person(person, firstName="Jana")
    result = house.sync(connection)
    assert (house.writes(), result["profiles"]) == ([], profiles(unchanged=1, skipped=2))


def test_R24_in_a_conflict_the_crm_wins_and_the_timeline_keeps_the_other_value(house: House) -> None:
    connection, person = synced(house)
    house.ecomail.edit_contact("eva@firma.cz", name="Evička")
    house.raynet.edit_person(person, firstName="Jana")
    house.sync(connection)
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Jana"
    assert house.changes(connection, "eva@firma.cz", "R24") == {"name": ("Evička", "Jana")}


@pytest.mark.parametrize("habit", HABITS)
def test_R25_a_value_emptied_in_the_crm_is_emptied_in_the_list(house: House, habit: dict[str, str]) -> None:
    house.ecomail.switch(**habit)
    connection, person = synced(house)
    house.raynet.edit_person(person, tel1="")
    house.sync(connection, "changes")
    house.sync(connection)
    assert "phone" not in house.the_list()["eva@firma.cz"].fields
    assert house.writes() == []


def test_R25_an_emptying_that_the_list_does_not_take_fails_visibly_and_ends(house: House) -> None:
    house.ecomail.switch(empty_string="ignored")
    connection, person = synced(house)
    house.raynet.edit_person(person, tel1="")
    writes = []
    for _ in range(5):
        result = house.sync(connection, "changes")
        writes += house.writes()
        house.clock.advance(180)
    assert house.the_list()["eva@firma.cz"].fields["phone"] == "+420 222 333 444"
    assert (writes, result["status"]) == ([("update-subscriber-bulk", 1)] * 2, "failed")


def test_R26_a_one_way_value_is_restored_only_when_the_crm_changes_it(house: House) -> None:
    connection, person = synced(house)
    house.ecomail.edit_contact("eva@firma.cz", list_id=1, custom_fields={"vlastník": "Pavel"})
    house.sync(connection)
    before = house.the_list()["eva@firma.cz"].custom["vlastník"]
    chief = house.raynet.add_user("sef@firma.cz", "key")
    house.raynet.edit_person(person, owner=house.raynet.store.accounts[chief]["person"])
    house.sync(connection)
    assert (before, house.the_list()["eva@firma.cz"].custom["vlastník"]) == ("Pavel", "sef")


def test_R27_a_changed_address_makes_a_new_profile_and_leaves_the_old_one(house: House) -> None:
    connection, person = synced(house)
    house.raynet.edit_person(person, email="eva@nova.cz", firstName="Jana")
    result = house.sync(connection, "changes")
    found = house.the_list()
    assert result["profiles"]["created"] == 1
    assert (found["eva@firma.cz"].fields["name"], found["eva@nova.cz"].fields["name"]) == ("Eva", "Jana")
    assert list(house.origins(connection)) == ["eva@nova.cz"]


def test_R12a_an_address_that_comes_back_is_taken_up_again_without_writing(house: House) -> None:
    connection, person = synced(house)
    house.raynet.edit_person(person, email="eva@nova.cz")
    house.sync(connection, "changes")
    house.raynet.edit_person(person, email="eva@firma.cz")
    house.sync(connection, "changes")
    assert house.writes() == []
    assert house.origins(connection) == {"eva@firma.cz": "created"}


def test_K5_swapped_addresses_and_a_new_name_in_one_save(house: House) -> None:
    person = house.person("eva@firma.cz", email2="eva@doma.cz", firstName="Eva")
    connection = house.connect(both_emails=True)
    house.sync(connection)
    house.raynet.edit_person(person, email="eva@doma.cz", email2="eva@firma.cz", firstName="Jana")
    result = house.sync(connection, "changes")
    assert result["profiles"]["updated"] == 2
    assert {member.fields["name"] for member in house.the_list().values()} == {"Jana"}
    assert set(house.origins(connection)) == {"eva@firma.cz", "eva@doma.cz"}


@pytest.mark.parametrize(("setting", "status"), [("keep", "subscribed"), ("unsubscribe", "unsubscribed")])
def test_R27_what_becomes_of_the_old_address_is_a_setting(house: House, setting: str, status: str) -> None:
    person = house.person("eva@firma.cz")
    connection = house.connect(on_email_change=setting)
    house.sync(connection)
    house.raynet.edit_person(person, email="eva@nova.cz")
    house.sync(connection, "changes")
    assert house.the_list()["eva@firma.cz"].status == status


def test_K7_a_profile_made_anew_by_hand_is_a_strangers_that_gets_the_tag(house: House) -> None:
    connection, _ = synced(house)
    house.ecomail.delete_contact("eva@firma.cz")
    house.clock.advance(3600)
    house.member("eva@firma.cz")
    house.sync(connection)
    assert house.the_list()["eva@firma.cz"] == Member(tags=("raynet",))
    assert house.origins(connection) == {"eva@firma.cz": "adopted"}


def test_R7_the_next_record_takes_over_without_a_write_when_the_primary_goes(house: House) -> None:
    first = house.person("eva@firma.cz", firstName="Eva")
    house.person("eva@firma.cz", firstName="Jana")
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(first, email="")
    house.sync(connection, "changes")
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Eva"
    assert house.writes() == []


def test_R80_an_invalidated_record_leaves_its_profile_without_further_updates(house: House) -> None:
    connection, person = synced(house)
    house.raynet.invalidate_person(person)
    house.sync(connection, "changes")
    house.raynet.edit_person(person, firstName="Jana")
    house.sync(connection, "changes")
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Eva"
    assert house.origins(connection) == {}


def test_R29_who_leaves_by_own_hand_stays_tied_and_takes_edits(house: House) -> None:
    connection, person = synced(house)
    house.ecomail.set_status(1, "eva@firma.cz", UNSUBSCRIBED)
    house.raynet.edit_person(person, firstName="Jana")
    house.sync(connection)
    found = house.the_list()["eva@firma.cz"]
    assert (found.status, found.fields["name"]) == ("unsubscribed", "Jana")


@pytest.mark.parametrize("seconds", [5, 600])
def test_R32_a_list_that_shows_writes_late_is_not_mistaken_for_edits(house: House, seconds: int) -> None:
    connection, person = synced(house)
    house.ecomail.switch(visible=seconds)
    house.raynet.edit_person(person, firstName="Jana")
    for _ in range(4):
        house.sync(connection, "changes")
        house.clock.advance(seconds)
    assert house.the_list()["eva@firma.cz"].fields["name"] == "Jana"
    assert house.origins(connection) == {"eva@firma.cz": "created"}


def test_K1_a_write_that_is_confirmed_and_not_stored_is_repeated_once_and_fails_visibly(house: House) -> None:
    connection, person = synced(house)
    house.ecomail.switch(stores_nothing=True)
    house.raynet.edit_person(person, firstName="Jana")
    writes, results = [], []
    for _ in range(5):
        results.append(house.sync(connection, "changes"))
        writes += house.writes()
        house.clock.advance(180)
    assert writes == [("update-subscriber-bulk", 1)] * 2
    assert results[-1]["status"] == "failed"
    assert house.raynet.store.persons.rows[person]["firstName"] == "Jana"


def test_K13_a_field_that_no_page_says_edited_on_both_sides_is_a_conflict_with_both_values(house: House) -> None:
    connection, person = synced(house, zipCode="602 00", city="Brno")
    house.ecomail.edit_contact("eva@firma.cz", zip="301 00")
    house.raynet.edit_person(person, zipCode="110 00")
    house.sync(connection)
    assert house.the_list()["eva@firma.cz"].fields["zip"] == "110 00"
    assert house.changes(connection, "eva@firma.cz", "R24") == {"zip": ("301 00", "110 00")}
