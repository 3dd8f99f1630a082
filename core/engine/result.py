"""The result of a run: what is true at its end, whoever did the work (contract §5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.decide.facts import Back
from core.engine.opening import Ground
from core.store import takebacks
from core.store.base import among
from core.store.due import DueRow, OutcomeRow
from core.store.records import RecordAddressRow, RecordRow
from core.store.runs import UNDO, RunRow
from core.store.tombstones import GONE

FAILURES_NAMED = 1000
"""Failures a result names; their number is always whole."""
CHANGED = ("created", "adopted", "updated")


def result_of(
    session: Session, ground: Ground, run: RunRow, status: str, seconds: float, counted: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The document of contract §5. Five queries over the connection's addresses.

    `counted` is what a dry run has counted in place of what stands in the tables.
    """
    looked = slots_of(ground, run.connection_id)
    profiles, skipped = addresses(session, run, looked)
    if counted is not None:
        profiles, skipped = dict(counted["profiles"]), dict(counted["skipped"])
    failures = _failures(session, run, looked)
    faults = session.scalar(
        select(func.count()).where(RecordRow.connection_id == run.connection_id, RecordRow.fault != "")
    )
    profiles["failed"] += faults or 0
    for reason, number in _without_address(session, run, looked).items():
        skipped[reason] = skipped.get(reason, 0) + number
        profiles["skipped"] += number
    progress = run.progress
    undone = {"undo": _undone(session, run)} if run.mode == UNDO else {}
    return {
        **undone,
        "connection": run.connection_id,
        "mode": run.mode,
        "dry_run": run.dry_run,
        "status": "failed" if status == "done" and profiles["failed"] else status,
        "read": dict(progress.get("read", {"person": 0, "company": 0})),
        "profiles": profiles,
        "skipped_because": {"no_email": 0, "invalid_email": 0, "erased": 0, **skipped},
        "failures": failures,
        "requests": dict(progress.get("requests", {"crm": 0, "audience": 0})),
        "seconds": round(seconds, 3),
    }


def _undone(session: Session, run: RunRow) -> dict[str, int]:
    """What became of what was to be taken back (R35). `waiting` for its call, or for the CRM."""
    counted = takebacks.count(session, run.id)
    done, left = (Back.DONE, Back.SAME), (Back.EDITED, Back.GONE, Back.REFUSED)
    return {
        "list": sum(n for (to_crm, state), n in counted.items() if state in done and not to_crm),
        "crm": sum(n for (to_crm, state), n in counted.items() if state in done and to_crm),
        "left": sum(n for (_, state), n in counted.items() if state in left),
        "waiting": sum(n for (_, state), n in counted.items() if state == takebacks.OPEN),
        "crm_tags": run.progress.get("crm_tags", 0),
    }


def slots_of(ground: Ground, connection: int) -> list[int]:
    """The slots that a connection looks at (R4); one that was removed meanwhile looks at the first alone."""
    policy = ground.policies.get(connection)
    return [1, 2] if policy is not None and policy.both_emails else [1]


def addresses(
    session: Session, run: RunRow, looked: list[int], only: Sequence[str] | None = None
) -> tuple[dict[str, int], dict[str, int]]:
    """Addresses this connection's records say something about, each once, by what became of them; all, or `only` these.

    One query.
    """
    named = select(RecordAddressRow.list_id, RecordAddressRow.email).where(
        RecordAddressRow.connection_id == run.connection_id,
        RecordAddressRow.email != "",
        RecordAddressRow.slot.in_(looked),
    )
    if only is not None:
        named = named.where(among(session, RecordAddressRow.email, only))
    mine = named.distinct().subquery()
    # Live work takes part in a run that is going on (contract §5).
    beside = OutcomeRow.run_id.is_(None) & (OutcomeRow.at >= (run.started_at or run.requested_at))
    by_this_run = func.coalesce((OutcomeRow.run_id == run.id) | beside, False)
    parked = DueRow.parked.is_not(None) & (DueRow.parked != "")
    chosen = (
        select(OutcomeRow.outcome, by_this_run, parked, OutcomeRow.why, func.count())
        .select_from(mine)
        .join(
            OutcomeRow,
            (OutcomeRow.list_id == mine.c.list_id)
            & (OutcomeRow.email == mine.c.email)
            & (OutcomeRow.connection_id == run.connection_id),
        )
        .join(DueRow, (DueRow.list_id == mine.c.list_id) & (DueRow.email == mine.c.email), isouter=True)
        .group_by(OutcomeRow.outcome, by_this_run, parked, OutcomeRow.why)
    )
    profiles = dict.fromkeys((*CHANGED, "unchanged", "skipped", "failed"), 0)
    skipped: dict[str, int] = {}
    for outcome, this_run, is_parked, why, number in session.execute(chosen):
        column = _column(outcome, bool(this_run), bool(is_parked))
        profiles[column] += number
        if column == "skipped":
            skipped[why] = skipped.get(why, 0) + number
    return profiles, skipped


def _column(outcome: str, this_run: bool, parked: bool) -> str:
    if parked:
        return "failed"
    if outcome in CHANGED:
        return outcome if this_run else "unchanged"
    return "skipped" if outcome == "skipped" else "unchanged"


def _without_address(session: Session, run: RunRow, looked: list[int]) -> dict[str, int]:
    """Records without a usable address, each once; an empty second slot is never the reason (R6)."""
    usable = func.max(RecordAddressRow.email)
    standing = func.min(RecordAddressRow.standing).filter(RecordAddressRow.standing.in_(["erased", "invalid_email"]))
    records = (
        select(standing.label("why"))
        .where(
            RecordAddressRow.connection_id == run.connection_id,
            RecordAddressRow.slot.in_(looked),
            RecordAddressRow.standing != GONE,
        )
        .group_by(RecordAddressRow.kind, RecordAddressRow.record_id)
        .having(usable == "")
        .subquery()
    )
    rows = session.execute(select(records.c.why, func.count()).group_by(records.c.why))
    return {why or "no_email": number for why, number in rows}


def _failures(session: Session, run: RunRow, looked: list[int]) -> list[dict[str, str]]:
    chosen = (
        select(RecordAddressRow.kind, RecordAddressRow.record_id, DueRow.email, DueRow.parked)
        .join(DueRow, (DueRow.list_id == RecordAddressRow.list_id) & (DueRow.email == RecordAddressRow.email))
        .where(
            RecordAddressRow.connection_id == run.connection_id,
            RecordAddressRow.slot.in_(looked),
            DueRow.parked != "",
        )
        .order_by(DueRow.email, RecordAddressRow.kind.desc(), RecordAddressRow.record_id)
        .limit(FAILURES_NAMED)
    )
    found: dict[str, dict[str, str]] = {}
    for kind, record_id, email, error in session.execute(chosen):
        found.setdefault(email, {"record": f"{kind}:{record_id}", "email": email, "error": error})
    faults = session.execute(
        select(RecordRow.kind, RecordRow.record_id, RecordRow.fault)
        .where(RecordRow.connection_id == run.connection_id, RecordRow.fault != "")
        .order_by(RecordRow.kind.desc(), RecordRow.sort_key)
        .limit(FAILURES_NAMED)
    )
    unread = [{"record": f"{kind}:{record_id}", "email": "", "error": fault} for kind, record_id, fault in faults]
    return [*found.values(), *unread]
