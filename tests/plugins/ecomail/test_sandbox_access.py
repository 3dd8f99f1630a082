"""Cases A and B: access, errors, lists and custom fields."""

import pytest

from spojka.emulator import Fault
from tests.support.ecomail_sandbox import a_caller


def test_A1_the_good_key_reads_both_lists() -> None:
    assert [each["name"] for each in a_caller().get("/lists")] == ["Klienti", "Test"]


def test_A2_a_wrong_key_is_refused_with_the_vendors_words() -> None:
    answer = a_caller().send("GET", "/lists", key="nope")
    assert (answer.status_code, answer.json) == (401, {"errors": {"key": ["Wrong api key"]}})


def test_A2_the_refusal_can_be_bare_text() -> None:
    answer = a_caller(unauthorised_body="text").send("GET", "/lists", key="nope")
    assert (answer.status_code, answer.text, answer.mimetype) == (401, "Wrong api key", "text/plain")


def test_A2_the_refusal_can_be_one_string() -> None:
    answer = a_caller(unauthorised_body="string").send("GET", "/lists", key="nope")
    assert (answer.status_code, answer.json) == (401, {"errors": "Wrong api key"})


def test_A3_a_missing_key_is_a_wrong_key() -> None:
    answer = a_caller().send("GET", "/lists", key=None)
    assert (answer.status_code, answer.json) == (401, {"errors": {"key": ["Wrong api key"]}})


def test_A4_the_1001st_request_of_a_minute_waits_and_then_succeeds() -> None:
    caller = a_caller()
    statuses = {caller.send("GET", "/pipelines").status_code for _ in range(1000)}
    caller.clock.advance(53)
    refused = caller.bulk({"email": "nova@example.cz"})
    caller.clock.advance(7)
    accepted = caller.bulk({"email": "nova@example.cz"})
    assert statuses == {200}
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert refused.json == {"errors": ["Too Many Requests"]}
    assert accepted.json == {"inserts": 1}


def test_A4_a_refusal_may_come_without_retry_after() -> None:
    caller = a_caller(per_minute=1, retry_after=False)
    caller.get("/lists")
    refused = caller.send("GET", "/lists")
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers


def test_A5_an_unknown_list_is_not_found() -> None:
    answer = a_caller().send("GET", "/lists/999")
    assert (answer.status_code, answer.json) == (404, {"errors": ["List not found"]})


def test_A5_nothing_is_stored_in_an_unknown_list() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "nova@example.cz"}, list_id=999)
    assert (answer.status_code, answer.json) == (404, {"errors": ["List not found"]})
    assert caller.emulator.account.store.person("nova@example.cz") is None


def test_A6_an_account_without_logs_forbids_them() -> None:
    answer = a_caller(logs=False).send("GET", "/subscribers/jana@example.cz/email-log")
    assert (answer.status_code, answer.json) == (403, {"errors": "This feature is not available in your plan."})


def test_A6_somebody_without_records_has_no_log() -> None:
    answer = a_caller().send("GET", "/subscribers/jana@example.cz/email-log")
    assert answer.status_code == 404


def test_A7_a_list_without_a_name_is_a_map_of_errors() -> None:
    answer = a_caller().send("PUT", "/lists/1", {"from_name": "Firma"})
    assert (answer.status_code, answer.json) == (422, {"errors": {"name": ["The name field is required."]}})


def test_A7_an_unknown_person_is_an_array_of_errors() -> None:
    answer = a_caller().send("GET", "/subscribers/nikdo@example.cz")
    assert (answer.status_code, answer.json) == (404, {"errors": ["Subscriber not found"]})


def test_A8_a_broken_answer_is_html_and_carries_nothing_out() -> None:
    caller = a_caller()
    caller.emulator.fail(Fault("status", path="/lists/1/subscribe-bulk", status=502))
    answer = caller.bulk({"email": "nova@example.cz"})
    assert (answer.status_code, answer.mimetype) == (502, "text/html")
    assert caller.absent("nova@example.cz")


def test_an_unknown_route_is_not_found() -> None:
    assert a_caller().send("GET", "/pipelines/5/all-stats").status_code == 404


def test_a_body_that_is_not_declared_as_json_is_refused() -> None:
    caller = a_caller()
    answer = caller.client.post("/lists/1/subscribe-bulk", data=b"{}", headers={"key": "test-key"})
    assert answer.status_code == 422


def test_B1_the_detail_of_a_list_has_fields_groups_and_counts() -> None:
    answer = a_caller().get("/lists/1")
    assert answer["list"]["id"] == "1"
    assert answer["list"]["custom_fields"]["raynet_vlastnik"]["type"] == "string"
    assert [each["name"] for each in answer["list"]["groups"]["grp_a"]["category"]] == ["Novinky", "Akce"]
    assert answer["subscribers"] == {
        "unknown": 0,
        "subscribed": 1,
        "unsubscribed": 1,
        "soft_bounced": 0,
        "hard_bounced": 1,
        "complained": 1,
        "unconfirmed": 1,
    }


def test_a_list_without_custom_fields_has_an_array() -> None:
    assert a_caller().get("/lists/2")["list"]["custom_fields"] == []


def test_B2_a_field_comes_into_being_when_it_is_written() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "jana@example.cz", "custom_fields": {"raynet_stav": "Aktivní"}})
    assert answer.json == {"inserts": 0}
    assert caller.get("/lists/1")["list"]["custom_fields"]["raynet_stav"]["type"] == "string"
    assert caller.member("jana@example.cz")["custom_fields"] == {
        "raynet_vlastnik": "Petr Dvořák",
        "raynet_stav": "Aktivní",
    }


def test_B2_fields_that_a_row_does_not_mention_can_be_lost() -> None:
    caller = a_caller(custom_fields="replace")
    caller.bulk({"email": "jana@example.cz", "custom_fields": {"raynet_stav": "Aktivní"}})
    assert caller.member("jana@example.cz")["custom_fields"] == {"raynet_stav": "Aktivní"}


def test_B3_a_field_can_be_created_with_a_type() -> None:
    caller = a_caller()
    value = {"value": "2026-05-04", "type": "date"}
    caller.bulk({"email": "jana@example.cz", "custom_fields": {"prvni_obchod": value}})
    assert caller.get("/lists/1")["list"]["custom_fields"]["prvni_obchod"]["type"] == "date"
    assert caller.member("jana@example.cz")["custom_fields"]["prvni_obchod"] == "2026-05-04"


def test_B4_keys_are_trimmed_and_lower_cased() -> None:
    caller = a_caller()
    caller.bulk({"email": "jana@example.cz", "custom_fields": {" Raynet_Vlastnik ": "Eva Malá"}})
    assert caller.member("jana@example.cz")["custom_fields"] == {"raynet_vlastnik": "Eva Malá"}
    assert set(caller.get("/lists/1")["list"]["custom_fields"]) == {"raynet_vlastnik", "narozeniny_firmy"}


def test_B5_keys_that_clash_are_refused() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "jana@example.cz", "name": "X", "custom_fields": {"Stav": "a", "stav ": "b"}})
    assert answer.status_code == 422
    assert caller.member("jana@example.cz")["name"] == "Jana"


def test_B6_text_comes_back_as_it_was_sent() -> None:
    caller = a_caller()
    sent = {"name": "Žofie", "surname": "Příliš Žluťoučká", "tags": ["štítek č. 1"]}
    caller.bulk({"email": "jana@example.cz", "custom_fields": {"popis": "Řízení – „A“ & 😀"}, **sent})
    read = caller.member("jana@example.cz")
    assert {name: read[name] for name in sent} == sent
    assert read["custom_fields"]["popis"] == "Řízení – „A“ & 😀"


def test_B7_a_key_with_diacritics_is_kept() -> None:
    caller = a_caller()
    caller.bulk({"email": "jana@example.cz", "custom_fields": {"Vlastník": "x"}})
    assert "vlastník" in caller.get("/lists/1")["list"]["custom_fields"]


def test_B7_a_key_with_diacritics_can_become_ascii() -> None:
    caller = a_caller(diacritic_keys="ascii")
    caller.bulk({"email": "jana@example.cz", "custom_fields": {"Vlastník": "x"}})
    assert "vlastnik" in caller.get("/lists/1")["list"]["custom_fields"]


def test_B7_a_key_with_diacritics_can_be_refused() -> None:
    answer = a_caller(diacritic_keys="refused").bulk({"email": "jana@example.cz", "custom_fields": {"Vlastník": "x"}})
    assert answer.status_code == 422


def test_B8_too_much_text_in_custom_fields_is_refused() -> None:
    caller = a_caller()
    answer = caller.bulk({"email": "jana@example.cz", "name": "X", "custom_fields": {"popis": "x" * 5000}})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["custom_fields"])
    assert caller.member("jana@example.cz")["name"] == "Jana"


def test_B8_too_much_text_can_be_ignored() -> None:
    caller = a_caller(over_length="ignored")
    answer = caller.bulk({"email": "jana@example.cz", "name": "X", "custom_fields": {"popis": "x" * 5000}})
    assert answer.status_code == 200
    assert caller.member("jana@example.cz")["custom_fields"] == {"raynet_vlastnik": "Petr Dvořák"}


@pytest.mark.parametrize(("mode", "status"), [("stored", 200), ("refused", 422)])
def test_a_value_of_another_type_is_stored_as_text_or_refused(mode: str, status: int) -> None:
    row = {"email": "jana@example.cz", "custom_fields": {"narozeniny_firmy": "loni"}}
    assert a_caller(wrong_type=mode).bulk(row).status_code == status


@pytest.mark.parametrize(("mode", "read"), [("empty", {"raynet_vlastnik": ""}), ("dropped", [])])
def test_a_cleared_custom_field_is_empty_or_gone(mode: str, read: object) -> None:
    caller = a_caller(cleared_fields=mode)
    caller.bulk({"email": "jana@example.cz", "custom_fields": {"raynet_vlastnik": ""}})
    assert caller.member("jana@example.cz")["custom_fields"] == read


def test_B9_empty_maps_are_an_array_and_null() -> None:
    read = a_caller().member("karel@example.cz")
    assert (read["custom_fields"], read["groups"]) == ([], None)


def test_a_list_can_be_made_and_renamed() -> None:
    caller = a_caller()
    made = caller.send("POST", "/lists", {"name": "Noví"})
    renamed = caller.send("PUT", f"/lists/{made.json['id']}", {"name": "Nejnovější"})
    assert made.json == {"id": 3, "name": "Noví"}
    assert renamed.json["name"] == "Nejnovější"
