"""Everything that is stored about one address, wherever it stands: to be shown, or to be forgotten (R14)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from core.store.activities import ActivityRow, HappeningRow
from core.store.base import Base
from core.store.bindings import BindingRow
from core.store.due import DueRow, OutcomeRow
from core.store.inbox import EVENTS, InboxRow
from core.store.journal import JournalRow, TimelineRow
from core.store.mirror import ProfileRow, SubscriberRow
from core.store.outbox import OutboxRow
from core.store.records import RecordAddressRow, RecordRow
from core.store.runs import UNDO, RunRow
from core.store.steps import StepRow
from core.store.takebacks import TakeBackRow

BY_EMAIL: tuple[type[Base], ...] = (
    ProfileRow,
    SubscriberRow,
    BindingRow,
    DueRow,
    OutcomeRow,
    TimelineRow,
    OutboxRow,
    TakeBackRow,
    ActivityRow,
    HappeningRow,
    StepRow,
)
"""Tables whose rows belong to one address alone."""
EMBEDDED = "local_profiles"
"""The embedded list's table, which a plugin owns; it is found by its name."""


def stored(session: Session, email: str) -> dict[str, list[dict[str, Any]]]:
    """Every row about an address, table by table; an empty answer means that nothing is held. One query a table."""
    found = {table.name: _rows(session, table, table.c.email == email) for table in _tables()}
    named = select(RecordAddressRow).where(RecordAddressRow.email == email)
    addresses = session.scalars(named).all()
    found["record_addresses"] = [_plain(RecordAddressRow.__table__, row) for row in addresses]
    found["records"] = [_plain(RecordRow.__table__, row) for row in _records(session, addresses)]
    return {name: rows for name, rows in found.items() if rows}


def forget(session: Session, email: str) -> dict[str, int]:
    """Delete every row about an address; a record that has no other address left keeps no value. How many rows."""
    addresses = session.scalars(select(RecordAddressRow).where(RecordAddressRow.email == email)).all()
    emptied = [record for record in _records(session, addresses) if not _others(session, record, email)]
    for record in emptied:
        record.fields, record.tags = {}, []
    gone = {table.name: _delete(session, table, email) for table in _tables()}
    for address in addresses:
        address.email = address.typed = address.note = ""
        address.standing = "erased"
    _unsay(session, email)
    session.flush()
    return {**gone, "record_addresses": len(addresses), "records": len(emptied)}


def _tables() -> list[Table]:
    embedded = [table for table in Base.metadata.sorted_tables if table.name == EMBEDDED]
    return [*(table.__table__ for table in BY_EMAIL if isinstance(table.__table__, Table)), *embedded]


def _rows(session: Session, table: Table, where: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(select(table).where(where)).mappings()]


def _plain(table: Any, row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in table.columns}


def _delete(session: Session, table: Table, email: str) -> int:
    gone = session.execute(delete(table).where(table.c.email == email).returning(table.c.email))
    return len(gone.all())


def _records(session: Session, addresses: Any) -> list[RecordRow]:
    keys = [(row.connection_id, row.kind, row.record_id) for row in addresses]
    return [row for key in keys if (row := session.get(RecordRow, key)) is not None]


def _others(session: Session, record: RecordRow, email: str) -> bool:
    other = select(RecordAddressRow.slot).where(
        RecordAddressRow.connection_id == record.connection_id,
        RecordAddressRow.kind == record.kind,
        RecordAddressRow.record_id == record.record_id,
        RecordAddressRow.email.not_in(["", email]),
    )
    return session.scalars(other).first() is not None


def _unsay(session: Session, email: str) -> None:
    """Out of the notes of calls and the results of runs, which hold many people's rows each."""
    for row in session.scalars(select(JournalRow)):
        row.rows = [one for one in row.rows if one["email"] != email]
    for run in session.scalars(select(RunRow).where(RunRow.result.is_not(None))):
        if any(failure["email"] == email for failure in (run.result or {}).get("failures", ())):
            run.result = _without(run.result or {}, email)
    for run in session.scalars(select(RunRow).where(RunRow.mode == UNDO)):
        if run.options.get("email") == email:
            run.options = {}
    for told in session.scalars(select(InboxRow).where(InboxRow.kind == EVENTS)):
        if email in str(told.payload).lower():
            session.delete(told)
    session.execute(
        update(RecordAddressRow)
        .where(RecordAddressRow.note.contains(email, autoescape=True))
        .values(note="")
        .execution_options(synchronize_session=False)
    )


def _without(result: Mapping[str, Any], email: str) -> dict[str, Any]:
    return {**result, "failures": [one for one in result["failures"] if one["email"] != email]}
