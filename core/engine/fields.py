"""Edits of the list on their way into the CRM (R22-R25, R29, R31, R32).

  read the records > plan again on what they say now > note > hook > outcomes

What no longer holds is dropped. Snapshots move with the success, and only where the binding is still what it was when
the edit was decided on; the record's mirror takes over what was sent in any case, and its addresses are due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.facts import Edit, Facts, Verb
from core.decide.plan import plan
from core.decide.rules import Rule
from core.decide.values import equal
from core.decide.weighing import GRACE
from core.engine.job import Job
from core.engine.reading import enter
from core.engine.sending import Sender, again_at
from core.store import due, outbox, timeline
from core.store.base import among, look
from core.store.bindings import BindingRow
from core.store.due import Cause, Claimed
from core.store.facts import load
from core.store.outbox import CONFIRM, NOTED, OutboxRow
from core.store.outcomes import Wrote, keep_pending, put_of_edit, take_over
from spojka import Busy, Kind, Outcome, Record, Refused, SpojkaError
from spojka import Edit as Wish

UNDECIDED = (Verb.LOOK, Verb.LATER, Verb.PARK)
CAUSE = "outbox"


@dataclass(slots=True)
class Batch:
    """Rows by what is done with them before the call; `sent`: row -> the edit as it is sent."""

    sent: dict[int, Edit] = field(default_factory=dict)
    dropped: list[OutboxRow] = field(default_factory=list)
    written: list[OutboxRow] = field(default_factory=list)
    later: list[OutboxRow] = field(default_factory=list)
    back: list[OutboxRow] = field(default_factory=list)


def send(job: Job, rows: Sequence[OutboxRow]) -> None:
    """Send claimed rows; see `sending.Sender`. A request for each kind that is read, four commits."""
    records = _read(job, rows)
    wanted = [row for row in rows if row.payload["stage"] != CONFIRM]
    batch, revisions = _planned(job, wanted, records)
    ticket = job.ticket
    job.commit(lambda session: _note(job, session, rows, batch))
    mine = [row for row in wanted if row.id in batch.sent]
    if not mine:
        return
    outcomes = _call(job, mine, batch, records)

    def work(session: Session) -> None:
        _settle(job, session, mine, batch, outcomes, revisions, ticket)
        job.world.crash.point("outcome.before_commit")

    job.commit(work)
    job.world.crash.point("outcome.after_commit")


def _read(job: Job, rows: Sequence[OutboxRow]) -> dict[tuple[str, str], Record]:
    """The records as the CRM says them now, which the mirror takes over."""
    found: dict[tuple[str, str], Record] = {}
    for kind in sorted({row.payload["kind"] for row in rows}):
        ids = sorted({row.payload["id"] for row in rows if row.payload["kind"] == kind})
        ticket, page = job.ticket, job.crm.adapter.read(Kind(kind), ids)
        enter(job, Kind(kind), page.items, ticket)
        found |= {(kind, record.id): record for record in page.items}
    return found


def _planned(
    job: Job, rows: Sequence[OutboxRow], records: Mapping[tuple[str, str], Record]
) -> tuple[Batch, dict[tuple[str, str, str], int]]:
    """What of these rows still holds, now that the records have been read; with the bindings' revisions."""
    emails = sorted({row.email for row in rows})
    claimed = [Claimed(email, CAUSE, 0, 0, 0) for email in emails]

    def read(session: Session) -> tuple[Mapping[str, Facts], dict[tuple[str, str, str], int]]:
        loaded = load(session, job.ground.contact_list, claimed, job.now(), 0)
        return loaded.facts, _revisions(session, job, emails)

    facts, revisions = look(job.world.sessions, read)
    decisions = {email: plan(facts[email], job.ground.policies, job.ground.terms) for email in emails}
    batch, taken = Batch(), set[tuple[str, str, str]]()
    for row in rows:
        decision, said = decisions[row.email], row.payload
        place = (said["kind"], said["id"], said["field"])
        edits = {(edit.key, edit.field): edit for edit in decision.edits}
        edit = edits.get(((row.connection_id, said["kind"], said["id"]), said["field"]))
        if decision.verb in UNDECIDED or place[:2] not in records:
            batch.later.append(row)
        elif edit is None or edit.asks or edit.refused:
            (batch.written if _says(job, facts[row.email], row) else batch.dropped).append(row)
        elif place in taken:
            batch.back.append(row)
        else:
            taken.add(place)
            batch.sent[row.id] = replace(edit, repeats=max(edit.repeats, said["repeats"]), run=said.get("run"))
    return batch, revisions


def _revisions(session: Session, job: Job, emails: Sequence[str]) -> dict[tuple[str, str, str], int]:
    chosen = select(BindingRow.email, BindingRow.kind, BindingRow.record_id, BindingRow.revision).where(
        BindingRow.list_id == job.list_id,
        among(session, BindingRow.email, emails),
        BindingRow.connection_id == job.row.id,
    )
    return {(row[0], row[1], row[2]): row[3] for row in session.execute(chosen)}


def _says(job: Job, facts: Facts, row: OutboxRow) -> bool:
    """Whether the record says what was to be written, whoever wrote it."""
    said = row.payload
    key = (row.connection_id, said["kind"], said["id"])
    now = next((record.fields.get(said["field"]) for record in facts.records if record.key == key), None)
    return now is not None and equal(job.ground.forms, said["field"], now, said["value"])


def _note(job: Job, session: Session, rows: Sequence[OutboxRow], batch: Batch) -> None:
    """What will be sent stands in its row before it is sent; what will not be is put away."""
    confirmed = [row for row in rows if row.payload["stage"] == CONFIRM]
    outbox.finish(session, [row.id for row in (*confirmed, *batch.written)], job.now())
    outbox.drop(session, [row.id for row in batch.dropped])
    outbox.give_back(session, [row.id for row in batch.back])
    for row in batch.later:
        outbox.put_off(session, [row.id], again_at(job, row), row.last_error)
    noted = {"ticket": job.ticket, "at": job.now().isoformat()}
    outbox.say(session, {key: outbox.payload_of(edit, stage=NOTED, **noted) for key, edit in batch.sent.items()})
    lines = [_line(job, row, Rule.R20, "dropped") for row in batch.dropped]
    lines += [_line(job, row, Rule(row.payload["rule"]), "written") for row in batch.written]
    timeline.save(session, lines)
    due.mark(session, job.list_id, [row.email for row in (*confirmed, *batch.dropped, *batch.written)], _cause(job))


def _cause(job: Job) -> Cause:
    return Cause(CAUSE, job.by, job.ticket, job.now(), lane="live")


def _line(job: Job, row: OutboxRow, rule: Rule, what: str, result: str = "") -> dict[str, Any]:
    said = row.payload
    return {
        "connection_id": job.row.id,
        "email": row.email,
        "run_id": said.get("run"),
        "at": job.now(),
        "cause": CAUSE,
        "rule": rule.value,
        "what": what,
        "changes": {said["field"]: [said["was"], said["value"]]},
        "result": result,
    }


def _call(
    job: Job, rows: Sequence[OutboxRow], batch: Batch, records: Mapping[tuple[str, str], Record]
) -> dict[tuple[str, str], Outcome]:
    """One wish a record, with all its fields; what became of each. Raises Refused and Busy, if nothing was sent."""
    fields: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        edit = batch.sent[row.id]
        fields.setdefault(edit.key[1:], {})[edit.field] = edit.value
    wishes = [
        Wish(f"{kind}:{record_id}", Kind(kind), record_id, values, records[kind, record_id])
        for (kind, record_id), values in sorted(fields.items())
    ]
    job.world.crash.point("crm.before_call")
    job.still_ours()
    try:
        outcomes = job.caller.on_contact_out(connection=job.side, crm=job.crm.adapter, edits=wishes)
    except (Refused, Busy):
        raise
    except SpojkaError as error:
        outcomes = tuple(Outcome(wish.key, False, error=str(error), unknown=True) for wish in wishes)
    if any(outcome.unknown for outcome in outcomes):
        job.world.crash.point("crm.answer_lost")
    job.world.crash.point("crm.after_call")
    return {(wish.kind.value, wish.id): outcome for wish, outcome in zip(wishes, outcomes, strict=True)}


def _settle(
    job: Job,
    session: Session,
    rows: Sequence[OutboxRow],
    batch: Batch,
    outcomes: Mapping[tuple[str, str], Outcome],
    revisions: Mapping[tuple[str, str, str], int],
    ticket: int,
) -> None:
    done, unknown, lines = [], [], []
    for row in rows:
        edit = batch.sent[row.id]
        outcome = outcomes[edit.key[1], edit.key[2]]
        if outcome.done:
            done.append((row, edit))
            lines.append(_line(job, row, edit.rule, "written"))
        elif outcome.unknown:
            unknown.append((row, edit))
            outbox.put_off(session, [row.id], again_at(job, row), outcome.error)
        elif outcome.passing:
            outbox.put_off(session, [row.id], again_at(job, row), outcome.error)
        else:
            outbox.fail(session, [row.id], outcome.error, job.now())
            lines.append(_line(job, row, Rule.R92, "failed", outcome.error))
    wrote = [Wrote(row.email, edit, revisions.get((row.email, *edit.key[1:]), 0)) for row, edit in done]
    take_over(session, job.ground.contact_list, job.ground.terms.shared, wrote, job.now())
    keep_pending(
        session, job.list_id, [(row.email, edit.key, put_of_edit(edit, ticket, job.now())) for row, edit in unknown]
    )
    later = {row.id: outbox.payload_of(edit, stage=CONFIRM) for row, edit in done}
    outbox.say(session, later)
    outbox.wait(session, list(later), job.now() + GRACE)
    timeline.save(session, lines)
    for kind in sorted({edit.key[1] for _, edit in done}):
        ids = sorted({edit.key[2] for _, edit in done if edit.key[1] == kind})
        due.mark_records(session, job.row.id, job.list_id, kind, ids, (), _cause(job))


def recover(job: Job, session: Session, rows: Sequence[OutboxRow]) -> None:
    """What a dead sender may have sent is pending, its end unknown, and judged on the next reading (R29)."""
    noted = [row for row in rows if row.payload["stage"] == NOTED]
    puts = []
    for row in noted:
        edit = outbox.edit_of(row)
        puts.append((row.email, edit.key, put_of_edit(edit, row.payload["ticket"], outbox.noted_at(row))))
    keep_pending(session, job.list_id, puts)
    for row in noted:
        outbox.put_off(session, [row.id], job.now())
    outbox.give_back(session, [row.id for row in rows if row not in noted])
    due.mark(session, job.list_id, [row.email for row in noted], _cause(job))


FIELDS = Sender(send, recover)
