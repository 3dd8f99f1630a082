"""How the client walks through an account whose API does not filter by id."""

from datetime import UTC, datetime

import pytest

from spojka import Malformed
from tests.support.raynet_shelf import Shelf, walked


def test_where_the_id_filter_is_refused_the_walk_goes_on_by_offset_with_an_overlap() -> None:
    shelf = Shelf(*range(1, 2501), id_filter=False)

    assert walked(shelf) == list(range(1, 2501))
    assert shelf.queries("offset") == [None, None, "990", "1980"]


def test_by_offset_records_that_go_meanwhile_let_none_be_skipped() -> None:
    def some_go(shelf: Shelf, number: int) -> None:
        if number == 3:
            for gone in range(10, 15):
                shelf.rows.pop(gone, None)

    shelf = Shelf(*range(1, 2501), id_filter=False)
    shelf.before = some_go

    assert walked(shelf) == list(range(1, 2501))


@pytest.mark.parametrize("gone", [range(1, 301), range(701, 1001), range(1, 1001)])
def test_by_offset_more_records_may_go_than_the_overlap_holds(gone: range) -> None:
    def many_go(shelf: Shelf, number: int) -> None:
        if number == 2:
            for record_id in gone:
                shelf.rows.pop(record_id, None)

    shelf = Shelf(*range(1, 2501), id_filter=False)
    shelf.before = many_go

    assert walked(shelf) == list(range(1, 2501))


def test_by_offset_records_that_appear_meanwhile_let_none_be_skipped_or_repeated() -> None:
    def some_come(shelf: Shelf, number: int) -> None:
        if number == 3:
            shelf.rows |= {record_id: {"id": record_id} for record_id in range(9001, 9101)}

    shelf = Shelf(*range(1, 2501), id_filter=False)
    shelf.before = some_come

    assert walked(shelf) == [*range(1, 2501), *range(9001, 9101)]


def earlier_one_appears(shelf: Shelf, number: int) -> None:
    if number == 3:
        shelf.rows[1] = {"id": 1}


def test_R98_by_offset_a_whole_list_that_counts_more_than_it_sent_concludes_nothing() -> None:
    shelf = Shelf(*range(2, 2001), id_filter=False)
    shelf.before = earlier_one_appears

    with pytest.raises(Malformed):
        walked(shelf)


def test_R72_by_offset_a_record_that_joins_the_changes_meanwhile_is_left_to_the_next_reading() -> None:
    shelf = Shelf(*range(2, 2001), id_filter=False)
    shelf.before = earlier_one_appears

    assert walked(shelf, datetime(2026, 3, 1, tzinfo=UTC)) == list(range(2, 2001))
