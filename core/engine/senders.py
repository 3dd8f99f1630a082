"""What is written into a CRM, and by whom, in this order."""

from collections.abc import Collection

from core.engine import home, sending
from core.engine.fields import FIELDS
from core.engine.history import ACTIVITIES
from core.engine.job import Job
from core.engine.sending import Senders
from core.engine.tags import TAGS
from core.ports import World
from core.real import is_dead
from core.store import leases
from core.store.base import look
from core.store.outbox import Intent

FOLLOW_SECONDS = 0.3
SENDERS: Senders = {Intent.FIELD: FIELDS, Intent.TAG: TAGS, Intent.ACTIVITY: ACTIVITIES}
AT_ONCE = (Intent.FIELD, Intent.TAG)
"""Kinds that go out of real time's share of the quota; the history goes out of the morning's (R90)."""


def send_now(world: World, connection_id: int) -> None:
    """Send everything of a connection whose time has come, if nobody else does."""
    if sending.waiting(world, connection_id, AT_ONCE):
        send(world, connection_id, AT_ONCE)
    if sending.waiting(world, connection_id, (Intent.ACTIVITY,)):
        send(world, connection_id, (Intent.ACTIVITY,), lane="morning")


def send_all(
    world: World, connection_id: int, kinds: Collection[Intent], lane: str = "live", run: Job | None = None
) -> int:
    """Send, or wait until whoever is at it has sent, everything of these kinds that is due; how many requests."""
    while sending.waiting(world, connection_id, kinds) and not home.keeps_away(world):
        if look(world.sessions, lambda session: leases.is_free(session, f"outbox:{connection_id}", is_dead)):
            return send(world, connection_id, kinds, lane, run)
        world.clock.sleep(FOLLOW_SECONDS)
    return 0


def send(
    world: World, connection_id: int, kinds: Collection[Intent], lane: str = "live", run: Job | None = None
) -> int:
    """As `sending.send`, with all senders there are."""
    return sending.send(world, connection_id, SENDERS, kinds, lane, run)
