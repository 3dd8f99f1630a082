from datetime import datetime, timedelta

import pytest

from core.outgoing.allowance import Known, Said, Shares, closed_until, learned, said
from spojka import Allowance
from tests.support.clock import START

RESET = START + timedelta(hours=15)
SHARES = Shares(reserve=10, live=40, morning=30)
HEADERS = Allowance(limit="X-Ratelimit-Limit", remaining="X-Ratelimit-Remaining", reset="X-Ratelimit-Reset")


def known(remaining: int, **used: int) -> Known:
    return Known(1000, remaining, RESET, used)


@pytest.mark.parametrize(
    ("lane", "remaining", "used", "closed"),
    [
        ("bulk", 801, {}, False),
        ("bulk", 800, {}, True),
        ("bulk", 701, {"live": 100}, False),
        ("bulk", 101, {"live": 400, "morning": 300}, False),
        ("bulk", 100, {"live": 400, "morning": 300}, True),
        ("live", 401, {}, False),
        ("live", 400, {}, True),
        ("live", 101, {"morning": 300}, False),
        ("live", 100, {"morning": 300}, True),
        ("morning", 501, {}, False),
        ("morning", 500, {}, True),
        ("morning", 101, {"live": 400}, False),
        ("morning", 101, {"live": 900}, False),
    ],
)
def test_R90_a_lane_takes_what_the_reserve_and_the_others_shares_leave(
    lane: str, remaining: int, used: dict[str, int], closed: bool
) -> None:
    until = closed_until(known(remaining, **used), lane, SHARES, START)

    assert until == (RESET if closed else None)


def test_R90_nothing_is_closed_before_the_vendor_said_anything() -> None:
    assert closed_until(None, "bulk", SHARES, START) is None


def test_R90_a_new_day_opens_again() -> None:
    assert closed_until(known(0), "bulk", SHARES, RESET) is None


def test_R90_answers_that_overtake_each_other_do_not_give_requests_back() -> None:
    later = learned(known(500), Said(1000, 499, RESET), "live")

    assert learned(later, Said(1000, 500, RESET), "live") == known(499, live=2)


def test_R90_a_raised_limit_counts_at_once() -> None:
    assert learned(known(0, bulk=9), Said(2000, 1000, RESET), "live") == Known(
        2000, 1000, RESET, {"bulk": 9, "live": 1}
    )


def test_R90_a_new_day_begins_with_the_first_answer_that_names_it() -> None:
    tomorrow = RESET + timedelta(days=1)

    assert learned(known(0, bulk=9), Said(1000, 999, tomorrow), "live") == Known(1000, 999, tomorrow, {"live": 1})


def test_R90_an_answer_of_yesterday_does_not_bring_yesterday_back() -> None:
    yesterday = RESET - timedelta(days=1)

    assert learned(known(900), Said(1000, 3, yesterday), "live") == known(900, live=1)


def test_headers_are_read_in_any_case() -> None:
    found = said(
        {"x-ratelimit-limit": "24000", "x-ratelimit-remaining": "-1", "x-ratelimit-reset": "1772409600"}, HEADERS
    )

    assert found == Said(24000, 0, datetime.fromisoformat("2026-03-02T00:00:00+00:00"))


@pytest.mark.parametrize("reset", ["", "soon", "99999999999999999", "1e9"])
def test_headers_that_are_not_numbers_say_nothing(reset: str) -> None:
    headers = {"x-ratelimit-limit": "24000", "x-ratelimit-remaining": "1", "x-ratelimit-reset": reset}

    assert said(headers, HEADERS) is None
