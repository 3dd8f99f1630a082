"""The morning run: what campaigns and automations did goes into the CRM's history, and tags into its records (R60).

  tags > what happened since > tags whose calls were lost > lines that changed > the CRM, in the order of R66

Whoever makes the row of a day makes its run, once, whoever looks at the clock. A run that was killed is taken up again.
"""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from core.decide.mornings import last_day, morning_of
from core.engine import collecting, history, home, repairing, senders, tags, telling
from core.engine.full import CRASHES_AT_MOST, RETRY_SECONDS, End
from core.engine.job import Job, NoGauge, Paused
from core.engine.leasing import Lease, LostLease, release, take
from core.engine.openjob import open_job
from core.engine.stopping import refuse
from core.errors import Stopping
from core.ports import Gauge, World
from core.real import is_dead
from core.store import leases, lines, runs, wishes
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState
from core.store.outbox import Intent
from core.store.runs import DAILY, OPEN, RunRow, RunState
from spojka import Busy, Malformed, Refused, SpojkaError, Unreachable

log = structlog.get_logger(__name__)
FOLLOW_SECONDS = 0.3
COUNTS = ("activities_written", "activities_updated", "tags_added", "tags_removed", "failed")


def is_due(world: World, session: Session) -> list[int]:
    """Connections whose morning has come and was not begun, or whose run nobody works on. Three queries and a few."""
    now, found = world.clock.now(), set[int]()
    for row in runs.open_all(session):
        ready = row.not_before is None or row.not_before <= now
        asked = row.requested_by != "cli" or row.started_at is not None
        if row.mode == DAILY and ready and asked:
            found.add(row.connection_id)
    begun = lines.last_mornings(session)
    for connection in lines.mature(session):
        if _missed(world, connection, begun.get(connection.id, "")):
            found.add(connection.id)
    return [number for number in sorted(found) if _may_begin(session, number)]


def _may_begin(session: Session, connection_id: int) -> bool:
    running = session.get_one(ConnectionRow, connection_id).state == ConnectionState.RUNNING
    return running and leases.is_free(session, f"morning:{connection_id}", is_dead)


def _missed(world: World, row: ConnectionRow, begun: str) -> str:
    """The local day whose morning has come and was not begun, or `""`; the day of its making comes a day later."""
    day = last_day(world.clock.now(), world.settings.daily_at, world.settings.timezone)
    came = morning_of(day, world.settings.daily_at, world.settings.timezone)
    return day.isoformat() if day.isoformat() > begun and came > row.created_at else ""


def morning_now(world: World, connection_id: int) -> None:
    """The morning run of a connection, if it is due and nobody else is at it. Safe to lose, double or delay."""
    lease = take(world, f"morning:{connection_id}")
    if lease is None:
        return
    try:
        run_id = transact(world.sessions, lambda session: _due_run(world, session, connection_id))
        if run_id is not None:
            _held(world, run_id, lease, NoGauge())
    finally:
        release(world, lease)


def _due_run(world: World, session: Session, connection_id: int) -> int | None:
    """The run to work on: one that is open, or that of a morning nobody has begun."""
    row, now = session.get_one(ConnectionRow, connection_id), world.clock.now()
    day = _missed(world, row, lines.last_morning(session, connection_id)) if row.first_run_at else ""
    open_ones = [run for run in runs.open_all(session) if run.connection_id == connection_id and run.mode == DAILY]
    ready = [run for run in open_ones if not run.dry_run and (run.not_before is None or run.not_before <= now)]
    if not day:
        return ready[0].id if ready else None
    run = ready[0] if ready else request(world, session, connection_id, by="clock")
    lines.begin(session, connection_id, day, run.id, now)
    return run.id


def request(world: World, session: Session, connection_id: int, *, by: str, dry_run: bool = False) -> RunRow:
    """The open morning run of a connection, else a new one."""
    now = world.clock.now()
    return runs.request(session, connection_id, DAILY, options={}, dry_run=dry_run, by=by, now=now)


def work(world: World, run_id: int, gauge: Gauge | None = None) -> RunRow:
    """Work on a morning run until it has ended or waits for a time, or follow whoever does. Raises Stopping."""
    watcher = gauge if gauge is not None else NoGauge()
    while True:
        row = look(world.sessions, lambda session: runs.get(session, run_id))
        if row.state not in OPEN or home.keeps_away(world):
            return row
        lease = take(world, f"morning:{row.connection_id}")
        if lease is not None:
            try:
                return _held(world, run_id, lease, watcher)
            finally:
                release(world, lease)
        watcher.show(row.progress)
        world.clock.sleep(FOLLOW_SECONDS)


def _held(world: World, run_id: int, lease: Lease, gauge: Gauge) -> RunRow:
    world.crash.point("morning.leased")
    try:
        row = transact(world.sessions, lambda session: _begin(world, session, run_id))
        if row.state not in OPEN:
            return row
        job, end = _work(world, row, lease, gauge)
        world.crash.point("morning.before_end")
        return transact(world.sessions, lambda session: _end(world, session, run_id, job, end))
    except LostLease:
        log.warning("morning.lost_lease", run=run_id)
        return look(world.sessions, lambda session: runs.get(session, run_id))
    except Stopping:
        transact(world.sessions, lambda session: _leave(session, run_id))
        raise


def _begin(world: World, session: Session, run_id: int) -> RunRow:
    row = runs.get(session, run_id)
    if row.state in OPEN:
        row.state = RunState.RUNNING.value
        row.started_at = row.started_at or world.clock.now()
        row.checkpoint = {**row.checkpoint, "begun": row.checkpoint.get("begun", 0) + 1}
    return row


def _leave(session: Session, run_id: int) -> None:
    row = runs.get(session, run_id)
    row.state = RunState.QUEUED.value
    row.checkpoint = {**row.checkpoint, "begun": row.checkpoint.get("begun", 1) - 1}


def _work(world: World, row: RunRow, lease: Lease, gauge: Gauge) -> tuple[Job | None, End]:
    if row.checkpoint["begun"] > CRASHES_AT_MOST:
        return None, End(RunState.FAILED, "failed", "The run broke off five times. The log says where.", "crashed")
    try:
        job = open_job(world, row.connection_id, [lease], by=f"run:{row.id}", cause="morning", lane="morning")
    except Paused as error:
        return None, End(RunState.PAUSED, "paused", f"The connection is {error}.", "paused")
    job.run_id, job.gauge = row.id, gauge
    job.progress, job.checkpoint = dict(row.progress), dict(row.checkpoint)
    try:
        if row.dry_run:
            _preview(job)
        else:
            _carry_through(job)
        return job, End(RunState.DONE, "done")
    except SpojkaError as error:
        return job, _ended_by(world, row, error)


def _ended_by(world: World, row: RunRow, error: SpojkaError) -> End:
    """What stops a morning run, and when it goes on."""
    if isinstance(error, Refused):
        refuse(world, row.connection_id, error)
        return End(RunState.QUEUED, "refused", str(error), error.code)
    if isinstance(error, Busy):
        until = error.until or world.clock.now() + timedelta(minutes=5)
        return End(RunState.QUEUED, "refused", str(error), error.code, until)
    if isinstance(error, Unreachable | Malformed):
        index = min(row.checkpoint["begun"] - 1, len(RETRY_SECONDS) - 1)
        until = world.clock.now() + timedelta(seconds=RETRY_SECONDS[index])
        return End(RunState.QUEUED, "unreachable", str(error), error.code, until)
    return End(RunState.FAILED, "failed", str(error), error.code)


def _carry_through(job: Job) -> None:
    """Tags need the CRM alone, so they go first; what is known of the history goes, whatever the list's vendor says."""
    world, connection = job.world, job.row.id
    job.phase("tags", 0)
    job.commit(lambda session: wishes.hasten(session, connection, job.now()))
    senders.send_all(world, connection, {Intent.TAG}, "morning", job)
    stopped: SpojkaError | None = None
    telling.read_again(world, job.row)
    try:
        collecting.collect(job)
        if repairing.repair(job):
            senders.send_all(world, connection, {Intent.TAG}, "morning", job)
    except SpojkaError as error:
        stopped = error
        collecting.fold_all(job)
    world.crash.point("morning.before_lines")
    job.phase("history", history.queue(job))
    senders.send_all(world, connection, {Intent.ACTIVITY}, "morning", job)
    if stopped is not None:
        raise stopped


def _preview(job: Job) -> None:
    """What a morning run would do, without writing into the CRM; reading both sides is all it does."""
    collecting.collect(job)
    new, again = history.would(look(job.world.sessions, lambda session: lines.changed(session, job.row.id)))
    added, removed = tags.would(job)
    job.count(activities_written=new, activities_updated=again, tags_added=added, tags_removed=removed)


def _end(world: World, session: Session, run_id: int, job: Job | None, end: End) -> RunRow:
    row, now = runs.get(session, run_id), world.clock.now()
    if job is not None:
        job.count_requests()
        row.progress = {**job.progress, "phase": "ended" if end.state not in OPEN else "waiting"}
        row.checkpoint = dict(job.checkpoint)
    row.result = result_of(session, row, end.status, (now - (row.started_at or now)).total_seconds())
    row.error, row.code, row.not_before = end.error, end.code, end.not_before
    failed = end.state is RunState.DONE and row.result["status"] == "failed"
    row.state = RunState.FAILED.value if failed else end.state.value
    if row.state not in OPEN:
        row.finished_at = now
    return row


def unfinished(row: RunRow) -> dict[str, Any]:
    """The document of a run that ended before it did anything."""
    return _document(row, str(row.state), 0, 0.0)


def result_of(session: Session, row: RunRow, status: str, seconds: float) -> dict[str, Any]:
    """The document of `spojka daily` (contract §3)."""
    return _document(row, status, 0 if row.dry_run else lines.waiting(session, row.connection_id), seconds)


def _document(row: RunRow, status: str, deferred: int, seconds: float) -> dict[str, Any]:
    said = {name: int(row.progress.get(name) or 0) for name in COUNTS}
    return {
        "connection": row.connection_id,
        "mode": row.mode,
        "dry_run": row.dry_run,
        "status": "failed" if status == "done" and said["failed"] else status,
        **{name: number for name, number in said.items() if name != "failed"},
        "deferred": deferred,
        "failed": said["failed"],
        "requests": dict(row.progress.get("requests", {"crm": 0, "audience": 0})),
        "seconds": round(seconds, 3),
    }
