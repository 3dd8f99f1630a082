"""The form that docs/embedded-events.md describes is the one that is taken."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from core.embedded.events import EventSchema, happenings
from spojka import Deed

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "embedded-events.md").read_text()
EXAMPLE: dict[str, Any] = orjson.loads(re.findall(r"```json\n(.*?)```", PAGE, re.S)[0])


def test_the_example_is_taken() -> None:
    (found,) = happenings(EXAMPLE)
    assert (found.id, found.mailing, found.email) == ("jaro-1042-open-1", "campaign:jaro-2026", "eva@firma.cz")
    assert (found.deed, found.title) == (Deed.OPENED, "Jaro 2026")


def test_every_key_is_described() -> None:
    described = {name for row in re.findall(r"^\| (`[^|]*`) \|", PAGE, re.M) for name in re.findall(r"`(\w+)`", row)}
    assert described == set(EventSchema().fields)


def test_every_deed_is_named() -> None:
    assert all(f"`{deed.value}`" in PAGE for deed in Deed)


def test_an_event_may_stand_alone() -> None:
    assert len(happenings(EXAMPLE["events"][0])) == 1


@pytest.mark.parametrize(
    "changes",
    [{"email": "x"}, {"deed": "seen"}, {"mailing": "x"}, {"id": ""}, {"link": "javascript:alert(1)"}, {"at": "soon"}],
)
def test_an_event_of_another_form_is_left_out_alone(changes: dict[str, Any]) -> None:
    good = EXAMPLE["events"][0]
    assert len(happenings({"events": [{**good, **changes}, good]})) == 1


@pytest.mark.parametrize("body", [None, 7, "x", [], {}, {"events": 3}, {"events": [3]}, [None]])
def test_other_shapes_tell_nothing(body: Any) -> None:
    assert happenings(body) == ()
