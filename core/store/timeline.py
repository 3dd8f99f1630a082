"""The timeline: every decision that changed or refused something (R95)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.bulk import put
from core.store.journal import TimelineRow


def save(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New lines. One query."""
    put(session, TimelineRow, rows, None)


def of(session: Session, connection: int, email: str) -> list[TimelineRow]:
    """All lines about one contact, oldest first. One query."""
    chosen = select(TimelineRow).where(TimelineRow.connection_id == connection, TimelineRow.email == email)
    return list(session.scalars(chosen.order_by(TimelineRow.id)))
