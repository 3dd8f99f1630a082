"""Exactly once in the history: real processes die in the morning, answers get lost, on both databases (R63, R94)."""

import pytest

from spojka.emulator import Fault
from tests.support.crash_cases import Scene
from tests.support.crash_mornings import CAMPAIGNS, POINTS, Mornings, Told

pytestmark = [pytest.mark.crash, pytest.mark.postgresql]
BULK = "recipientBulkUpdate"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def mornings(request: pytest.FixtureRequest) -> Mornings:
    scene: Scene = request.getfixturevalue(f"on_{request.param}")
    return Mornings(scene)


@pytest.fixture(scope="module")
def whole(mornings: Mornings) -> Told:
    """A morning in which nobody dies."""
    told, passed = mornings.after()
    assert set(POINTS) <= set(passed)
    return told


def test_R60_an_undisturbed_morning_has_one_entry_a_campaign_with_the_final_numbers(whole: Told) -> None:
    assert whole.entries == {f"campaign:{number}": 1 for number in CAMPAIGNS}
    assert all(stats["sent"] >= stats["opened"] >= stats["clicked"] > 0 for stats in whole.stats.values())
    assert whole.left == {}
    assert sum("VIP" in tags for tags in whole.tags.values()) >= 4


@pytest.mark.parametrize("point", POINTS)
def test_R63_whoever_dies_the_crm_holds_the_same_in_the_end(mornings: Mornings, whole: Told, point: str) -> None:
    told, _ = mornings.after(f"{point}:1")
    assert told == whole


@pytest.mark.parametrize("point", ["crm.after_call:2", "outcome.before_commit:3", "outcome.after_commit:2"])
def test_R63_also_in_the_middle(mornings: Mornings, whole: Told, point: str) -> None:
    told, _ = mornings.after(point)
    assert told == whole


def test_R63_three_deaths_in_a_row(mornings: Mornings, whole: Told) -> None:
    told, _ = mornings.after("crm.after_call:1", "crm.before_call:1", "outcome.before_commit:1")
    assert told == whole


@pytest.mark.parametrize("kind", ["lose", "drop"])
@pytest.mark.parametrize(("method", "path"), [("PUT", "/api/v2/massEmail/"), ("PUT", "/api/v2/person/")])
def test_R63_a_lost_answer_and_a_death(mornings: Mornings, whole: Told, kind: str, method: str, path: str) -> None:
    told, _ = mornings.after("morning.before_end:1", faults=(Fault(kind, method, path),))
    assert told == whole
