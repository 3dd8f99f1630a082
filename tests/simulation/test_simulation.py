"""Whatever people, vendors, the net and time do, nothing happens that never may, and in the end all is quiet.

Some seeds are played at each commit, others at the next one. `SPOJKA_SIMULATE=N` plays the first N.
"""

import os

import pytest

from tests.simulation.runner import play
from tests.support.crash_cases import _commits as commits

AT_ONCE, ALL = 6, 1000


def seeds() -> list[int]:
    """The seeds of this commit, or those asked for."""
    wanted = os.environ.get("SPOJKA_SIMULATE", "")
    if wanted:
        return list(range(int(wanted)))
    first = commits() * AT_ONCE
    return [number % ALL for number in range(first, first + AT_ONCE)]


@pytest.mark.parametrize("seed", seeds())
def test_R94_nothing_happens_that_never_may_and_in_the_end_both_sides_agree(seed: int) -> None:
    played = play(seed)
    assert not played.complaint, f"{played.complaint}\nReplay it: {played.command}"


def test_the_same_seed_gives_the_same_log() -> None:
    assert play(1, 30).log == play(1, 30).log
