"""The steps of automations: kept, then answered; the vendor never asks twice (contract §4, R52, R54)."""

from typing import Any
from urllib.parse import quote

import orjson
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.engine import erasing
from core.engine.crash import ACTIONS
from core.store.outbox import OutboxRow
from tests.support.bells import BellHouse

EVA = {"email": "eva@firma.cz", "name": "Eva"}
NEW = {"account": "a", "pipeline": 3, "action": "x1", "email": "Eva@firma.cz", "subscriber": EVA, "subscribers": [EVA]}
OLD = {"account": "a", "pipeline": 3, "action": 17, "subscribers": [EVA, {"email": "jan@firma.cz"}]}


def post(bells: BellHouse, body: Any, tag: str | None = "VIP", action: str = "add", token: str = "") -> TestResponse:
    path = f"/automation/{token or bells.token}/tags/{action}"
    sent = body if isinstance(body, bytes) else orjson.dumps(body)
    return bells.client.post(path + (f"?tag={quote(tag)}" if tag is not None else ""), data=sent)


def kept(bells: BellHouse) -> list[tuple[str, str, bool]]:
    with bells.house.world.sessions() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.email)).all()
        return [(row.email, row.payload["tag"], row.payload["add"]) for row in rows]


def test_R52_what_a_step_asks_is_kept_and_answered(both_bells: BellHouse) -> None:
    answer = post(both_bells, NEW)
    assert (answer.status_code, answer.json) == (202, {"accepted": 1})
    assert kept(both_bells) == [("eva@firma.cz", "VIP", True)]


def test_R52_both_generations_of_the_body_and_several_subscribers(bells: BellHouse) -> None:
    assert post(bells, OLD, action="remove").json == {"accepted": 2}
    assert kept(bells) == [("eva@firma.cz", "VIP", False), ("jan@firma.cz", "VIP", False)]


def test_one_commit_whatever_the_number_of_subscribers(both_bells: BellHouse) -> None:
    both_bells.house.forget()
    post(both_bells, {"subscribers": [{"email": f"p{number}@firma.cz"} for number in range(50)]})
    assert [note.what for note in both_bells.house.notes.all].count("commit") == 1


@pytest.mark.parametrize("tag", [None, "", "  ", "a,b", "x" * 51])
def test_R54_a_tag_that_no_crm_takes_is_refused_at_the_door(bells: BellHouse, tag: str | None) -> None:
    answer = post(bells, NEW, tag)
    assert (answer.status_code, answer.content_type, kept(bells)) == (400, "application/problem+json", [])
    assert "tag" in answer.text.lower()


def test_R54_a_tag_is_trimmed(bells: BellHouse) -> None:
    post(bells, NEW, " Žlutý ")
    assert kept(bells) == [("eva@firma.cz", "Žlutý", True)]


def test_an_unknown_token_leads_nowhere(bells: BellHouse) -> None:
    assert post(bells, NEW, token="x" * 32).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"nothing", b"\xff"])
def test_what_is_not_json_is_refused(bells: BellHouse, body: bytes) -> None:
    assert post(bells, body).status_code == 400


def test_more_than_a_mebibyte_is_too_much(bells: BellHouse) -> None:
    assert post(bells, b'"' + b"x" * 1024 * 1024 + b'"').status_code == 413


@pytest.mark.parametrize("body", [[], {}, 7, {"subscribers": 3}, {"email": ["x"]}, {"email": "kdosi"}, [NEW]])
def test_another_shape_leaves_nothing_behind(bells: BellHouse, body: Any) -> None:
    answer = post(bells, body)
    assert (answer.status_code, answer.json, kept(bells)) == (202, {"accepted": 0}, [])


def test_only_posting_asks_for_something(bells: BellHouse) -> None:
    assert bells.client.get(f"/automation/{bells.token}/tags/add?tag=VIP").status_code == 405


@pytest.mark.parametrize("rest", ["", "/tags", "/tags/", "/tags/add/", "/tags/set"])
def test_other_addresses_lead_nowhere(bells: BellHouse, rest: str) -> None:
    assert bells.client.post(f"/automation/{bells.token}{rest}?tag=VIP", data=b"{}").status_code == 404


def test_R14_nothing_is_kept_of_who_was_erased(bells: BellHouse) -> None:
    erasing.erase(bells.house.world, "eva@firma.cz")
    assert (post(bells, OLD).json, kept(bells)) == ({"accepted": 1}, [("jan@firma.cz", "VIP", True)])


def test_a_worker_is_woken_only_where_tags_are_written_at_once(bells: BellHouse) -> None:
    post(bells, NEW)
    assert bells.house.rings.heard == []
    bells.house.set(bells.connection, tag_writeback="immediate")
    bells.house.rings.heard.clear()
    post(bells, NEW)
    assert bells.house.rings.heard == [("realtime", "send_now", bells.connection)]


class Dies(BaseException):
    pass


@pytest.mark.parametrize("point", ACTIONS)
def test_R94_an_action_is_kept_before_it_is_answered_and_not_a_moment_before_its_commit(
    bells: BellHouse, point: str
) -> None:
    def die() -> None:
        raise Dies

    bells.house.points.once(point, die)
    with pytest.raises(Dies):
        post(bells, NEW)
    assert len(kept(bells)) == (point == "action.after_commit")
