"""What a dead holder left: its claims are free again, and the calls it noted become pending, their end unknown.

That, and no reading of logs, is the whole recovery: the addresses are due, and the next reading shows what happened.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.decide.calls import newest
from core.decide.facts import Call
from core.engine import erasing
from core.engine.leasing import Lease
from core.engine.listpass import blank_profile
from core.ports import World
from core.store import due, leases, mirror
from core.store.base import among, transact
from core.store.due import Cause
from core.store.journal import JournalRow
from core.store.mirror import ProfileRow
from core.store.pending import addition_of, call_of, row_of


def recover(world: World, lease: Lease) -> int:
    """Take over what earlier holders of this lease left; how many addresses have a call of unknown end. One commit."""
    return transact(world.sessions, lambda session: _recover(world, session, lease))


def _recover(world: World, session: Session, lease: Lease) -> int:
    due.free_claims(session, lease.name, lease.fence)
    left = session.scalars(
        select(JournalRow)
        .where(JournalRow.claim.like(f"{lease.name}:%"), JournalRow.claim != lease.claim)
        .order_by(JournalRow.id)
    ).all()
    for row in left:
        _spread(world, session, row)
    session.execute(delete(JournalRow).where(JournalRow.id.in_([row.id for row in left])))
    return sum(len(row.rows) for row in left)


def _noted(one: Mapping[str, Any], row: JournalRow) -> Call:
    return addition_of(one, row) if "added" in one else call_of(one)


def _spread(world: World, session: Session, row: JournalRow) -> None:
    """One noted call, address by address, into what is pending there."""
    gone = erasing.among(session, world, [one["email"] for one in row.rows])
    kept = [one for one in row.rows if one["email"] not in gone]
    emails = [one["email"] for one in kept]
    chosen = select(ProfileRow.email, ProfileRow.pending).where(
        ProfileRow.list_id == row.list_id, among(session, ProfileRow.email, emails)
    )
    before: dict[str, list[Any]] = {row[0]: row[1] for row in session.execute(chosen)}
    mirror.save_pending(
        session,
        [
            {
                **blank_profile(row.list_id, one["email"]),
                "pending": [
                    row_of(call) for call in newest([*map(call_of, before.get(one["email"], ())), _noted(one, row)])
                ],
            }
            for one in kept
        ],
    )
    due.mark(session, row.list_id, emails, Cause("recovery", "recovery", leases.draw(session), world.clock.now()))
