"""What failed and waits, each with its reason and "try again".

Parked addresses, records that can't be read, and what could not be written into the CRM.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.decide.brake import KEPT
from core.store import outbox
from core.store.base import among
from core.store.bindings import BindingRow
from core.store.due import DueRow
from core.store.outbox import Intent, OutboxRow, State
from core.store.records import RecordAddressRow, RecordRow

WRITING = "R22"
"""The rule that failures of writing into the CRM are shown by."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One address or record that failed. `email` is `""` where the record itself can't be read.

    `unwritten` is what the CRM does not hold: the key of a field, or a tag.
    """

    record: str
    email: str
    error: str
    rule: str
    unwritten: str = ""


def _parked(connection_id: int) -> Any:
    record = func.min(RecordAddressRow.kind + ":" + RecordAddressRow.record_id)
    return (
        select(record, DueRow.email, DueRow.parked, DueRow.rule)
        .join(RecordAddressRow, (RecordAddressRow.list_id == DueRow.list_id) & (RecordAddressRow.email == DueRow.email))
        .where(RecordAddressRow.connection_id == connection_id, DueRow.parked != "")
        .group_by(DueRow.list_id, DueRow.email, DueRow.parked, DueRow.rule)
        .order_by(DueRow.email)
    )


def failures(session: Session, connection_id: int, limit: int, offset: int) -> list[Failure]:
    """Unreadable records first, then what could not be written, then parked addresses. Three queries."""
    faults = [
        Failure(f"{kind}:{record_id}", "", fault, "R93")
        for kind, record_id, fault in session.execute(
            select(RecordRow.kind, RecordRow.record_id, RecordRow.fault)
            .where(RecordRow.connection_id == connection_id, RecordRow.fault != "")
            .order_by(RecordRow.kind.desc(), RecordRow.sort_key)
            .limit(offset + limit)
        )
    ]
    first = [*faults, *map(_unwritten, outbox.failed(session, connection_id))]
    wanted = max(offset + limit - len(first), 0)
    parked = [Failure(*row) for row in session.execute(_parked(connection_id).limit(wanted))] if wanted else []
    return [*first, *parked][offset : offset + limit]


def _unwritten(row: OutboxRow) -> Failure:
    """What the CRM does not hold, and where it belongs."""
    said = row.payload
    if row.kind == Intent.FIELD.value:
        return Failure(f"{said['kind']}:{said['id']}", row.email, row.last_error, WRITING, said["field"])
    what = said["tag"] if row.kind == Intent.TAG.value else said["source"]
    return Failure("", row.email, row.last_error, WRITING, what)


def count_failures(session: Session, connection_id: int) -> int:
    """How many there are. Three queries."""
    faults = select(func.count()).where(RecordRow.connection_id == connection_id, RecordRow.fault != "")
    parked = select(func.count()).select_from(_parked(connection_id).order_by(None).subquery())
    counted = outbox.count(session, connection_id)
    unwritten = sum(number for (_, state), number in counted.items() if state == State.FAILED)
    return session.execute(faults).scalar_one() + session.execute(parked).scalar_one() + unwritten


def try_again(session: Session, connection_id: int, email: str | None, now: datetime) -> int:
    """Let parked addresses be due again and what could not be written wait again, of one or all; how many.

    Records are read again by the next full run.

    What a person decided against is decided anew, and the brake counts it once more (R96).
    """
    named = select(RecordAddressRow.email).where(RecordAddressRow.connection_id == connection_id)
    freed = (
        update(DueRow)
        .where(DueRow.parked != "", DueRow.email.in_(named))
        .values(parked="", rule="", tries=0, mark=DueRow.mark + 1)
        .returning(DueRow.email)
        .execution_options(synchronize_session=False)
    )
    if email is not None:
        freed = freed.where(DueRow.email == email)
    else:
        forgotten = update(RecordRow).where(RecordRow.connection_id == connection_id, RecordRow.fault != "")
        session.execute(forgotten.values(digest="").execution_options(synchronize_session=False))
    emails = session.scalars(freed).all()
    refused = update(BindingRow).where(
        BindingRow.connection_id == connection_id, BindingRow.why == KEPT, among(session, BindingRow.email, emails)
    )
    session.execute(refused.values(why="").execution_options(synchronize_session=False))
    unwritten = outbox.failed(session, connection_id, email)
    outbox.reopen(session, unwritten, now)
    return len(emails) + len(unwritten)
