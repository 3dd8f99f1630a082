"""Bring one batch of due addresses into agreement. Every decision about an address goes this way; read this file first.

  claim > facts > plan > look (only where something would be written on old knowledge) > note > apply > settle

A batch is up to 3000 addresses, claimed before their facts are read. What will be sent is noted and committed before it
is sent; what came of it is settled in one transaction. So whoever dies anywhere leaves nothing, or a note: the next
holder of the lease reads off the list what the noted call did (`recover`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.orm import Session

from core.decide.brake import braked
from core.decide.facts import Decision, Facts, Verb
from core.decide.plan import plan
from core.engine import helping
from core.engine.apply import Sent, apply
from core.engine.columns import learn, open_columns
from core.engine.job import Job
from core.engine.listpass import look_up
from core.engine.noting import note
from core.engine.settle import settle
from core.store import due
from core.store.base import look
from core.store.due import Claim, Claimed
from core.store.facts import Loaded, load

log = structlog.get_logger(__name__)
BATCH = 3000
FIRST = 200
"""How many make the list's columns where a mate waits for that (R40)."""
NAMED_AT_MOST = 50
"""How many readings a line of the log names."""
WRITES = frozenset({Verb.ADD, Verb.JOIN, Verb.ADOPT, Verb.CHANGE, Verb.UNSUBSCRIBE})


@dataclass(frozen=True, slots=True)
class Batch:
    """Claimed addresses with everything known about them and what shall become of each."""

    claimed: Mapping[str, Claimed]
    loaded: Loaded
    decisions: Mapping[str, Decision]


def reconcile_rest(job: Job, seen_by: int) -> None:
    """Everything that is still due: after a pass these addresses are not in the list."""
    while one_batch(job, seen_by, FIRST if job.mate is not None and open_columns(job) else BATCH):
        # The first batch makes our columns where the list has none (R40); a mate only begins after it.
        if job.mate is not None and job.mate.is_ready and not _is_choosy(job):
            _reconcile_beside(job, seen_by)


def one_batch(job: Job, seen_by: int, limit: int = BATCH) -> int:
    """Claim and reconcile one batch; how many addresses."""
    claimed = claim(job, limit=limit)
    if claimed:
        reconcile(job, claimed, seen_by)
    return len(claimed)


def _is_choosy(job: Job) -> bool:
    """Whether only some of what is due is wanted, which has to be counted in one place."""
    return bool(job.options.get("kind")) or job.writes_left is not None


def _reconcile_beside(job: Job, seen_by: int) -> None:
    """Everything that is still due, batch by batch, here and in a mate at the same time."""
    with helping.beside(job, one_batch, seen_by, BATCH) as other:
        while one_batch(job, seen_by, BATCH) or other.finish():
            other.settle_up(job)


def claim(job: Job, lane: str = "", limit: int = BATCH) -> list[Claimed]:
    """The next batch of what is due, of one lane or of both (bulk first). One commit. Raises Stopping."""
    job.world.go_on()
    if job.writes_left is not None and job.writes_left <= 0:
        return []
    wanted = Claim(
        job.list_id,
        job.lane.claim,
        job.now(),
        min(limit, job.ground.manifest.limits.rows),
        kind=job.options.get("kind") or "",
        connection=job.row.id,
        lane=lane,
    )
    return job.commit(lambda session: due.claim(session, wanted))


def reconcile(job: Job, claimed: Sequence[Claimed], seen_by: int) -> None:
    """One claimed batch, from facts to settle. `seen_by`: the ticket of the reading that looked for these addresses."""
    job.world.crash.point("due.claimed")
    batch = _decide(job, claimed, seen_by)
    unknown = sorted(email for email, decision in batch.decisions.items() if decision.verb is Verb.LOOK)
    if unknown:
        look_up(job, unknown)
        batch = _decide(job, claimed, seen_by, frozenset(unknown))
    first, rest = _alone(job, batch)
    if first.decisions:
        if _carry_out(job, first):
            learn(job)
        else:
            rest = _given_back(rest)
    if rest.decisions or rest.loaded.marked:
        _carry_out(job, rest)


def _decide(job: Job, claimed: Sequence[Claimed], seen_by: int, looked: frozenset[str] = frozenset()) -> Batch:
    def work(session: Session) -> Loaded:
        unsaid = job.ground.terms.unsaid
        return load(session, job.ground.contact_list, claimed, job.now(), seen_by, unsaid, looked)

    loaded = look(job.world.sessions, work)
    causes = {one.email: one.cause for one in claimed if one.email not in loaded.marked}
    planned = {email: _plan(job, loaded.facts[email], cause) for email, cause in causes.items()}
    return Batch({one.email: one for one in claimed}, loaded, _limited(job, planned))


def _plan(job: Job, facts: Facts, cause: str) -> Decision:
    return braked(plan(facts, job.ground.policies, job.ground.terms), facts, cause, job.ground.policies)


def _limited(job: Job, planned: Mapping[str, Decision]) -> Mapping[str, Decision]:
    """At most as many writes as `--limit` leaves; the others wait for the next run."""
    if job.writes_left is None:
        return planned
    writing = [email for email in sorted(planned) if planned[email].verb in WRITES]
    over = set(writing[job.writes_left :])
    return {email: replace(one, verb=Verb.LATER) if email in over else one for email, one in planned.items()}


def _alone(job: Job, batch: Batch) -> tuple[Batch, Batch]:
    """While the list does not have all our custom fields, the first row that writes goes alone (R40)."""
    none = replace(batch.loaded, facts={}, marked=frozenset())
    nobody = Batch(batch.claimed, none, {})
    if job.keys_tried or not open_columns(job):
        return nobody, batch
    writing = sorted(email for email, one in batch.decisions.items() if one.write is not None)
    if not writing:
        return nobody, batch
    first = writing[0]
    one = {first: batch.decisions[first]}
    others = {email: decision for email, decision in batch.decisions.items() if email != first}
    return Batch(batch.claimed, replace(none, facts=batch.loaded.facts), one), replace(batch, decisions=others)


def _carry_out(job: Job, batch: Batch) -> bool:
    """Note, apply, settle; False where a setting has changed since the plan, so that nothing was sent (K30)."""
    writing = _writing(batch)
    noted = note(job, writing.values(), batch.loaded) if writing else None
    sent = apply(job, writing.values()) if noted is not None else Sent({})
    if noted is None and writing:
        batch = _given_back(batch)
    settle(job, batch.claimed, batch.loaded, batch.decisions, noted, sent)
    _tell(job, batch, sent)
    if job.writes_left is not None:
        job.writes_left -= len(sent.results)
    if sent.stopped is not None:
        raise sent.stopped
    if noted is None and writing:
        job.reload()
        return False
    return True


def _tell(job: Job, batch: Batch, sent: Sent) -> None:
    """A line that leads from a write back to the reading, and so to the bells, that it comes from."""
    by = sorted({batch.claimed[email].by for email in batch.decisions})
    rules = Counter(str(one.rule) for one in batch.decisions.values())
    log.info(
        "batch.settled",
        connection=job.row.id,
        list=job.list_id,
        batch=job.lane.claim,
        marked_by=by[:NAMED_AT_MOST],
        addresses=len(batch.decisions),
        written=len(sent.results),
        rules=dict(sorted(rules.items())),
    )


def _writing(batch: Batch) -> dict[str, Decision]:
    return {email: one for email, one in batch.decisions.items() if one.verb in WRITES and _calls(one)}


def _calls(decision: Decision) -> bool:
    return decision.write is not None or decision.verb is Verb.UNSUBSCRIBE


def _given_back(batch: Batch) -> Batch:
    """Nothing of this plan is sent; whoever comes next plans on the new settings (K30)."""
    back = {email: replace(one, verb=Verb.LATER) for email, one in _writing(batch).items()}
    return replace(batch, decisions={**batch.decisions, **back})
