"""Leases and tickets: who may work, and in which order things happened, on both databases."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.store import leases
from tests.support.stores import opened

Sessions = sessionmaker[Session]


@pytest.fixture
def sessions(database: str) -> Iterator[Sessions]:
    with opened(database) as made:
        yield made


def alive(holder: str) -> bool:
    return False


def take(sessions: Sessions, holder: str, seconds: float = 60.0, gone: str = "") -> int | None:
    with sessions.begin() as session:
        return leases.take(session, "run:1", holder, seconds, lambda name: name == gone)


def held(sessions: Sessions, fence: int) -> bool:
    with sessions.begin() as session:
        return bool(session.scalar(select(leases.held(session, "run:1", fence))))


def test_a_lease_belongs_to_one_holder(sessions: Sessions) -> None:
    assert (take(sessions, "first"), take(sessions, "second")) == (1, None)


def test_a_lease_that_ran_out_is_taken_with_a_higher_fence(sessions: Sessions) -> None:
    take(sessions, "first", seconds=-1.0)
    assert (take(sessions, "second"), held(sessions, 1), held(sessions, 2)) == (2, False, True)


def test_a_lease_of_the_dead_is_taken_at_once(sessions: Sessions) -> None:
    take(sessions, "first")
    assert take(sessions, "second", gone="first") == 2


def test_a_released_lease_is_free(sessions: Sessions) -> None:
    take(sessions, "first")
    with sessions.begin() as session:
        released = leases.release(session, "run:1", 1)
    assert (released, take(sessions, "second")) == (True, 2)


def test_R97_who_lost_a_lease_can_neither_renew_nor_release_it(sessions: Sessions) -> None:
    take(sessions, "first", seconds=-1.0)
    take(sessions, "second")
    with sessions.begin() as session:
        assert not leases.renew(session, "run:1", 1, 60.0)
        assert not leases.release(session, "run:1", 1)
    assert take(sessions, "third") is None


def test_a_renewed_lease_keeps_its_fence(sessions: Sessions) -> None:
    take(sessions, "first", seconds=-1.0)
    with sessions.begin() as session:
        leases.renew(session, "run:1", 1, 60.0)
    assert (held(sessions, 1), take(sessions, "second")) == (True, None)


def test_a_lease_nobody_ever_took_is_free(sessions: Sessions) -> None:
    with sessions() as session:
        assert leases.is_free(session, "run:1", alive)


def test_a_taken_lease_is_not_free_unless_its_holder_is_dead(sessions: Sessions) -> None:
    take(sessions, "first")
    with sessions() as session:
        assert not leases.is_free(session, "run:1", alive)
        assert leases.is_free(session, "run:1", lambda holder: holder == "first")


def test_every_ticket_is_higher_than_those_before(sessions: Sessions) -> None:
    drawn = []
    for _ in range(3):
        with sessions.begin() as session:
            drawn += [leases.draw(session), leases.draw(session)]
    assert drawn == sorted(set(drawn))
