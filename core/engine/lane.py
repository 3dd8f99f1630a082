"""The live lane of an account, and the pass over a list: due addresses brought into the list without a run.

Some addresses are looked up singly; where more are due than a pass over the list is worth, a pass says it of all of
them (R104).
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.engine import braking, columns, listpass
from core.engine.job import Job, Paused
from core.engine.leasing import Lease, LostLease, release, take
from core.engine.openjob import open_job
from core.engine.reconcile import claim, reconcile, reconcile_rest
from core.engine.recovering import recover
from core.engine.stopping import is_list_gone, list_gone, refuse
from core.policy_settings import ConnectionSettings
from core.ports import World
from core.real import is_dead
from core.store import due, leases, mirror, schedule
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState, ListRow
from core.store.schedule import PASS
from spojka import Refused, SpojkaError

log = structlog.get_logger(__name__)
LIVE, BULK = "live", "bulk"
PASS_APART = timedelta(minutes=2)
"""How far apart passes are that addresses wait for."""
RETRY_SECONDS = (15, 60, 300, 900)
PAGE, WORTH = 4000, 10
"""About so many profiles are on a page of a pass, which takes as long as so many look-ups."""


@dataclass(frozen=True, slots=True)
class Requests:
    """How many requests something took, at the CRM and at the list's vendor."""

    crm: int = 0
    audience: int = 0

    def __add__(self, other: "Requests") -> "Requests":
        return Requests(self.crm + other.crm, self.audience + other.audience)


def reconcile_now(world: World, account_id: int, within: int | None = None) -> Requests:
    """Work off what is due in the live lane of an account, if nobody else does; what it took.

    `within` is the run on whose behalf this is done: what becomes of the addresses is its doing.
    """
    took = Requests()
    if not look(world.sessions, lambda session: is_due(world, session, account_id)):
        return took
    lease = take(world, f"account:{account_id}:{LIVE}")
    if lease is None:
        return took
    try:
        recover(world, lease)
        for list_id in look(world.sessions, lambda session: _open_lists(world, session, account_id)):
            took += _work_off(world, list_id, lease, within)
    except LostLease:
        log.warning("lane.lost_lease", account=account_id)
    finally:
        world.crash.point("lane.before_release")
        release(world, lease)
    if look(world.sessions, lambda session: is_due(world, session, account_id)):
        world.wake.ring("realtime", "reconcile_now", account_id)
    return took


def is_due(world: World, session: Session, account_id: int) -> bool:
    """Whether something is due in the live lane of an account, or somebody who died there left claims."""
    if f"account:{account_id}:{LIVE}" in abandoned(session):
        return True
    return bool(_open_lists(world, session, account_id))


def abandoned(session: Session) -> set[str]:
    """Names of the leases whose holders claimed addresses and have let go of them, or died. A query for each lease."""
    found = set()
    for claim_name in due.claims(session):
        name, _, fence = claim_name.rpartition(":")
        if not leases.is_held(session, name, int(fence), is_dead):
            found.add(name)
    return found


def _open_lists(world: World, session: Session, account_id: int) -> list[int]:
    """The account's lists of which something is due in the live lane and for which a connection works."""
    lists = due.open_lists(session, world.clock.now(), LIVE)
    of_account = select(ListRow.id).where(ListRow.account_id == account_id, ListRow.id.in_(lists))
    found = session.scalars(of_account.order_by(ListRow.id)).all() if lists else []
    return [list_id for list_id in found if _may_work(world, session, list_id, LIVE)]


def _may_work(world: World, session: Session, list_id: int, task: str) -> bool:
    """Whether a connection works for the list, and no failure has put this off. Two queries."""
    connection = _acting(session, list_id)
    if connection is None:
        return False
    plan = schedule.of(session, connection.id).get(task)
    return plan is None or not plan.tries or plan.next_at <= world.clock.now()


def _work_off(world: World, list_id: int, lease: Lease, within: int | None) -> Requests:
    """One list: in batches by look-ups, or first by a pass where too many are due for that."""
    job = _open(world, list_id, lease, LIVE)
    if job is None:
        return Requests()
    job.within = within
    _bring_in(job)
    return Requests(job.crm.counted.requests, job.audience.counted.requests)


def _bring_in(job: Job) -> None:
    world, list_id = job.world, job.list_id
    try:
        if _is_crowded(job) and _pass(world, list_id) is False:
            return
        _look_and_reconcile(job)
        while braking.weigh(job).released:
            _look_and_reconcile(job)
        _went_well(job, LIVE)
    except Paused:
        return
    except Refused as error:
        refuse(world, job.row.id, error)
    except SpojkaError as error:
        _put_off(world, list_id, LIVE, error)


def _look_and_reconcile(job: Job) -> None:
    while claimed := claim(job, LIVE, listpass.LOOK_AT_MOST):
        reconcile(job, claimed, 0)


def _is_crowded(job: Job) -> bool:
    def count(session: Session) -> bool:
        row = session.get_one(ListRow, job.list_id)
        if row.pass_at is not None and job.now() - row.pass_at < PASS_APART:
            return False
        waiting = due.count_open(session, job.list_id, job.now(), LIVE)
        if waiting <= listpass.LOOK_AT_MOST:
            return False
        # What the last pass saw is no measure: the first run's saw the list as it was before.
        return waiting > max(row.members, mirror.count(session, job.list_id)) // PAGE * WORTH

    return look(job.world.sessions, count)


def pass_now(world: World, list_id: int) -> None:
    """A pass over a list whose time has come, if nobody writes there in bulk (R105)."""
    if look(world.sessions, lambda session: pass_is_due(world, session, list_id)):
        _pass(world, list_id)


def pass_is_due(world: World, session: Session, list_id: int) -> bool:
    """Whether the list was last passed over longer ago than the settings say, or addresses wait for bulk work."""
    row, now = session.get_one(ListRow, list_id), world.clock.now()
    connection = _acting(session, list_id)
    if connection is None or connection.first_run_at is None or not _may_work(world, session, list_id, PASS):
        return False
    if row.pass_at is None or now - row.pass_at >= timedelta(minutes=_minutes(connection)):
        return True
    if f"account:{row.account_id}:{BULK}" in abandoned(session):
        return True
    if now - row.pass_at < PASS_APART:
        return False
    return list_id in due.waiting_lists(session, "pass") or list_id in due.open_lists(session, now, BULK)


def _minutes(connection: ConnectionRow) -> int:
    default = ConnectionSettings().fields["list_pass_minutes"].load_default
    return int(connection.settings.get("list_pass_minutes", default))


def _pass(world: World, list_id: int) -> bool | None:
    """Pass over a list and bring what is due of it into agreement: whether it went well; None where others write."""
    account_id = look(world.sessions, lambda session: session.get_one(ListRow, list_id).account_id)
    lease = take(world, f"account:{account_id}:{BULK}")
    if lease is None:
        return None
    try:
        recover(world, lease)
        job = _open(world, list_id, lease, BULK)
        return job is not None and _carry_through(world, job)
    except LostLease:
        log.warning("pass.lost_lease", list=list_id)
        return False
    finally:
        world.crash.point("lane.before_release")
        release(world, lease)


def _carry_through(world: World, job: Job) -> bool:
    try:
        columns.find(job)
        walk = listpass.pass_over(job, reconcile)
        listpass.close_pass(job, walk, reconcile)
        if _has_newcomers(job):
            listpass.pass_elsewhere(job)
        reconcile_rest(job, walk.ticket)
        while braking.weigh(job).released:
            reconcile_rest(job, walk.ticket)
    except Paused:
        return False
    except Refused as error:
        refuse(world, job.row.id, error)
        return False
    except SpojkaError as error:
        _put_off(world, job.list_id, PASS, error)
        return False
    _went_well(job, PASS)
    world.tally.add("readings", "pass")
    log.info("pass.done", list=job.list_id, members=walk.members)
    return True


def _has_newcomers(job: Job) -> bool:
    """Whether addresses are due that the list does not hold; what the account knows of them is asked first (R17)."""

    def count(session: Session) -> int:
        return sum(due.count_open(session, job.list_id, job.now(), lane) for lane in (LIVE, BULK))

    return look(job.world.sessions, count) > 0


def _went_well(job: Job, task: str) -> None:
    """A failure before is forgotten."""

    def work(session: Session) -> None:
        plan = schedule.of(session, job.row.id).get(task)
        if plan is not None and plan.tries:
            schedule.put(session, job.row.id, task, job.now(), done_at=job.now())

    transact(job.world.sessions, work)


def _open(world: World, list_id: int, lease: Lease, lane: str) -> Job | None:
    connection = look(world.sessions, lambda session: _acting(session, list_id))
    if connection is None:
        return None
    try:
        return open_job(world, connection.id, [lease], by=f"{lane}:{lease.fence}", cause="list", lane=lane)
    except Paused:
        return None


def _acting(session: Session, list_id: int) -> ConnectionRow | None:
    """The connection whose credentials open the list: the first that works. One query."""
    chosen = select(ConnectionRow).where(
        ConnectionRow.list_id == list_id,
        ConnectionRow.state == ConnectionState.RUNNING.value,
        ConnectionRow.first_read_at.is_not(None),
    )
    return session.scalars(chosen.order_by(ConnectionRow.id).limit(1)).first()


def _put_off(world: World, list_id: int, task: str, error: SpojkaError) -> None:
    """The list can't be written or read now: its addresses stay due, and are tried again after a pause (R92).

    One that is gone for good stops the connection (R109).
    """
    acting = look(world.sessions, lambda session: _acting(session, list_id))
    if acting is not None and is_list_gone(error):
        list_gone(world, acting.id, error)
        return

    def work(session: Session) -> None:
        connection = _acting(session, list_id)
        if connection is None:
            return
        plan = schedule.of(session, connection.id).get(task)
        tries = plan.tries if plan is not None else 0
        pause = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)] * world.dice.between(0.8, 1.2)
        until = world.clock.now() + timedelta(seconds=pause)
        schedule.put(session, connection.id, task, until, tries=tries + 1)
        connection.problem, connection.problem_text = error.code, str(error)
        connection.problem_at = world.clock.now()

    transact(world.sessions, work)
    log.warning("lane.put_off", list=list_id, task=task, code=error.code)
