"""A dry run: reads like a run, plans with the same plan, claims and writes nothing (contract §3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.decide.facts import Decision, Verb
from core.decide.plan import plan
from core.engine.job import Job
from core.engine.listpass import look_up
from core.engine.phases import read_both
from core.engine.result import addresses, slots_of
from core.store import due, runs
from core.store.base import look
from core.store.due import Claimed
from core.store.facts import load

BATCH = 3000


@dataclass(frozen=True, slots=True)
class Counted:
    """What became, or would become, of addresses: as a result counts them (contract §5)."""

    profiles: dict[str, int]
    skipped: dict[str, int]

    def take_off(self, other: "Counted") -> None:
        """Without these."""
        for mine, theirs in ((self.profiles, other.profiles), (self.skipped, other.skipped)):
            for name, number in theirs.items():
                mine[name] -= number

    def add(self, outcome: str, why: str) -> None:
        """One more."""
        self.profiles[outcome] += 1
        if outcome == "skipped":
            self.skipped[why] = self.skipped.get(why, 0) + 1


def preview(job: Job, lane: Callable[[], None]) -> None:
    """Count what a run would do: what stands already, but for every address that is due or would be."""
    seen_by = read_both(job, lane)
    counted = _standing(job, None)
    after = ""
    while batch := _peek(job, after):
        after = batch[-1].email
        counted.take_off(_standing(job, [one.email for one in batch]))
        for outcome, why in _outcomes(job, _decide(job, batch, seen_by)):
            counted.add(outcome, why)
    skipped = {why: number for why, number in counted.skipped.items() if number}
    job.progress["preview"] = {"profiles": counted.profiles, "skipped": skipped}


def _standing(job: Job, emails: Sequence[str] | None) -> Counted:
    run_id = job.run_id
    assert run_id is not None

    def work(session: Session) -> Counted:
        slots = slots_of(job.ground, job.row.id)
        return Counted(*addresses(session, runs.get(session, run_id), slots, emails))

    return look(job.world.sessions, work)


def _peek(job: Job, after: str) -> list[Claimed]:
    return look(job.world.sessions, lambda session: due.peek(session, job.list_id, after, BATCH))


def _decide(job: Job, batch: Sequence[Claimed], seen_by: int) -> list[Decision]:
    """As a run decides, with its look-ups, which change nothing but what is known."""
    decisions = _plan(job, batch, seen_by, frozenset())
    unknown = frozenset(decision.email for decision in decisions if decision.verb is Verb.LOOK)
    if not unknown:
        return decisions
    look_up(job, sorted(unknown))
    return _plan(job, batch, seen_by, unknown)


def _plan(job: Job, batch: Sequence[Claimed], seen_by: int, looked: frozenset[str]) -> list[Decision]:
    def work(session: Session) -> list[Decision]:
        loaded = load(session, job.ground.contact_list, batch, job.now(), seen_by, job.ground.terms.unsaid, looked)
        return [plan(facts, job.ground.policies, job.ground.terms) for _, facts in sorted(loaded.facts.items())]

    return look(job.world.sessions, work)


def _outcomes(job: Job, decisions: Sequence[Decision]) -> list[tuple[str, str]]:
    """The outcome of each address that the connection's records name, with the reason of a skip."""
    slots, emails = slots_of(job.ground, job.row.id), [decision.email for decision in decisions]
    mine = look(job.world.sessions, lambda session: due.named(session, job.row.id, slots, emails))
    return [
        (outcome.value, why)
        for decision in decisions
        if decision.email in mine
        for connection, outcome, why in decision.outcomes
        if connection == job.row.id
    ]
