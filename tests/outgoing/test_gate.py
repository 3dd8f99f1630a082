from datetime import timedelta

import pytest

from core.outgoing.allowance import Shares
from core.outgoing.gate import Gate
from core.outgoing.meter import MemoryMeter
from spojka import Busy, Limits
from tests.support.clock import START, VirtualClock
from tests.support.outgoing import ALLOWANCE

RESET = START + timedelta(hours=15)


def a_gate(clock: VirtualClock, limits: Limits, meter: MemoryMeter | None = None) -> Gate:
    return Gate("acme:1", limits, meter or MemoryMeter(), None, Shares, clock)


def go(gate: Gate, clock: VirtualClock, lane: str, patience: float = 300.0, testing: bool = False) -> None:
    with gate.passage(lane, 60.0, clock.now() + timedelta(seconds=patience), testing=testing):
        pass


def teach(gate: Gate, remaining: int) -> None:
    reset = str(int(RESET.timestamp()))
    gate.learn(
        "bulk",
        {"x-ratelimit-limit": "100", "x-ratelimit-remaining": str(remaining), "x-ratelimit-reset": reset},
    )


def test_R108_a_full_minute_is_waited_out() -> None:
    clock = VirtualClock()
    gate = a_gate(clock, Limits(per_minute=3))

    for _ in range(4):
        go(gate, clock, "live")

    assert clock.sleeps == [61.0]


def test_R108_a_wait_beyond_the_time_limit_is_given_back() -> None:
    clock = VirtualClock()
    gate = a_gate(clock, Limits(per_minute=1))
    go(gate, clock, "live")

    with pytest.raises(Busy) as caught:
        go(gate, clock, "live", patience=60)

    assert caught.value.until == START + timedelta(seconds=61)


def test_R108_bulk_work_leaves_a_fifth_of_the_minute_to_live_work() -> None:
    clock = VirtualClock()
    gate = a_gate(clock, Limits(per_minute=5))
    for _ in range(4):
        go(gate, clock, "bulk")

    go(gate, clock, "live")
    with pytest.raises(Busy):
        go(gate, clock, "bulk", patience=1)

    assert clock.sleeps == []


def test_R90_bulk_work_stops_where_the_shares_of_others_begin() -> None:
    clock = VirtualClock()
    gate = a_gate(clock, Limits(allowance=ALLOWANCE))
    teach(gate, 80)

    with pytest.raises(Busy) as caught:
        go(gate, clock, "bulk")
    go(gate, clock, "live")

    assert caught.value.until == RESET


def test_R90_a_persons_test_asks_the_vendor_all_the_same() -> None:
    clock = VirtualClock()
    gate = a_gate(clock, Limits(allowance=ALLOWANCE))
    teach(gate, 0)

    go(gate, clock, "live", testing=True)

    known = gate.known()
    assert known is not None
    assert known.remaining == 0


def test_R90_an_allowance_of_yesterday_is_not_shown() -> None:
    clock = VirtualClock(RESET + timedelta(seconds=1))
    gate = a_gate(clock, Limits(allowance=ALLOWANCE))
    teach(gate, 5)

    assert gate.known() is None


def test_R90_accounts_are_not_named_where_the_counts_are_kept() -> None:
    clock, meter = VirtualClock(), MemoryMeter()
    gate = a_gate(clock, Limits(allowance=ALLOWANCE), meter)
    teach(gate, 5)

    assert meter.known("acme:1") is None
