"""A run from the lease to the result: who works on it, how it ends, and what is said about it.

A run that was killed anywhere is taken up again from its last commit by whoever comes next.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.engine import home, lane, senders, undo
from core.engine.job import Job, NoGauge, Paused
from core.engine.leasing import Lease, LostLease, release, take
from core.engine.opening import audience_of, crm_of, crm_side, ground_of
from core.engine.phases import carry_through
from core.engine.preview import preview
from core.engine.recovering import recover
from core.engine.result import result_of
from core.engine.stopping import LIST_GONE, is_list_gone, list_gone, refuse
from core.errors import Stopping
from core.ports import Gauge, World
from core.real import is_dead
from core.store import leases, runs
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState
from core.store.outbox import Intent
from core.store.runs import DAILY, OPEN, UNDO, RunRow, RunState
from spojka import Busy, Malformed, Refused, SpojkaError, Unreachable

FOLLOW_SECONDS = 0.3
RETRY_SECONDS = (30, 60, 120, 300, 600)
CRASHES_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class End:
    """How this process's work on a run ended: the run's new state, and what contract §5 calls it."""

    state: RunState
    status: str
    error: str = ""
    code: str = ""
    not_before: datetime | None = None


def work(world: World, run_id: int, gauge: Gauge | None = None) -> RunRow:
    """Work on a run until it has ended, or follow whoever does. The row's `result` says what is true at its end.

    A run stopped by a limit or an unreachable vendor stays open: `result["status"]` is `refused` or `unreachable`, and
    the workers go on with it after `not_before`. Raises Stopping where this process was asked to stop; the run stays
    open then, too.
    """
    watcher = gauge if gauge is not None else NoGauge()
    while True:
        row = look(world.sessions, lambda session: runs.get(session, run_id))
        if row.state not in OPEN:
            return row
        if home.keeps_away(world):
            return transact(world.sessions, lambda session: _kept_away(world, session, run_id))
        lease = take(world, f"run:{row.connection_id}")
        if lease is None:
            watcher.show(row.progress)
            world.clock.sleep(FOLLOW_SECONDS)
            continue
        done = _held(world, run_id, lease, watcher)
        if done is not None:
            return done


def next_open(world: World, session: Session) -> list[int]:
    """Runs that somebody should work on: open, not waiting for a time, of running connections, in nobody's hands."""
    now, free = world.clock.now(), []
    for row in runs.open_all(session):
        if row.mode == DAILY:
            continue
        connection = session.get_one(ConnectionRow, row.connection_id)
        ready = row.not_before is None or row.not_before <= now
        # What somebody does in a process of his own is taken up once it has broken off or waits for a reset.
        asked = row.requested_by != "cli" or row.started_at is not None
        if ready and asked and connection.state == ConnectionState.RUNNING and _in_nobodys_hands(session, row):
            free.append(row.id)
    return free


def _in_nobodys_hands(session: Session, row: RunRow) -> bool:
    return leases.is_free(session, f"run:{row.connection_id}", is_dead)


def _held(world: World, run_id: int, lease: Lease, gauge: Gauge) -> RunRow | None:
    """Work under this lease; None where it was lost, or a mate died with what was in its hands, and begins anew."""
    world.crash.point("run.leased")
    held = [lease]
    try:
        begun = transact(world.sessions, lambda session: _begin(world, session, run_id))
        if begun.state not in OPEN:
            return begun
        job, end = _work(world, begun, held, gauge)
        world.crash.point("run.before_end")
        return _end(world, begun, job, end)
    except LostLease:
        return None
    except Stopping:
        transact(world.sessions, lambda session: _leave(session, run_id))
        raise
    finally:
        world.crash.point("run.before_release")
        for one in reversed(held):
            release(world, one)


def _kept_away(world: World, session: Session, run_id: int) -> RunRow:
    """In a copy of the installation the run stays open until somebody says that this is the new home (R110)."""
    row = runs.get(session, run_id)
    ground = ground_of(world, session, session.get_one(ConnectionRow, row.connection_id).list_id)
    row.result = result_of(session, ground, row, "paused", 0.0, None)
    row.error, row.code = home.AWAY, "elsewhere"
    return row


def _begin(world: World, session: Session, run_id: int) -> RunRow:
    row, now = runs.get(session, run_id), world.clock.now()
    if row.state in OPEN:
        home.move_in(session, world.settings)
        row.state = RunState.RUNNING.value
        row.started_at = row.started_at or now
        row.checkpoint = {**row.checkpoint, "begun": row.checkpoint.get("begun", 0) + 1}
    return row


def _leave(session: Session, run_id: int) -> None:
    """Others go on from the last commit; who was asked to stop has not broken off."""
    row = runs.get(session, run_id)
    row.state = RunState.QUEUED.value
    row.checkpoint = {**row.checkpoint, "begun": row.checkpoint.get("begun", 1) - 1}


def _work(world: World, row: RunRow, held: list[Lease], gauge: Gauge) -> tuple[Job | None, End]:
    """Do the work; whatever stops it becomes an end that says what to do."""
    if row.checkpoint["begun"] > CRASHES_AT_MOST and not row.progress.get("moved"):
        return None, End(
            RunState.FAILED, "failed", "The run broke off five times in a row. The log says where.", "crashed"
        )
    job: Job | None = None
    try:
        job = open_job(world, row, held, gauge)
        if row.dry_run:
            preview(job, lambda: _take_lane(world, job, held))
            return job, End(RunState.DONE, "done")
        carry = undo.carry_through if row.mode == UNDO else carry_through
        asks = carry(job, lambda: _take_lane(world, job, held))
        _send(world, job)
        return job, End(RunState.ASKS, "asks") if asks else End(RunState.DONE, "done")
    except Paused as error:
        return job, End(RunState.PAUSED, "paused", f"The connection is {error}.", "paused")
    except Refused as error:
        refuse(world, row.connection_id, error)
        return job, End(RunState.QUEUED, "refused", str(error), error.code)
    except Busy as error:
        until = error.until or world.clock.now() + timedelta(minutes=5)
        return job, End(RunState.QUEUED, "refused", str(error), error.code, until)
    except (Unreachable, Malformed) as error:
        return job, End(RunState.QUEUED, "unreachable", str(error), error.code, _later(world, row))
    except SpojkaError as error:
        if not is_list_gone(error):
            return job, End(RunState.FAILED, "failed", str(error), error.code)
        list_gone(world, row.connection_id, error)
        return job, End(RunState.FAILED, "failed", str(error), LIST_GONE)
    finally:
        if job is not None and job.mate is not None:
            job.mate.leave()


def _send(world: World, job: Job) -> None:
    """Edits that were found in the list go to the CRM, and from there to the records' other addresses (R22, R31).

    A run of few addresses, or of one kind, leaves that to the workers.
    """
    if job.options.get("kind") or job.options.get("limit"):
        return
    at_once = job.options["mode"] == UNDO or job.row.settings.get("tag_writeback") == "immediate"
    kinds = {Intent.FIELD, Intent.TAG} if at_once else {Intent.FIELD}
    sent = senders.send_all(world, job.row.id, kinds)
    # Also where nothing was sent: whoever died in this run may have got as far as this.
    brought = lane.reconcile_now(world, job.ground.account.id, job.run_id)
    job.count_requests()
    job.progress["requests"]["crm"] += sent + brought.crm
    job.progress["requests"]["audience"] += brought.audience


def _later(world: World, row: RunRow) -> datetime:
    index = min(row.checkpoint["begun"] - 1, len(RETRY_SECONDS) - 1)
    return world.clock.now() + timedelta(seconds=RETRY_SECONDS[index])


def open_job(world: World, row: RunRow, held: list[Lease], gauge: Gauge) -> Job:
    """Both sides open, the ground loaded. Sends nothing. Raises Paused, PluginFault."""

    def load(session: Session) -> tuple[ConnectionRow, Any]:
        connection = session.get_one(ConnectionRow, row.connection_id)
        return connection, ground_of(world, session, connection.list_id)

    connection, ground = look(world.sessions, load)
    if connection.state != ConnectionState.RUNNING:
        raise Paused(connection.state)
    ticket = transact(world.sessions, leases.draw)
    return Job(
        world,
        row.id,
        connection,
        ground,
        world.registry.caller(connection.plugin),
        crm_side(world, connection),
        crm_of(world, connection, "bulk"),
        audience_of(world, connection, ground.account.account, "bulk"),
        held,
        gauge,
        dict(row.progress),
        dict(row.checkpoint),
        {**row.options, "mode": row.mode},
        row.dry_run,
        ticket,
        keys=dict(ground.contact_list.custom_keys),
        writes_left=row.options.get("limit"),
        by=f"run:{row.id}",
    )


def _take_lane(world: World, job: Job, held: list[Lease]) -> None:
    """The right to write to the account's lists, waited for; what a dead holder left is taken over."""
    while True:
        lease = take(world, f"account:{job.ground.account.id}:bulk")
        if lease is not None:
            break
        world.clock.sleep(FOLLOW_SECONDS)
    held.append(lease)
    recover(world, lease)


def _end(world: World, row: RunRow, job: Job | None, end: End) -> RunRow:
    now = world.clock.now()
    if job is not None:
        job.count_requests()

    def finish(session: Session) -> RunRow:
        run = runs.get(session, row.id)
        connection = session.get_one(ConnectionRow, row.connection_id)
        if job is not None:
            run.progress = {**job.progress, "phase": "ended" if end.state not in OPEN else "waiting"}
            run.checkpoint = dict(job.checkpoint)
        seconds = (now - (run.started_at or now)).total_seconds()
        ground = ground_of(world, session, connection.list_id)
        # A dry run has counted what would happen; nothing of it is in the tables.
        counted = run.progress.get("preview") if run.dry_run else None
        run.result = result_of(session, ground, run, end.status, seconds, counted)
        run.error, run.code = end.error, end.code
        run.not_before = end.not_before
        run.state = _state(end, run.result)
        if run.state not in OPEN:
            run.finished_at = now
        if end.state is RunState.DONE and not run.dry_run:
            connection.first_run_at = connection.first_run_at or now
        return run

    return transact(world.sessions, finish)


def _state(end: End, result: dict[str, Any]) -> str:
    if end.state is RunState.DONE and result["status"] == "failed":
        return RunState.FAILED.value
    return end.state.value
