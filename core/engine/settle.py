"""The one transaction that makes a batch's outcome true: mirrors, snapshots, bindings, timeline, and what stays due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.decide.facts import Call, Decision, Facts, Outcome, Seen, Verb
from core.decide.rules import Rule
from core.engine.apply import Sent
from core.engine.digests import digest
from core.engine.job import Job
from core.engine.listpass import blank_profile
from core.engine.noting import Noted
from core.store import bindings, due, mirror
from core.store.due import Claimed
from core.store.facts import Loaded, row_of
from core.store.journal import JournalRow
from core.store.timeline import save as save_lines
from spojka import Done, Result, Scope, Status

TRIES = 3
"""How often a call whose answers prove nothing is made before the address is parked."""


@dataclass(slots=True)
class Rows:
    """What a settle writes, table by table."""

    profiles: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    subscribers: list[dict[str, Any]] = field(default_factory=list)
    shared: list[dict[str, Any]] = field(default_factory=list)
    bindings: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    later: list[dict[str, Any]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)


def settle(
    job: Job,
    claimed: Mapping[str, Claimed],
    loaded: Loaded,
    decisions: Mapping[str, Decision],
    noted: Noted | None,
    sent: Sent,
) -> None:
    """Settle what was decided, as far as it was carried out. At most fourteen queries."""
    rows = Rows(free=sorted(loaded.marked))
    ticket = job.ticket
    settling = _Settling(job, claimed, loaded, noted, sent, rows, ticket)
    for email in sorted(decisions):
        settling.one(decisions[email])

    def work(session: Session) -> None:
        _write(job, session, rows, noted)
        job.world.crash.point("settle.before_commit")

    _count(job, rows)
    job.commit(work)
    job.world.crash.point("settle.after_commit")


def _write(job: Job, session: Session, rows: Rows, noted: Noted | None) -> None:
    if noted is not None:
        session.execute(delete(JournalRow).where(JournalRow.id.in_(noted.ids)))
    mirror.save_subscribers(session, rows.subscribers, snapshots=True)
    mirror.save_shared(session, rows.shared)
    mirror.save_profiles(session, rows.profiles)
    mirror.save_snapshots(session, rows.snapshots)
    mirror.save_pending(session, rows.pending)
    bindings.save(session, rows.bindings)
    save_lines(session, rows.lines)
    due.save_outcomes(session, rows.outcomes)
    due.settle_away(session, job.list_id, job.lane.claim, rows.done)
    due.put_off(session, job.list_id, rows.later)
    due.free(session, job.list_id, job.lane.claim, [*rows.done, *rows.free, *(row["e"] for row in rows.later)])


def _count(job: Job, rows: Rows) -> None:
    for row in rows.outcomes:
        if row["connection_id"] == job.row.id:
            job.count(**{row["outcome"]: 1})
    if job.progress.get("phase") == "writing":
        job.count(done=len(rows.done) + len(rows.later))


class _Settling:
    """Turns decisions and their results into rows."""

    def __init__(
        self,
        job: Job,
        claimed: Mapping[str, Claimed],
        loaded: Loaded,
        noted: Noted | None,
        sent: Sent,
        rows: Rows,
        ticket: int,
    ) -> None:
        self.job, self.claimed, self.loaded, self.noted = job, claimed, loaded, noted
        self.sent, self.rows, self.ticket, self.now = sent, rows, ticket, job.now()

    def one(self, decision: Decision) -> None:
        """Settle one address by what came of its call."""
        if decision.verb is Verb.LATER:
            self._waiting(decision)
        elif decision.verb is Verb.LOOK:
            self._unseen(decision)
        elif decision.write is None and decision.verb is not Verb.UNSUBSCRIBE:
            self._decided(decision)
        else:
            self._carried_out(decision, self.sent.results.get(decision.email))

    def _waiting(self, decision: Decision) -> None:
        """Its connection is paused, or it waits for the next run."""
        ruling = decision.ruling
        if ruling is not None and self.job.ground.policies[ruling].paused:
            self._later(decision, waits=f"paused:{ruling}")
        else:
            self.rows.free.append(decision.email)

    def _unseen(self, decision: Decision) -> None:
        """Even a look-up did not say what has to be known; after some tries a person has to see to it."""
        tries = self.claimed[decision.email].tries + 1
        if tries >= TRIES:
            self._later(decision, parked="The list does not say what it holds of this address.", rule=Rule.R101)
        else:
            self._later(decision, waits="pass", tries=tries)

    def _carried_out(self, decision: Decision, result: Result | None) -> None:
        if result is None:
            self.rows.free.append(decision.email)
        elif result.done is Done.FAILED:
            self._failed(decision, result.error, Rule.R92)
        elif result.done is Done.UNKNOWN:
            self._unproven(decision, result)
        else:
            self._profile(decision)
            self._decided(decision)

    def _decided(self, decision: Decision) -> None:
        """The decision holds: bindings, timeline, outcome; snapshots where no call wrote them."""
        if decision.write is None and decision.verb is not Verb.UNSUBSCRIBE:
            self._snapshot(decision)
        self._ties(decision)
        self._lines(decision, "")
        if decision.parked:
            self._outcomes(decision, Outcome.FAILED, decision.parked)
            self._later(decision, parked=decision.parked)
            return
        self._outcomes(decision)
        if decision.again_after:
            self._later(decision, after=decision.again_after)
        else:
            self.rows.done.append(decision.email)

    def _failed(self, decision: Decision, error: str, rule: Rule) -> None:
        self._outcomes(decision, Outcome.FAILED, error)
        for number in sorted({number for number, _, _ in decision.outcomes}):
            self._line(number, decision.email, rule, "failed", {}, error)
        self._later(decision, parked=error, rule=rule)

    def _unproven(self, decision: Decision, result: Result) -> None:
        """The answer proves nothing: what was sent is nobody's edit until a reading has shown what became of it."""
        tries = self.claimed[decision.email].tries + 1
        self.job.unproven += 1
        facts = self.loaded.facts[decision.email]
        if self.noted is not None:
            kept = [*facts.pending, self.noted.calls[decision.email]][-3:]
            self.rows.pending.append(
                {**blank_profile(self.job.list_id, decision.email), "pending": [row_of(call) for call in kept]}
            )
        if tries >= TRIES:
            self._failed(decision, result.error or "The list did not confirm this address three times.", Rule.R101)
            return
        self._later(decision, waits="pass", tries=tries)

    def _later(
        self,
        decision: Decision,
        *,
        waits: str = "",
        after: int = 0,
        parked: str = "",
        rule: Rule | None = None,
        tries: int = 0,
    ) -> None:
        claimed = self.claimed[decision.email]
        self.rows.later.append(
            {
                "e": decision.email,
                "p_due_at": self.now + timedelta(seconds=after),
                "p_ticket": self.ticket if waits or after else claimed.ticket,
                "p_waits": waits,
                "p_parked": parked,
                "p_rule": (rule or decision.rule).value if parked else "",
                "p_tries": tries,
            }
        )

    def _ties(self, decision: Decision) -> None:
        for tie in decision.ties:
            connection, kind, record_id = tie.key
            self.rows.bindings.append(
                {
                    "connection_id": connection,
                    "kind": kind,
                    "record_id": record_id,
                    "list_id": self.job.list_id,
                    "email": decision.email,
                    "slot": tie.slot,
                    "origin": tie.origin.value,
                    "state": "open" if tie.open else "closed",
                    "why": tie.why,
                    "revision": 1,
                    "agreed": dict(tie.agreed),
                    "agreed_tags": list(tie.agreed_tags),
                    "pending": [],
                    "opened_at": self.now,
                    "closed_at": None if tie.open else self.now,
                }
            )

    def _outcomes(self, decision: Decision, outcome: Outcome | None = None, why: str = "") -> None:
        for number, decided, reason in decision.outcomes:
            self.rows.outcomes.append(
                {
                    "list_id": self.job.list_id,
                    "email": decision.email,
                    "connection_id": number,
                    "outcome": (outcome or decided).value,
                    "why": why or reason,
                    "run_id": self.job.run_id,
                    "at": self.now,
                }
            )

    def _lines(self, decision: Decision, result: str) -> None:
        for line in decision.lines:
            changes = {key: list(pair) for key, pair in line.changes.items()}
            self._line(line.connection, decision.email, line.rule, line.what, changes, result)

    def _line(
        self, connection: int, email: str, rule: Rule, what: str, changes: Mapping[str, Any], result: str
    ) -> None:
        self.rows.lines.append(
            {
                "connection_id": connection,
                "email": email,
                "run_id": self.job.run_id,
                "at": self.now,
                "cause": self.claimed[email].cause,
                "rule": rule.value,
                "what": what,
                "changes": dict(changes),
                "result": result,
            }
        )

    def _profile(self, decision: Decision) -> None:
        """The mirror takes over what was written; the snapshots are what the decision says (R29, R32)."""
        facts = self.loaded.facts[decision.email]
        call = self.noted.calls[decision.email] if self.noted is not None else None
        assert call is not None
        seen = facts.sight if isinstance(facts.sight, Seen) else None
        fields = dict(decision.agreed or {}) if call.add else {**_fields(seen), **_sent(decision)}
        tags = call.tags if call.tags is not None else (seen.tags if seen is not None else ())
        status = _status(decision, seen)
        begun = call.vendor_time if call.add or seen is None else seen.since
        uid = "" if call.add or seen is None else seen.uid
        self._rows_of(
            decision,
            {
                "present": True,
                "status": status.value,
                "uid": uid,
                "since": begun,
                "agreed_uid": uid or facts.uid,
                "agreed_since": begun if not facts.known or facts.since is None else facts.since,
                "sources": [call.source] if call.source else list(seen.sources if seen is not None else ()),
                "pending": [row_of(one) for one in self._pending(decision, call)],
                "digest": digest(self.job.ground, status.value, fields, tags),
            },
            fields,
            tags,
        )

    def _pending(self, decision: Decision, call: Call) -> tuple[Call, ...]:
        """An addition that was proven overwrote nothing; anything else waits for a reading that shows it (R29)."""
        kept = () if decision.pending is None else decision.pending
        if call.add:
            return tuple(one for one in kept if not one.add)
        again = decision.rule in (Rule.R32, Rule.R103) or any(line.rule is Rule.R32 for line in decision.lines)
        return (*kept, replace(call, ended=self.ticket, repeats=1 if again else 0))[-3:]

    def _rows_of(
        self,
        decision: Decision,
        values: Mapping[str, Any],
        fields: Mapping[str, str],
        tags: Sequence[str] | None,
    ) -> None:
        ground = self.job.ground
        agreed = dict(decision.agreed or {})
        shares_tags = ground.manifest.tags_scope is Scope.ACCOUNT
        kept = None if tags is None else list(tags)
        self.rows.profiles.append(
            {
                **blank_profile(self.job.list_id, decision.email),
                **values,
                "ticket": self.ticket,
                "fields": _own(fields, ground.terms.shared),
                "tags": None if shares_tags else kept,
                "agreed": _own(agreed, ground.terms.shared),
                "ours": decision.ours,
                "known": True,
                "ruling": decision.ruling,
            }
        )
        if ground.terms.shared or shares_tags:
            self.rows.subscribers.append(
                self._subscriber(decision, _shared(fields, ground.terms.shared), kept if shares_tags else None)
            )

    def _subscriber(self, decision: Decision, fields: Mapping[str, str], tags: list[str] | None) -> dict[str, Any]:
        known = self.loaded.subscribers.get(decision.email)
        return {
            "account_id": self.job.ground.account.id,
            "email": decision.email,
            "ticket": self.ticket,
            "fields": dict(fields),
            "tags": tags,
            "agreed": _shared(decision.agreed or {}, self.job.ground.terms.shared),
            "elsewhere": known.elsewhere if known is not None else {},
            "ruling": decision.ruling,
        }

    def _snapshot(self, decision: Decision) -> None:
        """Nothing was written: only what both sides agreed on, and whose profile it is, moves (if it does)."""
        known = self.loaded.profiles.get(decision.email)
        if known is None or decision.agreed is None:
            return
        shared = self.job.ground.terms.shared
        facts: Facts = self.loaded.facts[decision.email]
        seen = facts.sight if isinstance(facts.sight, Seen) else None
        present = seen is not None
        new = {
            "agreed": _own(decision.agreed, shared),
            "pending": [row_of(call) for call in decision.pending or ()],
            "ours": decision.ours,
            "known": decision.known if present else facts.known,
            "ruling": decision.ruling,
            "agreed_uid": seen.uid if seen is not None else known.agreed_uid,
            "agreed_since": seen.since if seen is not None and decision.rule in _FRESH else known.agreed_since,
        }
        if any(getattr(known, name) != value for name, value in new.items()):
            self.rows.snapshots.append({"b_list": self.job.list_id, "b_email": decision.email, **_named(new)})
        subscriber = self.loaded.subscribers.get(decision.email)
        agreed = _shared(decision.agreed, shared)
        if subscriber is not None and subscriber.agreed != agreed:
            self.rows.shared.append(
                {"b_account": self.job.ground.account.id, "b_email": decision.email, "v_agreed": agreed}
            )


_FRESH = (Rule.R12, Rule.R28, Rule.R101, Rule.R12A)


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"v_{name}": value for name, value in values.items()}


def _own(fields: Mapping[str, str], shared: frozenset[str]) -> dict[str, str]:
    return {key: value for key, value in fields.items() if key not in shared}


def _shared(fields: Mapping[str, str], shared: frozenset[str]) -> dict[str, str]:
    return {key: value for key, value in fields.items() if key in shared}


def _fields(seen: Seen | None) -> dict[str, str]:
    return dict(seen.fields) if seen is not None else {}


def _sent(decision: Decision) -> Mapping[str, str]:
    return decision.write.fields if decision.write is not None else {}


def _status(decision: Decision, seen: Seen | None) -> Status:
    if decision.verb is Verb.UNSUBSCRIBE:
        return Status.UNSUBSCRIBED
    return seen.status if seen is not None else Status.SUBSCRIBED
