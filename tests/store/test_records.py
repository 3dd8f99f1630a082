"""The CRM's mirror as a night looks at it, on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.store import records, tombstones
from core.store.base import transact
from core.store.records import RecordRow
from tests.support.stores import opened

OWNER = "custom:Vlastník"
Sessions = sessionmaker[Session]


@pytest.fixture
def sessions(database: str) -> Iterator[Sessions]:
    with opened(database) as made:
        transact(made, lambda session: session.add_all([a_record(str(number)) for number in (1, 2, 9, 10, 11)]))
        yield made


def a_record(record_id: str, **changes: Any) -> RecordRow:
    """A person of connection 1."""
    values: dict[str, Any] = {
        "connection_id": 1,
        "kind": "person",
        "record_id": record_id,
        "sort_key": record_id.zfill(20),
        "version": 3,
        "ticket": 1,
        "found": "live",
        "standing": "usual",
        "mailable": True,
        "created_at": None,
        "fields": {OWNER: "Eva" if int(record_id) < 10 else "Jan"},
        "one_way": [],
        "tags": [],
        "lends": [],
        "digest": "",
        "fault": "",
    }
    return RecordRow(**{**values, **changes})


def test_pages_hold_every_record_once(sessions: Sessions) -> None:
    with sessions() as session:
        pages, after = [], ""
        while page := records.page(session, 1, "person", after, 2):
            pages.append(page)
            after = page[-1]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert {one for page in pages for one in page} == {"1", "2", "9", "10", "11"}


def test_K4_who_is_gone_is_no_longer_held(sessions: Sessions) -> None:
    transact(sessions, lambda session: tombstones.bury(session, 1, "person", ["2"], 5))

    with sessions() as session:
        assert "2" not in records.page(session, 1, "person", "", 10)
        assert records.versions(session, 1, "person", ["1", "2", "77"]) == {"1": 3}


def test_R45_a_name_is_sampled_by_at_most_two_records(sessions: Sessions) -> None:
    with sessions() as session:
        found = records.samples(session, 1, "person", OWNER)

    assert found == {"1": "Eva", "9": "Eva", "10": "Jan", "11": "Jan"}


def test_R45_all_records_that_show_a_name_are_found(sessions: Sessions) -> None:
    with sessions() as session:
        assert records.saying(session, 1, "person", OWNER, ["Eva", "Karel"]) == ["1", "2", "9"]


def test_a_record_that_says_nothing_of_a_field_is_no_sample(sessions: Sessions) -> None:
    transact(sessions, lambda session: session.add_all([a_record("5", fields={}), a_record("6", fields={OWNER: ""})]))

    with sessions() as session:
        assert {"5", "6"}.isdisjoint(records.samples(session, 1, "person", OWNER))
