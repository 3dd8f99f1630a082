"""The way back: what the outbox holds is written into the CRM, in batches, under one lease a connection (R22, R94).

  claim > (its own: read, judge, note) > hook > outcomes

What is claimed stands in `sending` before the hook is called, so that whoever dies in it leaves rows of unknown end:
the next holder of the lease hands them to the kind's own `recover`, which says how long to wait and what may have
arrived. `core.engine.senders` names the kinds.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from core.engine.job import Job, Paused
from core.engine.leasing import LostLease, release, take
from core.engine.openjob import open_job
from core.engine.stopping import refuse
from core.ports import World
from core.real import is_dead
from core.store import leases, outbox
from core.store.base import look
from core.store.connections import ConnectionRow, ConnectionState
from core.store.outbox import Intent, OutboxRow
from spojka import TIMEOUT_SECONDS, Busy, Refused, SpojkaError

log = structlog.get_logger(__name__)
BATCH = 1000
LATE = timedelta(seconds=TIMEOUT_SECONDS + 30)
"""After that a call without an answer can't arrive any more."""
RETRY_SECONDS = (15, 60, 300, 900, 3600)


@dataclass(frozen=True, slots=True)
class Sender:
    """How one kind of row is sent.

    `send` is given claimed rows, and leaves none of them in `sending` unless it raises. `recover` is given, within a
    commit, rows whose sender died. `batch` rows are claimed at once.
    """

    send: Callable[[Job, Sequence[OutboxRow]], None]
    recover: Callable[[Job, Session, Sequence[OutboxRow]], None]
    batch: int = BATCH


Senders = Mapping[Intent, Sender]
"""By kind, in the order in which they are sent."""


def send(
    world: World, connection_id: int, senders: Senders, kinds: Collection[Intent], lane: str, run: Job | None = None
) -> int:
    """Send what is due of these kinds, to the end or until the CRM stops us; how many requests it took.

    Returns 0 where somebody else is sending. Commits as it goes; each row that stays says why. What is done within a
    run is counted in its progress.
    """
    lease = take(world, f"outbox:{connection_id}")
    if lease is None:
        return 0
    try:
        job = open_job(world, connection_id, [lease], by=lease.claim, cause="outbox", lane=lane)
        if run is not None:
            job.run_id, job.progress, job.checkpoint = run.run_id, run.progress, run.checkpoint
        return _send(job, senders, kinds)
    except Paused:
        return 0
    except LostLease:
        log.warning("outbox.lost_lease", connection=connection_id)
        return 0
    finally:
        world.crash.point("outbox.before_release")
        release(world, lease)


def _send(job: Job, senders: Senders, kinds: Collection[Intent]) -> int:
    job.commit(lambda session: _recover(job, session, senders))
    try:
        for kind, sender in senders.items():
            if kind in kinds:
                _send_kind(job, kind, sender)
    except Paused:
        job.commit(lambda session: _leave(job, session, None))
    except Refused as error:
        stopped: SpojkaError = error
        job.commit(lambda session: _leave(job, session, stopped))
        refuse(job.world, job.row.id, error)
    except SpojkaError as error:
        failed = error
        job.commit(lambda session: _leave(job, session, failed))
        log.warning("outbox.put_off", connection=job.row.id, code=error.code)
    return job.crm.counted.requests


def _send_kind(job: Job, kind: Intent, sender: Sender) -> None:
    while rows := _claim(job, kind, sender.batch):
        job.world.crash.point("outbox.claimed")
        sender.send(job, rows)


def _claim(job: Job, kind: Intent, limit: int) -> list[OutboxRow]:
    job.world.go_on()

    def work(session: Session) -> list[OutboxRow]:
        if session.get_one(ConnectionRow, job.row.id).state != ConnectionState.RUNNING:
            raise Paused("paused")
        return outbox.claim(session, job.row.id, kind, job.lane.claim, job.now(), limit)

    return job.commit(work)


def _recover(job: Job, session: Session, senders: Senders) -> None:
    left = outbox.left_behind(session, job.row.id, job.lane.claim)
    for kind, sender in senders.items():
        rows = [row for row in left if row.kind == kind.value]
        if rows:
            sender.recover(job, session, rows)


def _leave(job: Job, session: Session, error: SpojkaError | None) -> None:
    """What was claimed and not sent waits: as before, or for the CRM, with growing pauses (R92)."""
    mine = outbox.claimed(session, job.row.id, job.lane.claim)
    if error is None or isinstance(error, Refused):
        outbox.give_back(session, [row.id for row in mine])
        return
    for row in mine:
        outbox.put_off(session, [row.id], again_at(job, row, error), str(error))
    connection = session.get_one(ConnectionRow, job.row.id)
    connection.problem, connection.problem_text, connection.problem_at = error.code, str(error), job.now()


def again_at(job: Job, row: OutboxRow, error: SpojkaError | None = None) -> datetime:
    """When a row is tried again: when the vendor says, else after a growing, jittered pause (R92)."""
    if isinstance(error, Busy) and error.until is not None:
        return error.until
    pause = RETRY_SECONDS[min(row.attempts, len(RETRY_SECONDS) - 1)] * job.world.dice.between(0.8, 1.2)
    return job.now() + timedelta(seconds=pause)


def is_due(world: World, session: Session) -> list[int]:
    """Connections of which something is to be sent now and that nobody sends for. One query, and one for each."""
    found = []
    for connection_id in sorted(outbox.due(session, world.clock.now())):
        row = session.get_one(ConnectionRow, connection_id)
        free = leases.is_free(session, f"outbox:{connection_id}", is_dead)
        if row.state == ConnectionState.RUNNING and free:
            found.append(connection_id)
    return found


def waiting(world: World, connection_id: int, kinds: Collection[Intent]) -> bool:
    """Whether a connection has something of these kinds to send now, or somebody is sending it."""
    found = look(world.sessions, lambda session: outbox.due(session, world.clock.now()))
    return bool(found.get(connection_id, set()) & {kind.value for kind in kinds})
