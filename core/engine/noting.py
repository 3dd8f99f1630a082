"""What will be written is noted and committed first, so that no call of ours is taken for somebody else's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.decide.facts import Call, Decision, Facts, Missing, Seen, Verb
from core.engine.job import Job
from core.store.connections import ConnectionRow, ConnectionState
from core.store.facts import Loaded, row_of
from core.store.journal import JournalRow
from spojka import Write


@dataclass(frozen=True, slots=True)
class Noted:
    """The calls of a batch as noted: address -> what is being sent, by the list's clock `vendor_time`."""

    ids: tuple[int, ...]
    ticket: int
    calls: Mapping[str, Call]


def note(job: Job, decisions: Iterable[Decision], loaded: Loaded) -> Noted | None:
    """Commit the note; None where a connection's settings or state have changed since the plan (K30). Four queries."""
    ticket, at, vendor_time = job.ticket, job.now(), job.vendor_now()
    calls = {
        one.email: call_for(one, loaded.facts[one.email], ticket, at, vendor_time)
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


def call_for(decision: Decision, facts: Facts, ticket: int, at: Any, vendor_time: Any) -> Call:
    """The call that carries a decision out: what each field was, and what it is sent.

    Who joins from another list is sent what is empty there; what stands is not ours (R17).
    """
    adds, joins = decision.verb in (Verb.ADD, Verb.JOIN), decision.verb is Verb.JOIN
    write = decision.write or Write(decision.email, {}, None)
    before, then = _said(facts), decision.then
    fields = dict(decision.agreed or {}) if adds else dict(write.fields)
    if joins:
        filled = then.fields if then is not None else {}
        fields = {key: value for key, value in fields.items() if key in filled or key not in before}
    tags = then.tags if then is not None else write.tags
    return Call(
        adds,
        {key: (before.get(key, ""), sent) for key, sent in fields.items()},
        tags,
        write.source or "",
        ticket,
        0,
        at,
        vendor_time,
        joins=joins,
    )


def _said(facts: Facts) -> Mapping[str, str]:
    """What the list, or the account, says of the fields before the call."""
    if isinstance(facts.sight, Seen):
        return facts.sight.fields
    if isinstance(facts.sight, Missing) and facts.sight.account is not None:
        return facts.sight.account.fields
    return {}


def _still(session: Session, job: Job) -> bool:
    rows = session.execute(
        select(ConnectionRow.id, ConnectionRow.settings_version, ConnectionRow.state).where(
            ConnectionRow.list_id == job.list_id
        )
    ).all()
    if {row.id: row.settings_version for row in rows} != dict(job.ground.versions):
        return False
    return all(row.state == ConnectionState.RUNNING for row in rows if row.id == job.row.id)
