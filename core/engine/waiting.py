"""What is to be done and nobody works on: the database says it, whatever became of the rings (R94)."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.engine import full, lane, live, morning, sending
from core.ports import World
from core.real import is_dead
from core.store import due, inbox, leases, schedule
from core.store.connections import ConnectionRow, ConnectionState, ListRow
from core.store.schedule import NIGHT, READING, WATCH

Ring = tuple[str, str, int]
"""Queue, task and key, as `Wake.ring` takes them."""


def rings(world: World, session: Session) -> list[Ring]:
    """Every ring that is due now. A handful of queries where nothing is."""
    found = (_runs, _readings, _lanes, _passes, _webhooks, _nights, _mornings, _outboxes)
    return [ring for each in found for ring in each(world, session)]


def _runs(world: World, session: Session) -> Iterator[Ring]:
    for run_id in full.next_open(world, session):
        yield "bulk", "run_now", run_id


def _readings(world: World, session: Session) -> Iterator[Ring]:
    """Connections that rang or whose minute has come, unless somebody reads them or their pause is not over."""
    candidates = {*inbox.waiting(session), *schedule.due(session, READING, world.clock.now())}
    for connection_id in sorted(candidates):
        wanted = live.wanted_of(world, session, connection_id)
        if wanted is None or wanted.wait > live.SLEEP_AT_MOST:
            continue
        if leases.is_free(session, f"reading:{connection_id}", is_dead):
            yield "realtime", "live_now", connection_id


def _lanes(world: World, session: Session) -> Iterator[Ring]:
    """Accounts in whose live lane something is due, or where somebody died in it."""
    lists = due.open_lists(session, world.clock.now(), lane.LIVE)
    left = lane.abandoned(session)
    if not lists and not left:
        return
    accounts = set(session.scalars(select(ListRow.account_id).where(ListRow.id.in_(lists))))
    accounts |= {int(name.split(":")[1]) for name in left if name.endswith(f":{lane.LIVE}")}
    for account_id in sorted(accounts):
        free = leases.is_free(session, f"account:{account_id}:{lane.LIVE}", is_dead)
        if free and lane.is_due(world, session, account_id):
            yield "realtime", "reconcile_now", account_id


def _passes(world: World, session: Session) -> Iterator[Ring]:
    """Lists whose pass is due, unless somebody writes to their account in bulk."""
    chosen = (
        select(ListRow.id, ListRow.account_id)
        .join(ConnectionRow, ConnectionRow.list_id == ListRow.id)
        .where(ConnectionRow.state == ConnectionState.RUNNING.value, ConnectionRow.first_run_at.is_not(None))
        .distinct()
        .order_by(ListRow.id)
    )
    for list_id, account_id in session.execute(chosen).all():
        if lane.pass_is_due(world, session, list_id) and leases.is_free(
            session, f"account:{account_id}:{lane.BULK}", is_dead
        ):
            yield "default", "pass_now", list_id


def _webhooks(world: World, session: Session) -> Iterator[Ring]:
    """Connections whose webhook is to be registered or looked at, unless somebody is at it."""
    for connection_id in schedule.due(session, WATCH, world.clock.now()):
        if leases.is_free(session, f"watch:{connection_id}", is_dead):
            yield "default", "watch_now", connection_id


def _nights(world: World, session: Session) -> Iterator[Ring]:
    """Connections whose night has come, or was never planned, unless somebody is at it."""
    for connection_id in schedule.due(session, NIGHT, world.clock.now()):
        if leases.is_free(session, f"night:{connection_id}", is_dead):
            yield "bulk", "night_now", connection_id


def _mornings(world: World, session: Session) -> Iterator[Ring]:
    """Connections whose morning has come, or whose morning run nobody works on."""
    for connection_id in morning.is_due(world, session):
        yield "default", "morning_now", connection_id


def _outboxes(world: World, session: Session) -> Iterator[Ring]:
    """Connections for which something waits to be written into the CRM, unless somebody is at it."""
    for connection_id in sending.is_due(world, session):
        yield "realtime", "send_now", connection_id
