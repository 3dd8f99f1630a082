"""Whatever becomes of the bells, the list ends the same (R30, R70-R73, R80, R81, R94)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.support.storms import Minute, Storm, minutes
from tests.support.worlds import a_house


@pytest.fixture
def fresh(sqlite_url: str, tmp_path: Path) -> Callable[[], str]:
    """A database as it was before the first step, as often as asked for."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    clean, count = path.read_bytes(), iter(range(1_000_000))

    def make() -> str:
        copy = tmp_path / f"storm{next(count) % 2}.db"
        for old in tmp_path.glob(f"{copy.name}*"):
            old.unlink()
        copy.write_bytes(clean)
        return f"sqlite:///{copy}"

    return make


HASTY = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    # Every example begins with a database of its own, so the fixture may be shared.
    suppress_health_check=list(HealthCheck),
    # A storm is two houses and two nights: shrinking one takes longer than reading it.
    phases=(Phase.generate,),
)


@HASTY
@given(minutes())
def test_R30_lost_doubled_and_reordered_bells_end_in_the_same_list(
    fresh: Callable[[], str], tmp_path: Path, storm: list[Minute]
) -> None:
    def end_of(*, disturbed: bool) -> tuple[object, dict[str, str]]:
        with a_house(fresh(), tmp_path) as house:
            made = Storm(house)
            for minute in storm:
                made.pass_by(minute, disturbed=disturbed)
            return made.at_the_end(), house.due()

    calm, left = end_of(disturbed=False)
    stormy, stayed = end_of(disturbed=True)
    assert (stormy, stayed) == (calm, left)
