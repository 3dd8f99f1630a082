"""A real process is killed at every crash point of a full run, and started again."""

import pytest

from tests.support.crash_cases import Scene, chosen, death

pytestmark = [pytest.mark.crash, pytest.mark.postgresql]


@pytest.mark.parametrize(("point", "act", "vendor"), chosen())
def test_R101_whoever_dies_in_a_run_leaves_nothing_but_repeats(
    on_postgresql: Scene, point: str, act: str, vendor: str
) -> None:
    found = on_postgresql.differences(death(point, act, vendor, "postgresql"))
    assert found == [], "\n".join(found)
