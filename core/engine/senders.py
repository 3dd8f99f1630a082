"""What is written into a CRM, and by whom, in this order."""

from collections.abc import Collection

from core.engine import sending
from core.engine.sending import Senders
from core.ports import World
from core.store.outbox import Intent

SENDERS: Senders = {}


def send_now(world: World, connection_id: int) -> None:
    """Send everything of a connection whose time has come, if nobody else does."""
    send(world, connection_id, SENDERS)


def send(world: World, connection_id: int, kinds: Collection[Intent], lane: str = "live") -> int:
    """As `sending.send`, with all senders there are."""
    return sending.send(world, connection_id, SENDERS, kinds, lane)
