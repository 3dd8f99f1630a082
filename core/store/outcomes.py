"""What a success at the CRM makes true: the record's mirror, both snapshots, and what is pending (R22, R29, R32)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.facts import Edit, Put, RecordKey
from core.decide.rules import Rule
from core.store import leases
from core.store.base import among
from core.store.bindings import BindingRow
from core.store.connections import ListRow
from core.store.mirror import ProfileRow, SubscriberRow
from core.store.pending import row_of_put
from core.store.records import RecordRow

KEPT = 4
"""Writes that are remembered for one binding."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """An edit that the CRM confirmed, by way of one address, decided on when its binding had this revision."""

    email: str
    edit: Edit
    revision: int


def take_over(
    session: Session, contact_list: ListRow, shared: frozenset[str], wrote: Sequence[Wrote], now: datetime
) -> None:
    """The mirror says what was sent, with a ticket drawn now; snapshots move where nobody decided meanwhile.

    Whether the record really says it is seen by a reading asked for later: until then the fields are pending. Five
    queries and a row each.
    """
    if not wrote:
        return
    ticket = leases.draw(session)
    records = _records(session, [one.edit.key for one in wrote])
    for one in wrote:
        record = records.get(one.edit.key)
        if record is not None:
            # Without its digest the next reading looks at the record, whatever it says (R32).
            record.fields, record.ticket, record.digest = _with(record.fields, one.edit), ticket, ""
    emails = sorted({one.email for one in wrote})
    subscribers = _by_email(session, SubscriberRow, SubscriberRow.account_id == contact_list.account_id, emails)
    profiles = _by_email(session, ProfileRow, ProfileRow.list_id == contact_list.id, emails)
    bindings = _bindings(session, contact_list.id, emails)
    revisions = {key: row.revision for key, row in bindings.items()}
    for one in wrote:
        binding = bindings.get((one.email, one.edit.key))
        if binding is None or revisions[one.email, one.edit.key] != one.revision:
            continue
        _agree(binding, one.edit, ticket, now)
        owner = (subscribers if one.edit.field in shared else profiles).get(one.email)
        # What is taken back here stays in the list as it is (R35).
        if owner is not None and one.edit.rule is not Rule.R35:
            owner.agreed = {**owner.agreed, one.edit.field: one.edit.value}
    session.flush()


def _agree(binding: BindingRow, edit: Edit, ticket: int, now: datetime) -> None:
    put = put_of_edit(edit, ticket, now, ended=ticket)
    binding.agreed = {**binding.agreed, edit.field: edit.value}
    binding.pending = [*binding.pending, row_of_put(put)][-KEPT:]
    binding.revision += 1


def put_of_edit(edit: Edit, ticket: int, at: datetime, ended: int = 0) -> Put:
    """An edit that was sent, or may have been, as it is pending."""
    pair = {edit.field: (edit.was, edit.value)}
    return Put(pair, ticket, ended, at, edit.repeats, back=edit.rule is Rule.R35)


def _with(fields: Mapping[str, Any], edit: Edit) -> dict[str, Any]:
    return {**fields, edit.field: edit.value}


def keep_pending(session: Session, list_id: int, puts: Sequence[tuple[str, RecordKey, Put]]) -> None:
    """Writes of unknown end, remembered with their bindings; the next reading is to say something. Two queries."""
    if not puts:
        return
    for record in _records(session, sorted({key for _, key, _ in puts})).values():
        record.digest = ""
    bindings = _bindings(session, list_id, sorted({email for email, _, _ in puts}))
    for email, key, put in puts:
        binding = bindings.get((email, key))
        if binding is not None:
            binding.pending = [*binding.pending, row_of_put(put)][-KEPT:]
            binding.revision += 1
    session.flush()


def _records(session: Session, keys: Sequence[RecordKey]) -> dict[RecordKey, RecordRow]:
    """The records of one connection."""
    connection, ids = keys[0][0], sorted({key[2] for key in keys})
    chosen = select(RecordRow).where(RecordRow.connection_id == connection, among(session, RecordRow.record_id, ids))
    rows = session.scalars(chosen.order_by(RecordRow.kind, RecordRow.record_id).with_for_update())
    return {(row.connection_id, row.kind, row.record_id): row for row in rows}


def _by_email(session: Session, table: Any, where: Any, emails: Sequence[str]) -> dict[str, Any]:
    chosen = select(table).where(where, among(session, table.email, emails)).order_by(table.email)
    return {row.email: row for row in session.scalars(chosen.with_for_update())}


def _bindings(session: Session, list_id: int, emails: Sequence[str]) -> dict[tuple[str, RecordKey], BindingRow]:
    chosen = select(BindingRow).where(BindingRow.list_id == list_id, among(session, BindingRow.email, emails))
    rows = session.scalars(chosen.order_by(BindingRow.id).with_for_update())
    return {(row.email, (row.connection_id, row.kind, row.record_id)): row for row in rows}
