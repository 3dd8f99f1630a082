"""The simulated world: the real engine, its vendors' emulators, and chance that a seed decides, in one process."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from tests.support.crew import OnePair

T = TypeVar("T")


class SeededIds:
    """Names that are the same for the same seed."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def new(self) -> str:
        """See `core.ports.Ids`."""
        return f"{self._dice.getrandbits(128):032x}"


class SeededDice:
    """Jitter that is the same for the same seed."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def between(self, low: float, high: float) -> float:
        """See `core.ports.Dice`."""
        return self._dice.uniform(low, high)


class OneAfterAnother(OnePair):
    """A crew without threads: what others do at once is done in the order in which it was asked for."""

    def each(self, calls: Sequence[Callable[[], T]], at_once: int) -> list[T]:
        """See `core.ports.Crew`."""
        return [call() for call in calls]
