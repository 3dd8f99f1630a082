"""The timeline: every decision that changed or refused something (R95)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
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


def prune(session: Session, connection: int, before: datetime, limit: int) -> int:
    """Delete the oldest lines of a connection from before a moment, at most `limit`; how many. One query."""
    oldest = (
        select(TimelineRow.id)
        .where(TimelineRow.connection_id == connection, TimelineRow.at < before)
        .order_by(TimelineRow.id)
        .limit(limit)
    )
    gone = delete(TimelineRow).where(TimelineRow.id.in_(oldest)).returning(TimelineRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())
