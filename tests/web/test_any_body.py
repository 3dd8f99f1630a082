"""Whatever is posted to a bell's address: never a 500, and nothing left behind unless it was accepted."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.bells import BellHouse, event

BODIES, EXAMPLES = 40, 250
"""10 000 bodies: an example is many of them, because one house holds for all."""

WORDS = st.sampled_from(
    ["type", "data", "entityName", "entityId", "Person", "Company", "record.updated", "record.deleted", "12", "0", ""]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | WORDS
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=5),
    max_leaves=12,
)
NEARLY = st.fixed_dictionaries(
    {"type": WORDS | ANYTHING, "data": st.fixed_dictionaries({"entityName": WORDS | SCALARS, "entityId": ANYTHING})}
)
STRANGE = st.sampled_from(
    [
        b"",
        b"NaN",
        b'{"type": NaN}',
        b"[" * 100_000,
        b"[" * 1000 + b"]" * 1000,
        b'{"data":' * 500 + b"1" + b"}" * 500,
        b'"\\ud800"',
        b'{"type": "\\udfff"}',
        b"1e999",
        b"9" * 5000,
        b'{"type": "record.updated", "data": {"entityName": "Person", "entityId": ' + b"9" * 400 + b"}}",
        b'{"type": "record.updated", "data": {"entityName": "Person", "entityId": "12\\u0000"}}',
        b'{"type": "record.updated", "type": 5}',
        "\ufeff{}".encode(),
        "{}".encode("utf-16"),
        b"\xff\xfe\x00",
    ]
)
JSON = (NEARLY | ANYTHING).map(orjson.dumps)


def _cut(body: bytes, place: int) -> bytes:
    return body[: place % (len(body) + 1)]


BODY = (
    JSON
    | STRANGE
    | st.binary(max_size=200)
    | st.builds(_cut, JSON, st.integers(0, 1000))
    | st.integers(1, 10**18).map(lambda number: orjson.dumps(event(number)))
)


def posted(bells: BellHouse, bodies: list[bytes]) -> list[tuple[bytes, int, Any]]:
    answers = []
    for body in bodies:
        answer = bells.post(body)
        answers.append((body, answer.status_code, answer.get_json(force=True)))
    return answers


@settings(max_examples=max(EXAMPLES, settings().max_examples))
@given(bodies=st.lists(BODY, min_size=BODIES, max_size=BODIES))
def test_any_body_is_accepted_or_leaves_nothing_behind(bells: BellHouse, bodies: list[bytes]) -> None:
    before = bells.count()
    answers = posted(bells, bodies)
    accepted = sum(document["accepted"] for _, status, document in answers if status == 202)

    assert [body for body, status, _ in answers if status not in (202, 400)] == []
    assert bells.count() - before == accepted


@pytest.mark.parametrize("number", [1, 12, 10**18 - 1])
def test_a_bell_among_them_is_accepted(bells: BellHouse, number: int) -> None:
    assert posted(bells, [orjson.dumps(event(number))])[0][2] == {"accepted": 1}
