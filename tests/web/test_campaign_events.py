"""Campaign events: kept, then answered, and told twice they count once (contract §4, R107)."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.engine import erasing
from core.engine.crash import EVENTS
from core.registry.loading import Registry
from core.store.activities import HappeningRow, MailingRow
from tests.support.bells import BellHouse

EVENT = {"id": "1", "mailing": "campaign:jaro", "title": "Jaro", "email": "Eva@firma.cz", "deed": "opened"}


class Dies(BaseException):
    pass


def post(bells: BellHouse, body: Any, token: str = "") -> TestResponse:
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    return bells.client.post(f"/campaign-events/{token or bells.token}", data=sent)


def kept(bells: BellHouse) -> list[tuple[str, str, str]]:
    with bells.house.world.sessions() as session:
        rows = session.scalars(select(HappeningRow).order_by(HappeningRow.id)).all()
        return [(row.source, row.email, row.deed) for row in rows]


def test_what_is_told_is_kept_and_answered(both_bells: BellHouse) -> None:
    answer = post(both_bells, {"events": [EVENT]})
    assert (answer.status_code, answer.json) == (202, {"accepted": 1})
    assert kept(both_bells) == [("campaign:jaro", "eva@firma.cz", "opened")]


def test_told_twice_it_is_kept_once(both_bells: BellHouse) -> None:
    for _ in range(2):
        assert post(both_bells, {"events": [EVENT]}).status_code == 202
    assert len(kept(both_bells)) == 1


def test_the_mailing_gets_the_name_that_is_told(bells: BellHouse) -> None:
    post(bells, {"events": [{**EVENT, "title": ""}, EVENT]})
    with bells.house.world.sessions() as session:
        assert session.scalars(select(MailingRow.title)).all() == ["Jaro"]


def test_an_unknown_token_leads_nowhere(bells: BellHouse) -> None:
    assert post(bells, [EVENT], token="x" * 32).status_code == 404


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"", 400), (b'"' + b"x" * 1024 * 1024 + b'"', 413)])
def test_what_is_not_json_or_too_much_is_refused(bells: BellHouse, body: bytes, status: int) -> None:
    assert post(bells, body).status_code == status


@pytest.mark.parametrize("body", [None, 7, [], {}, {"events": []}, [{"x": 1}]])
def test_other_shapes_leave_nothing_behind(bells: BellHouse, body: Any) -> None:
    answer = post(bells, body)
    assert (answer.status_code, answer.json, kept(bells)) == (202, {"accepted": 0}, [])


def test_R14_nothing_is_kept_of_who_was_erased(bells: BellHouse) -> None:
    erasing.erase(bells.house.world, "eva@firma.cz")
    assert (post(bells, [EVENT]).json, kept(bells)) == ({"accepted": 0}, [])


def test_R94_what_a_plugin_can_not_read_is_kept_and_can_be_read_again(bells: BellHouse) -> None:
    bells.use(replace(bells.house.world, registry=Registry()))
    assert post(bells, [EVENT]).json == {"accepted": 1}
    (row,) = bells.rows()
    assert (row.kind, row.state, row.payload) == ("events", "failed", {"body": [EVENT]})
    erasing.erase(bells.house.world, "eva@firma.cz")
    assert bells.rows() == []


@pytest.mark.parametrize("point", EVENTS)
def test_R94_an_event_is_kept_before_it_is_answered_and_not_a_moment_before_its_commit(
    bells: BellHouse, point: str
) -> None:
    def die() -> None:
        raise Dies

    bells.house.points.once(point, die)
    with pytest.raises(Dies):
        post(bells, [EVENT])
    assert len(kept(bells)) == (point == "events.after_commit")
