"""What will be written is noted and committed first, so that no call of ours is taken for somebody else's."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.decide.calls import call_of
from core.decide.facts import Call, Decision, Facts, Verb
from core.decide.frozen import dataclass
from core.engine.job import Job
from core.store.connections import ConnectionRow, ConnectionState
from core.store.facts import Loaded
from core.store.journal import JournalRow
from core.store.pending import row_of


@dataclass(frozen=True, slots=True)
class Noted:
    """The calls of a batch are noted: with which ticket, when, and when by the list's clock."""

    ids: tuple[int, ...]
    ticket: int
    at: datetime
    vendor_time: datetime

    def call(self, facts: Facts, decision: Decision) -> Call:
        """The call that carries a decision out, as it was noted."""
        found = call_of(facts, decision, ticket=self.ticket, at=self.at, vendor_time=self.vendor_time)
        return found or Call(False, {}, None, "", self.ticket, 0, self.at, self.vendor_time)


def note(job: Job, decisions: Iterable[Decision], loaded: Loaded) -> Noted | None:
    """Commit the note; None where a connection's settings or state have changed since the plan (K30). Four queries."""
    noted = Noted((), job.ticket, job.now(), job.vendor_now())
    ordered = sorted(decisions, key=lambda one: one.email)
    rows = [
        _addition(one) or {"email": one.email, **row_of(noted.call(loaded.facts[one.email], one))} for one in ordered
    ]

    def work(session: Session) -> tuple[int, ...] | None:
        if not _still(session, job):
            return None
        row = {
            "list_id": job.list_id,
            "claim": job.lane.claim,
            "call": "batch",
            "rows": rows,
            "ticket": noted.ticket,
            "at": noted.at,
            "vendor_time": noted.vendor_time,
        }
        ids = session.scalars(insert(JournalRow).returning(JournalRow.id), [row]).all()
        job.world.crash.point("note.before_commit")
        return tuple(ids)

    ids = job.commit(work)
    job.world.crash.point("note.after_commit")
    return None if ids is None else replace(noted, ids=ids)


def _addition(decision: Decision) -> dict[str, Any] | None:
    """An addition overwrites nothing, and nearly all calls of a first run are additions: what it adds says it all."""
    write = decision.write
    if decision.verb is not Verb.ADD or write is None:
        return None
    return {"email": decision.email, "added": decision.agreed or {}, "tags": write.tags, "source": write.source or ""}


def _still(session: Session, job: Job) -> bool:
    rows = session.execute(
        select(ConnectionRow.id, ConnectionRow.settings_version, ConnectionRow.state).where(
            ConnectionRow.list_id == job.list_id, ConnectionRow.state != ConnectionState.REMOVED
        )
    ).all()
    if {row.id: row.settings_version for row in rows} != dict(job.ground.versions):
        return False
    return all(row.state == ConnectionState.RUNNING for row in rows if row.id == job.row.id)
