"""What a settle leaves in the outbox of the edits that a decision wants written into records (R22, R24, R96)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.decide.brake import RELEASED
from core.decide.facts import Decision, Edit, Facts, Policy, RecordKey, Seen
from core.decide.rules import Rule
from core.engine import conflicts
from core.store import outbox
from core.store.outbox import CONFIRM, Intent, State

OWN = (Rule.R29, Rule.R32, Rule.R35)
"""Writes that put our own right, or that a person has asked for: the brake does not count them."""


@dataclass(slots=True)
class Edits:
    """Rows to want and keys to drop, of all decisions of a batch; `run` found them."""

    wanted: list[dict[str, Any]] = field(default_factory=list)
    gone: list[tuple[int, str]] = field(default_factory=list)
    asked: set[int] = field(default_factory=set)
    run: int | None = None

    def write(self, session: Session, now: datetime) -> None:
        """Two queries at most for a connection, and two where a person is asked; none where nobody edits."""
        outbox.want(session, self.wanted)
        outbox.unwant(session, self.gone)
        if self.asked:
            conflicts.keep_asking(session, self.asked, now)

    def without(self, gone: frozenset[str]) -> "Edits":
        """What is left of them once some addresses have been erased (R14)."""
        return replace(self, wanted=[row for row in self.wanted if row["email"] not in gone]) if gone else self


def key_of(email: str, edit: Edit) -> str:
    """The name of an intention: one for a field of a record, by way of one address (R31)."""
    _, kind, record_id = edit.key
    return f"field:{kind}:{record_id}:{email}:{edit.field}"


def collect(
    edits: Edits, decision: Decision, facts: Facts, cause: str, policies: Mapping[int, Policy], now: datetime
) -> list[Edit]:
    """Compare what is wanted with what waits; gives those that are new, or say something else than before."""
    before = {key_of(facts.email, edit): edit for edit in facts.edits}
    news = []
    for edit in decision.edits:
        known = before.pop(key_of(facts.email, edit), None)
        state = _state(edit, known, cause, policies[edit.key[0]])
        if known is None or _says_more(edit, known):
            kept = replace(edit, choice=known.choice) if known is not None and not edit.asks else edit
            edits.wanted.append(_row(facts.email, replace(kept, run=edits.run), state, now))
            news.append(edit)
    edits.asked |= {edit.key[0] for edit in (*decision.edits, *facts.edits) if edit.asks}
    open_ones = _pending(decision, facts)
    edits.gone += [
        (edit.key[0], key)
        for key, edit in before.items()
        if edit.state not in _KEPT and (edit.key, edit.field) not in open_ones and not _stands(edit, facts)
    ]
    return news


def _says_more(edit: Edit, known: Edit) -> bool:
    """Whether an edit is more than what its row says; one that waits for its confirmation has been written already."""
    differs = (known.value, known.was, known.asks) != (edit.value, edit.was, edit.asks)
    refused = edit.refused != "" and edit.refused != known.refused
    return differs or refused or (known.choice != "" and known.asks) or known.state == CONFIRM


def _stands(edit: Edit, facts: Facts) -> bool:
    """Whether what failed is still what the list says: it stays among the failures until somebody edits it there."""
    said = facts.sight.fields if isinstance(facts.sight, Seen) else {}
    return edit.state in (State.FAILED.value, State.DISCARDED.value) and said.get(edit.field, edit.value) == edit.value


def _pending(decision: Decision, facts: Facts) -> set[tuple[RecordKey, str]]:
    """Fields of which nobody knows whether they were written: whoever sends decides about them on a fresh reading."""
    pending = {bound.key: bound.pending for bound in facts.bindings}
    pending |= {tie.key: tie.pending for tie in decision.ties}
    return {(key, name) for key, puts in pending.items() for put in puts for name in put.fields}


_KEPT = (State.SENDING.value, CONFIRM)


def _state(edit: Edit, known: Edit | None, cause: str, policy: Policy) -> State:
    if edit.refused:
        return State.FAILED
    if edit.asks:
        return State.ASKS
    if known is not None and known.state in (State.WAITING.value, State.HELD.value):
        return State(known.state)
    chosen = known is not None and known.choice != ""
    free = chosen or edit.rule in OWN or cause == RELEASED or policy.first_sync
    return State.WAITING if free else State.HELD


def _row(email: str, edit: Edit, state: State, now: datetime) -> dict[str, Any]:
    return {
        "connection_id": edit.key[0],
        "kind": Intent.FIELD.value,
        "key": key_of(email, edit),
        "email": email,
        "payload": outbox.payload_of(edit),
        "state": state.value,
        "claim": "",
        "attempts": 0,
        "next_try": now,
        "last_error": edit.refused,
        "created_at": now,
        "closed_at": now if state is State.FAILED else None,
    }
