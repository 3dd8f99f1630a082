import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from core.outgoing.seats import Seats
from core.real import SystemClock
from core.store.leases import LeaseRow, database_now
from spojka import Busy, Limits, Request
from tests.support.clock import MiddleDice, VirtualClock
from tests.support.outgoing import a_manifest, store_in, ways
from tests.support.vendor import Listening, Vendor

SECONDS = 60.0


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def sessions(tmp_path: Path) -> sessionmaker[Session]:
    return store_in(tmp_path)


def seats_of(
    holder: str, sessions: sessionmaker[Session], clock: VirtualClock, count: int = 1, dead: str = ""
) -> Seats:
    return Seats("acme:1", count, sessions, clock, MiddleDice(), holder, dead=lambda name: name == dead)


def wait_in_vain(seats: Seats, clock: VirtualClock) -> None:
    with pytest.raises(Busy), seats.seat("live", SECONDS, clock.now() + timedelta(seconds=1)):
        pass


def held(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        mine = select(LeaseRow.name).where(LeaseRow.until > database_now(session)).order_by(LeaseRow.name)
        return [name for name in session.scalars(mine) if "wanted" not in name]


def test_R90_seats_are_counted_over_processes(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    one, other = seats_of("one", sessions, clock, 2), seats_of("other", sessions, clock, 2)
    soon = clock.now() + timedelta(seconds=5)

    with one.seat("bulk", SECONDS, soon), other.seat("live", SECONDS, soon):
        with pytest.raises(Busy), one.seat("live", SECONDS, soon):
            pass
        assert held(sessions) == ["seat:acme:1:1", "seat:acme:1:2"]


def test_R90_a_burst_keeps_its_seat(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    seats = seats_of("one", sessions, clock)

    for _ in range(3):
        with seats.seat("bulk", SECONDS, clock.now()):
            pass

    with sessions() as session:
        assert session.scalars(select(LeaseRow.fence)).all() == [1]


def test_R90_an_idle_seat_is_given_back(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    seats = seats_of("one", sessions, clock)
    with seats.seat("bulk", SECONDS, clock.now()):
        pass

    assert seats.release_idle() == 1
    clock.advance(1.0)

    assert seats.release_idle() == 0
    assert held(sessions) == []


def test_R90_a_seat_in_use_is_never_given_back(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    seats = seats_of("one", sessions, clock)

    with seats.seat("bulk", SECONDS, clock.now()):
        clock.advance(50)
        seats.release_idle()

        assert held(sessions) == ["seat:acme:1:1"]


def test_R90_a_lease_is_renewed_while_the_burst_goes_on(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    seats = seats_of("one", sessions, clock)
    with seats.seat("bulk", SECONDS, clock.now()):
        pass
    with sessions() as session, session.begin():
        session.execute(update(LeaseRow).values(until=database_now(session, 5)))
        clock.advance(70)

    with seats.seat("bulk", SECONDS, clock.now()), sessions() as session:
        later = session.scalar(select(LeaseRow.until > database_now(session, SECONDS)))

    assert later


def test_R90_the_seat_of_a_dead_process_is_taken_at_once(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    with seats_of("gone", sessions, clock).seat("bulk", SECONDS, clock.now()):
        other = seats_of("other", sessions, clock, dead="gone")

        with other.seat("live", SECONDS, clock.now()):
            assert clock.sleeps == []


def test_R90_a_burst_gives_its_seat_to_who_waits(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    burst, waiting = seats_of("burst", sessions, clock), seats_of("waiting", sessions, clock)
    with burst.seat("bulk", SECONDS, clock.now()):
        wait_in_vain(waiting, clock)

    with waiting.seat("live", SECONDS, clock.now()):
        assert held(sessions) == ["seat:acme:1:1"]


def test_R90_bulk_lets_live_sit_down_first(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    holder, live = seats_of("holder", sessions, clock), seats_of("live", sessions, clock)
    bulk = seats_of("bulk", sessions, clock)
    with holder.seat("bulk", SECONDS, clock.now()):
        wait_in_vain(live, clock)

    with pytest.raises(Busy), bulk.seat("bulk", SECONDS, clock.now()):
        pass


def test_R90_who_waited_in_vain_sits_down_once_there_is_room(
    sessions: sessionmaker[Session], clock: VirtualClock
) -> None:
    one, other = seats_of("one", sessions, clock), seats_of("other", sessions, clock)
    with one.seat("bulk", SECONDS, clock.now()):
        pass
    one.release_idle(0.0)

    with other.seat("bulk", SECONDS, clock.now()):
        assert held(sessions) == ["seat:acme:1:1"]


def test_R90_a_failing_request_leaves_no_seat_behind(sessions: sessionmaker[Session], clock: VirtualClock) -> None:
    seats = seats_of("one", sessions, clock)
    with pytest.raises(ValueError, match="request"), seats.seat("bulk", SECONDS, clock.now()):
        raise ValueError("request")

    with seats.seat("bulk", SECONDS, clock.now()):
        assert held(sessions) == ["seat:acme:1:1"]


def test_R90_two_processes_never_have_more_requests_open_than_there_are_seats(sessions: sessionmaker[Session]) -> None:
    vendor = Vendor()
    with Listening(vendor) as listening, ThreadPoolExecutor(8) as threads:
        manifest = a_manifest(limits=Limits(at_once=3))
        both = [ways(listening.url, sessions, SystemClock(), manifest, holder=name) for name in ("one", "other")]
        opened = [both[number % 2].open("acme", "acme:1", lane="bulk") for number in range(8)]
        meeting = threading.Barrier(8)

        def work(number: int) -> None:
            meeting.wait()
            for _ in range(3):
                opened[number].send(Request("GET", "person/", timeout_seconds=20))

        list(threads.map(work, range(8)))
        for each in both:
            each.close()

    assert len(vendor.asked) == 24
    assert vendor.most_open <= 3
    assert held(sessions) == []
