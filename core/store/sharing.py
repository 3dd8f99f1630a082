"""Who rules what the lists of one account share (R34)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.facts import Facts
from core.store.base import among
from core.store.bindings import BindingRow
from core.store.connections import ConnectionRow, ConnectionState, ListRow


def ruled_elsewhere(
    session: Session, contact_list: ListRow, facts: Mapping[str, Facts], subscribers: Mapping[str, Any]
) -> dict[str, tuple[int, bool]]:
    """Address -> who rules what the account shares, and whether that is another list's connection with a record there.

    Most addresses are ruled by a connection that has a record at hand, and need no question.
    """
    rulings = {email: row.ruling for email, row in subscribers.items() if row.ruling is not None}
    asked = [email for email, ruling in rulings.items() if not _is_here(facts[email], ruling)]
    if not asked:
        return {}
    chosen = (
        select(BindingRow.email, BindingRow.connection_id)
        .join(ConnectionRow, ConnectionRow.id == BindingRow.connection_id)
        .where(
            BindingRow.list_id != contact_list.id,
            BindingRow.state == "open",
            ConnectionRow.state != ConnectionState.REMOVED.value,
            among(session, BindingRow.email, asked),
        )
    )
    tied = {(row[0], row[1]) for row in session.execute(chosen)}
    return {email: (rulings[email], (email, rulings[email]) in tied) for email in asked}


def _is_here(facts: Facts, ruling: int) -> bool:
    tied = any(bound.connection == ruling for bound in facts.bindings)
    return tied or any(record.connection == ruling for record in facts.records)
