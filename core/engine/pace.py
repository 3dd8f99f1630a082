"""The bucket of a CRM account, kept in the database, so that all processes draw from one (R74)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide import pacing
from core.decide.pacing import Bucket, Share
from core.policy_settings import ConnectionSettings
from core.ports import World
from core.store.base import upsert
from core.store.connections import ConnectionRow
from core.store.schedule import PaceRow

PERCENT, RESERVE = "quota_realtime_percent", "quota_reserve_percent"


def share_of(world: World, row: ConnectionRow) -> Share:
    """Real time's share, by the newest that the vendor said of the day's allowance; the reserve is nobody's (R90)."""
    known, now = world.outgoing.allowance(row.plugin, row.crm_account), world.clock.now()
    percent = _percent(row, PERCENT)
    if known is None or known.reset <= now:
        return Share(row.limit if known is None else known.limit, percent)
    left = known.remaining - known.limit * _percent(row, RESERVE) / 100
    return Share(known.limit, percent, left, (known.reset - now).total_seconds())


def _percent(row: ConnectionRow, name: str) -> int:
    return int(row.settings.get(name, ConnectionSettings().fields[name].load_default))


def pause(world: World, session: Session, row: ConnectionRow, last: datetime | None) -> float:
    """Seconds until the connection's next reading may begin. One query."""
    return pacing.pause(_bucket(session, row.crm_account), share_of(world, row), world.clock.now(), last)


def spend(world: World, session: Session, row: ConnectionRow, requests: int) -> None:
    """Take a reading's requests out of the bucket, and note on the connection what is left of the day. Two queries."""
    share, now = share_of(world, row), world.clock.now()
    bucket = pacing.filled(_bucket(session, row.crm_account, lock=True), share, now)
    values = {"crm_account": row.crm_account, "tokens": bucket.tokens - requests, "at": now}
    put = upsert(session, PaceRow).values(values)
    session.execute(put.on_conflict_do_update(index_elements=["crm_account"], set_=values))
    known = world.outgoing.allowance(row.plugin, row.crm_account)
    if known is not None:
        session.get_one(ConnectionRow, row.id).left = known.remaining
        session.get_one(ConnectionRow, row.id).limit = known.limit


def _bucket(session: Session, account: str, *, lock: bool = False) -> Bucket | None:
    chosen = select(PaceRow.tokens, PaceRow.at).where(PaceRow.crm_account == account)
    row = session.execute(chosen.with_for_update() if lock else chosen).one_or_none()
    return None if row is None else Bucket(row[0], row[1])
