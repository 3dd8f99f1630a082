"""What the Ecomail plugin asks and concludes, against the emulated account."""

from collections.abc import Callable
from typing import Any

import pytest

from plugins.ecomail.sandbox import EcomailEmulator
from spojka import Absent, Audience, Done, Malformed, Membership, Profile, Refused, Rejected, Status, Unreachable
from spojka.checks.audience import NO_KEYS, a_profile, a_write, member, seen
from spojka.emulator import Fault
from tests.support.ecomail_account import NOW, a_list, an_audience, an_emulator, put

JANA = "jana@example.cz"
OWNER = "custom:Vlastník"
HTML = b"<html><body>Not Found</body></html>"


@pytest.fixture
def emulator() -> EcomailEmulator:
    return an_emulator()


@pytest.fixture
def audience(emulator: EcomailEmulator) -> Audience:
    return an_audience(emulator)


@pytest.fixture
def contact_list(emulator: EcomailEmulator) -> str:
    return a_list(emulator)


def add(audience: Audience, contact_list: str, *emails: str) -> list[Done]:
    rows = [a_write(email) for email in emails]
    return [each.done for each in audience.add(contact_list, rows, NO_KEYS, start_automations=False)]


def asked(emulator: EcomailEmulator) -> list[tuple[str, str]]:
    return [(call.method, call.path) for call in emulator.calls]


@pytest.mark.parametrize("body", ["map", "text", "string"])
def test_A2_a_wrong_key_is_refused_at_once(body: str) -> None:
    emulator = an_emulator(unauthorised_body=body)
    with pytest.raises(Refused):
        an_audience(emulator, key="nope").check()
    assert len(emulator.calls) == 1


def test_R91_the_account_is_named_by_its_key_without_showing_it(emulator: EcomailEmulator) -> None:
    name = an_audience(emulator).check().account
    assert name == "ecomail:62af8704764faf8e"
    assert "test-key" not in name


def test_B1_a_list_tells_its_settings_and_its_people(emulator: EcomailEmulator, audience: Audience) -> None:
    number = a_list(emulator, "Zákazníci")
    put(emulator, number, a_profile(JANA))
    (found,) = audience.lists()
    assert (found.id, found.name, found.count, found.double_opt_in) == (number, "Zákazníci", 1, True)


def test_a_list_without_a_name_is_refused_in_words(audience: Audience) -> None:
    with pytest.raises(Rejected, match="name: The name field is required"):
        audience.create_list(" ")


@pytest.mark.parametrize("start", [False, True])
def test_R100_an_added_row_goes_with_every_flag_and_without_a_status(
    emulator: EcomailEmulator, audience: Audience, contact_list: str, start: bool
) -> None:
    row = a_write(JANA, {"name": "Jana", OWNER: "Petr"}, tags=("raynet",), source="raynet")
    audience.add(contact_list, [row], NO_KEYS, start_automations=start)
    (call,) = emulator.writes()
    assert (call.method, call.path) == ("POST", f"/lists/{contact_list}/subscribe-bulk")
    assert call.body == {
        "subscriber_data": [
            {
                "email": JANA,
                "name": "Jana",
                "custom_fields": {"Vlastník": "Petr"},
                "tags": ["raynet"],
                "source": "raynet",
            }
        ],
        "update_existing": False,
        "resubscribe": False,
        "trigger_autoresponders": start,
    }


def test_R100_a_changed_row_goes_with_its_flag_and_without_a_status(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    audience.change(contact_list, [a_write(JANA, {"phone": ""})], NO_KEYS)
    (call,) = emulator.writes()
    assert (call.method, call.path) == ("PUT", f"/lists/{contact_list}/update-subscriber-bulk")
    assert call.body == {"subscriber_data": [{"email": JANA, "phone": ""}], "allow_resubscribe": False}


def test_R100_a_status_is_named_to_unsubscribe_alone(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    audience.unsubscribe(contact_list, [JANA])
    (call,) = emulator.writes()
    assert call.body == {"subscriber_data": [{"email": JANA, "status": 2}], "allow_resubscribe": False}


def test_C3_more_than_three_thousand_rows_are_not_sent(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    with pytest.raises(ValueError, match="3001 rows"):
        add(audience, contact_list, *(f"p{number}@example.cz" for number in range(3001)))
    assert not emulator.calls


def test_R101_a_row_that_ecomail_ignores_leaves_its_whole_call_unproved(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    emulator.switch(ignore_rows=1)
    assert add(audience, contact_list, "a@example.cz", "b@example.cz") == [Done.UNKNOWN, Done.UNKNOWN]


def test_C1_bulk_subscribes_without_asking_for_a_confirmation(audience: Audience, contact_list: str) -> None:
    add(audience, contact_list, JANA)
    assert member(audience, contact_list, JANA).status is Status.SUBSCRIBED


def test_R101_a_write_whose_answer_was_lost_is_not_repeated_by_itself(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    emulator.fail(Fault("lose", method="POST"))
    with pytest.raises(Unreachable) as caught:
        add(audience, contact_list, JANA)
    assert caught.value.sent
    assert len(emulator.writes()) == 1


@pytest.mark.parametrize("bad_row", ["refuse_batch", "store_good_rows"])
def test_C11_a_refused_batch_names_the_row_at_fault(
    emulator: EcomailEmulator, audience: Audience, contact_list: str, bad_row: str
) -> None:
    emulator.switch(bad_row=bad_row)
    with pytest.raises(Rejected) as caught:
        add(audience, contact_list, "ok@example.cz", "neni-mail")
    assert caught.value.key == "neni-mail"


@pytest.mark.parametrize(
    "row",
    [a_write(JANA, tags=("x" * 51,)), a_write(JANA, {"custom:a": "x" * 5001}), a_write(JANA, {"birthday": "zítra"})],
)
def test_C19_too_much_or_the_wrong_form_is_refused_and_names_the_person(
    audience: Audience, contact_list: str, row: Any
) -> None:
    with pytest.raises(Rejected) as caught:
        audience.add(contact_list, [row], NO_KEYS, start_automations=False)
    assert caught.value.key == JANA


def test_R40_a_refused_key_can_go_in_another_spelling(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    emulator.switch(diacritic_keys="refused")
    with pytest.raises(Rejected):
        audience.add(contact_list, [a_write(JANA, {OWNER: "Petr"})], NO_KEYS, start_automations=False)
    keys = {OWNER: "vlastnik"}
    audience.add(contact_list, [a_write(JANA, {OWNER: "Petr"})], keys, start_automations=False)
    assert member(audience, contact_list, JANA, keys).fields[OWNER] == "Petr"


def test_R104_a_pass_asks_each_status_in_turn_page_by_page(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    for number in range(4001):
        put(emulator, contact_list, a_profile(f"p{number}@example.cz"))
    seen(audience, contact_list)
    assert [(call.query["status"], call.query["page"], call.query["per_page"]) for call in emulator.calls] == [
        ("subscribed", "1", "4000"),
        ("subscribed", "2", "4000"),
        ("unsubscribed", "1", "4000"),
        ("not_confirmed", "1", "4000"),
        ("bounced", "1", "4000"),
        ("complained", "1", "4000"),
    ]


def test_a_page_tells_its_status_s_total_and_the_vendor_s_time(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    put(emulator, contact_list, a_profile(JANA))
    page = audience.rows(contact_list, None, NO_KEYS)
    assert (page.after, page.total, page.vendor_time) == ("unsubscribed:1", 1, NOW)


@pytest.mark.parametrize("after", ["", "subscribed", "nobody:1", "subscribed:x"])
def test_a_place_that_is_not_ours_is_a_bug_of_the_caller(audience: Audience, contact_list: str, after: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        audience.rows(contact_list, after, NO_KEYS)


def test_R25_pages_leave_out_what_only_a_look_up_says(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    put(emulator, contact_list, a_profile(JANA, fields={"zip": "60200", "street": "Dlouhá 1", "pretitle": "Ing."}))
    (listed,) = seen(audience, contact_list)
    looked = member(audience, contact_list, JANA)
    assert set(looked.fields) - set(listed.fields) == {"pretitle", "surtitle", "street", "zip", "birthday"}
    assert looked.fields["zip"] == "60200"


def test_R103_tags_that_pages_do_not_say_are_unknown_and_looked_up(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    emulator.switch(tags_in_pages=False)
    put(emulator, contact_list, a_profile(JANA, tags=("vip",)))
    (listed,) = seen(audience, contact_list)
    assert listed.tags is None
    assert member(audience, contact_list, JANA).tags == ("vip",)


def test_R17_a_look_up_tells_what_other_lists_know(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    other = a_list(emulator, "Jiný")
    put(emulator, other, a_profile(JANA, Status.COMPLAINED, tags=("vip",), fields={"name": "Jana"}))
    (found,) = audience.look(contact_list, [JANA], NO_KEYS)
    assert isinstance(found, Absent)
    assert found.elsewhere == (Membership(other, Status.COMPLAINED),)
    assert found.profile is not None
    assert (found.profile.fields["name"], found.profile.tags) == ("Jana", ("vip",))


def test_R15_absence_is_believed_beside_a_list_that_is_there(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    audience.look(contact_list, ["a+b@example.cz", "c@example.cz"], NO_KEYS)
    assert asked(emulator) == [
        ("GET", f"/lists/{contact_list}/subscriber/a+b@example.cz"),
        ("GET", "/subscribers/a+b@example.cz"),
        ("GET", f"/lists/{contact_list}/subscriber/c@example.cz"),
        ("GET", "/subscribers/c@example.cz"),
        ("GET", f"/lists/{contact_list}"),
    ]


def test_a_person_who_is_there_costs_one_look_up(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    put(emulator, contact_list, a_profile(JANA))
    audience.look(contact_list, [JANA], NO_KEYS)
    assert len(emulator.calls) == 1


def test_a_person_whom_only_the_account_wide_look_up_finds_in_the_list_is_there(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    put(emulator, contact_list, a_profile(JANA))
    emulator.fail(Fault("status", path=f"/lists/{contact_list}/subscriber/", status=404, body=b'{"errors":["x"]}'))
    (found,) = audience.look(contact_list, [JANA], NO_KEYS)
    assert isinstance(found, Profile) and found.status is Status.SUBSCRIBED


def look(audience: Audience, contact_list: str) -> object:
    return audience.look(contact_list, [JANA], NO_KEYS)


def page(audience: Audience, contact_list: str) -> object:
    return audience.rows(contact_list, None, NO_KEYS)


def names(audience: Audience, contact_list: str) -> object:
    return audience.fields(contact_list)


def lists(audience: Audience, _contact_list: str) -> object:
    return audience.lists()


READINGS = (look, page, names, lists)


@pytest.mark.parametrize("read", READINGS)
@pytest.mark.parametrize(
    ("status", "body"), [(404, HTML), (200, HTML), (200, b'{"data": 5}'), (200, b'"text"'), (200, b'{"data": [')]
)
def test_R106_an_answer_of_another_form_concludes_nothing(
    emulator: EcomailEmulator,
    audience: Audience,
    contact_list: str,
    read: Callable[[Audience, str], object],
    status: int,
    body: bytes,
) -> None:
    put(emulator, contact_list, a_profile(JANA))
    emulator.fail(Fault("status", status=status, body=body))
    with pytest.raises(Malformed):
        read(audience, contact_list)


@pytest.mark.parametrize("read", READINGS)
def test_A6_what_the_account_may_not_do_is_never_no_data(
    emulator: EcomailEmulator, audience: Audience, contact_list: str, read: Callable[[Audience, str], object]
) -> None:
    emulator.fail(Fault("status", status=403, body=b'{"errors": "Forbidden"}'))
    with pytest.raises(Rejected, match="not available in this account"):
        read(audience, contact_list)


def test_R106_a_look_up_that_answers_with_another_person_concludes_nothing(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    emulator.fail(Fault("status", status=200, body=b'{"subscriber": {"email": "eva@example.cz", "status": 1}}'))
    with pytest.raises(Malformed, match="another contact"):
        look(audience, contact_list)


def test_a_broken_connection_while_reading_is_passed_up(
    emulator: EcomailEmulator, audience: Audience, contact_list: str
) -> None:
    emulator.fail(Fault("drop", times=10))
    with pytest.raises(Unreachable):
        page(audience, contact_list)
