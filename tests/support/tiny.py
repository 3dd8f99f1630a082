"""A tiny CRM, a tiny list and the bookkeeping of an engine around the planner: what the properties are tried on.

Everything is in memory and nothing is clever: a round reads both sides, plans every address, carries a part of the
plans out and remembers what a settle would remember. What becomes of each call is the caller's to say (`Fate`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import count

from core.decide.calls import call_of
from core.decide.facts import (
    Bound,
    Call,
    Decision,
    Facts,
    Missing,
    Policy,
    RecordKey,
    Seen,
    Standpoint,
    Terms,
    Tie,
    Unknown,
    Verb,
)
from core.decide.plan import plan
from spojka import Kind, Standing, Status, Write
from tests.support.builders import NOW


class Fate(Enum):
    """What becomes of a call, and whether it is made at all."""

    APPLIED = "applied"
    REFUSED = "refused"
    LOST_AFTER = "applied, the answer lost"
    LOST_BEFORE = "lost on its way"
    LATE = "arrives after somebody else went on"
    NOT_MADE = "the run ended before it"
    IGNORED = "confirmed and not stored"


WRITES = (Verb.ADD, Verb.JOIN, Verb.ADOPT, Verb.CHANGE, Verb.UNSUBSCRIBE)


@dataclass(slots=True)
class CrmRecord:
    """A person or company in the tiny CRM."""

    connection: int
    kind: Kind
    id: str
    emails: tuple[str, ...]
    fields: dict[str, str]
    tags: tuple[str, ...] = ()
    standing: Standing = Standing.USUAL
    mailable: bool = True

    @property
    def key(self) -> RecordKey:
        """Which record this is."""
        return (self.connection, self.kind.value, self.id)


@dataclass(slots=True)
class Book:
    """What an engine remembers of one address."""

    agreed: Mapping[str, str] = field(default_factory=dict)
    pending: tuple[Call, ...] = ()
    ours: bool = False
    known: bool = False
    ruling: int | None = None
    uid: str = ""
    since: datetime | None = None
    sight: Seen | Missing | Unknown = field(default_factory=Unknown)
    ticket: int = 0
    bindings: dict[RecordKey, Bound] = field(default_factory=dict)
    parked: str = ""


@dataclass(frozen=True, slots=True)
class Op:
    """A call on the wire."""

    email: str
    verb: Verb
    write: Write
    then: Write | None = None
    round: int = 0


class Tiny:
    """Both sides and the engine between them."""

    def __init__(self, policies: Iterable[Policy], terms: Terms, *, replaces_tags: bool) -> None:
        self.policies = {policy.connection: policy for policy in policies}
        self.terms, self.replaces_tags = terms, replaces_tags
        self.crm: dict[RecordKey, CrmRecord] = {}
        self.list: dict[str, Seen] = {}
        self.elsewhere: dict[str, Missing] = {}
        self.books: dict[str, Book] = {}
        self.late: list[Op] = []
        self.made: set[str] = set()
        self.ignored: set[str] = set()
        self.now, self.rounds = NOW, 0
        self.pass_ticket = 0
        self._tickets, self._uids = count(1), count(1)
        self.watch: Callable[[Facts, Decision], None] = lambda facts, decision: None

    def new_profile(self, fields: Mapping[str, str], **changes: object) -> Seen:
        """A membership that begins now, under a new id."""
        seen = Seen(Status.SUBSCRIBED, f"u{next(self._uids)}", self.now, dict(fields), (), ())
        return replace(seen, **changes)  # type: ignore[arg-type]  # the caller names fields of Seen

    def round(self, fate: Callable[[str], Fate], order: Callable[[list[str]], list[str]] = sorted) -> list[Decision]:
        """Read both sides, plan every address, carry out what `fate` says; the decisions, by address."""
        self.now, self.rounds = self.now + timedelta(hours=1), self.rounds + 1
        self.pass_over()
        decisions = {}
        for email in order(sorted(self.addresses())):
            decisions[email] = self.reconcile(email, fate)
        return [decisions[email] for email in sorted(decisions)]

    def addresses(self) -> set[str]:
        """Every address that a record names, or that we know of."""
        return {email for record in self.crm.values() for email in record.emails if email} | self.books.keys()

    def pass_over(self) -> None:
        """One pass over the list: a row that says what the mirror says is left alone, with its old ticket."""
        self.pass_ticket = next(self._tickets)
        for email in self.addresses():
            book, held = self.books.setdefault(email, Book()), self.list.get(email)
            reading = self.elsewhere.get(email, Missing()) if held is None else self._page_row(held)
            mirror = self._page_row(book.sight) if isinstance(book.sight, Seen) else book.sight
            if reading != mirror:
                book.sight, book.ticket = reading, next(self._tickets)

    def _page_row(self, seen: Seen) -> Seen:
        return replace(seen, fields={key: seen.fields[key] for key in seen.fields if key not in self.terms.unsaid})

    def look_up(self, email: str) -> None:
        """A single look-up, which says all fields."""
        book = self.books[email]
        book.sight = self.list.get(email) or self.elsewhere.get(email, Missing())
        book.ticket = next(self._tickets)

    def facts(self, email: str, *, looked: bool = False) -> Facts:
        """Everything known about one address."""
        book = self.books[email]
        sight = book.sight if looked or not isinstance(book.sight, Seen) else self._page_row(book.sight)
        bindings = tuple(replace(bound, standing=self._standing(key)) for key, bound in book.bindings.items())
        return Facts(
            email,
            tuple(self._standpoints(email)),
            sight,
            bindings,
            book.agreed,
            book.pending,
            book.ours,
            book.known,
            book.ruling,
            book.uid,
            book.since,
            book.ticket,
            self.pass_ticket,
            self.now,
            looked,
        )

    def _standing(self, key: RecordKey) -> Standing:
        return self.crm[key].standing if key in self.crm else Standing.GONE

    def _standpoints(self, email: str) -> Iterable[Standpoint]:
        for record in self.crm.values():
            for slot, address in enumerate(record.emails, start=1):
                if address == email:
                    yield Standpoint(
                        record.connection,
                        record.kind,
                        record.id,
                        record.id.zfill(20),
                        slot,
                        dict(record.fields),
                        record.tags,
                        standing=record.standing,
                        mailable=record.mailable,
                    )

    def reconcile(self, email: str, fate: Callable[[str], Fate]) -> Decision:
        """Plan one address, look and plan again where the plan says so, and carry it out."""
        facts = self.facts(email)
        decision = self._plan(facts)
        if decision.verb is Verb.LOOK:
            self.look_up(email)
            facts = self.facts(email, looked=True)
            decision = self._plan(facts)
        if decision.verb in WRITES and (decision.write is not None or decision.verb is Verb.UNSUBSCRIBE):
            self._carry_out(email, facts, decision, fate(email))
        elif decision.verb not in (Verb.LOOK, Verb.LATER):
            self._settle(email, facts, decision)
        return decision

    def _plan(self, facts: Facts) -> Decision:
        decision = plan(facts, self.policies, self.terms)
        self.watch(facts, decision)
        return decision

    def _carry_out(self, email: str, facts: Facts, decision: Decision, fate: Fate) -> None:
        fate = self._possible(email, decision, fate)
        if fate in (Fate.NOT_MADE, Fate.REFUSED):
            return
        ticket = next(self._tickets)
        noted = call_of(facts, decision, ticket=ticket, at=self.now, vendor_time=self.now)
        op = Op(email, decision.verb, decision.write or Write(email, {}), decision.then, self.rounds)
        stored = self._apply(op) if fate in (Fate.APPLIED, Fate.LOST_AFTER) else False
        if fate is Fate.IGNORED or (fate is Fate.APPLIED and stored):
            self._settle(email, facts, decision)
            return
        if noted is not None:
            self.books[email].pending = (*self.books[email].pending, noted)
        if fate is Fate.LATE:
            self.late.append(op)

    def _possible(self, email: str, decision: Decision, fate: Fate) -> Fate:
        """An end to a membership does not wait; a list forgets one change of an address, not two (R32)."""
        if fate is Fate.LATE and decision.verb is Verb.UNSUBSCRIBE:
            return Fate.LOST_AFTER
        if fate is not Fate.IGNORED:
            return fate
        if decision.verb is not Verb.CHANGE or email in self.ignored:
            return Fate.APPLIED
        self.ignored.add(email)
        return fate

    def _apply(self, op: Op) -> bool:
        """What the vendor does with a call; False where its answer proves nothing (R101)."""
        held = self.list.get(op.email)
        if op.verb in (Verb.ADD, Verb.JOIN):
            if held is not None:
                return False
            self._add(op)
            return True
        if held is None:
            return False
        if op.verb is Verb.UNSUBSCRIBE:
            self.list[op.email] = replace(held, status=Status.UNSUBSCRIBED)
        else:
            self.list[op.email] = self._written(held, op.write)
        return True

    def _add(self, op: Op) -> None:
        account = self.elsewhere.get(op.email, Missing()).account
        known = account.fields if account is not None else {}
        shared = {key: value for key, value in known.items() if key in self.terms.shared}
        empty = dict.fromkeys(self.policies[1].fields, "")
        made = self.new_profile({**empty, **shared}, tags=(account.tags if account is not None else ()))
        self.made.add(made.uid)
        made = self._written(made, op.write)
        self.list[op.email] = self._written(made, op.then) if op.then is not None else made

    def _written(self, held: Seen, write: Write) -> Seen:
        tags = held.tags or ()
        if write.tags is not None:
            tags = write.tags if self.replaces_tags else tuple(dict.fromkeys((*tags, *write.tags)))
        sources = held.sources if write.source is None else (*held.sources, write.source)
        return replace(held, fields={**held.fields, **write.fields}, tags=tags, sources=sources)

    def _settle(self, email: str, facts: Facts, decision: Decision) -> None:
        """One transaction: the list's side, the bindings, the mirror."""
        book = self.books[email]
        ticket = next(self._tickets)
        book.agreed = book.agreed if decision.agreed is None else decision.agreed
        book.pending = book.pending if decision.pending is None else decision.pending
        done = call_of(facts, decision, ticket=ticket, at=self.now, vendor_time=self.now, ended=ticket)
        if done is not None:
            book.pending = (*book.pending, done)
            book.sight, book.ticket = self._mirrored(facts, decision), ticket
        book.ours, book.known, book.ruling, book.parked = (
            decision.ours,
            decision.known,
            decision.ruling,
            decision.parked,
        )
        if isinstance(facts.sight, Seen):
            book.uid, book.since = facts.sight.uid, facts.sight.since
        elif done is not None:
            book.uid, book.since = "", self.now
        for tie in decision.ties:
            book.bindings[tie.key] = self._bound(tie)

    def _mirrored(self, facts: Facts, decision: Decision) -> Seen:
        """The mirror takes over what we sent."""
        writes = [write for write in (decision.write, decision.then) if write is not None]
        sent = {key: value for write in writes for key, value in write.fields.items()}
        tags = next((write.tags for write in reversed(writes) if write.tags is not None), None)
        if isinstance(facts.sight, Seen):
            sight = facts.sight
            return replace(sight, fields={**sight.fields, **sent}, tags=sight.tags if tags is None else tags)
        return Seen(Status.SUBSCRIBED, "", None, dict(decision.agreed or {}), tags)

    def _bound(self, tie: Tie) -> Bound:
        connection, kind, id = tie.key
        return Bound(
            connection,
            Kind(kind),
            id,
            id.zfill(20),
            tie.slot,
            tie.origin,
            tie.open,
            tie.why,
            dict(tie.agreed),
            tie.agreed_tags,
        )

    def arrive(self, before: int | None = None) -> None:
        """Whatever was late arrives, or what was sent before a round."""
        arriving = [op for op in self.late if before is None or op.round < before]
        self.late = [op for op in self.late if op not in arriving]
        for op in arriving:
            self._apply(op)
