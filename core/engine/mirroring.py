"""What a settle writes into the mirrors and the snapshots (R20-R29, R32)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.decide.calls import newest
from core.decide.facts import Back, Call, Decision, Facts, Seen, Verb
from core.decide.rules import Rule
from core.engine.apply import Sent, asks_first
from core.engine.digests import digest
from core.engine.edits import Edits
from core.engine.job import Job
from core.engine.noting import Noted
from core.store import mirror
from core.store.base import Written, written
from core.store.due import Claimed
from core.store.facts import Loaded
from core.store.pending import row_of
from spojka import Scope, Status, Write


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
    edits: Edits = field(default_factory=Edits)
    taken: list[tuple[str, int, Back]] = field(default_factory=list)
    later: list[dict[str, Any]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)

    def without(self, gone: frozenset[str]) -> "Rows":
        """What is left of them once some addresses have been erased (R14)."""
        if not gone:
            return self
        kept = {
            name: [row for row in getattr(self, name) if not _addresses_of(row) & gone]
            for name in ("profiles", "snapshots", "pending", "subscribers", "shared", "bindings", "outcomes", "lines")
        }
        return replace(self, **kept, edits=self.edits.without(gone))

    def unsettled(self, emails: frozenset[str], pending: Sequence[dict[str, Any]]) -> "Rows":
        """These addresses stay due; all that is kept of them is what is pending."""
        return replace(
            self,
            pending=[*self.pending, *pending],
            taken=[one for one in self.taken if one[0] not in emails],
            later=[row for row in self.later if row["e"] not in emails],
            done=[email for email in self.done if email not in emails],
            free=sorted({*self.free, *emails}),
        )


def _addresses_of(row: Mapping[str, Any]) -> set[str]:
    return {row[name] for name in ("email", "b_email") if name in row}


class Mirroring:
    """The rows of profiles and subscribers that decisions and their results come to."""

    def __init__(
        self,
        job: Job,
        claimed: Mapping[str, Claimed],
        loaded: Loaded,
        noted: Noted | None,
        sent: Sent,
        rows: Rows,
        ticket: int,
        decisions: Mapping[str, Decision],
    ) -> None:
        self.job, self.claimed, self.loaded, self.noted = job, claimed, loaded, noted
        self.sent, self.rows, self.ticket, self.now = sent, rows, ticket, job.now()
        self.decisions = decisions

    def line(self, connection: int, email: str, rule: Rule, what: str, changes: Mapping[str, Any], result: str) -> None:
        """A line of the timeline (R95)."""
        self.rows.lines.append(
            {
                "connection_id": connection,
                "email": email,
                "run_id": self.job.run_id,
                "at": self.now,
                "cause": self.claimed[email].cause,
                "rule": rule.value,
                "what": what,
                "changes": changes,
                "result": result,
            }
        )

    def profile(self, decision: Decision) -> None:
        """The mirror takes over what was written; the snapshots are what the decision says (R29, R32)."""
        facts = self.loaded.facts[decision.email]
        if decision.verb is Verb.ADD and decision.write is not None:
            self._made(decision, decision.write, facts)
            return
        assert self.noted is not None
        call = self.noted.call(facts, decision)
        seen = facts.sight if isinstance(facts.sight, Seen) else None
        fields = decision.agreed or {} if call.add else {**_fields(seen), **_sent(decision)}
        if decision.email in self.sent.left_out:
            call = replace(call, tags=self._without_left_out(decision, call.tags))
        tags = call.tags if call.tags is not None else (seen.tags if seen is not None else ())
        status = self._status(decision, seen)
        begun = call.vendor_time if call.add or seen is None else seen.since
        uid = "" if call.add or seen is None else seen.uid
        self._rows_of(
            decision,
            {
                "status": status.value,
                "uid": uid,
                "since": begun,
                "agreed_uid": uid or facts.uid,
                "agreed_since": begun if not facts.known or facts.since is None else facts.since,
                "sources": (call.source,) if call.source else (seen.sources if seen is not None else ()),
                "pending": [row_of(one) for one in self._pending(decision, call)],
                "digest": digest(self.job.ground.order, status.value, fields, tags),
            },
            fields,
            tags,
        )

    def _made(self, decision: Decision, write: Write, facts: Facts) -> None:
        """A profile that was not there is what was sent; nothing was overwritten, so that nothing of it is pending."""
        assert self.noted is not None
        begun, fields, status = self.noted.vendor_time, decision.agreed or {}, self._status(decision, None)
        tags = self._without_left_out(decision, write.tags) or ()
        self._rows_of(
            decision,
            {
                "status": status.value,
                "uid": "",
                "since": begun,
                "agreed_uid": facts.uid,
                "agreed_since": begun if not facts.known or facts.since is None else facts.since,
                "sources": (write.source,) if write.source else (),
                "pending": [row_of(one) for one in decision.pending or () if not one.add],
                "digest": digest(self.job.ground.order, status.value, fields, tags),
            },
            fields,
            tags,
        )

    def _without_left_out(self, decision: Decision, tags: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """What the list refused of the tags is no part of the mirror, and is said in the timeline (R54)."""
        long = self.sent.left_out.get(decision.email, ())
        if not long or tags is None or decision.ruling is None:
            return tags
        for tag in long:
            self.line(decision.ruling, decision.email, Rule.R54, "left_out", {"tags": [tag, ""]}, "")
        return tuple(tag for tag in tags if tag not in long)

    def _status(self, decision: Decision, seen: Seen | None) -> Status:
        if decision.verb is Verb.UNSUBSCRIBE:
            return Status.UNSUBSCRIBED
        if seen is not None:
            return seen.status
        return Status.UNCONFIRMED if asks_first(self.job, decision) else Status.SUBSCRIBED

    def _pending(self, decision: Decision, call: Call) -> tuple[Call, ...]:
        """An addition that was proven overwrote nothing; anything else waits for a reading that shows it (R29)."""
        kept = () if decision.pending is None else decision.pending
        if call.add:
            return tuple(one for one in kept if not one.add)
        if not call.fields and call.tags is None:
            return kept
        return newest((*kept, replace(call, ended=self.ticket)))

    def _rows_of(
        self,
        decision: Decision,
        values: Mapping[str, Any],
        fields: Mapping[str, str],
        tags: Sequence[str] | None,
    ) -> None:
        ground, agreed = self.job.ground, decision.agreed or {}
        own, shared = written(_own(fields, ground.terms.shared)), written(_shared(fields, ground.terms.shared))
        same = fields is agreed
        shares_tags = ground.manifest.tags_scope is Scope.ACCOUNT
        self.rows.profiles.append(
            {
                "list_id": self.job.list_id,
                "email": decision.email,
                "hash": mirror.number_of(decision.email),
                "present": True,
                **values,
                "ticket": self.ticket,
                "fields": own,
                "tags": None if shares_tags else tags,
                "agreed": own if same else _own(agreed, ground.terms.shared),
                "ours": decision.ours,
                "known": True,
                "ruling": decision.ruling,
            }
        )
        if ground.terms.shared or shares_tags:
            moved = self._shared_snapshot(decision)
            agreed_shared = shared if same and moved == _shared(fields, ground.terms.shared) else written(moved)
            self.rows.subscribers.append(
                self._subscriber(decision, shared, agreed_shared, tags if shares_tags else None)
            )

    def _subscriber(
        self, decision: Decision, fields: Written, agreed: Written, tags: Sequence[str] | None
    ) -> dict[str, Any]:
        known = self.loaded.subscribers.get(decision.email)
        return {
            "account_id": self.job.ground.account.id,
            "email": decision.email,
            "ticket": self.ticket,
            "fields": fields,
            "tags": tags,
            "agreed": agreed,
            "elsewhere": known.elsewhere if known is not None else {},
            "ruling": self._shared_ruling(decision),
        }

    def _shared_ruling(self, decision: Decision) -> int | None:
        """Who rules what the account shares: who did, while it has a record in its list (R34)."""
        facts = self.loaded.facts.get(decision.email)
        return facts.shared_ruling if facts is not None and facts.shared_elsewhere else decision.ruling

    def _shared_snapshot(self, decision: Decision) -> dict[str, str]:
        """What the account's lists agreed on. Where another list's connection rules, it moves by our own writes alone:
        an edit that is on its way there is not to be swallowed here (R34).
        """
        shared = self.job.ground.terms.shared
        agreed = _shared(decision.agreed or {}, shared)
        facts, known = self.loaded.facts.get(decision.email), self.loaded.subscribers.get(decision.email)
        if facts is None or known is None or not facts.shared_elsewhere:
            return agreed
        sent = {key for write in (decision.write, decision.then) if write is not None for key in write.fields}
        return {**known.agreed, **{key: value for key, value in agreed.items() if key in sent}}

    def snapshot(self, decision: Decision) -> None:
        """Nothing was written: only what both sides agreed on, and whose profile it is, moves (if it does)."""
        known = self.loaded.profiles.get(decision.email)
        if known is None or decision.agreed is None:
            return
        shared = self.job.ground.terms.shared
        facts = self.loaded.facts[decision.email]
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
        agreed = self._shared_snapshot(decision)
        ruling = self._shared_ruling(decision)
        if subscriber is not None and (subscriber.agreed != agreed or subscriber.ruling != ruling):
            where = {"b_account": self.job.ground.account.id, "b_email": decision.email}
            self.rows.shared.append({**where, "v_agreed": agreed, "v_ruling": ruling})


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
