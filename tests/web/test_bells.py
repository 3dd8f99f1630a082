import threading
from dataclasses import replace
from typing import Any, NoReturn

import orjson
import pytest

from core import connecting
from core.engine.crash import BELLS
from core.store import inbox
from core.store.connections import digest
from core.world import serving
from spojka import Kind, Ring
from tests.support.bells import HEADER, BellHouse, event

MEBIBYTE = 1024 * 1024


class Dies(BaseException):
    pass


class Hanging:
    def __init__(self) -> None:
        self.end = threading.Event()

    def ring(self, queue: str, task: str, key: int) -> None:
        self.end.wait()


def dies() -> NoReturn:
    raise Dies


def test_R70_a_bell_is_kept_and_answered_with_how_many_records_it_named(both_bells: BellHouse) -> None:
    answer = both_bells.ring(event(12))

    assert (answer.status_code, answer.json) == (202, {"accepted": 1})
    assert both_bells.kept() == [[["person", "12", False]]]


def test_a_bell_that_is_kept_is_open_and_says_when_it_came(bells: BellHouse) -> None:
    bells.ring()

    (row,) = bells.rows()
    assert (row.connection_id, row.kind, row.state, row.claim, row.error) == (
        bells.connection,
        "bell",
        "open",
        None,
        "",
    )
    assert (row.received_at, row.closed_at) == (bells.house.clock.now(), None)


def test_R81_a_bell_of_a_deleted_record_says_so(bells: BellHouse) -> None:
    bells.ring(event(3, "record.deleted", "Company"))

    assert bells.kept() == [[["company", "3", True]]]


def test_a_bell_wakes_a_worker_for_its_connection(bells: BellHouse) -> None:
    bells.ring()

    assert bells.house.rings.heard == [("realtime", "live_now", bells.connection)]


def test_a_bell_costs_two_statements_and_one_commit(both_bells: BellHouse) -> None:
    assert both_bells.ring().status_code == 202

    noted = [note.what for note in both_bells.house.notes.all]
    assert noted.count("statement") <= 2
    assert noted.count("commit") == 1


def test_the_next_bell_of_an_address_costs_nothing_but_its_own_row(both_bells: BellHouse) -> None:
    both_bells.ring()
    both_bells.house.forget()
    assert both_bells.ring(event(13)).json == {"accepted": 1}

    # The row goes to the driver itself, so that whatever stands here would have been asked beside it.
    assert [note.what for note in both_bells.house.notes.all if note.what != "point"] == ["commit"]
    assert len(both_bells.rows()) == 2


def test_an_address_that_was_known_and_is_a_removed_connection_is_not_found(both_bells: BellHouse) -> None:
    both_bells.ring()
    connecting.remove(both_bells.house.world, both_bells.connection)

    assert both_bells.ring().status_code == 404
    assert both_bells.rows() == []


def test_an_address_that_was_known_and_was_changed_is_not_found(both_bells: BellHouse) -> None:
    both_bells.ring()
    both_bells.set(token_hash=digest("another"))

    assert both_bells.ring().status_code == 404
    assert len(both_bells.rows()) == 1


def test_json_of_another_shape_at_an_address_that_was_known_and_was_changed_is_not_found(bells: BellHouse) -> None:
    bells.ring()
    bells.set(token_hash=digest("another"))

    assert bells.ring({}).status_code == 404


def test_a_secret_that_was_changed_is_no_way_in_any_more(both_bells: BellHouse) -> None:
    both_bells.give_secret("first")
    both_bells.ring(**{HEADER: "first"})
    both_bells.give_secret("second")

    assert both_bells.ring(**{HEADER: "first"}).status_code == 401
    assert both_bells.ring(**{HEADER: "second"}).status_code == 202


def test_settings_that_were_changed_are_what_the_plugin_sees_next(both_bells: BellHouse) -> None:
    seen: list[str] = []

    def remember(body: Any, settings: Any) -> list[Ring]:
        seen.append(settings["on_delete"])
        return [Ring(Kind.PERSON, "1")]

    both_bells.replace_plugin(remember)
    both_bells.ring()
    both_bells.house.set(both_bells.connection, on_delete="tag")
    both_bells.ring()

    assert (seen[0], seen[-1]) == ("keep", "tag")
    assert len(both_bells.rows()) == 2


def test_an_address_that_leads_nowhere_is_not_found(bells: BellHouse) -> None:
    answer = bells.client.post("/hooks/nobody", data=orjson.dumps(event()))

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert bells.rows() == []


def test_the_bell_of_a_removed_connection_is_not_found(bells: BellHouse) -> None:
    connecting.remove(bells.house.world, bells.connection)

    assert bells.ring().status_code == 404
    assert bells.rows() == []


def test_a_connection_that_is_removed_while_its_bell_is_read_keeps_nothing(both_bells: BellHouse) -> None:
    def remove(body: Any, settings: Any) -> list[Ring]:
        connecting.remove(both_bells.house.world, both_bells.connection)
        return [Ring(Kind.PERSON, "12")]

    both_bells.replace_plugin(remove)

    assert both_bells.ring().status_code == 404
    assert both_bells.rows() == []


@pytest.mark.parametrize("state", ["paused", "refused"])
def test_R82_a_connection_that_does_not_work_keeps_its_bells(bells: BellHouse, state: str) -> None:
    bells.set(state=state)

    assert bells.ring().status_code == 202
    assert len(bells.rows()) == 1


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "another"}, {HEADER: "tajné"}])
def test_a_bell_without_the_secret_that_the_crm_repeats_is_refused(bells: BellHouse, headers: dict[str, str]) -> None:
    bells.give_secret("s3cret")
    answer = bells.ring(**headers)

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert bells.rows() == []


def test_a_bell_with_the_secret_is_let_in(bells: BellHouse) -> None:
    bells.give_secret("s3cret")

    assert bells.ring(**{HEADER: "s3cret"}).json == {"accepted": 1}


def test_where_the_crm_was_given_no_secret_the_address_is_proof(bells: BellHouse) -> None:
    assert bells.ring(**{HEADER: "whatever"}).json == {"accepted": 1}


def test_a_secret_that_no_key_opens_any_more_is_no_way_in(bells: BellHouse) -> None:
    bells.set(bell_sealed="sealed with a key that is gone")

    assert bells.ring(**{HEADER: "s3cret"}).status_code == 503
    assert bells.rows() == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"NaN", b'{"type": }', b"type=record.updated"])
def test_what_is_not_json_is_refused(bells: BellHouse, body: bytes) -> None:
    answer = bells.post(body)

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert bells.rows() == []


def test_a_body_over_a_mebibyte_is_refused(bells: BellHouse) -> None:
    answer = bells.post(b" " * (MEBIBYTE + 1))

    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


def test_a_body_over_a_mebibyte_that_does_not_say_its_length_is_refused(bells: BellHouse) -> None:
    chunked = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    answer = bells.client.post(bells.path, data=b" " * (MEBIBYTE + 1), environ_overrides=chunked)

    assert answer.status_code == 413


def test_a_body_of_a_mebibyte_is_read(bells: BellHouse) -> None:
    body = orjson.dumps(event())

    assert bells.post(body + b" " * (MEBIBYTE - len(body))).json == {"accepted": 1}


@pytest.mark.parametrize(
    "body",
    [None, 1, "record.updated", [], {}, [event()], {"type": "record.updated"}, {"data": []}, {"type": [], "data": {}}]
    + [event(entity="Lead"), event(kind="record.viewed"), event(record=-1), event(entityId={"id": 12})],
)
def test_json_of_another_kind_or_shape_leaves_nothing_behind(bells: BellHouse, body: Any) -> None:
    answer = bells.post(orjson.dumps(body))

    assert (answer.status_code, answer.json) == (202, {"accepted": 0})
    assert (bells.rows(), bells.house.rings.heard) == ([], [])


def test_rings_of_kinds_that_the_manifest_does_not_name_leave_nothing_behind(bells: BellHouse) -> None:
    bells.replace_plugin(lambda body, settings: [Ring(Kind.COMPANY, "1")], kinds=(Kind.PERSON,))

    assert bells.ring().json == {"accepted": 0}
    assert bells.rows() == []


@pytest.mark.parametrize(
    "answered",
    [5, "text", [None], [Ring("person", "1")], [Ring(Kind.PERSON, 5)], [Ring(Kind.PERSON, "a\x00b")]]  # type: ignore[arg-type]  # what a plugin may get wrong
    + [[Ring(Kind.PERSON, "\ud800")], [Ring(Kind.PERSON, "1", "yes")]],  # type: ignore[arg-type]  # as above
)
def test_R93_what_a_plugin_answers_wrongly_becomes_a_look_at_everything(bells: BellHouse, answered: Any) -> None:
    bells.replace_plugin(lambda body, settings: answered)

    assert bells.ring().json == {"accepted": 1}
    assert bells.kept() == [[]]


def test_R93_a_plugin_that_raises_loses_no_bell_and_shows_nothing_of_it(bells: BellHouse) -> None:
    def fail(body: Any, settings: Any) -> NoReturn:
        raise ValueError(body["author"])

    bells.replace_plugin(fail)
    bells.ring()

    (row,) = bells.rows()
    assert row.payload == {"rings": []}
    assert row.error.startswith("The plugin raynet failed in on_bell: ValueError in ")


def test_the_bell_of_a_plugin_that_is_not_there_is_kept(bells: BellHouse) -> None:
    bells.give_secret("s3cret")
    bells.replace_plugin(None)

    assert bells.ring().json == {"accepted": 1}
    assert bells.kept() == [[]]


def test_one_look_at_everything_is_enough_until_somebody_begins_it(both_bells: BellHouse) -> None:
    both_bells.replace_plugin(lambda body, settings: 5)

    assert [both_bells.ring().json for _ in range(3)] == [{"accepted": 1}] * 3
    assert both_bells.kept() == [[]]


def test_a_look_at_everything_that_somebody_works_on_may_be_too_late_for_the_next_bell(both_bells: BellHouse) -> None:
    both_bells.replace_plugin(lambda body, settings: 5)
    both_bells.ring()
    with both_bells.house.world.sessions.begin() as session:
        inbox.claim_bells(session, both_bells.connection, "reading:1:1", 100)
    both_bells.ring()

    assert both_bells.kept() == [[], []]


@pytest.mark.parametrize("point", BELLS)
def test_R94_a_bell_is_kept_before_it_is_answered_and_not_a_moment_before_its_commit(
    bells: BellHouse, point: str
) -> None:
    bells.house.points.once(point, dies)
    with pytest.raises(Dies):
        bells.ring()

    assert len(bells.rows()) == (point == "bell.after_commit")


def test_a_bell_needs_and_gets_no_cookie(bells: BellHouse) -> None:
    assert "Set-Cookie" not in bells.ring().headers


def test_only_post_rings(bells: BellHouse) -> None:
    answer = bells.client.get(bells.path)

    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")


def test_a_database_that_is_away_is_told_as_a_problem_of_the_moment(
    bells: BellHouse, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with bells.house.world.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbox RENAME TO elsewhere")
    answer = bells.ring(event(author="jana@firma.cz"))

    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    said = caplog.text + "".join(capsys.readouterr())
    assert bells.token not in said
    assert "jana@firma.cz" not in said


def test_a_bug_is_answered_and_its_address_is_in_no_log(
    bells: BellHouse, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks() -> NoReturn:
        raise RuntimeError(bells.path)

    bells.house.points.once("bell.before_commit", breaks)
    answer = bells.ring()

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert bells.token not in caplog.text + "".join(capsys.readouterr())
    assert bells.rows() == []


def test_a_bell_is_answered_though_the_messenger_hangs(bells: BellHouse) -> None:
    hanging = Hanging()
    bells.use(serving(replace(bells.house.world, wake=hanging)))
    answered = [bells.ring().status_code for _ in range(3)]
    hanging.end.set()

    assert answered == [202, 202, 202]
