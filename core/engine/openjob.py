"""A job without a run: a live reading, a batch of the live lane, a pass, a night."""

from sqlalchemy.orm import Session

from core.engine import home
from core.engine.job import Job, NoGauge, Paused
from core.engine.leasing import Lease
from core.engine.opening import Ground, audience_of, crm_of, crm_side, ground_of
from core.ports import World
from core.store import leases
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState

OPTIONS = {"mode": "changes", "kind": None, "limit": None}


def open_job(world: World, connection_id: int, held: list[Lease], *, by: str, cause: str, lane: str) -> Job:
    """Both sides of a running connection open, the ground loaded, a ticket drawn. Sends nothing.

    `by` and `cause` say in marks who made them and why, `lane` (live, bulk) whose requests and marks these are. Raises
    Paused, also in a copy of the installation (R110), PluginFault.
    """

    def load(session: Session) -> tuple[ConnectionRow, Ground]:
        if home.is_elsewhere(session, world.settings):
            raise Paused("elsewhere")
        connection = session.get_one(ConnectionRow, connection_id)
        return connection, ground_of(world, session, connection.list_id)

    row, ground = look(world.sessions, load)
    if row.state != ConnectionState.RUNNING:
        raise Paused(row.state)
    return Job(
        world,
        None,
        row,
        ground,
        world.registry.caller(row.plugin),
        crm_side(world, row),
        crm_of(world, row, lane),
        audience_of(world, row, ground.account.account, lane),
        held,
        NoGauge(),
        {},
        {},
        dict(OPTIONS),
        dry_run=False,
        ticket=transact(world.sessions, leases.draw),
        keys=dict(ground.contact_list.custom_keys),
        found="live",
        by=by,
        cause=cause,
        lane_name=lane,
    )
