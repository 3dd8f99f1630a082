"""Leases as the engine holds them: taken, renewed with the work, checked in every commit (R97)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, true
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import ColumnElement

from core.ports import World
from core.real import is_dead
from core.store import leases
from core.store.base import transact

LEASE_SECONDS = 420.0
"""More than three times the longest request, so that one may begin while half of it is gone."""
RENEW_AFTER_SECONDS = 60.0


class LostLease(Exception):
    """The lease has changed hands: whatever was about to be committed is not ours to commit any more."""


def lost(world: World, *names: str) -> LostLease:
    """The error for these leases, counted."""
    world.tally.add("leases_lost", names[0].partition(":")[0])
    return LostLease(", ".join(names))


@dataclass(slots=True)
class Lease:
    """One lease in our hands. `name` and `fence` together mark claims and journal rows."""

    name: str
    fence: int
    renewed_at: datetime

    @property
    def claim(self) -> str:
        """How rows say that this holder works on them."""
        return f"{self.name}:{self.fence}"


def take(world: World, name: str) -> Lease | None:
    """Take a lease, or None where somebody alive has it."""
    fence = transact(world.sessions, lambda session: leases.take(session, name, world.holder, LEASE_SECONDS, is_dead))
    return None if fence is None else Lease(name, fence, world.clock.now())


def release(world: World, lease: Lease) -> None:
    """Give a lease back; somebody else may have taken it already."""
    transact(world.sessions, lambda session: leases.release(session, lease.name, lease.fence))


def renew(world: World, session: Session, lease: Lease) -> None:
    """Renew within a transaction, once a minute at the most. Raises LostLease."""
    now = world.clock.now()
    if (now - lease.renewed_at).total_seconds() < RENEW_AFTER_SECONDS:
        return
    if not leases.renew(session, lease.name, lease.fence, LEASE_SECONDS):
        raise lost(world, lease.name)
    lease.renewed_at = now


def all_held(session: Session, held: list[Lease]) -> ColumnElement[bool]:
    """A condition for the statement that opens a commit: every lease is still ours."""
    return and_(true(), *(leases.held(session, lease.name, lease.fence) for lease in held))
