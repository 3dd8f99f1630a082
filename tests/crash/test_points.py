"""The deaths that are tried are all there are, and both databases tell the same story."""

import pytest

from tests.support.crash_account import VARIANTS
from tests.support.crash_cases import AFTER_EDITS, FIRST, Scene, points_of

pytestmark = [pytest.mark.crash, pytest.mark.postgresql]


@pytest.mark.parametrize("act", [FIRST, AFTER_EDITS])
def test_a_full_run_passes_every_crash_point(on_sqlite: Scene, act: str) -> None:
    assert set(on_sqlite.undisturbed(act, VARIANTS[0]).passed) == set(points_of(act))


@pytest.mark.parametrize("act", [FIRST, AFTER_EDITS])
def test_both_databases_end_in_the_same_list(on_sqlite: Scene, on_postgresql: Scene, act: str) -> None:
    here, there = on_sqlite.undisturbed(act, VARIANTS[0]), on_postgresql.undisturbed(act, VARIANTS[0])
    found = here.truth.differences(there.truth)
    assert found == [], "\n".join(found)


def test_R97_a_run_that_dies_three_times_in_a_row_ends_as_if_nobody_had_died(on_sqlite: Scene) -> None:
    whole = on_sqlite.undisturbed(FIRST, VARIANTS[0])
    found = on_sqlite.after(FIRST, VARIANTS[0], "page.after_commit:2", "list.after_call:3", "settle.before_commit:4")
    assert whole.truth.differences(found) == []
