"""What has been kept long enough goes, in sets (R95)."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ports import World
from core.store import timeline
from core.store.base import look, transact
from core.store.connections import ConnectionRow

AT_ONCE = 5000
"""Lines that one commit deletes, so that nobody waits for it."""


def prune(world: World) -> int:
    """Delete the lines of every timeline that are older than its connection's `timeline_days`; how many."""
    now = world.clock.now()
    kept = look(world.sessions, lambda session: session.execute(select(ConnectionRow.id, ConnectionRow.settings)).all())
    return sum(_of(world, number, now - timedelta(days=settings["timeline_days"])) for number, settings in kept)


def _of(world: World, connection: int, before: datetime) -> int:
    gone = 0

    def work(session: Session) -> int:
        return timeline.prune(session, connection, before, AT_ONCE)

    while number := transact(world.sessions, work):
        gone += number
    return gone
