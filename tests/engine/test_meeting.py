"""Records and profiles that meet for the first time, and again: parts A and B of the rules, end to end."""

import pytest

from plugins.ecomail.sandbox.store import COMPLAINED, HARD_BOUNCE, SOFT_BOUNCE, UNCONFIRMED, UNSUBSCRIBED
from tests.support.worlds import House, Member, profiles


def test_R3_the_first_valid_address_of_a_field_is_used_in_canonical_form(house: House) -> None:
    house.person(" Eva@Firma.CZ; jina@firma.cz ")
    house.sync(house.connect())
    assert list(house.the_list()) == ["eva@firma.cz"]


def test_R4_both_addresses_become_profiles_with_the_same_data(house: House) -> None:
    house.person("eva@firma.cz", email2="eva@doma.cz", firstName="Eva", tags=["vip"])
    result = house.sync(house.connect(both_emails=True))
    found = house.the_list()
    assert result["profiles"]["created"] == 2
    assert found["eva@firma.cz"] == found["eva@doma.cz"]
    assert found["eva@doma.cz"].fields["name"] == "Eva"


def test_R4_the_second_address_is_not_looked_at_unless_asked_for(house: House) -> None:
    house.person("eva@firma.cz", email2="eva@doma.cz")
    house.sync(house.connect())
    assert list(house.the_list()) == ["eva@firma.cz"]


def test_R5_the_same_address_twice_is_one_profile(house: House) -> None:
    house.person("eva@firma.cz", email2="EVA@firma.cz")
    assert house.sync(house.connect(both_emails=True))["profiles"]["created"] == 1


def test_R6_records_without_a_usable_address_are_counted_once_with_the_reason(house: House) -> None:
    house.person("")
    house.person("no-address-at-all")
    result = house.sync(house.connect(both_emails=True))
    reasons = {"no_email": 1, "invalid_email": 1, "erased": 0, "colleague": 1, "own_company": 1}
    assert (result["skipped_because"], result["profiles"]) == (reasons, profiles(skipped=4))


def test_R7_a_shared_address_takes_its_fields_from_the_person_and_its_tags_from_all(house: House) -> None:
    house.company("spolu@firma.cz", name="Firma", tags=["velkoobchod"])
    house.person("spolu@firma.cz", firstName="Druhá", lastName="Nová", tags=["b"])
    house.person("spolu@firma.cz", firstName="Třetí", lastName="Jiná", tags=["c"])
    result = house.sync(house.connect())
    found = house.the_list()["spolu@firma.cz"]
    assert result["profiles"]["created"] == 1
    assert (found.fields["name"], set(found.tags)) == ("Druhá", {"raynet", "velkoobchod", "b", "c"})


def test_R8_the_second_address_switched_on_later_is_created_by_the_next_full_run(house: House) -> None:
    house.person("eva@firma.cz", email2="eva@doma.cz")
    connection = house.connect()
    house.sync(connection)
    house.set(connection, both_emails=True)
    assert house.sync(connection)["profiles"] == profiles(created=1, unchanged=1, skipped=2)
    assert "eva@doma.cz" in house.the_list()


def test_R8_the_second_address_switched_off_keeps_its_profile_without_updates(house: House) -> None:
    person = house.person("eva@firma.cz", email2="eva@doma.cz", firstName="Eva")
    connection = house.connect(both_emails=True)
    house.sync(connection)
    house.set(connection, both_emails=False)
    house.sync(connection)
    house.raynet.edit_person(person, firstName="Jana")
    house.sync(connection, "changes")
    names = {email: member.fields["name"] for email, member in house.the_list().items()}
    assert names == {"eva@firma.cz": "Jana", "eva@doma.cz": "Eva"}


def test_R9_colleagues_the_own_company_and_invalid_records_are_left_out_and_counted(house: House) -> None:
    house.raynet.invalidate_person(house.person("eva@firma.cz"))
    result = house.sync(house.connect())
    assert house.the_list() == {}
    assert {name: result["skipped_because"][name] for name in ("colleague", "own_company", "invalid_record")} == {
        "colleague": 1,
        "own_company": 1,
        "invalid_record": 1,
    }


def test_R9_settings_lift_colleagues_and_the_own_company(house: House) -> None:
    result = house.sync(house.connect(include_colleagues=True, include_own_company=True))
    assert result["profiles"] == profiles(created=2)


@pytest.mark.parametrize("flagged", ["person", "company"])
def test_K20_one_flag_keeps_every_record_with_the_address_out(house: House, flagged: str) -> None:
    house.person("eva@firma.cz", doNotSendMM=flagged == "person")
    house.company("eva@firma.cz", doNotSendMM=flagged == "company")
    result = house.sync(house.connect())
    assert house.the_list() == {}
    assert result["skipped_because"]["do_not_send"] == 1


def test_R10_a_flag_that_comes_later_unsubscribes_a_profile_of_ours_once(house: House) -> None:
    person = house.person("eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(person, doNotSendMM=True)
    house.sync(connection, "changes")
    after = house.the_list()["eva@firma.cz"].status
    house.ecomail.set_status(1, "eva@firma.cz", 1)
    house.sync(connection)
    assert (after, house.the_list()["eva@firma.cz"].status) == ("unsubscribed", "subscribed")


def test_R10_a_flag_leaves_a_profile_that_was_there_before_us_as_it_is(house: House) -> None:
    house.member("eva@firma.cz", name="Evička")
    person = house.person("eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(person, doNotSendMM=True)
    house.sync(connection, "changes")
    assert house.the_list()["eva@firma.cz"] == Member(fields={"name": "Evička"}, tags=("raynet",))


def test_R10_the_flag_may_be_ignored_by_setting(house: House) -> None:
    house.person("eva@firma.cz", doNotSendMM=True)
    assert house.sync(house.connect(respect_do_not_send=False))["profiles"]["created"] == 1


def test_R12_who_is_in_the_list_already_gets_the_tag_and_nothing_else(both_house: House) -> None:
    house = both_house
    house.member("eva@firma.cz", name="Evička", phone="111", tags=("vip",), custom_fields={"vlastník": "Pavel"})
    house.person("eva@firma.cz", firstName="Eva", tel1="222", owner=12, tags=["crm"])
    connection = house.connect()
    result = house.sync(connection)
    assert result["profiles"] == profiles(adopted=1, skipped=2)
    assert house.the_list()["eva@firma.cz"] == Member(
        "subscribed", {"name": "Evička", "phone": "111"}, ("vip", "raynet"), {"vlastník": "Pavel"}, "app"
    )
    assert house.origins(connection) == {"eva@firma.cz": "adopted"}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (UNSUBSCRIBED, "unsubscribed"),
        (SOFT_BOUNCE, "soft_bounced"),
        (HARD_BOUNCE, "bounced"),
        (COMPLAINED, "complained"),
        (UNCONFIRMED, "unconfirmed"),
    ],
)
def test_R13_a_status_never_changes(house: House, code: int, status: str) -> None:
    house.member("eva@firma.cz", status=code)
    person = house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(person, firstName="Jana")
    house.sync(connection, "changes")
    assert house.the_list()["eva@firma.cz"] == Member(status, {"name": "Jana"}, ("raynet",))


@pytest.mark.parametrize("origin", ["created", "adopted"])
def test_R15_who_was_deleted_from_the_list_is_not_created_again(house: House, origin: str) -> None:
    if origin == "adopted":
        house.member("eva@firma.cz")
    person = house.person("eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    house.ecomail.delete_contact("eva@firma.cz")
    house.raynet.edit_person(person, firstName="Jana")
    results = [house.sync(connection), house.sync(connection)]
    assert house.the_list() == {}
    assert [each["skipped_because"]["deleted_from_list"] for each in results] == [1, 1]


def test_R15_more_than_fifty_deleted_ones_are_believed_after_a_second_pass(house: House) -> None:
    emails = [f"n{number}@firma.cz" for number in range(60)]
    for email in emails:
        house.person(email)
    house.person("zustava@firma.cz")
    connection = house.connect()
    house.sync(connection)
    for email in emails:
        house.ecomail.delete_contact(email)
    result = house.sync(connection)
    assert result["skipped_because"]["deleted_from_list"] == 60
    assert list(house.the_list()) == ["zustava@firma.cz"]


def test_R17_who_is_known_from_another_list_joins_and_keeps_what_a_person_typed(both_house: House) -> None:
    house = both_house
    house.ecomail.account.add_list("Novinky")
    house.member("eva@firma.cz", list_id=2, name="Evička", tags=("vip",))
    house.person("eva@firma.cz", firstName="Eva", tel1="222", owner=12, tags=["crm"])
    result = house.sync(house.connect())
    assert result["profiles"]["created"] == 1
    found = house.the_list()["eva@firma.cz"]
    assert found.fields == {"name": "Evička", "surname": "Nová", "phone": "222"}
    assert (set(found.tags), found.source) == ({"vip", "raynet", "crm"}, "raynet")
    assert found.custom == {"vlastník": "Karel Vzorný"}
    assert house.the_list(2)["eva@firma.cz"].status == "subscribed"


@pytest.mark.parametrize("habit", [{"tags": "merge"}, {"join_overwrites": True}, {"source_lands": "contact"}])
def test_R17_joining_ends_the_same_whatever_the_vendor_does(house: House, habit: dict[str, object]) -> None:
    house.ecomail.switch(**habit)
    house.ecomail.account.add_list("Novinky")
    house.member("eva@firma.cz", list_id=2, name="Evička", tags=("vip",))
    house.person("eva@firma.cz", firstName="Eva", tel1="222", tags=["crm"])
    connection = house.connect()
    house.sync(connection)
    found = house.the_list()["eva@firma.cz"]
    assert found.fields == {"name": "Evička", "surname": "Nová", "phone": "222"}
    assert set(found.tags) == {"vip", "raynet", "crm"}
    house.sync(connection)
    assert house.writes() == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [(COMPLAINED, "refused_elsewhere"), (HARD_BOUNCE, "refused_elsewhere"), (UNSUBSCRIBED, "left_elsewhere")],
)
def test_R17_who_left_or_complained_elsewhere_is_not_added(house: House, code: int, reason: str) -> None:
    house.ecomail.account.add_list("Novinky")
    house.member("eva@firma.cz", status=code, list_id=2)
    house.person("eva@firma.cz")
    result = house.sync(house.connect())
    assert house.the_list() == {}
    assert result["skipped_because"][reason] == 1


def test_R17_who_left_elsewhere_joins_where_a_setting_says_so(house: House) -> None:
    house.ecomail.account.add_list("Novinky")
    house.member("eva@firma.cz", status=UNSUBSCRIBED, list_id=2)
    house.person("eva@firma.cz")
    house.sync(house.connect(join_who_left_elsewhere=True))
    assert house.the_list()["eva@firma.cz"].status == "subscribed"
    assert house.the_list(2)["eva@firma.cz"].status == "unsubscribed"


def test_R16_automations_are_started_by_nobody_whom_a_backfill_found(house: House) -> None:
    house.person("eva@firma.cz")
    house.sync(house.connect(start_automations=True))
    flags = [call.body["trigger_autoresponders"] for call in house.ecomail.writes() if call.method == "POST"]
    assert flags == [False]


def test_R16_a_new_record_first_found_live_starts_automations_where_a_setting_says_so(house: House) -> None:
    connection = house.connect(start_automations=True)
    house.sync(connection)
    house.person("eva@firma.cz")
    house.sync(connection, "changes")
    flags = [call.body["trigger_autoresponders"] for call in house.ecomail.writes() if call.method == "POST"]
    assert flags == [True]
