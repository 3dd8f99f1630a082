"""Which deaths are tried: all of them (about an hour and a half on two cores), or a share of some two minutes.

The share takes every crash point on both databases; the vendor, the act and the passing move on with every commit.
"""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.engine.crash import RUN, SENDING
from tests.support.crash_account import VARIANTS, Variant
from tests.support.crash_stage import Act, Play, Stage, Truth

Fresh = Callable[[], AbstractContextManager[str]]
"""Gives the address of an empty database."""
FIRST, AFTER_EDITS = "first run", "after edits"
ROTATING = "rotating"
ENDED = "run.before_release"
KILLED = -9
ALL = (*RUN, *SENDING)


def chosen() -> list[tuple[str, str, str]]:
    """(point, act, vendor) of every test. `SPOJKA_CRASH` is `all`, or a part of the names of the vendors wanted."""
    wanted = os.environ.get("SPOJKA_CRASH", "")
    if not wanted:
        return [(point, ROTATING, ROTATING) for point in ALL]
    found = [variant for variant in VARIANTS if wanted == "all" or wanted in variant.name]
    return [
        (point, act, variant.name)
        for variant in found
        for act in acts_of(variant)
        for point in ALL
        if _fits(point, act, variant)
    ]


def points_of(act: str) -> tuple[str, ...]:
    """The crash points that an act passes: people edit in the list only after the first run."""
    return RUN if act == FIRST else ALL


def _fits(point: str, act: str, variant: Variant) -> bool:
    """Whether a death is to be tried.

    Who dies on the way back leaves the rest to another call than the undisturbed run, so that a vendor who forgets by
    counting rows and calls forgets others there.
    """
    counts = bool(variant.ignored or variant.lost)
    return point in points_of(act) and not (counts and point in SENDING)


def acts_of(variant: Variant) -> tuple[str, ...]:
    """The acts in which a vendor can be met."""
    return (FIRST,) if variant.from_start else (FIRST, AFTER_EDITS)


@dataclass(frozen=True)
class Death:
    """Where a process is killed, in which act and beside which vendor; at which of its passings: `first` and so on."""

    point: str
    act: str
    variant: Variant
    at: tuple[str, ...] = ("first", "middle", "last")


def death(point: str, act: str, vendor: str, database: str) -> Death:
    """The death of these names. What rotates is the same for a commit, and another for each point and database."""
    if vendor != ROTATING:
        return Death(point, act, next(variant for variant in VARIANTS if variant.name == vendor))
    number = _commits() * 11 + ALL.index(point) * 2 + (database == "postgresql")
    variants = [variant for variant in VARIANTS if any(_fits(point, act, variant) for act in acts_of(variant))]
    variant = variants[number % len(variants)]
    acts = [act for act in acts_of(variant) if _fits(point, act, variant)]
    at = ("first", ("middle", "last")[number // 2 % 2])
    return Death(point, acts[number // len(VARIANTS) % len(acts)], variant, at)


def _commits() -> int:
    """How many commits there are; 0 outside of a repository."""
    root = Path(__file__).resolve().parents[2]
    command = ["git", "-C", str(root), "rev-list", "--count", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(found.stdout) if found.returncode == 0 else 0


@dataclass(frozen=True)
class Undisturbed:
    """A run in which nobody dies: what is true after it, and how often it passed each point."""

    truth: Truth
    passed: Counter[str]

    def passings(self, death: Death) -> list[int]:
        """The passings of its point at which a process is killed, each once."""
        most = self.passed[death.point]
        numbers = {"first": 1, "middle": (most + 1) // 2, "last": most}
        return sorted({numbers[name] for name in death.at}) if most else []


class Scene:
    """Plays in databases of one kind."""

    def __init__(self, stage: Stage, fresh: Fresh) -> None:
        self.stage, self.fresh = stage, fresh
        self.whole: dict[tuple[str, str, int], Undisturbed] = {}

    @cached_property
    def first(self) -> Act:
        """A connection that has never run."""
        with self.fresh() as url:
            return self.stage.first_act(url)

    @cached_property
    def after_edits(self) -> Act:
        """One that has, before people edited on both sides."""
        first = self.first
        with self.fresh() as url:
            return self.stage.second_act(first, url)

    @contextmanager
    def play(self, act: str, variant: Variant) -> Iterator[Play]:
        """A play that leaves nothing behind."""
        begin = self.first if act == FIRST else self.after_edits
        with self.fresh() as url:
            play = self.stage.play(begin, url, variant)
            try:
                yield play
            finally:
                shutil.rmtree(play.folder)

    def undisturbed(self, act: str, variant: Variant, lives: int = 1) -> Undisturbed:
        """How it ends if nobody dies in so many runs; tried once."""
        key = act, variant.name, lives
        if key not in self.whole:
            with self.play(act, variant) as play:
                for _ in range(lives):
                    life = play.live()
                    assert life.document is not None, life.complaint
                self.whole[key] = Undisturbed(play.seen(), Counter(life.passed))
        return self.whole[key]

    def differences(self, death: Death) -> list[str]:
        """What a death at each chosen passing of its point makes otherwise.

        Who dies after the run has ended begins another one.
        """
        passings = self.undisturbed(death.act, death.variant).passings(death)
        whole = self.undisturbed(death.act, death.variant, lives=2 if death.point == ENDED else 1)
        found: list[str] = []
        for passing in passings:
            truth = self.after(death.act, death.variant, f"{death.point}:{passing}")
            found += [f"{death} {passing}: {line}" for line in whole.truth.differences(truth)]
        return found

    def after(self, act: str, variant: Variant, *deaths: str) -> Truth:
        """What is true after a process was killed at each of these (`point:passing`) and started again."""
        with self.play(act, variant) as play:
            for at in deaths:
                life = play.live(at)
                assert life.status == KILLED, f"{at} was never passed; it ended with {life.status}. {life.complaint}"
            last = play.live()
            assert last.document is not None, last.complaint
            return play.seen()
