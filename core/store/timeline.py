"""The timeline: every decision that changed or refused something (R95)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import ColumnElement

from core.store.base import among
from core.store.bulk import put
from core.store.journal import TimelineRow


def save(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New lines. One query."""
    put(session, TimelineRow, rows, None)


def of(session: Session, connection: int, email: str) -> list[TimelineRow]:
    """All lines about one contact, oldest first. One query."""
    chosen = select(TimelineRow).where(TimelineRow.connection_id == connection, TimelineRow.email == email)
    return list(session.scalars(chosen.order_by(TimelineRow.id)))


def of_run(session: Session, run_id: int, emails: Sequence[str], deeds: Sequence[str]) -> list[TimelineRow]:
    """What a run did at these addresses, newest first. One query."""
    chosen = select(TimelineRow).where(_by(run_id), among(session, TimelineRow.email, emails))
    return list(session.scalars(chosen.where(TimelineRow.what.in_(deeds)).order_by(TimelineRow.id.desc())))


def addresses_of_run(session: Session, run_id: int, deeds: Sequence[str], after: str, limit: int) -> list[str]:
    """Addresses at which a run did something of the kind, in order. One query."""
    chosen = select(TimelineRow.email).where(_by(run_id), TimelineRow.what.in_(deeds), TimelineRow.email > after)
    return list(session.scalars(chosen.distinct().order_by(TimelineRow.email).limit(limit)))


def deeds_of_run(session: Session, run_id: int) -> dict[str, int]:
    """What a run did -> at how many addresses; but for what it created. One query."""
    chosen = select(TimelineRow.what, func.count(TimelineRow.email.distinct())).where(_by(run_id))
    return dict(session.execute(chosen.group_by(TimelineRow.what)).all())


def _by(run_id: int) -> ColumnElement[bool]:
    """The lines of a run, in words that let both databases use their index."""
    return and_(TimelineRow.run_id == run_id, TimelineRow.run_id.is_not(None), text("timeline.what <> 'created'"))


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
