"""Message events of the account, in the forms that Ecomail posts (R107)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from plugins import ecomail
from spojka import Connection, Deed, Happening, Json


def told(body: Json) -> tuple[Happening, ...]:
    return tuple(ecomail.on_events(Connection(1, {}, {}), body))


def event(name: str = "message_event", **changes: Any) -> dict[str, Any]:
    said = {
        "type": "open",
        "timestamp": "1789034400",
        "event_id": "ev-1",
        "rcpt_to": "Jana@Example.cz",
        "subject": "Sleva",
        "rcpt_meta": {"campaign_id": "10", "pipeline_id": "", "subaccount": "3"},
    }
    return {"msys": {name: {**said, **changes}}}


def test_an_event_tells_who_did_what_in_which_campaign() -> None:
    at = datetime.fromtimestamp(1789034400, UTC)
    expected = Happening("ev-1", "campaign:10", "jana@example.cz", Deed.OPENED, at, subject="Sleva")
    assert told([event()]) == (expected,)


@pytest.mark.parametrize("name", ["message_event", "track_event", "unsubscribe_event", "something_event"])
def test_the_class_of_an_event_does_not_matter(name: str) -> None:
    assert len(told([event(name)])) == 1


def test_an_automation_is_named_by_its_pipeline() -> None:
    meta = {"campaign_id": "", "pipeline_id": "3", "pipeline_action_id": "x"}
    assert told([event(rcpt_meta=meta)])[0].mailing == "automation:3"


def test_a_click_brings_its_link() -> None:
    (found,) = told([event(type="click", target_link_url="https://firma.cz/")])
    assert (found.deed, found.link) == (Deed.CLICKED, "https://firma.cz/")


@pytest.mark.parametrize(
    ("kind", "deed"),
    [
        ("injection", Deed.SENT),
        ("delivery", Deed.DELIVERED),
        ("bounce", Deed.BOUNCED),
        ("spam_complaint", Deed.COMPLAINED),
        ("link_unsubscribe", Deed.UNSUBSCRIBED),
        ("list_unsubscribe", Deed.UNSUBSCRIBED),
        ("initial_open", Deed.OPENED),
    ],
)
def test_types_and_what_they_mean(kind: str, deed: Deed) -> None:
    assert told([event(type=kind)])[0].deed is deed


@pytest.mark.parametrize("changes", [{"type": "delay"}, {"rcpt_to": ""}, {"rcpt_meta": []}, {"rcpt_meta": {}}])
def test_what_names_no_mailing_or_nobody_is_left_out(changes: dict[str, Any]) -> None:
    assert told([event(**changes)]) == ()


@pytest.mark.parametrize("body", [None, 7, "x", [], {}, [[]], [{}], {"msys": {}}, [{"msys": []}], [{"msys": {"a": 1}}]])
def test_samples_and_other_shapes_tell_nothing(body: Any) -> None:
    assert told(body) == ()


def test_an_event_without_a_name_is_the_same_when_it_is_told_again() -> None:
    nameless = event(event_id=None)
    assert told([nameless])[0].id == told([nameless])[0].id
    assert told([nameless])[0].id != told([event(event_id=None, type="click")])[0].id


def test_a_time_that_is_none_is_left_open() -> None:
    assert told([event(timestamp="soon")])[0].at is None
