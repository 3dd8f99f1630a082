"""The phases of a run: the CRM into RECORDS, a pass over the list, then what is not in it, then what stayed open.

A run that was killed anywhere goes on from its last commit: a reading from its next page, a pass from its beginning.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core.engine import braking, columns, helping, listpass, reading
from core.engine.job import Job
from core.engine.reconcile import reconcile, reconcile_rest
from core.store import cursors, due
from core.store.connections import AccountRow, ConnectionRow
from core.store.due import Claimed
from core.store.proving import UNTESTED, prove_account
from spojka import Kind

OVERLAP = timedelta(minutes=5)
"""How far before its first page the next reading begins: minute precision, clocks, and what was being saved (R72)."""
CLOSINGS = 2
"""How often addresses whose call proved nothing are read again in one run (R101)."""


def carry_through(job: Job, lane: Callable[[], None]) -> bool:
    """All phases of a run; whether what its brake holds waits for a person (R96).

    `lane` takes the lease under which the list is written, once the reading has ended.
    """
    check(job)
    _read(job)
    job.world.crash.point("run.between_phases")
    lane()
    return brake(job, bring_home(job))


def read_both(job: Job, lane: Callable[[], None]) -> int:
    """The readings of a run without any writing: the CRM, then the lists; the ticket with which the pass began."""
    check(job)
    _read(job)
    lane()
    columns.find(job)
    job.phase("list", job.ground.contact_list.members)
    walk = listpass.pass_over(job, _carry)
    listpass.close_pass(job, walk, _carry)
    listpass.pass_elsewhere(job)
    return walk.ticket


def check(job: Job) -> None:
    """Whether the CRM lets us in, and what is left of its quota. One request."""
    said = job.crm.adapter.check()

    def work(session: Session) -> None:
        row = session.get_one(ConnectionRow, job.row.id)
        row.left, row.limit = said.left, said.limit
        row.eyes = row.eyes or said.eyes
        row.problem = row.problem_text = ""

    job.commit(work)
    if job.ground.account.account.startswith(UNTESTED):
        _prove(job)


def _prove(job: Job) -> None:
    """A connection that was made untested: now the account says its real name, and lists may turn out to be known."""
    said = job.audience.adapter.check()

    def work(session: Session) -> None:
        prove_account(session, session.get_one(AccountRow, job.ground.account.id), said.account, said.lists)

    job.commit(work)
    job.reload()


def _read(job: Job) -> None:
    """The CRM into RECORDS; what it marks waits until the whole reading has ended (R10)."""
    if job.checkpoint.get("read"):
        return
    job.waits = f"run:{job.run_id}" if not job.dry_run else f"dry:{job.run_id}"
    job.progress.setdefault("read", {kind.value: 0 for kind in Kind})
    job.progress.setdefault("total", {kind.value: 0 for kind in Kind})
    if "first_asked_at" not in job.checkpoint:
        job.phase("reading", 0)
        job.commit(lambda session: _begin(job, session))
    for kind in job.crm.manifest.kinds:
        if _wanted(job, kind):
            reading.read_kind(job, kind)
    job.checkpoint["read"] = True
    job.commit(lambda session: _end_reading(job, session))
    job.world.tally.add("readings", "run")
    if job.ground.policies[job.row.id].unread and not job.dry_run:
        job.reload()


def _begin(job: Job, session: Session) -> None:
    """Where each kind's reading starts is fixed before the first page is asked for (R72)."""
    job.checkpoint["first_asked_at"] = job.now().isoformat()
    known = cursors.of(session, job.row.id)
    since = {kind: moment.isoformat() for kind, moment in known.items() if moment is not None}
    job.checkpoint["since"] = since if job.options["mode"] == "changes" else {}
    job.checkpoint["never_read"] = [kind.value for kind in job.crm.manifest.kinds if kind.value not in known]
    job.found = "live" if job.options["mode"] == "changes" else "backfill"


def _wanted(job: Job, kind: Kind) -> bool:
    """`--kind` reads that kind alone, unless another was never read."""
    only = job.options.get("kind")
    return not only or kind.value == only or kind.value in job.checkpoint.get("never_read", ())


def _end_reading(job: Job, session: Session) -> None:
    asked = job.checkpoint.get("vendor_asked_at") or job.checkpoint["first_asked_at"]
    since = datetime.fromisoformat(asked) - OVERLAP
    if not job.dry_run:
        kinds = [kind.value for kind in job.crm.manifest.kinds if _wanted(job, kind)]
        cursors.move(session, job.row.id, kinds, since)
        due.release_waits(session, job.list_id, job.waits)
        row = session.get_one(ConnectionRow, job.row.id)
        row.first_read_at = row.first_read_at or job.now()
        job.waits = ""


def bring_home(job: Job) -> int:
    """A pass, then the addresses that are not in the list, then once more what a call's answer did not prove.

    The ticket with which the last pass began.
    """
    job.commit(lambda session: due.release_waits(session, job.list_id, "dry"))
    columns.find(job)
    for closing in range(CLOSINGS + 1):
        job.unproven = 0
        job.phase("closing" if closing else "list", job.ground.contact_list.members)
        walk = listpass.pass_over(job, _carry)
        listpass.close_pass(job, walk, _carry)
        job.world.crash.point("run.between_phases")
        left = count_due(job)
        if left and not closing:
            listpass.pass_elsewhere(job)
        job.phase("writing", left)
        helping.hire(job, left)
        reconcile_rest(job, walk.ticket)
        if not job.unproven:
            break
    return walk.ticket


def brake(job: Job, seen_by: int) -> bool:
    """What the brake held is let go and carried out, or a person is asked."""
    weighed = braking.weigh(job)
    if weighed.released:
        reconcile_rest(job, seen_by)
    return bool(weighed.waiting)


def _carry(job: Job, claimed: Sequence[Claimed], seen_by: int) -> None:
    if not job.dry_run:
        reconcile(job, claimed, seen_by)


def count_due(job: Job) -> int:
    """How many addresses are due now. One query."""
    with job.world.sessions() as session:
        session.connection(execution_options={"reading": True})
        return due.count_open(session, job.list_id, job.now())
