"""Ecomail's JSON read and written."""

from datetime import UTC, datetime
from typing import Any

import pytest

from plugins.ecomail.rows import absent_of, members_of, merged_of, row_of, wanted_of
from spojka import Absent, Malformed, Membership, Profile, Status, Write

MEMBER: dict[str, Any] = {
    "id": 900,
    "email": "Jana@Example.cz ",
    "status": 1,
    "subscribed_at": "2026-11-15T12:59:21.000000Z",
    "custom_fields": {"vlastník": "Petr"},
    "source": "api",
    "subscriber": {"id": 7, "name": "Jana", "phone": None, "tags": ["vip"], "source": "raynet"},
}
OWNER = wanted_of({"custom:Vlastník": " Vlastník "})


def a_member(**changes: Any) -> Profile:
    (profile,) = members_of([{**MEMBER, **changes}], Status.SUBSCRIBED, OWNER)
    return profile


def a_person(**fields: Any) -> Profile:
    return a_member(subscriber=fields)


def test_a_row_of_a_page_becomes_a_profile() -> None:
    assert a_member() == Profile(
        email="jana@example.cz",
        uid="7",
        status=Status.SUBSCRIBED,
        since=datetime(2026, 11, 15, 12, 59, 21, tzinfo=UTC),
        fields={"name": "Jana", "phone": "", "custom:Vlastník": "Petr"},
        tags=("vip",),
        sources=("api", "raynet"),
    )


def test_R25_a_field_that_the_answer_leaves_out_is_not_said() -> None:
    assert a_person(id=7, city="Brno").fields == {"city": "Brno", "custom:Vlastník": "Petr"}


def test_B9_an_empty_map_written_as_an_array_says_that_all_custom_fields_are_empty() -> None:
    assert a_member(custom_fields=[]).fields["custom:Vlastník"] == ""


def test_custom_fields_that_the_answer_leaves_out_are_not_said() -> None:
    row = {key: value for key, value in MEMBER.items() if key != "custom_fields"}
    (profile,) = members_of([row], Status.SUBSCRIBED, OWNER)
    assert "custom:Vlastník" not in profile.fields


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (1, Status.SUBSCRIBED),
        ("2", Status.UNSUBSCRIBED),
        (3, Status.SOFT_BOUNCED),
        (4, Status.BOUNCED),
        ("5", Status.COMPLAINED),
        (6, Status.UNCONFIRMED),
        ("UNSUBSCRIBED", Status.UNSUBSCRIBED),
        ("not_confirmed", Status.UNCONFIRMED),
        (None, Status.BOUNCED),
        (True, Status.BOUNCED),
        (99, Status.BOUNCED),
    ],
)
def test_a_status_is_its_row_s_own_or_else_the_one_filtered_by(said: Any, meant: Status) -> None:
    (profile,) = members_of([{**MEMBER, "status": said}], Status.BOUNCED, ())
    assert profile.status is meant


def test_a_look_up_without_a_status_concludes_nothing() -> None:
    with pytest.raises(Malformed, match="without a status"):
        merged_of({"email": "jana@example.cz"}, ())


@pytest.mark.parametrize(
    ("said", "hour"),
    [
        ("2026-11-15 13:59:21", 12),
        ("2026-07-15 13:59:21", 11),
        ("2026-11-15T12:59:21.000000Z", 12),
        ("2026-11-15T13:59:21+01:00", 12),
    ],
)
def test_E5_a_moment_without_a_zone_is_prague_s(said: str, hour: int) -> None:
    since = a_member(subscribed_at=said).since
    assert since is not None and (since.hour, since.tzinfo) == (hour, UTC)


@pytest.mark.parametrize("said", [None, "", "0000-00-00 00:00:00", 5])
def test_the_beginning_falls_back_to_the_contact_s(said: Any) -> None:
    profile = a_member(subscribed_at=said, subscriber={"id": 7, "inserted_at": "2026-11-15 13:59:21"})
    assert profile.since == datetime(2026, 11, 15, 12, 59, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"gender": "Female "}, {"gender": "female"}),
        ({"gender": None}, {"gender": ""}),
        ({"gender": "other"}, {}),
        ({"country": " cz"}, {"country": "CZ"}),
        ({"birthday": "1980-02-29"}, {"birthday": "1980-02-29"}),
        ({"birthday": "1980-02-29 00:00:00"}, {"birthday": "1980-02-29"}),
        ({"birthday": "0000-00-00"}, {"birthday": ""}),
        ({"birthday": None}, {"birthday": ""}),
        ({"birthday": "29. února"}, {}),
        ({"zip": 60200}, {"zip": "60200"}),
    ],
)
def test_values_come_in_their_normal_form_and_unreadable_ones_are_not_said(said: Any, meant: Any) -> None:
    (profile,) = members_of([{**MEMBER, "subscriber": said}], Status.SUBSCRIBED, ())
    assert profile.fields == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [(["vip", "", "vip", 5], ("vip", "5")), ([], ()), (None, ()), ({"0": "vip", "2": "x"}, ("vip", "x"))],
)
def test_tags_are_a_set_of_texts(said: Any, meant: tuple[str, ...]) -> None:
    assert a_person(id=7, tags=said).tags == meant


def test_tags_that_the_answer_leaves_out_are_unknown() -> None:
    assert a_person(id=7).tags is None


def test_tags_may_stand_beside_the_contact() -> None:
    assert a_member(subscriber={"id": 7}, tags=["vip"]).tags == ("vip",)


@pytest.mark.parametrize(
    ("membership", "contact", "meant"),
    [
        ("api", "raynet", ("api", "raynet")),
        ("raynet", "raynet", ("raynet",)),
        (None, "raynet", ("raynet",)),
        ("api", "", ("api",)),
        (None, None, ()),
    ],
)
def test_sources_are_all_that_are_named(membership: Any, contact: Any, meant: tuple[str, ...]) -> None:
    assert a_member(source=membership, subscriber={"id": 7, "source": contact}).sources == meant


@pytest.mark.parametrize(
    "row", ["text", None, [], {"status": 1}, {"email": None}, {"email": "x"}, {**MEMBER, "subscriber": "x"}]
)
def test_R106_a_row_that_is_no_contact_ends_the_page(row: Any) -> None:
    with pytest.raises(Malformed):
        members_of([row], Status.SUBSCRIBED, ())


def test_R106_tags_of_another_shape_end_the_page() -> None:
    with pytest.raises(Malformed, match="tags"):
        a_person(id=7, tags="vip,raynet")


def test_R17_who_is_only_in_other_lists_is_absent_here_with_what_they_say() -> None:
    contact = {
        "id": 7,
        "email": "jana@example.cz",
        "name": "Jana",
        "tags": ["vip"],
        "lists": {"3": {"status": 5}, "2": {"status": 1}},
    }
    found = absent_of(contact, "1", OWNER)
    assert isinstance(found, Absent)
    assert found.elsewhere == (Membership("2", Status.SUBSCRIBED), Membership("3", Status.COMPLAINED))
    assert found.profile is not None
    assert (found.profile.fields, found.profile.tags, found.profile.status) == (
        {"name": "Jana"},
        ("vip",),
        Status.COMPLAINED,
    )


def test_who_is_in_the_list_after_all_is_a_profile_of_it() -> None:
    contact = {"id": 7, "email": "jana@example.cz", "name": "Jana", "lists": {"1": MEMBER}}
    found = absent_of(contact, "1", OWNER)
    assert isinstance(found, Profile)
    assert found.fields == {"name": "Jana", "custom:Vlastník": "Petr"}


def test_a_contact_without_any_list_is_absent() -> None:
    found = absent_of({"id": 7, "email": "jana@example.cz", "lists": []}, "1", ())
    assert isinstance(found, Absent) and found.elsewhere == ()


def test_R100_a_row_names_only_what_is_written_and_never_a_status() -> None:
    assert row_of(Write("jana@example.cz", {"name": "Jana"}), {}) == {"email": "jana@example.cz", "name": "Jana"}


def test_a_row_holds_custom_fields_under_the_list_s_key_tags_and_source() -> None:
    fields = {"phone": "", "custom:Vlastník": "Petr", "custom:Stav": ""}
    row = row_of(Write("Jana@example.cz", fields, ("vip", "raynet"), "raynet"), {"custom:Vlastník": "vlastnik"})
    assert row == {
        "email": "jana@example.cz",
        "phone": "",
        "custom_fields": {"vlastnik": "Petr", "Stav": ""},
        "tags": ["vip", "raynet"],
        "source": "raynet",
    }


def test_R103_an_empty_set_of_tags_is_sent_as_one() -> None:
    assert row_of(Write("jana@example.cz", {}, ()), {})["tags"] == []


def test_R105_an_empty_gender_is_never_sent() -> None:
    assert row_of(Write("jana@example.cz", {"gender": ""}), {}) == {"email": "jana@example.cz"}


def test_a_field_that_ecomail_does_not_have_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="nickname"):
        row_of(Write("jana@example.cz", {"nickname": "x"}), {})
