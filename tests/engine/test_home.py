"""A copy of an installation reads and writes nothing until a person says that it is the new home (R110)."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from core import connecting
from core.engine import full, home, waiting
from core.engine.home import address_of, answered, arrived, is_loopback, keeps_away
from core.engine.job import Paused
from core.engine.openjob import open_job
from core.engine.watching import ELSEWHERE, take_away, watch_now
from core.ports import World
from core.store import questions, schedule
from core.store.base import look, transact
from core.store.questions import QuestionRow
from tests.support.worlds import House

HOME, COPY = "https://spojka.firma.cz", "https://staging.firma.cz/spojka"


def at(house: House, url: str) -> World:
    """A process of the house that is reached there."""
    return replace(house.world, settings=replace(house.world.settings, public_url=url))


def settled(house: House) -> int:
    """A connection whose installation has worked at home."""
    connection = house.connect()
    watch_now(at(house, HOME), connection)
    house.forget()
    return connection


def asked(house: House) -> list[QuestionRow]:
    return list(look(house.world.sessions, questions.open_ones))


def say(house: House, world: World, *, yes: bool) -> None:
    """What a person answers to the first open question."""

    def write(session: Session) -> None:
        row = questions.open_ones(session)[0]
        row.answer, row.answered_at = "yes" if yes else "no", house.clock.now()
        answered(world, session, row, yes)

    transact(house.world.sessions, write)


def next_watch(house: House, connection: int) -> object:
    return look(house.world.sessions, lambda session: schedule.next_at(session, connection, schedule.WATCH))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://spojka.localhost:81/x", True),
        ("http://[::1]:8080", True),
        ("http://0.0.0.0:8080", True),
        ("http://192.168.1.7:8080", False),
        ("https://localhost.firma.cz", False),
        ("https://[broken", False),
        (HOME, False),
    ],
)
def test_which_addresses_are_of_this_machine_alone(url: str, said: bool) -> None:
    assert is_loopback(url) is said


@pytest.mark.parametrize(
    "same",
    ["https://spojka.firma.cz", "http://spojka.firma.cz", "https://SPOJKA.firma.cz/", "https://spojka.firma.cz:443"],
)
def test_turning_on_https_is_no_move(same: str) -> None:
    assert address_of(same) == "spojka.firma.cz"


@pytest.mark.parametrize("other", [COPY, "https://spojka.firma.cz:8443", "https://spojka.firma.cz/test"])
def test_another_host_port_or_path_is_another_address(other: str) -> None:
    assert address_of(other) != address_of(HOME)


def test_the_first_one_who_works_settles_the_home(both_house: House) -> None:
    settled(both_house)

    assert not keeps_away(at(both_house, HOME))
    assert keeps_away(at(both_house, COPY))


def test_who_has_not_worked_yet_may_still_choose_an_address(house: House) -> None:
    house.connect()

    assert not keeps_away(at(house, HOME))
    assert not keeps_away(at(house, COPY))


def test_a_loopback_address_is_neither_recorded_nor_compared(house: House) -> None:
    connection = house.connect()
    watch_now(house.world, connection)
    assert look(house.world.sessions, home.recorded) == ""

    watch_now(at(house, HOME), connection)

    assert not keeps_away(house.world)


def test_finding_oneself_at_home_costs_one_query_and_on_loopback_none(house: House) -> None:
    settled(house)

    keeps_away(house.world)
    assert sum(note.what == "statement" for note in house.notes.all) == 0
    keeps_away(at(house, HOME))
    assert sum(note.what == "statement" for note in house.notes.all) == 1


def test_R110_a_copy_leaves_webhooks_alone_and_asks_once(both_house: House) -> None:
    connection = settled(both_house)
    both_house.clock.advance(86_401)

    for _ in range(3):
        watch_now(at(both_house, COPY), connection)

    (question,) = asked(both_house)
    assert (question.connection_id, question.kind) == (connection, "R110")
    assert question.facts == {"recorded": "spojka.firma.cz", "found": "staging.firma.cz/spojka"}
    assert both_house.raynet.calls == []


def test_R110_yes_moves_the_home_and_its_webhooks(both_house: House) -> None:
    connection = settled(both_house)
    copy = at(both_house, COPY)
    keeps_away(copy)

    say(both_house, copy, yes=True)
    watch_now(copy, connection)

    token = both_house.world.vault.open(both_house.row(connection).token_sealed)["token"]
    assert [hook.url for hook in both_house.raynet.webhooks.all.values()] == [f"{COPY}/hooks/{token}"]
    assert keeps_away(at(both_house, HOME))


def test_what_changed_before_the_yes_was_not_found_live(house: House) -> None:
    connection = settled(house)
    keeps_away(at(house, COPY))

    say(house, at(house, COPY), yes=True)

    assert house.row(connection).resumed_at == house.clock.now()


def test_one_yes_answers_for_all_connections(house: House) -> None:
    settled(house)
    house.connect(audience="local")
    keeps_away(at(house, COPY))
    assert len(asked(house)) == 2

    say(house, at(house, COPY), yes=True)

    assert asked(house) == []


def test_after_a_no_the_copy_keeps_away_and_asks_no_more(house: House) -> None:
    settled(house)
    keeps_away(at(house, COPY))

    say(house, at(house, COPY), yes=False)

    assert keeps_away(at(house, COPY))
    assert asked(house) == []


def test_who_resumes_a_connection_after_a_no_is_asked_again(house: House) -> None:
    connection = settled(house)
    keeps_away(at(house, COPY))
    say(house, at(house, COPY), yes=False)

    house.clock.advance(1)
    connecting.pause(house.world, connection)
    connecting.resume(house.world, connection)
    keeps_away(at(house, COPY))

    assert len(asked(house)) == 1


def test_R110_ending_a_connection_in_a_copy_leaves_the_webhook_of_the_original(house: House) -> None:
    connection = settled(house)

    assert connecting.remove(at(house, COPY), connection) == home.AWAY
    assert len(house.raynet.webhooks.all) == 1


@pytest.mark.parametrize("bases", [{}, {"RAYNET_BASE_URL": "http://127.0.0.1:8090/api/v2/"}])
def test_R110_so_does_one_on_a_loopback_address(house: House, bases: dict[str, str]) -> None:
    connection = settled(house)
    near = replace(house.world, settings=replace(house.world.settings, base_urls=bases))

    assert take_away(near, house.row(connection)) == ELSEWHERE
    assert len(house.raynet.webhooks.all) == 1


def test_a_start_under_the_same_address_makes_nothing_due(house: House) -> None:
    connection = settled(house)
    arrived(at(house, HOME))
    watch_now(at(house, HOME), connection)
    before = next_watch(house, connection)
    house.clock.advance(5)

    arrived(at(house, HOME))

    assert next_watch(house, connection) == before


def test_a_start_under_a_new_loopback_address_makes_webhooks_due(house: House) -> None:
    connection = house.connect()
    watch_now(house.world, connection)
    arrived(house.world)
    watch_now(house.world, connection)
    house.clock.advance(5)

    arrived(at(house, "http://127.0.0.1:8090"))

    assert next_watch(house, connection) == house.clock.now()


def test_a_copy_that_starts_makes_nothing_due(house: House) -> None:
    connection = settled(house)
    before = next_watch(house, connection)
    house.clock.advance(5)

    arrived(at(house, COPY))

    assert next_watch(house, connection) == before


def test_R110_a_job_of_a_copy_does_not_open(house: House) -> None:
    connection = settled(house)

    with pytest.raises(Paused, match="elsewhere"):
        open_job(at(house, COPY), connection, [], by="reading:1", cause="bell", lane="live")


def test_a_webhook_that_is_due_is_rung_for_and_then_no_more(house: House) -> None:
    connection = house.connect()
    ring = ("default", "watch_now", connection)
    assert ring in look(house.world.sessions, lambda session: waiting.rings(house.world, session))

    watch_now(house.world, connection)

    assert ring not in look(house.world.sessions, lambda session: waiting.rings(house.world, session))


def test_the_first_run_settles_the_home(house: House) -> None:
    connection = house.connect()

    full.work(at(house, HOME), house.queue(connection))

    assert look(house.world.sessions, home.recorded) == address_of(HOME)


def test_R110_a_run_of_a_copy_waits_and_says_why_and_goes_on_after_a_yes(both_house: House) -> None:
    both_house.person("eva@firma.cz")
    connection = settled(both_house)
    copy, run_id = at(both_house, COPY), both_house.queue(connection)

    waits = full.work(copy, run_id)
    assert (waits.state, waits.result and waits.result["status"], waits.error) == ("queued", "paused", home.AWAY)
    assert (both_house.raynet.calls, both_house.ecomail.calls) == ([], [])
    say(both_house, copy, yes=True)
    done = full.work(copy, run_id)

    assert (done.state, done.error) == ("done", "")
    assert "eva@firma.cz" in both_house.the_list()


def test_R110_a_copy_that_is_asked_again_and_again_breaks_no_run_off(house: House) -> None:
    connection = settled(house)
    run_id = house.queue(connection)

    for _ in range(7):
        full.work(at(house, COPY), run_id)

    assert full.work(at(house, HOME), run_id).state == "done"
