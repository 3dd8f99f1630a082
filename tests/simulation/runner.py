"""Play a seed: `python -m tests.simulation.runner --seed N` prints its log, `--seeds A-B` a table of many."""

import argparse
import logging
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import structlog
from sqlalchemy import select

from core.store.base import look
from core.store.due import DueRow
from core.store.journal import TimelineRow
from tests.simulation.checks import Broken, Judge, differences
from tests.simulation.faults import Trouble
from tests.simulation.ledger import Ledger, moment
from tests.simulation.people import DEEDS, DELETIONS, EDITS, People
from tests.simulation.world import Died, Restless, Town, a_town

COMMAND = "python -m tests.simulation.runner"
EVENTS = 300
AUTUMN, SPRING = datetime(2026, 10, 24, 14, tzinfo=UTC), datetime(2027, 3, 27, 14, tzinfo=UTC)
"""Half of the events happen about each of the clock changes."""
TO_QUIET = (61, 130, 400, *([1000] * 5), *([3600] * 7), *([7200] * 9))
"""What passes between the last pieces of work: more than a day, so that a night, a morning and every pause are over."""
A_DAY = (10_800,) * 8
WORKS = 0.4
"""How often the engine gets to work before the next event."""
PAUSES = (1, 5, 20, 61, 130, 400, 1000, 3600)


@dataclass
class Played:
    """How a seed ended: `complaint` is empty where all was well."""

    seed: int
    events: int
    log: list[str] = field(default_factory=list)
    complaint: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def command(self) -> str:
        """What plays it again."""
        return f"{COMMAND} --seed {self.seed}" + ("" if self.events == EVENTS else f" --events {self.events}")


class Play:
    """One seed, from an empty town to its quiet end."""

    def __init__(self, seed: int, town: Town, events: int) -> None:
        self.seed, self.town, self.events = seed, town, events
        self.dice = Random(f"events {seed}")
        self.ledger = Ledger()
        # In every other town nobody deletes a contact, so that the others' values live long enough to be judged.
        self.deeds = DEEDS if seed % 2 else tuple(deed for deed in DEEDS if deed not in DELETIONS)
        self.people = People(town, Random(f"people {seed}"), self.ledger)
        self.calm = seed % 4 == 0
        self.judge = Judge(town, self.ledger, troubled=not self.calm)
        self.trouble = Trouble(town, Random(f"trouble {seed}"))
        self.trouble.beside = self._beside
        self.rules, self.last_line = Counter[str](), 0

    def whole(self) -> None:
        """All of it. Raises Broken, Restless."""
        self.people.settle_in()
        if not self.calm:
            self.trouble.settle_in()
        self.town.open()
        self._work()
        for _ in range(self.events // 2):
            self._event()
        self._sleep_until(SPRING)
        for _ in range(self.events - self.events // 2):
            self._event()
        self._until_quiet()

    def _sleep_until(self, then: datetime) -> None:
        """Nothing happens for months, and nobody works; what is older than the timeline's days goes then."""
        self.rules += self._decided()
        self.town.house.clock.advance((then - self.town.now).total_seconds())
        self.town.say("months have passed")
        self._work()

    def _decided(self) -> Counter[str]:
        """How often each rule decided, since somebody last asked."""
        chosen = select(TimelineRow.id, TimelineRow.rule).where(TimelineRow.id > self.last_line)
        lines = look(self.town.house.world.sessions, lambda session: session.execute(chosen).all())
        self.last_line = max((number for number, _ in lines), default=self.last_line)
        return Counter(f"rule {rule}" for _, rule in lines)

    def counts(self) -> Counter[str]:
        """How often each rule decided, and what went wrong how often."""
        self.rules += self._decided()
        return self.trouble.counts + self.rules

    def _event(self) -> None:
        self.town.house.clock.advance(self.dice.choice(PAUSES))
        if not self.calm and self.dice.random() < 0.2:
            self.trouble.strike()
        else:
            self._act(self.deeds)
        if self.dice.random() < WORKS:
            self._ring()
            self._work()

    def _act(self, deeds: Sequence[str]) -> None:
        before = moment(self.town)
        self.people.act(deeds)
        self.judge.people(before, self.people.now)

    def _ring(self) -> None:
        if not self.calm:
            self.trouble.bells()
            return
        for event in self.town.bells():
            self.town.ring(event)

    def _work(self) -> None:
        self.people.see()
        try:
            heard = self.town.work()
            self.town.say(f"the engine worked off {heard} rings")
        except Died:
            self.town.reborn()
        self._judge()
        if self.dice.random() < 0.5:
            # Whoever died or froze holds leases until they run out.
            self.town.house.bury()

    def _judge(self) -> None:
        before, after = self.people.see()
        self.judge.engine(before, after)

    def _beside(self) -> None:
        """A process is held back: people go on, most with what it has in hand, and another process works."""
        self._judge()
        claimed = select(DueRow.email).where(DueRow.claim.is_not(None)).order_by(DueRow.email)
        self.people.near = look(self.town.house.world.sessions, lambda session: list(session.scalars(claimed)))
        for _ in range(self.dice.randrange(4)):
            self._act(EDITS)
        self.people.near = []
        self.people.see()
        self._ring()
        self.town.beside()
        self._judge()

    def _until_quiet(self) -> None:
        self.trouble.heal()
        self._ring()
        for seconds in TO_QUIET:
            self.town.house.clock.advance(seconds)
            self.town.answer(lambda: True)
            self._work()
        self._a_quiet_day()
        if found := differences(self.judge, moment(self.town)):
            raise Broken("\n".join(found))

    def _a_quiet_day(self) -> None:
        house = self.town.house
        for emulator in (house.raynet, house.ecomail, self.town.tiny, self.town.other_tiny):
            emulator.calls.clear()
        before = moment(self.town)
        for seconds in A_DAY:
            house.clock.advance(seconds)
            self._work()
        writes = [
            f"{emulator.name}: {call.method} {call.path} {call.body}"
            for emulator in (house.raynet, house.ecomail, self.town.tiny, self.town.other_tiny)
            for call in emulator.writes()
            if "webhook" not in call.path
        ]
        if writes or before != moment(self.town):
            raise Broken("On a quiet day this was written:\n" + "\n".join(writes[:20]))


def play(seed: int, events: int = EVENTS) -> Played:
    """Play one seed; whatever goes wrong is in the result."""
    played = Played(seed, events)
    with a_town(seed, AUTUMN) as town:
        playing = Play(seed, town, events)
        try:
            playing.whole()
        except (Broken, Restless) as error:
            played.complaint = f"{type(error).__name__}: {error}"
        except Exception:  # whatever the engine raises beyond its words is a finding, too
            played.complaint = "".join(traceback.format_exc().splitlines(keepends=True)[-12:])
        played.log = town.log
        played.counts = playing.counts()
    return played


def many(first: int, last: int, events: int) -> list[Played]:
    """Play seeds one after the other; those that fail are named, and a table of all that happened ends it."""
    found, total, seeds = [], Counter[str](), Counter[str]()
    for seed in range(first, last + 1):
        played = play(seed, events)
        found.append(played)
        total += played.counts
        seeds.update(played.counts.keys())
        if played.complaint:
            print(f"{played.command}\n{played.complaint}\n", flush=True)
    print(f"{'':40}{'times':>8}{'seeds':>8}")
    for name, number in sorted(total.items()):
        print(f"{name:40}{number:8}{seeds[name]:8}")
    failed = [played.seed for played in found if played.complaint]
    print(f"{len(found)} seeds, {len(failed)} failed: {failed}")
    return found


def main(words: list[str]) -> int:
    """What stands at the top."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    parser = argparse.ArgumentParser(prog=COMMAND, description="Play seeds of the simulation.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--seed", type=int, help="play one and print its log")
    which.add_argument("--seeds", help="play many, A-B, and print a table")
    parser.add_argument("--events", type=int, default=EVENTS)
    given = parser.parse_args(words)
    if given.seeds:
        first, _, last = given.seeds.partition("-")
        return int(any(played.complaint for played in many(int(first), int(last or first), given.events)))
    played = play(given.seed, given.events)
    print("\n".join(played.log))
    print(played.complaint or "All is well.")
    return int(bool(played.complaint))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
