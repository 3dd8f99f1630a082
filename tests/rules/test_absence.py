"""R73, R75, R98: when absence is believed, when a night is, and whose turn it is to be compared."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.decide.absence import Doubt, Enumeration, doubt, too_many_differ
from core.decide.nights import SHARES, next_night, shares

PRAGUE = ZoneInfo("Europe/Prague")


def a_walk(**changes: Any) -> Enumeration:
    """Ten of twelve records came, in two pages, and nothing is wrong."""
    whole = {"listed": 10, "distinct": 10, "totals": (10, 10), "held": 12, "missing": 2, "same_eyes": True}
    return Enumeration(**{**whole, **changes})


def test_R98_a_complete_walk_by_the_same_eyes_may_say_who_is_missing() -> None:
    assert doubt(a_walk()) is None


def test_R98_a_vendor_that_counts_nothing_is_believed_by_the_end_of_the_walk_alone() -> None:
    assert doubt(a_walk(totals=())) is None


def test_R98_a_page_that_repeats_concludes_nothing() -> None:
    assert doubt(a_walk(listed=11)) is Doubt.REPEATED


def test_R98_a_total_that_falls_between_pages_concludes_nothing() -> None:
    assert doubt(a_walk(totals=(12, 10))) is Doubt.MOVED


def test_R98_records_that_are_made_during_the_walk_are_no_doubt() -> None:
    assert doubt(a_walk(totals=(9, 10))) is None


def test_R98_a_total_that_is_not_what_came_concludes_nothing() -> None:
    assert doubt(a_walk(totals=(12, 12))) is Doubt.COUNT


def test_R98_other_eyes_say_only_what_they_do_not_see() -> None:
    assert doubt(a_walk(same_eyes=False)) is Doubt.EYES


def test_R98_other_eyes_that_see_everything_raise_no_question() -> None:
    assert doubt(a_walk(same_eyes=False, missing=0)) is None


def test_K36_a_user_who_sees_nothing_is_a_question_of_who_reads() -> None:
    assert doubt(a_walk(listed=0, distinct=0, totals=(0,), missing=12, same_eyes=False)) is Doubt.EYES


def test_K35_nothing_at_all_is_not_believed_of_twelve() -> None:
    assert doubt(a_walk(listed=0, distinct=0, totals=(0,), missing=12)) is Doubt.EMPTY


def test_R98_an_empty_mirror_misses_nothing() -> None:
    assert doubt(a_walk(listed=0, distinct=0, totals=(0,), held=0, missing=0)) is None


@pytest.mark.parametrize(("listed", "expected"), [(5, Doubt.HALF), (6, None)])
def test_R98_less_than_half_is_not_believed(listed: int, expected: Doubt | None) -> None:
    assert doubt(a_walk(listed=listed, distinct=listed, totals=(listed,), missing=12 - listed)) is expected


def test_R98_what_a_person_has_agreed_to_is_believed() -> None:
    assert doubt(a_walk(listed=5, distinct=5, totals=(5,), missing=7, agreed=frozenset({Doubt.HALF}))) is None


@pytest.mark.parametrize(
    ("compared", "differed", "expected"), [(20, 5, False), (20, 6, True), (1000, 50, False), (1000, 51, True)]
)
def test_R75_more_than_five_and_five_percent_is_an_alarm(compared: int, differed: int, expected: bool) -> None:
    assert too_many_differ(compared, differed) is expected


@pytest.mark.parametrize("connection", [1, 2, 77, 4096])
def test_R73_a_night_begins_between_two_and_five(connection: int) -> None:
    local = next_night(datetime(2026, 3, 2, 9, tzinfo=UTC), PRAGUE, connection).astimezone(PRAGUE)
    assert (local.day, 2 <= local.hour < 5) == (3, True)


def test_R73_connections_do_not_all_begin_at_once() -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert len({next_night(now, PRAGUE, connection) for connection in range(1, 181)}) == 180


def test_R73_a_night_that_begins_now_is_followed_by_tomorrows() -> None:
    tonight = next_night(datetime(2026, 3, 2, 9, tzinfo=UTC), PRAGUE, 1)
    assert next_night(tonight, PRAGUE, 1).astimezone(PRAGUE).day == 4


def test_R73_the_hour_that_is_left_out_in_spring_leaves_no_night_out() -> None:
    night = next_night(datetime(2026, 3, 28, 12, tzinfo=UTC), PRAGUE, 1)
    assert night.astimezone(PRAGUE).strftime("%d. %H:%M") == "29. 03:37"


def test_R73_the_hour_that_comes_twice_in_autumn_makes_no_second_night() -> None:
    first = next_night(datetime(2026, 10, 24, 12, tzinfo=UTC), PRAGUE, 1)
    second = next_night(first, PRAGUE, 1)
    assert [night.strftime("%d. %H:%M") for night in (first, second)] == ["25. 00:37", "26. 01:37"]


def test_R75_thirty_nights_compare_every_record_once() -> None:
    turns = [sum(shares("person", str(number), turn) for turn in range(SHARES)) for number in range(1000)]
    assert set(turns) == {1}


def test_R75_each_night_compares_about_a_thirtieth() -> None:
    sizes = [sum(shares("person", str(number), turn) for number in range(30_000)) for turn in range(SHARES)]
    assert min(sizes) > 800
    assert max(sizes) < 1200
