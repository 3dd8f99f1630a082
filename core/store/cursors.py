"""Where a stream of a connection goes on (R72)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.base import upsert
from core.store.leases import CursorRow


def of(session: Session, connection: int) -> dict[str, datetime | None]:
    """Stream -> modified since, of every stream that was ever read to its end. One query."""
    rows = session.execute(select(CursorRow.stream, CursorRow.since).where(CursorRow.connection_id == connection))
    return {row[0]: row[1] for row in rows}


def move(session: Session, connection: int, streams: Sequence[str], since: datetime) -> None:
    """These streams have been read up to a moment. One query."""
    if not streams:
        return
    statement = upsert(session, CursorRow)
    rows = [
        {"connection_id": connection, "stream": stream, "since": since, "after": "", "first_asked_at": None}
        for stream in streams
    ]
    taken = {"since": statement.excluded.since}
    session.execute(statement.on_conflict_do_update(index_elements=["connection_id", "stream"], set_=taken), rows)
