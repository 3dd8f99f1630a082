"""Tags of automations on their way into the CRM (R52-R55).

  take along what is asked of the same addresses > resolve > read the records > note > hook > outcomes

An action is judged on a reading made for sending, never on a stored value. Rows of one address and tag share their end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.decide.rules import Rule
from core.decide.values import tag_key
from core.decide.wishes import Act, Deal, RecordName, Wish, acts, deals
from core.engine.job import Job
from core.engine.reading import enter
from core.engine.sending import LATE, Sender, again_at
from core.store import outbox, timeline, wishes
from core.store.base import look
from core.store.outbox import NOTED, OutboxRow
from spojka import Busy, Contact, Kind, Outcome, Refused, SpojkaError, TagAction

CAUSE = "outbox"
PATIENCE = timedelta(days=7)
"""How long an action waits for a contact of its address to appear (R55)."""
LOOK_AGAIN = timedelta(hours=1)
"""How often it is looked for without being told of."""
NOBODY = "No contact of the CRM has this address. It was waited for, for 7 days."

Place = tuple[RecordName, str]


@dataclass(slots=True)
class Batch:
    """Deals by what is done with them before the call. `records` are those of each address."""

    rows: Mapping[int, OutboxRow]
    records: Mapping[str, Sequence[RecordName]]
    absent: list[Deal] = field(default_factory=list)
    given_up: list[Deal] = field(default_factory=list)
    unread: list[Deal] = field(default_factory=list)
    until: list[tuple[Deal, datetime]] = field(default_factory=list)
    same: list[Deal] = field(default_factory=list)
    sent: list[Deal] = field(default_factory=list)
    acts: dict[Place, Act] = field(default_factory=dict)

    def ids(self, chosen: Iterable[Deal]) -> list[int]:
        """The rows of these deals."""
        return [wish.id for deal in chosen for wish in deal.wishes]

    def places(self, deal: Deal) -> list[Place]:
        """What has to be done for a deal to be done."""
        return [(record, deal.key) for record in self.records.get(deal.email, ()) if (record, deal.key) in self.acts]


def send(job: Job, rows: Sequence[OutboxRow]) -> None:
    """Send claimed rows; see `sending.Sender`. A request for each kind that is read, four commits."""
    emails = sorted({row.email for row in rows})
    along = job.commit(lambda session: wishes.take_along(session, job.row.id, emails, job.lane.claim, job.now()))
    batch, wanted = _resolved(job, {row.id: row for row in (*rows, *along)})
    there = _read(job, sorted({record for deal in wanted for record in batch.records[deal.email]}))
    _judge(batch, wanted, there)
    job.commit(lambda session: _note(job, session, batch))
    if not batch.sent:
        return
    outcomes = _call(job, batch)

    def work(session: Session) -> None:
        _settle(job, session, batch, outcomes)
        job.world.crash.point("outcome.before_commit")

    job.commit(work)
    job.world.crash.point("outcome.after_commit")


def _resolved(job: Job, rows: Mapping[int, OutboxRow]) -> tuple[Batch, list[Deal]]:
    """Which records stand on each address now (R52); the deals that can be judged on a reading."""

    def read(session: Session) -> tuple[dict[str, list[RecordName]], list[OutboxRow]]:
        emails = sorted({row.email for row in rows.values()})
        records = wishes.records_of(session, job.row.id, emails)
        return records, wishes.unknown(session, job.row.id, job.now())

    records, unknown = look(job.world.sessions, read)
    late = _late(unknown)
    batch, wanted = Batch(rows, records), []
    for deal in deals(_wish(row) for row in rows.values()):
        waits = [late[place] for place in _places(deal, records) if place in late]
        if not records.get(deal.email):
            _absent(job, batch, deal)
        elif waits:
            batch.until.append((deal, max(waits)))
        else:
            wanted.append(deal)
    return batch, wanted


def _places(deal: Deal, records: Mapping[str, Sequence[RecordName]]) -> list[Place]:
    return [(record, deal.key) for record in records.get(deal.email, ())]


def _wish(row: OutboxRow) -> Wish:
    return Wish(row.id, row.email, row.payload["tag"], row.payload["add"])


def _late(unknown: Iterable[OutboxRow]) -> dict[Place, datetime]:
    """Record and tag -> until when a call whose end nobody knows may still arrive (R53)."""
    late: dict[Place, datetime] = {}
    for row in unknown:
        for kind, record_id in row.payload["records"]:
            place = ((kind, record_id), tag_key(row.payload["tag"]))
            late[place] = max(late.get(place, row.next_try), row.next_try)
    return late


def _absent(job: Job, batch: Batch, deal: Deal) -> None:
    """Nobody has the address: the oldest wishes give up first, the last one says how long it is waited."""
    last = batch.rows[deal.last.id]
    (batch.given_up if last.created_at + PATIENCE <= job.now() else batch.absent).append(deal)


def _read(job: Job, records: Sequence[RecordName]) -> dict[RecordName, Sequence[str]]:
    """The records' tags as the CRM says them now; the mirror takes over what else it says."""
    found: dict[RecordName, Sequence[str]] = {}
    most = max(1, job.caller.manifest.limits.ids)
    for kind in sorted({kind for kind, _ in records}):
        ids = sorted(record_id for one, record_id in records if one == kind)
        for start in range(0, len(ids), most):
            ticket, page = job.ticket, job.crm.adapter.read(Kind(kind), ids[start : start + most])
            enter(job, Kind(kind), page.items, ticket)
            contacts = job.caller.contacts_in(job.side, page.items)
            for record, contact in zip(page.items, contacts, strict=True):
                if isinstance(contact, Contact):
                    found[kind, record.id] = contact.tags
    return found


def _judge(batch: Batch, wanted: Sequence[Deal], there: Mapping[RecordName, Sequence[str]]) -> None:
    batch.acts = acts(wanted, batch.records, there)
    for deal in wanted:
        if batch.places(deal):
            batch.sent.append(deal)
        elif any(record in there for record in batch.records[deal.email]):
            batch.same.append(deal)
        else:
            batch.unread.append(deal)


def would(job: Job) -> tuple[int, int]:
    """How many tags would be added and removed now; the CRM is read and nothing is kept."""
    rows = look(job.world.sessions, lambda session: wishes.open_ones(session, job.row.id))
    batch, wanted = _resolved(job, {row.id: row for row in rows})
    _judge(batch, wanted, _read(job, sorted({record for deal in wanted for record in batch.records[deal.email]})))
    added = sum(act.add for act in batch.acts.values())
    return added, len(batch.acts) - added


def _note(job: Job, session: Session, batch: Batch) -> None:
    """What will be sent stands in its rows before it is sent; what will not be is put away."""
    now = job.now()
    outbox.finish(session, batch.ids(batch.same), now)
    outbox.fail(session, batch.ids(batch.given_up), NOBODY, now)
    for deal in batch.absent:
        given_up = batch.rows[deal.last.id].created_at + PATIENCE
        wishes.wait_for_contact(session, batch.ids([deal]), min(given_up, now + LOOK_AGAIN))
    for deal, until in batch.until:
        outbox.wait(session, batch.ids([deal]), until)
    for deal in batch.unread:
        outbox.put_off(session, batch.ids([deal]), again_at(job, batch.rows[deal.last.id]))
    outbox.say(session, _payloads(batch, batch.sent, NOTED, now))
    timeline.save(session, [_line(job, deal, Rule.R55, "failed", NOBODY) for deal in batch.given_up])


def _payloads(batch: Batch, chosen: Iterable[Deal], stage: str, now: datetime) -> dict[int, dict[str, Any]]:
    """What the rows of these deals say in a stage."""
    said = {}
    for deal in chosen:
        noted = {"records": [list(record) for record, _ in batch.places(deal)], "at": now.isoformat()}
        for wish in deal.wishes:
            said[wish.id] = {**batch.rows[wish.id].payload, "stage": stage, **(noted if stage else {})}
    return said


def _call(job: Job, batch: Batch) -> dict[Place, Outcome]:
    """What became of each act. Raises Refused and Busy, if nothing was sent."""
    actions = [
        TagAction(f"{kind}:{record_id}:{key}", Kind(kind), record_id, act.tag, act.add)
        for ((kind, record_id), key), act in sorted(batch.acts.items())
    ]
    job.world.crash.point("crm.before_call")
    job.still_ours()
    try:
        outcomes = job.caller.on_automation_tag(connection=job.side, crm=job.crm.adapter, actions=actions)
    except (Refused, Busy):
        raise
    except SpojkaError as error:
        outcomes = tuple(Outcome(action.key, False, error=str(error), unknown=True) for action in actions)
    if any(outcome.unknown for outcome in outcomes):
        job.world.crash.point("crm.answer_lost")
    job.world.crash.point("crm.after_call")
    return dict(zip(sorted(batch.acts), outcomes, strict=True))


def _settle(job: Job, session: Session, batch: Batch, outcomes: Mapping[Place, Outcome]) -> None:
    lines = []
    for deal in batch.sent:
        mine = [outcomes[place] for place in batch.places(deal)]
        ids, row = batch.ids([deal]), batch.rows[deal.last.id]
        unsent = next((one for one in mine if one.passing), None)
        refused = next((one for one in mine if not (one.done or one.unknown or one.passing)), None)
        if any(one.unknown for one in mine):
            lost = next(one for one in mine if one.unknown)
            outbox.put_off(session, ids, job.now() + LATE, lost.error)
        elif unsent is not None:
            outbox.say(session, _payloads(batch, [deal], "", job.now()))
            outbox.put_off(session, ids, again_at(job, row), unsent.error)
        elif refused is not None:
            outbox.fail(session, ids, refused.error, job.now())
            lines.append(_line(job, deal, Rule.R92, "failed", refused.error))
        else:
            outbox.finish(session, ids, job.now())
            lines.append(_line(job, deal, Rule.R52, "tagged_crm" if deal.last.add else "untagged_crm"))
    timeline.save(session, lines)
    done = [act for place, act in batch.acts.items() if outcomes[place].done]
    failed = [one for one in outcomes.values() if not (one.done or one.unknown or one.passing)]
    added = sum(act.add for act in done)
    job.count(tags_added=added, tags_removed=len(done) - added, failed=len(failed))


def _line(job: Job, deal: Deal, rule: Rule, what: str, result: str = "") -> dict[str, Any]:
    tag = deal.last.tag
    return {
        "connection_id": job.row.id,
        "email": deal.email,
        "run_id": job.within,
        "at": job.now(),
        "cause": CAUSE,
        "rule": rule.value,
        "what": what,
        "changes": {"tags": ["", tag] if deal.last.add else [tag, ""]},
        "result": result,
    }


def recover(job: Job, session: Session, rows: Sequence[OutboxRow]) -> None:
    """What a dead sender may have sent waits for that call's time limit, and is then judged on a new reading (R53)."""
    noted = [row for row in rows if row.payload["stage"] == NOTED]
    for row in noted:
        outbox.put_off(session, [row.id], outbox.noted_at(row) + LATE)
    outbox.give_back(session, [row.id for row in rows if row not in noted])


TAGS = Sender(send, recover)
