"""The live door: bells and the minute reading -> everything that changed since the cursor, into RECORDS (R70-R74, R80).

A reading asks for what changed, of the kinds that rang, then by their ids for records that rang and were not among it.
Its last commit lets the addresses go, moves the cursors and closes the bells. One that died is simply made again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from core.engine import pace
from core.engine.asking import Asking
from core.engine.job import Paused
from core.engine.lane import reconcile_now
from core.engine.leasing import Lease, LostLease, release, take
from core.engine.openjob import open_job
from core.engine.stopping import refuse
from core.ports import World
from core.store import inbox, schedule
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState, ListRow
from core.store.inbox import Bell
from core.store.schedule import READING, ScheduleRow
from spojka import Busy, Refused, SpojkaError

log = structlog.get_logger(__name__)
BELLS_AT_ONCE = 10_000
NAMED_AT_MOST = 100
"""How many bells a line of the log names."""
ROUNDS = 10
"""Readings after which a worker looks at other work first."""
SLEEP_AT_MOST = 1.0
"""What a worker waits for; a longer pause is left to the scheduler."""
RETRY_SECONDS = (5, 15, 30, 60, 120, 300, 600)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Why a reading is to be made (bells are open, its minute has come), and in how many seconds it may begin."""

    rung: bool
    timely: bool
    wait: float


def live_now(world: World, connection_id: int) -> None:
    """Read while there is reason to, and bring what was found into the list; after some rounds let others go first."""
    for _ in range(ROUNDS):
        wanted = look(world.sessions, lambda session: wanted_of(world, session, connection_id))
        if wanted is None or wanted.wait > SLEEP_AT_MOST:
            return
        world.clock.sleep(wanted.wait)
        if not read_now(world, connection_id, wanted):
            return
        reconcile_now(world, _account(world, connection_id))
    world.wake.ring("realtime", "live_now", connection_id)


def wanted_of(world: World, session: Session, connection_id: int) -> Wanted | None:
    """Why this connection should be read now; None: it should not. At most six queries.

    Bells wait for the end of the first complete reading and for a connection that runs (R82); after a failure
    everything waits for its pause.
    """
    row = session.get(ConnectionRow, connection_id)
    if row is None or row.state != ConnectionState.RUNNING or row.first_read_at is None:
        return None
    plan, now = schedule.of(session, connection_id).get(READING), world.clock.now()
    timely = plan is None or plan.next_at <= now
    if plan is not None and plan.tries and not timely:
        return None
    rung = inbox.count_open(session, connection_id) > 0
    if not rung and not timely:
        return None
    return Wanted(rung, timely, pace.pause(world, session, row, plan.last_at if plan else None))


def read_now(world: World, connection_id: int, wanted: Wanted) -> bool:
    """One live reading, if nobody else is at it; whether it was made to its end."""
    lease = take(world, f"reading:{connection_id}")
    if lease is None:
        return False
    try:
        world.crash.point("reading.leased")
        return _read(world, connection_id, lease, wanted)
    except LostLease:
        log.warning("reading.lost_lease", connection=connection_id)
        return False
    finally:
        world.crash.point("reading.before_release")
        release(world, lease)


def _read(world: World, connection_id: int, lease: Lease, wanted: Wanted) -> bool:
    bells = _claim(world, connection_id, lease) if wanted.rung else []
    try:
        cause = "bell" if bells else "reading"
        job = open_job(world, connection_id, [lease], by=lease.claim, cause=cause, lane="live")
        asking = Asking(job, bells, whole=wanted.timely or not bells)
        asking.carry_through()
    except Paused:
        return False
    except Refused as error:
        refuse(world, connection_id, error)
        return False
    except SpojkaError as error:
        _put_off(world, connection_id, error)
        return False
    world.tally.add("readings", cause)
    _tell(asking)
    return True


def _tell(asking: Asking) -> None:
    """A line that leads from bells to what came of them; a minute in which nothing happened is no news."""
    say = log.info if asking.bells or asking.brought else log.debug
    say(
        "reading.done",
        connection=asking.job.row.id,
        reading=asking.job.by,
        bells=[bell.id for bell in asking.bells[:NAMED_AT_MOST]],
        rung=len(asking.bells),
        records=len(asking.brought),
    )


def _claim(world: World, connection_id: int, lease: Lease) -> Sequence[Bell]:
    bells = transact(
        world.sessions, lambda session: inbox.claim_bells(session, connection_id, lease.claim, BELLS_AT_ONCE)
    )
    world.crash.point("reading.claimed")
    return bells


def _put_off(world: World, connection_id: int, error: SpojkaError) -> None:
    """The vendor can't be read now: later, with growing pauses, or when it says (R92). Bells stay open. One commit."""

    def work(session: Session) -> None:
        now = world.clock.now()
        plan = session.get(ScheduleRow, (connection_id, READING))
        tries = plan.tries if plan is not None else 0
        pause = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)] * world.dice.between(0.8, 1.2)
        until = error.until if isinstance(error, Busy) and error.until is not None else now + timedelta(seconds=pause)
        schedule.put(session, connection_id, READING, until, tries=tries + 1)
        row = session.get_one(ConnectionRow, connection_id)
        row.problem, row.problem_text, row.problem_at = error.code, str(error), now

    transact(world.sessions, work)
    log.warning("reading.put_off", connection=connection_id, code=error.code)


def _account(world: World, connection_id: int) -> int:
    def find(session: Session) -> int:
        row = session.get_one(ConnectionRow, connection_id)
        return session.get_one(ListRow, row.list_id).account_id

    return look(world.sessions, find)
