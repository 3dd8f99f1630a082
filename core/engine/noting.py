"""What will be written is noted and committed first, so that no call of ours is taken for somebody else's."""

from collections.abc import Iterable, Mapping

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.decide.calls import call_of
from core.decide.facts import Call, Decision
from core.decide.frozen import dataclass
from core.engine.job import Job
from core.store.connections import ConnectionRow, ConnectionState
from core.store.facts import Loaded, row_of
from core.store.journal import JournalRow


@dataclass(frozen=True, slots=True)
class Noted:
    """The calls of a batch as noted: address -> what is being sent, by the list's clock `vendor_time`."""

    ids: tuple[int, ...]
    ticket: int
    calls: Mapping[str, Call]


def note(job: Job, decisions: Iterable[Decision], loaded: Loaded) -> Noted | None:
    """Commit the note; None where a connection's settings or state have changed since the plan (K30). Four queries."""
    ticket, at, vendor_time = job.ticket, job.now(), job.vendor_now()
    nothing = Call(False, {}, None, "", ticket, 0, at, vendor_time)
    calls = {
        one.email: call_of(loaded.facts[one.email], one, ticket=ticket, at=at, vendor_time=vendor_time) or nothing
        for one in sorted(decisions, key=lambda one: one.email)
    }
    kept = [{"email": email, **row_of(call)} for email, call in calls.items()]

    def work(session: Session) -> tuple[int, ...] | None:
        if not _still(session, job):
            return None
        row = {
            "list_id": job.list_id,
            "claim": job.lane.claim,
            "call": "batch",
            "rows": kept,
            "ticket": ticket,
            "at": at,
            "vendor_time": vendor_time,
        }
        ids = session.scalars(insert(JournalRow).returning(JournalRow.id), [row]).all()
        job.world.crash.point("note.before_commit")
        return tuple(ids)

    ids = job.commit(work)
    job.world.crash.point("note.after_commit")
    return None if ids is None else Noted(ids, ticket, calls)


def _still(session: Session, job: Job) -> bool:
    rows = session.execute(
        select(ConnectionRow.id, ConnectionRow.settings_version, ConnectionRow.state).where(
            ConnectionRow.list_id == job.list_id, ConnectionRow.state != ConnectionState.REMOVED
        )
    ).all()
    if {row.id: row.settings_version for row in rows} != dict(job.ground.versions):
        return False
    return all(row.state == ConnectionState.RUNNING for row in rows if row.id == job.row.id)
