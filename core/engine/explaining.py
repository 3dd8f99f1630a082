"""Why is this contact as it is? Every decision ever taken about it, oldest first, in words (R95)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.addresses import canonical
from core.decide.rules import Rule
from core.engine.undo import UNDOABLE
from core.store import timeline
from core.store.due import DueRow, OutcomeRow
from core.store.journal import TimelineRow
from core.store.records import RecordAddressRow


@dataclass(frozen=True, slots=True)
class Line:
    """One decision: when, why it was looked at, the rule, what was done, field -> (from, to), and what came of it.

    `entry` is its number; it can be taken back where `can_go_back` (R35).
    """

    entry: int
    can_go_back: bool
    at: datetime
    cause: str
    rule: str
    sentence_cs: str
    sentence_en: str
    what: str
    changes: Mapping[str, tuple[str, str]]
    result: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contact stands now: its records, what the last decision made of it, and why it is parked, if it is."""

    email: str
    records: tuple[str, ...]
    outcome: str
    why: str
    parked: str


def explain(session: Session, connection_id: int, email: str) -> list[Line]:
    """All decisions about an address, oldest first. One query."""
    return [_line(row) for row in timeline.of(session, connection_id, canonical(email) or email.strip().lower())]


def _line(row: TimelineRow) -> Line:
    rule = Rule(row.rule)
    changes = {key: (pair[0], pair[1]) for key, pair in row.changes.items()}
    return Line(
        row.id,
        row.what in UNDOABLE and bool(row.changes),
        row.at,
        row.cause,
        row.rule,
        rule.sentence("cs"),
        rule.sentence("en"),
        row.what,
        changes,
        row.result or ("failed" if row.what == "failed" else "done"),
    )


def standing(session: Session, connection_id: int, email: str) -> Standing | None:
    """How it stands now; None where the connection has never heard of the address. Three queries."""
    address = canonical(email) or email.strip().lower()
    records = session.execute(
        select(RecordAddressRow.kind, RecordAddressRow.record_id, RecordAddressRow.list_id)
        .where(RecordAddressRow.connection_id == connection_id, RecordAddressRow.email == address)
        .order_by(RecordAddressRow.kind.desc(), RecordAddressRow.record_id)
    ).all()
    outcome = session.scalars(
        select(OutcomeRow).where(OutcomeRow.connection_id == connection_id, OutcomeRow.email == address)
    ).first()
    if not records and outcome is None:
        return None
    list_id = records[0].list_id if records else (outcome.list_id if outcome else 0)
    due = session.get(DueRow, (list_id, address))
    return Standing(
        address,
        tuple(f"{row.kind}:{row.record_id}" for row in records),
        outcome.outcome if outcome else "",
        outcome.why if outcome else "",
        due.parked if due else "",
    )
