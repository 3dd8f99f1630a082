"""Lines of the history on their way into the CRM (R60-R66).

  lines, records and spellings > note > hook, a mailing at a time > outcomes

A line whose call has an unknown end waits for that call's time limit; while nobody knows the entry of its mailing, so
do all lines of the mailing, as one more call might make a second entry (R63).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.history import in_order, report_url
from core.decide.mornings import next_morning
from core.decide.rules import Rule
from core.engine.job import Job
from core.engine.sending import LATE, Sender, again_at
from core.store import lines, outbox, timeline, wishes
from core.store.activities import MailingRow
from core.store.base import among, look
from core.store.lines import Key
from core.store.outbox import NOTED, Intent, OutboxRow, State
from core.store.records import RecordAddressRow
from spojka import Activity, Busy, Kind, Mailing, Outcome, Refused, SpojkaError

CAUSE = "morning"
BATCH = 3000
SOON = timedelta(hours=1)
"""A limit that ends sooner is waited for; one that ends later leaves the rest to the next morning (R66)."""
WORST = 3
"""Requests that one line may take."""
MORNING_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything about claimed lines. `typed`: address -> as a record spells it."""

    rows: Mapping[Key, OutboxRow]
    lines: Mapping[Key, lines.Columns]
    mailings: Mapping[str, MailingRow]
    records: Mapping[str, Sequence[tuple[str, str]]]
    typed: Mapping[str, str]
    unknown: Mapping[str, datetime]


def queue(job: Job) -> int:
    """Put every line that changed and stands on a record into the outbox, in the order in which they go; how many."""

    def read(session: Session) -> list[dict[str, Any]]:
        known = lines.mailings(session, job.row.id)
        changed = {(row.source, row.email): row for row in lines.changed(session, job.row.id)}
        order = in_order(
            [
                (lines.line_of(row).rank, _sent_at(known.get(source)), source, email)
                for (source, email), row in changed.items()
            ]
        )
        return [_row(job, changed[source, email], rank) for rank, _, source, email in order]

    rows = look(job.world.sessions, read)
    current = {row["key"]: row["payload"]["digest"] for row in rows}
    stays = job.commit(lambda session: lines.clear(session, job.row.id, current))
    new = [row for row in rows if row["key"] not in stays]
    for start in range(0, len(new), BATCH):
        part = new[start : start + BATCH]
        job.commit(lambda session, part=part: lines.wanted(session, job.row.id, part))  # type: ignore[misc]  # bound now
    return len(new)


def _sent_at(row: MailingRow | None) -> datetime | None:
    return None if row is None else row.sent_at or row.seen_at


def _row(job: Job, line: lines.Columns, rank: int) -> dict[str, Any]:
    return {
        "connection_id": job.row.id,
        "kind": Intent.ACTIVITY.value,
        "key": f"activity:{line.source}:{line.email}",
        "email": line.email,
        "payload": {"source": line.source, "digest": line.digest, "rank": rank, "stage": ""},
        "state": State.WAITING.value,
        "claim": "",
        "attempts": 0,
        "next_try": job.now(),
        "last_error": "",
        "created_at": job.now(),
        "closed_at": None,
    }


def send(job: Job, rows: Sequence[OutboxRow]) -> None:
    """Send claimed lines, in their order; see `sending.Sender`. Three commits a mailing."""
    batch = look(job.world.sessions, lambda session: _load(job, session, rows))
    ready = job.commit(lambda session: _sort_out(job, session, batch))
    scarce = job.row.left is not None and job.row.left * MORNING_SHARE < WORST * len(ready)
    for part in _parts(batch, ready, by_rank=scarce):
        try:
            _send(job, batch, part)
        except Busy as error:
            until, why = _until(job, error), str(error)
            job.commit(lambda session: lines.defer(session, job.row.id, until, why, job.lane.claim))  # noqa: B023  # runs here
            return


def _load(job: Job, session: Session, rows: Sequence[OutboxRow]) -> Batch:
    by_key = {(row.payload["source"], row.email): row for row in rows}
    emails = sorted({row.email for row in rows})
    return Batch(
        by_key,
        lines.of(session, job.row.id, by_key),
        lines.mailings(session, job.row.id),
        wishes.records_of(session, job.row.id, emails),
        _typed(job, session, emails),
        lines.unknown(session, job.row.id, job.now()),
    )


def _typed(job: Job, session: Session, emails: Sequence[str]) -> dict[str, str]:
    """Addresses as the records spell them: the CRM may not know them otherwise (R3)."""
    chosen = select(RecordAddressRow.email, RecordAddressRow.typed).where(
        RecordAddressRow.connection_id == job.row.id, among(session, RecordAddressRow.email, emails)
    )
    found: dict[str, str] = {}
    for email, typed in session.execute(chosen.order_by(RecordAddressRow.kind.desc(), RecordAddressRow.record_id)):
        plain = typed.strip()
        if plain.lower() == email:
            found.setdefault(email, plain)
    return found


def _sort_out(job: Job, session: Session, batch: Batch) -> list[Key]:
    """What goes out now; what has been written, or stands on no record any more, goes (R62, R65)."""
    ready, gone = [], []
    for key, row in batch.rows.items():
        source, email = key
        line, mailing = batch.lines.get(key), batch.mailings.get(source)
        if line is None or mailing is None or line.digest == line.sent_digest or email not in batch.records:
            gone.append(row.id)
        elif source in batch.unknown and not mailing.handle:
            outbox.wait(session, [row.id], batch.unknown[source])
        else:
            ready.append(key)
    outbox.drop(session, gone)
    return ready


def _parts(batch: Batch, ready: Sequence[Key], *, by_rank: bool) -> list[list[Key]]:
    """Lines of one mailing together, in the order of their firsts; where requests are scarce by rank, too."""
    if by_rank:
        return [list(part) for _, part in groupby(ready, lambda key: (batch.rows[key].payload["rank"], key[0]))]
    parts: dict[str, list[Key]] = {}
    for key in ready:
        parts.setdefault(key[0], []).append(key)
    return list(parts.values())


def _send(job: Job, batch: Batch, part: Sequence[Key]) -> None:
    """One call. Raises Busy and Refused, if nothing was sent."""
    job.world.go_on()
    noted = {"stage": NOTED, "at": job.now().isoformat()}
    digests = {key: batch.lines[key].digest for key in part}
    said = {batch.rows[key].id: {**batch.rows[key].payload, **noted, "digest": digests[key]} for key in part}
    job.commit(lambda session: outbox.say(session, said))
    mailings = {source: _mailing(job, batch.mailings[source]) for source in {source for source, _ in part}}
    activities = [_activity(job, batch, mailings[key[0]], key) for key in part]
    job.world.crash.point("crm.before_call")
    job.still_ours()
    try:
        outcomes = job.caller.on_campaign_activity(connection=job.side, crm=job.crm.adapter, activities=activities)
    except (Refused, Busy):
        plain = {batch.rows[key].id: batch.rows[key].payload for key in part}
        job.commit(lambda session: outbox.say(session, plain))
        raise
    except SpojkaError as error:
        outcomes = tuple(Outcome(one.key, False, error=str(error), unknown=True) for one in activities)
    if any(outcome.unknown for outcome in outcomes):
        job.world.crash.point("crm.answer_lost")
    job.world.crash.point("crm.after_call")

    def work(session: Session) -> None:
        _settle(job, session, batch, dict(zip(part, outcomes, strict=True)), digests)
        job.world.crash.point("outcome.before_commit")

    job.commit(work)
    job.world.crash.point("outcome.after_commit")


def _activity(job: Job, batch: Batch, mailing: Mailing, key: Key) -> Activity:
    source, email = key
    row = batch.lines[key]
    line, zone = lines.line_of(row), job.world.settings.timezone
    return Activity(
        f"{source}:{email}",
        mailing,
        batch.typed.get(email, email),
        tuple((Kind(kind), record_id) for kind, record_id in batch.records[email]),
        line.merged,
        {deed: at.astimezone(zone) for deed, at in line.first.items()},
        line.links,
        row.handle or batch.mailings[source].handle,
    )


def _mailing(job: Job, row: MailingRow) -> Mailing:
    template = str(job.row.settings.get("report_url") or "")
    return Mailing(
        row.key,
        row.title or row.subject or row.key,
        row.subject,
        row.sent_at,
        row.archive_url,
        row.account,
        dict(row.totals),
        report_url(template, row.key, row.account),
        job.row.audience,
    )


def _settle(
    job: Job, session: Session, batch: Batch, outcomes: Mapping[Key, Outcome], digests: Mapping[Key, str]
) -> None:
    done: dict[Key, tuple[str, str]] = {}
    told = []
    for key, outcome in outcomes.items():
        row = batch.rows[key]
        if outcome.done:
            done[key] = (digests[key], outcome.handle)
            told.append(_told(job, batch, key, Rule.R61, "history"))
        elif outcome.unknown:
            outbox.put_off(session, [row.id], job.now() + LATE, outcome.error)
        elif outcome.passing:
            outbox.say(session, {row.id: row.payload})
            outbox.put_off(session, [row.id], again_at(job, row), outcome.error)
        else:
            outbox.say(session, {row.id: {**row.payload, "digest": digests[key]}})
            outbox.fail(session, [row.id], outcome.error, job.now())
            told.append(_told(job, batch, key, Rule.R92, "failed", outcome.error))
    outbox.drop(session, [batch.rows[key].id for key in done])
    lines.sent(session, job.row.id, done, job.now())
    _remember(session, job, outcomes)
    timeline.save(session, told)
    _count(job, batch, outcomes)


def _remember(session: Session, job: Job, outcomes: Mapping[Key, Outcome]) -> None:
    """What the CRM calls a mailing's entry; also where only a part of its recipients was stored."""
    for (source, _), outcome in outcomes.items():
        if outcome.handle:
            lines.mailings(session, job.row.id)[source].handle = outcome.handle
            session.flush()
            return


def _count(job: Job, batch: Batch, outcomes: Mapping[Key, Outcome]) -> None:
    done = [key for key, outcome in outcomes.items() if outcome.done]
    again = sum(1 for key in done if batch.lines[key].sent_at is not None)
    failed = sum(1 for one in outcomes.values() if not (one.done or one.unknown or one.passing))
    job.count(activities_written=len(done) - again, activities_updated=again, failed=failed, done=len(outcomes))


def _told(job: Job, batch: Batch, key: Key, rule: Rule, what: str, result: str = "") -> dict[str, Any]:
    source, email = key
    mailing, numbers = batch.mailings[source], lines.line_of(batch.lines[key]).merged
    said = ", ".join(f"{deed} {number}" for deed, number in numbers.items())
    return {
        "connection_id": job.row.id,
        "email": email,
        "run_id": job.run_id,
        "at": job.now(),
        "cause": CAUSE,
        "rule": rule.value,
        "what": what,
        "changes": {mailing.title or source: ["", said]},
        "result": result,
    }


def _until(job: Job, error: Busy) -> datetime:
    now = job.now()
    if error.until is not None and error.until - now <= SOON:
        return error.until
    return next_morning(now, job.world.settings.daily_at, job.world.settings.timezone)


def recover(job: Job, session: Session, rows: Sequence[OutboxRow]) -> None:
    """What a dead sender may have sent waits for that call's time limit, and is then looked up (R63)."""
    noted = [row for row in rows if row.payload["stage"] == NOTED]
    for row in noted:
        outbox.put_off(session, [row.id], outbox.noted_at(row) + LATE)
    outbox.give_back(session, [row.id for row in rows if row not in noted])


ACTIVITIES = Sender(send, recover, BATCH)


def would(lines_changed: Iterable[lines.Columns]) -> tuple[int, int]:
    """How many lines would be written for the first time, and how many brought up to date."""
    rows = list(lines_changed)
    new = sum(1 for row in rows if row.sent_at is None)
    return new, len(rows) - new
