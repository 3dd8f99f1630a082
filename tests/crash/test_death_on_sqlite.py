"""A real process is killed at every crash point of a full run, and started again."""

import pytest

from tests.support.crash_cases import Scene, chosen, death

pytestmark = pytest.mark.crash


@pytest.mark.parametrize(("point", "act", "vendor"), chosen())
def test_R101_whoever_dies_in_a_run_leaves_nothing_but_repeats(
    on_sqlite: Scene, point: str, act: str, vendor: str
) -> None:
    found = on_sqlite.differences(death(point, act, vendor, "sqlite"))
    assert found == [], "\n".join(found)
