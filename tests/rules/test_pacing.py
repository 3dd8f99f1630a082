"""R71, R74: how often the CRM is read, out of a bucket that fills with real time's share of the quota."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.pacing import APART_SECONDS, DAY_SECONDS, LONGEST_SECONDS, Bucket, Share, filled, minute, pause

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RAYNET = Share(24_000, 40)
"""The vendor's most, and our default: 9600 requests a day, 400 in the bucket."""


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_R74_the_bucket_holds_an_hours_worth() -> None:
    assert RAYNET.most == 400


def test_R74_a_full_bucket_and_a_days_filling_are_the_share() -> None:
    assert RAYNET.most + RAYNET.a_second * DAY_SECONDS == pytest.approx(9600)


def test_R74_a_new_bucket_is_full() -> None:
    assert filled(None, RAYNET, NOW) == Bucket(400, NOW)


def test_R74_what_is_unspent_accrues_up_to_an_hours_worth() -> None:
    empty = Bucket(0, ago(7200))
    assert filled(empty, RAYNET, NOW).tokens == 400
    assert filled(Bucket(0, ago(600)), RAYNET, NOW).tokens == pytest.approx(600 * RAYNET.a_second)


def test_R74_a_clock_that_was_put_back_takes_nothing_out_of_the_bucket() -> None:
    assert filled(Bucket(7, NOW + timedelta(hours=1)), RAYNET, NOW).tokens == 7


def test_R74_a_bell_after_quiet_is_answered_at_once() -> None:
    assert pause(Bucket(400, NOW), RAYNET, NOW, ago(60)) == 0


def test_R74_the_first_reading_of_all_waits_for_nothing() -> None:
    assert pause(None, RAYNET, NOW, None) == 0


def test_R74_in_a_storm_readings_are_a_second_apart() -> None:
    assert pause(Bucket(400, NOW), RAYNET, NOW, ago(0.25)) == pytest.approx(APART_SECONDS - 0.25)


def test_R74_an_empty_bucket_waits_until_it_holds_one_request() -> None:
    assert pause(Bucket(0, NOW), RAYNET, NOW, ago(5)) == pytest.approx(1 / RAYNET.a_second)


def test_R74_a_reading_that_took_more_than_there_was_is_paid_for_first() -> None:
    assert pause(Bucket(-9, NOW), RAYNET, NOW, ago(5)) == pytest.approx(10 / RAYNET.a_second)


def test_R74_no_share_is_a_reading_an_hour() -> None:
    nothing = Share(24_000, 0)
    assert pause(Bucket(0, NOW), nothing, NOW, ago(5)) == LONGEST_SECONDS
    assert minute(60, 2, nothing) == LONGEST_SECONDS


def test_R74_a_vendor_without_an_allowance_is_read_every_second_in_a_storm() -> None:
    assert pause(None, Share(None, 40), NOW, ago(0)) == APART_SECONDS


def test_R71_a_vendor_without_an_allowance_is_read_as_often_as_the_setting_says() -> None:
    assert minute(45, 2, Share(None, 40)) == 45


def test_R71_the_minute_stands_while_the_quota_allows_it() -> None:
    assert minute(60, 2, RAYNET) == 60


def test_R71_a_small_quota_is_read_less_often() -> None:
    assert minute(60, 2, Share(1000, 40)) == pytest.approx(2 / Share(1000, 40).a_second)


def test_R71_what_others_have_used_up_makes_readings_fewer() -> None:
    low = Share(24_000, 40, left=600, seconds=36_000)
    assert minute(60, 2, low) == pytest.approx(2 / (600 / 36_000 * 23 / 24))


def test_R71_what_is_left_at_the_end_of_a_day_is_no_more_than_the_share() -> None:
    assert minute(60, 2, Share(24_000, 40, left=20_000, seconds=5)) == 60


def test_R71_with_nothing_left_the_reading_waits_an_hour_at_most() -> None:
    assert minute(60, 2, Share(24_000, 40, left=0, seconds=36_000)) == LONGEST_SECONDS


@given(
    limit=st.integers(100, 50_000),
    percent=st.integers(1, 100),
    costs=st.lists(st.integers(1, 12), min_size=1, max_size=20),
    begun=st.floats(0, 1),
)
def test_R74_whatever_rings_a_day_stays_within_its_share_or_a_reading_an_hour(
    limit: int, percent: int, costs: list[int], begun: float
) -> None:
    share = Share(limit, percent)
    bucket, now, spent = Bucket(share.most * begun, NOW), NOW, 0
    while True:
        now += timedelta(seconds=pause(bucket, share, now, None))
        if now >= NOW + DAY:
            break
        cost = costs[spent % len(costs)]
        spent += cost
        bucket = Bucket(filled(bucket, share, now).tokens - cost, now)
    hourly = DAY_SECONDS / LONGEST_SECONDS * max(costs)
    assert spent <= max(limit * percent / 100, hourly) + max(costs)
