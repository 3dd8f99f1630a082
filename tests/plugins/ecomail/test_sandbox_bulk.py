"""Cases C: bulk subscribe."""

from typing import Any

import pytest

from tests.support.ecomail_sandbox import Caller, a_caller, rows

JANA, KAREL = "jana@example.cz", "karel@example.cz"


def test_C1_only_new_people_are_counted() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "nova1@example.cz"}, {"email": "nova2@example.cz"}, {"email": JANA})
    read = caller.member("nova1@example.cz")
    assert answer.json == {"inserts": 2}
    assert (read["status"], read["source"]) == (1, "api")
    assert caller.emulator.account.confirmations == []


def test_C2_the_same_call_again_changes_nothing() -> None:
    caller = a_caller()
    row = {"email": "nova1@example.cz", "name": "Eva", "tags": ["raynet"], "custom_fields": {"stav": "a"}}
    caller.bulk(row)
    before = caller.emulator.dump()["people"]
    answer = caller.bulk(row)
    assert answer.json == {"inserts": 0}
    assert caller.emulator.dump()["people"] == before


def test_C3_rows_over_3000_vanish() -> None:
    caller = a_caller()
    answer = caller.bulk(*rows(3001))
    assert (answer.status_code, answer.json) == (200, {"inserts": 3000})
    assert not caller.absent("nova02999@example.cz")
    assert caller.absent("nova03000@example.cz")


def test_C4_who_left_is_updated_and_stays_away() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": KAREL, "name": "Karel IV."})
    read = caller.member(KAREL)
    assert answer.json == {"inserts": 0}
    assert (read["status"], read["unsubscribed_at"], read["name"]) == (2, "2026-03-01T08:00:00.000000Z", "Karel IV.")


def test_C5_a_status_alone_brings_nobody_back() -> None:
    caller = a_caller()
    caller.bulk({"email": KAREL, "status": 1})
    assert caller.member(KAREL)["status"] == 2


def test_C6_a_deliberate_return_begins_anew_and_rings() -> None:
    caller = a_caller()
    caller.clock.advance(60)
    caller.bulk({"email": KAREL, "status": 1}, resubscribe=True)
    read = caller.member(KAREL)
    payload = {"email": KAREL, "status": "SUBSCRIBED", "listId": 1, "campaignId": None}
    assert (read["status"], read["subscribed_at"]) == (1, "2026-11-15T13:00:21.000000Z")
    assert [each.body for each in caller.emulator.take_deliveries()] == [{"payload": payload}]


def test_C7_an_explicit_status_wins_over_the_guard() -> None:
    caller = a_caller()
    caller.bulk({"email": KAREL, "status": 2}, resubscribe=True)
    assert caller.member(KAREL)["status"] == 2


def test_C8_a_bulk_row_can_unsubscribe_in_silence() -> None:
    caller = a_caller()
    caller.bulk({"email": JANA, "status": 2})
    assert caller.member(JANA)["status"] == 2
    assert caller.emulator.take_deliveries() == []


def test_C9_bounced_and_complained_people_stay_that() -> None:
    caller = a_caller()
    hard, spam = {"email": "hard@example.cz", "status": 1}, {"email": "spam@example.cz", "status": 1}
    answer = caller.bulk(hard, spam, resubscribe=True)
    assert answer.status_code == 200
    assert [caller.member(f"{name}@example.cz")["status"] for name in ("hard", "spam")] == [4, 5]


def test_C10_without_update_existing_nothing_of_a_member_changes() -> None:
    caller = a_caller()
    before = caller.member(JANA)
    row = {"email": JANA, "name": "Jiná", "tags": ["jiný"], "status": 2, "custom_fields": {"nové": "x"}}
    answer = caller.bulk(row, update_existing=False)
    assert answer.json == {"inserts": 0}
    assert caller.member(JANA) == before


def test_C10_the_omitted_flag_means_update() -> None:
    caller = a_caller()
    caller.send("POST", "/lists/1/subscribe-bulk", {"subscriber_data": [{"email": JANA, "name": "Jiná"}]})
    assert caller.member(JANA)["name"] == "Jiná"


def test_C11_one_bad_address_refuses_the_whole_batch() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "ok@example.cz"}, {"email": "neni-mail", "name": "Kdo"})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["email"]
    assert answer.json["data"] == {"email": "neni-mail", "name": "Kdo"}
    assert caller.absent("ok@example.cz")


def test_C11_the_good_rows_can_be_stored_all_the_same() -> None:
    caller = a_caller(bad_row="store_good_rows")
    answer = caller.bulk({"email": "ok@example.cz"}, {"email": "neni-mail"})
    assert (answer.status_code, answer.json["data"]) == (422, {"email": "neni-mail"})
    assert not caller.absent("ok@example.cz")


def test_C12_a_row_without_an_address_is_a_bad_row() -> None:
    answer = a_caller().bulk({"name": "Kdo"})
    assert (answer.status_code, answer.json["errors"]) == (422, {"email": ["The email field is required."]})


def test_C13_addresses_are_trimmed_and_lower_cased() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "  Jana@Example.CZ ", "name": "Jiná"}, {"email": " Eva@Example.CZ"})
    assert answer.json == {"inserts": 1}
    assert caller.member(JANA)["name"] == "Jiná"
    assert caller.member("eva@example.cz")["email"] == "eva@example.cz"


def test_C13_the_case_can_be_kept_as_first_seen() -> None:
    caller = a_caller(email_case="kept")
    caller.bulk({"email": "Eva@Example.CZ"})
    answer = caller.bulk({"email": "eva@example.cz"})
    assert answer.json == {"inserts": 0}
    assert caller.member("EVA@example.cz")["email"] == "Eva@Example.CZ"


def test_C14_an_address_with_a_plus_is_another_contact() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "jana+news@example.cz"})
    assert answer.json == {"inserts": 1}
    assert caller.member("jana%2Bnews%40example.cz")["email"] == "jana+news@example.cz"
    assert caller.absent("jana+news@example.cz")


@pytest.mark.parametrize(("which", "surname"), [("last", "B"), ("first", "A")])
def test_C15_of_two_rows_for_one_address_one_counts(which: str, surname: str) -> None:
    caller = a_caller(duplicates=which)
    answer = caller.bulk({"email": JANA, "surname": "A"}, {"email": JANA, "surname": "B"})
    assert answer.json == {"inserts": 0}
    assert caller.member(JANA)["surname"] == surname


@pytest.mark.parametrize("reading", ["replace", "merge"])
def test_C16_a_union_of_tags_is_right_under_both_readings(reading: str) -> None:
    caller = a_caller(tags=reading)
    caller.bulk({"email": JANA, "tags": ["vip", "raynet", "nový"]})
    assert sorted(caller.member(JANA)["tags"]) == ["nový", "raynet", "vip"]


@pytest.mark.parametrize(("reading", "tags"), [("replace", ["raynet"]), ("merge", ["vip", "raynet"])])
def test_C17_a_reduced_set_of_tags_is_read_in_two_ways(reading: str, tags: list[str]) -> None:
    caller = a_caller(tags=reading)
    caller.bulk({"email": JANA, "tags": ["raynet"]})
    assert caller.member(JANA)["tags"] == tags


def test_C18_tags_that_are_not_mentioned_stay() -> None:
    caller = a_caller()
    caller.bulk({"email": JANA, "name": "Jiná"})
    assert caller.member(JANA)["tags"] == ["vip", "raynet"]


def test_C19_a_tag_of_51_characters_is_refused() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "nova@example.cz", "tags": ["x" * 51]})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["tags"])
    assert caller.absent("nova@example.cz")


def test_C19_a_long_tag_can_be_cut() -> None:
    caller = a_caller(tag_length="cut")
    caller.bulk({"email": JANA, "tags": ["x" * 51]})
    assert caller.member(JANA)["tags"] == ["x" * 50]


@pytest.mark.parametrize(("counted", "status"), [("reject", 200), ("bytes", 422)])
def test_C19_thirty_letters_of_two_bytes_fit_by_characters(counted: str, status: int) -> None:
    assert a_caller(tag_length=counted).bulk({"email": JANA, "tags": ["ř" * 30]}).status_code == status


def test_tags_over_2000_characters_are_refused() -> None:
    tags = [f"{number:050}" for number in range(41)]
    assert list(a_caller().bulk({"email": JANA, "tags": tags}).json["errors"]) == ["tags"]


def test_C20_tags_are_shared_by_all_lists() -> None:
    caller = a_caller()
    caller.bulk({"email": JANA, "tags": ["test"]}, list_id=2)
    read = caller.get(f"/subscribers/{JANA}")["subscriber"]
    assert (read["tags"], sorted(read["lists"])) == (["test"], ["1", "2"])
    assert caller.get("/lists/1/subscribers")["data"][0]["subscriber"]["tags"] == ["test"]


def test_C21_null_leaves_basic_fields_and_clears_custom_ones() -> None:
    caller = a_caller()
    caller.bulk({"email": JANA, "company": "Firma"})
    caller.bulk({"email": JANA, "company": None, "custom_fields": {"raynet_vlastnik": None}})
    read = caller.member(JANA)
    assert (read["company"], read["custom_fields"]) == ("Firma", {"raynet_vlastnik": ""})


@pytest.mark.parametrize(("nulls", "company", "owner"), [("unchanged", "Firma", "Petr Dvořák"), ("clears", None, "")])
def test_C21_null_can_mean_nothing_or_empty(nulls: str, company: str | None, owner: str) -> None:
    caller = a_caller(nulls=nulls)
    caller.bulk({"email": JANA, "company": "Firma"})
    caller.bulk({"email": JANA, "company": None, "custom_fields": {"raynet_vlastnik": None}})
    read = caller.member(JANA)
    assert (read["company"], read["custom_fields"]["raynet_vlastnik"]) == (company, owner)


@pytest.mark.parametrize(("mode", "name"), [("clears", None), ("ignored", "Jana")])
def test_an_empty_text_clears_or_is_ignored(mode: str, name: str | None) -> None:
    caller = a_caller(empty_string=mode)
    caller.bulk({"email": JANA, "name": ""})
    assert caller.member(JANA)["name"] == name


def test_C22_a_tag_starts_an_automation_by_single_update_alone() -> None:
    caller = a_caller()
    caller.emulator.account.mailings.add_pipeline(5, "Uvítání", 1, "2026-11-01 08:00:00", cause="tag", tag="horký")
    caller.bulk({"email": JANA, "tags": ["vip", "horký"]})
    after_bulk = list(caller.emulator.account.started)
    caller.update(JANA, tags=["vip"])
    caller.update(JANA, tags=["vip", "horký"])
    assert after_bulk == []
    assert [each.email for each in caller.emulator.account.started] == [JANA]


def test_new_people_start_automations_only_when_asked() -> None:
    caller = a_caller()
    caller.emulator.account.mailings.add_pipeline(6, "Nový", 1, "2026-11-01 08:00:00", cause="contact_added", list=1)
    caller.bulk({"email": "a@example.cz"})
    caller.bulk({"email": "b@example.cz"}, trigger_autoresponders=True)
    assert [each.email for each in caller.emulator.account.started] == ["b@example.cz"]


def joined(caller: Caller) -> dict[str, Any]:
    row = {"email": JANA, "name": "Jiná", "tags": ["jiný"], "custom_fields": {"stav": "a"}}
    assert caller.bulk(row, list_id=2, update_existing=False).json == {"inserts": 1}
    return caller.member(JANA, list_id=2)


def test_joining_another_list_leaves_what_the_account_knows() -> None:
    read = joined(a_caller())
    assert (read["name"], read["tags"], read["custom_fields"]) == ("Jana", ["vip", "raynet"], {"stav": "a"})


def test_joining_another_list_can_overwrite_what_the_account_knows() -> None:
    read = joined(a_caller(join_overwrites=True))
    assert (read["name"], read["tags"]) == ("Jiná", ["jiný"])


@pytest.mark.parametrize(
    ("lands", "membership", "contact"),
    [("membership", "raynet", None), ("contact", "api", "raynet"), ("both", "raynet", "raynet")],
)
def test_a_source_lands_here_or_there(lands: str, membership: str, contact: str | None) -> None:
    caller = a_caller(source_lands=lands)
    caller.bulk({"email": "nova@example.cz", "source": "raynet"})
    read = caller.get("/subscribers/nova@example.cz")["subscriber"]
    assert (read["lists"]["1"]["source"], read["source"]) == (membership, contact)


def test_the_last_rows_can_be_ignored_with_a_good_answer() -> None:
    caller = a_caller(ignore_rows=1)
    answer = caller.bulk({"email": "a@example.cz"}, {"email": "b@example.cz"})
    assert (answer.status_code, answer.json) == (200, {"inserts": 1})
    assert caller.absent("b@example.cz")


def test_an_account_can_answer_well_and_store_nothing() -> None:
    caller = a_caller(stores_nothing=True)
    before = caller.emulator.dump()
    answer = caller.bulk({"email": "a@example.cz", "custom_fields": {"nové": "x"}}, {"email": JANA, "name": "Jiná"})
    assert answer.json == {"inserts": 1}
    assert caller.emulator.dump()["people"] == before["people"]
    assert caller.emulator.dump()["lists"] == before["lists"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"gender": "žena"},
        {"birthday": "1. 2. 1980"},
        {"country": "Česko"},
        {"status": 6},
        {"jmeno": "X"},
        {"tags": "vip"},
    ],
)
def test_a_value_that_no_documentation_allows_is_refused(wrong: dict[str, Any]) -> None:
    answer = a_caller().bulk({"email": JANA, **wrong})
    assert (answer.status_code, answer.json["data"]) == (422, {"email": JANA, **wrong})


def test_phones_can_be_written_with_spaces() -> None:
    caller = a_caller(phone_format="spaces")
    caller.bulk({"email": JANA, "phone": "+420601234567"})
    assert caller.member(JANA)["phone"] == "+420 601 234 567"
