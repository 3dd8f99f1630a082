"""Cases D: single writes and bulk update."""

from tests.support.ecomail_sandbox import a_caller, rows

JANA, KAREL = "jana@example.cz", "karel@example.cz"


def test_D1_update_replaces_the_tags_and_spells_bounce_hard() -> None:
    caller = a_caller(tags="merge")
    answer = caller.update(JANA, surname="Nová", tags=["vip", "raynet", "horký"])
    read = caller.member(JANA)
    assert answer.json["surname"] == "Nová"
    assert "bounce_hard" in answer.json
    assert "bounced_hard" not in answer.json
    assert read["tags"] == ["vip", "raynet", "horký"]


def test_D2_a_tag_is_removed_by_sending_the_rest() -> None:
    caller = a_caller(tags="merge")
    caller.update(JANA, tags=["raynet"])
    assert caller.member(JANA)["tags"] == ["raynet"]


def test_D2_a_tag_added_between_reading_and_writing_is_lost() -> None:
    caller = a_caller()
    read = caller.member(JANA)["tags"]
    caller.emulator.add_tag(JANA, "ruční")
    caller.update(JANA, tags=[*read, "horký"])
    assert caller.member(JANA)["tags"] == ["vip", "raynet", "horký"]


def test_D3_the_address_belongs_to_the_top_level() -> None:
    caller = a_caller()
    body = {"subscriber_data": {"email": JANA, "tags": []}}
    answer = caller.send("PUT", "/lists/1/update-subscriber", body)
    assert (answer.status_code, answer.json) == (422, {"errors": {"email": ["email_required"]}})
    assert caller.member(JANA)["tags"] == ["vip", "raynet"]


def test_D4_an_unknown_person_is_not_updated() -> None:
    answer = a_caller().update("nikdo@example.cz", name="X")
    assert (answer.status_code, answer.json) == (404, {"errors": ["Subscriber not found"]})


def test_D5_bulk_update_counts_members_and_creates_nobody() -> None:
    caller = a_caller()
    answer = caller.update_bulk({"email": JANA, "surname": "Nová"}, {"email": "nikdo@example.cz", "surname": "X"})
    assert (answer.status_code, answer.json) == (200, {"updates": 1})
    assert caller.member(JANA)["surname"] == "Nová"
    assert caller.absent("nikdo@example.cz")


def test_D5_the_3001st_row_of_a_bulk_update_is_ignored() -> None:
    caller = a_caller()
    caller.bulk(*rows(3000))
    answer = caller.update_bulk(*rows(3000), {"email": JANA, "surname": "Nová"})
    assert answer.json == {"updates": 3000}
    assert caller.member(JANA)["surname"] == "Malá"


def test_D6_bulk_update_brings_nobody_back_unless_allowed() -> None:
    caller = a_caller()
    caller.update_bulk({"email": KAREL, "status": 1})
    guarded = caller.member(KAREL)["status"]
    caller.update_bulk({"email": KAREL, "status": 1}, allow_resubscribe=True)
    assert (guarded, caller.member(KAREL)["status"]) == (2, 1)


def test_D7_a_newcomer_of_a_double_opt_in_list_waits_for_a_confirmation() -> None:
    caller = a_caller()
    answer = caller.send("POST", "/lists/1/subscribe", {"subscriber_data": {"email": "new@example.cz"}})
    assert (answer.status_code, answer.json["email"]) == (200, "new@example.cz")
    assert caller.member("new@example.cz")["status"] == 6
    assert caller.emulator.account.confirmations == ["new@example.cz"]


def test_D7_the_confirmation_can_be_skipped() -> None:
    caller = a_caller()
    body = {"subscriber_data": {"email": "new@example.cz"}, "skip_confirmation": True}
    caller.send("POST", "/lists/1/subscribe", body)
    assert caller.member("new@example.cz")["status"] == 1
    assert caller.emulator.account.confirmations == []


def test_D8_who_is_there_already_is_left_alone() -> None:
    caller = a_caller()
    before = caller.member(JANA)
    caller.clock.advance(3600)
    body = {"subscriber_data": {"email": JANA, "name": "Jiná"}, "update_existing": False}
    answer = caller.send("POST", "/lists/1/subscribe", body)
    assert answer.json["already_subscribed"] is True
    assert answer.json["inserted_at"] == "2026-11-15 13:59:21"
    assert caller.member(JANA) == before


def test_D9_unsubscribing_by_api_is_silent() -> None:
    caller = a_caller()
    answer = caller.send("DELETE", "/lists/1/unsubscribe", {"email": JANA})
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["unsubscribed_at"]) == (2, "2026-11-15T12:59:21.000000Z")
    assert caller.emulator.take_deliveries() == []


def test_D10_deleting_forgets_the_opt_out() -> None:
    caller = a_caller()
    answer = caller.send("DELETE", "/subscribers/karel%40example.cz/delete")
    gone = caller.absent(KAREL)
    caller.bulk({"email": KAREL})
    assert (answer.status_code, answer.json, gone) == (200, {"deleted": True}, True)
    assert caller.member(KAREL)["status"] == 1


def test_D10_deleting_a_missing_contact_is_not_found() -> None:
    answer = a_caller().send("DELETE", "/subscribers/nikdo@example.cz/delete")
    assert (answer.status_code, answer.json) == (404, {"errors": ["Subscriber not found"]})


def test_D10_deleting_a_missing_contact_can_be_answered_false() -> None:
    answer = a_caller(delete_missing="false").send("DELETE", "/subscribers/nikdo@example.cz/delete")
    assert (answer.status_code, answer.json) == (200, {"deleted": False})


def test_D11_groups_overwrite_the_choices_made() -> None:
    caller = a_caller()
    caller.emulator.edit_contact(JANA, list_id=1, groups={"grp_a": ["Novinky"]})
    caller.update(JANA, groups={"grp_a": ["Akce"]})
    assert caller.member(JANA)["groups"] == {"grp_a": ["Akce"]}


def test_a_single_update_brings_nobody_back() -> None:
    caller = a_caller()
    caller.update(KAREL, status=1)
    assert caller.member(KAREL)["status"] == 2


def test_a_bounced_person_stays_that_when_unsubscribed() -> None:
    caller = a_caller()
    caller.send("DELETE", "/lists/1/unsubscribe", {"email": "hard@example.cz"})
    assert caller.member("hard@example.cz")["status"] == 4


def test_a_repeated_unsubscribing_keeps_the_first_date() -> None:
    answer = a_caller().send("DELETE", "/lists/1/unsubscribe", {"email": KAREL})
    assert answer.json["unsubscribed_at"] == "2026-03-01T08:00:00.000000Z"
