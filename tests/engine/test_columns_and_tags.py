"""Custom fields (R40-R43) and tags (R50-R54, R103): end to end."""

from collections.abc import Sequence

import pytest

from tests.support.worlds import House, Member


@pytest.mark.parametrize(("habit", "key"), [("kept", "vlastník"), ("ascii", "vlastnik"), ("refused", "vlastnik")])
def test_R40_custom_fields_come_into_being_and_the_key_the_list_made_of_them_is_used(
    house: House, habit: str, key: str
) -> None:
    house.ecomail.switch(diacritic_keys=habit)
    for number in range(3):
        house.person(f"n{number}@firma.cz", owner=12)
    result = house.sync(house.connect())
    assert result["status"] == "done"
    assert [member.custom for member in house.the_list().values()] == [{key: "Karel Vzorný"}] * 3
    assert sorted(house.ecomail.account.lists[1].fields) == sorted({"pozice", key, "jazyk", "stav", "vztah"})


@pytest.mark.parametrize("habit", ["kept", "ascii", "refused"])
def test_R40_a_second_run_finds_the_fields_and_writes_nothing(house: House, habit: str) -> None:
    house.ecomail.switch(diacritic_keys=habit)
    person = house.person("eva@firma.cz", owner=12)
    connection = house.connect()
    house.sync(connection)
    house.sync(connection)
    quiet = house.writes()
    chief = house.raynet.add_user("sef@firma.cz", "key")
    house.raynet.edit_person(person, owner=house.raynet.store.accounts[chief]["person"])
    house.sync(connection, "changes")
    assert (quiet, list(house.the_list()["eva@firma.cz"].custom.values())) == ([], ["sef"])


def test_R40_the_first_row_with_new_keys_goes_alone(house: House) -> None:
    for number in range(5):
        house.person(f"n{number}@firma.cz")
    house.sync(house.connect())
    assert house.writes() == [("subscribe-bulk", 1), ("subscribe-bulk", 4)]


def test_R40_a_field_that_is_there_by_that_name_is_used_as_it_is(house: House) -> None:
    house.ecomail.account.lists[1].learn("vlastník", "string")
    house.person("eva@firma.cz", owner=12)
    house.sync(house.connect())
    assert house.the_list()["eva@firma.cz"].custom == {"vlastník": "Karel Vzorný"}


def test_R40_fields_come_into_being_where_everybody_is_adopted(house: House) -> None:
    house.member("eva@firma.cz")
    house.person("eva@firma.cz", owner=12)
    house.sync(house.connect())
    assert house.the_list()["eva@firma.cz"] == Member(tags=("raynet",))
    assert "vlastník" in house.ecomail.account.lists[1].fields


def test_R40_a_field_that_was_deleted_later_is_made_again(house: House) -> None:
    house.person("eva@firma.cz", owner=12)
    connection = house.connect()
    house.sync(connection)
    house.ecomail.account.lists[1].fields.clear()
    house.person("jan@firma.cz", owner=12)
    house.sync(connection, "changes")
    assert house.the_list()["jan@firma.cz"].custom == {"vlastník": "Karel Vzorný"}
    assert "vlastník" in house.ecomail.account.lists[1].fields


def test_R41_a_code_that_nobody_knows_is_carried_as_it_is(house: House) -> None:
    made = house.company("firma@example.cz")
    house.raynet.store.companies.rows[made]["state"] = "Z_NEW"
    house.raynet.store.companies.forget_all()
    house.sync(house.connect())
    assert house.the_list()["firma@example.cz"].custom["stav"] == "Z_NEW"


def test_R42_a_long_value_is_cut_and_its_short_copy_never_comes_home(house: House) -> None:
    name = "Ž" * 300
    made = house.company("firma@example.cz", name="Firma")
    house.raynet.store.companies.rows[made]["name"] = name
    house.raynet.store.companies.forget_all()
    connection = house.connect()
    house.sync(connection)
    cut = house.the_list()["firma@example.cz"].fields["company"]
    house.sync(connection)
    assert name.startswith(cut)
    assert 200 < len(cut) <= 255
    assert "R42" in house.rules(connection, "firma@example.cz")
    assert house.writes() == []


@pytest.mark.parametrize("value", ["<b>O'Neill</b> & syn", 'a"b\\c', "=1+1", "Ⅷ ﬁ 👩‍👧", " x "])
def test_R43_names_travel_as_they_were_typed(house: House, value: str) -> None:
    made = house.person("eva@firma.cz")
    house.raynet.store.persons.rows[made]["firstName"] = value
    house.raynet.store.persons.forget_all()
    connection = house.connect()
    house.sync(connection)
    assert house.the_list()["eva@firma.cz"].fields["name"] == value
    house.sync(connection)
    assert house.writes() == []


def test_R45_a_client_speaks_the_language_of_its_only_person_also_when_that_changes(house: House) -> None:
    firm = house.company("firma@example.cz")
    person = house.person("", company=firm, language=70)
    connection = house.connect()
    house.sync(connection)
    before = house.the_list()["firma@example.cz"].custom["jazyk"]
    house.raynet.edit_person(person, language=71)
    house.sync(connection, "changes")
    assert (before, house.the_list()["firma@example.cz"].custom["jazyk"]) == ("čeština", "English")


def test_R50_R51_tags_go_along_at_creation_and_later_ones_do_not(house: House) -> None:
    person = house.person("eva@firma.cz", tags=["vip"])
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(person, tags=["nový"])
    house.sync(connection, "changes")
    assert house.the_list()["eva@firma.cz"].tags == ("raynet", "vip")


@pytest.mark.parametrize("habit", ["replace", "merge"])
def test_R51_tags_follow_the_crm_where_a_setting_says_so_and_a_hand_made_one_stays(house: House, habit: str) -> None:
    house.ecomail.switch(tags=habit)
    person = house.person("eva@firma.cz", tags=["vip"])
    connection = house.connect(follow_tags=True)
    house.sync(connection)
    house.ecomail.add_tag("eva@firma.cz", "ruční")
    house.raynet.edit_person(person, tags=["vip", "nový"])
    house.sync(connection, "changes")
    assert set(house.the_list()["eva@firma.cz"].tags) == {"raynet", "vip", "ruční", "nový"}


@pytest.mark.parametrize(("tag", "kept"), [("a,b", ()), ("x" * 51, ()), (" vip ", ("vip",))])
def test_R54_a_tag_that_the_list_does_not_take_is_left_out_with_a_note(
    house: House, tag: str, kept: Sequence[str]
) -> None:
    made = house.person("eva@firma.cz", tags=["ok"])
    house.raynet.store.persons.rows[made]["tags"] = [tag, "ok"]
    house.raynet.store.persons.forget_all()
    connection = house.connect()
    house.sync(connection)
    assert set(house.the_list()["eva@firma.cz"].tags) == {"raynet", "ok", *kept}
    assert ("R54" in house.rules(connection, "eva@firma.cz")) is (not kept)


@pytest.mark.parametrize("habit", ["replace", "merge"])
def test_R103_an_adoption_keeps_every_tag_whether_the_list_merges_or_replaces(house: House, habit: str) -> None:
    house.ecomail.switch(tags=habit)
    house.member("eva@firma.cz", tags=("vip", "Brno"))
    house.person("eva@firma.cz")
    house.sync(house.connect())
    assert set(house.the_list()["eva@firma.cz"].tags) == {"vip", "Brno", "raynet"}


def test_R103_tags_that_pages_do_not_say_are_looked_up_before_a_set_is_written(house: House) -> None:
    house.ecomail.switch(tags_in_pages=False)
    house.member("eva@firma.cz", tags=("vip",))
    house.person("eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    assert set(house.the_list()["eva@firma.cz"].tags) == {"vip", "raynet"}


def test_R103_a_tag_that_went_missing_is_written_once_more_and_then_fails_visibly(house: House) -> None:
    house.member("eva@firma.cz", tags=("vip",))
    house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    sent, results = [], []
    for _ in range(4):
        house.ecomail.remove_tag("eva@firma.cz", "raynet")
        house.clock.advance(300)
        results.append(house.sync(connection)["status"])
        sent += house.writes()
    assert (sent, results[-1]) == ([("update-subscriber-bulk", 1)], "failed")


def test_R100_every_flag_is_sent_explicitly_and_never_a_status(house: House) -> None:
    house.member("jan@firma.cz")
    house.person("eva@firma.cz")
    house.person("jan@firma.cz")
    house.sync(house.connect())
    flags = {"update_existing": False, "resubscribe": False, "trigger_autoresponders": False}
    for call in house.ecomail.writes():
        wanted = flags if call.path.endswith("subscribe-bulk") else {"allow_resubscribe": False}
        assert {key: value for key, value in call.body.items() if key != "subscriber_data"} == wanted
        assert all("status" not in row for row in call.body["subscriber_data"])
