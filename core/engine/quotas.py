"""How much of a CRM's day is left, for people and programs to see (R90)."""

from dataclasses import dataclass

from core.ports import World
from core.store.connections import ConnectionRow
from spojka import SpojkaError


@dataclass(frozen=True, slots=True)
class Left:
    """Requests a day, and those left today."""

    limit: int
    left: int


def left_of(world: World, row: ConnectionRow) -> Left | None:
    """What the CRM's answers said today, else what the last check was told; None where nobody ever said."""
    try:
        known = world.outgoing.allowance(row.plugin, row.crm_account)
    except SpojkaError:  # the plugin is not there any more, which doctor says by itself
        known = None
    if known is not None:
        return Left(known.limit, known.remaining)
    return None if row.limit is None or row.left is None else Left(row.limit, row.left)
