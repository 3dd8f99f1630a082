"""Several requests at a time, and what a stop in the middle of them means (R92)."""

from collections.abc import Callable, Sequence
from threading import Barrier
from typing import Any, TypeVar

import pytest

from core.real import ThreadCrew
from plugins.raynet.client import RaynetCrm
from plugins.raynet.doing import carried_out
from spojka import Answer, Busy, Connection, Outcome, Request, Unreachable

T = TypeVar("T")


class Three:
    """An `Http` that lets three calls go at once, and sends nothing."""

    def send(self, request: Request) -> Answer:
        """Nobody asks."""
        raise AssertionError(request)

    def each(self, calls: Sequence[Callable[[], T]]) -> Sequence[T]:
        """As the host does it."""
        return ThreadCrew().each(calls, 3)


@pytest.fixture
def crm() -> RaynetCrm:
    values: dict[str, Any] = {"username": "a", "instance": "c"}
    return RaynetCrm(Connection(1, values, {"api_key": "b"}), Three())


def done(item: int) -> Outcome:
    return Outcome(str(item), True)


def test_three_are_under_way_at_the_same_time(crm: RaynetCrm) -> None:
    together = Barrier(3, timeout=10)

    def do(item: int) -> Outcome:
        together.wait()
        return done(item)

    assert [one.key for one in carried_out(crm, range(6), str, do)] == ["0", "1", "2", "3", "4", "5"]


def test_items_that_belong_together_follow_each_other(crm: RaynetCrm) -> None:
    order: list[int] = []

    def do(item: int) -> Outcome:
        order.append(item)
        return done(item)

    carried_out(crm, range(9), str, do, lambda item: item % 2)
    assert [item for item in order if item % 2] == [1, 3, 5, 7]
    assert [item for item in order if not item % 2] == [0, 2, 4, 6, 8]


def test_after_a_lost_answer_nothing_more_is_begun(crm: RaynetCrm) -> None:
    def do(item: int) -> Outcome:
        if item:
            raise AssertionError("begun")
        raise Unreachable("No answer.", sent=True)

    outcomes = carried_out(crm, range(3), str, do, lambda item: "one")
    assert [(one.unknown, one.passing) for one in outcomes] == [(True, False), (False, True), (False, True)]


def test_what_was_never_sent_is_raised(crm: RaynetCrm) -> None:
    def do(item: int) -> Outcome:
        raise Busy("The allowance is used up.")

    with pytest.raises(Busy):
        carried_out(crm, range(5), str, do)


def test_where_something_was_sent_the_stop_is_told_of_each(crm: RaynetCrm) -> None:
    def do(item: int) -> Outcome:
        if item == 1:
            raise Busy("The allowance is used up.")
        return done(item)

    outcomes = carried_out(crm, range(3), str, do, lambda item: "one")
    assert [(one.done, one.passing) for one in outcomes] == [(True, False), (False, True), (False, True)]
