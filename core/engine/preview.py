"""A dry run: reads like a run, plans with the same plan, claims and writes nothing (contract §3)."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from core.decide.facts import Decision, Outcome
from core.decide.plan import plan
from core.engine.job import Job
from core.engine.phases import read_both
from core.store import due
from core.store.base import look
from core.store.due import Claimed
from core.store.facts import load

BATCH = 3000


def preview(job: Job, lane: Callable[[], None]) -> None:
    """Count what a run would do to every address that is due or would be."""
    seen_by = read_both(job, lane)
    counted = dict.fromkeys((outcome.value for outcome in Outcome), 0)
    skipped: dict[str, int] = {}
    decided = 0
    after = ""
    while batch := _peek(job, after):
        after = batch[-1].email
        for decision in _plan(job, batch, seen_by):
            decided += _count(job, decision, counted, skipped)
    counted["unchanged"] += max(_settled(job) - decided, 0)
    job.progress["preview"] = {"profiles": counted, "skipped": skipped}


def _peek(job: Job, after: str) -> list[Claimed]:
    return look(job.world.sessions, lambda session: due.peek(session, job.list_id, after, BATCH))


def _plan(job: Job, batch: Sequence[Claimed], seen_by: int) -> list[Decision]:
    def work(session: Session) -> list[Decision]:
        loaded = load(session, job.ground.contact_list, batch, job.now(), seen_by, job.ground.terms.unsaid)
        return [plan(facts, job.ground.policies, job.ground.terms) for _, facts in sorted(loaded.facts.items())]

    return look(job.world.sessions, work)


def _count(job: Job, decision: Decision, counted: dict[str, int], skipped: dict[str, int]) -> int:
    """Count one decision for the run's connection; how many addresses of it that was."""
    for connection, outcome, why in decision.outcomes:
        if connection != job.row.id:
            continue
        counted[outcome.value] += 1
        if outcome is Outcome.SKIPPED:
            skipped[why] = skipped.get(why, 0) + 1
        return 1
    return 0


def _settled(job: Job) -> int:
    return look(
        job.world.sessions,
        lambda session: due.count_named(session, job.row.id, job.ground.policies[job.row.id].both_emails),
    )
