"""Runs: what a person can start, watch and read about afterwards."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store.base import Base


class RunState(StrEnum):
    """QUEUED and RUNNING are open; all others have ended."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    ASKS = "asks"
    PAUSED = "paused"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


DAILY = "daily"
"""The mode of a morning run (R60); `core.engine.morning` works on those, `core.engine.full` on all others."""
UNDO = "undo"
"""The mode of a run that takes something back (R35)."""
OPEN = (RunState.QUEUED.value, RunState.RUNNING.value)


class RunRow(Base):
    """One run. `options`: {"kind": person|company|null, "limit": n|null}; of one that takes back (R35) {"run": n},
    {"line": n} or {"email": address}. Both JSONs below move with each commit.

    `progress` keys: phase, read {person, company}, total {person, company}, created, adopted, updated, unchanged,
    skipped, failed, looked (profiles read of the list), due (addresses when writing began), requests {crm, audience},
    done and of (in this phase), looking {done, of} (single look-ups), rate (of them a second), seconds_left. `phase`:
    waiting, reading, list, writing, closing, ended. `result` is the document of contract §5 once the run has ended;
    `error` is a sentence for operators, `code` its stable name (`SpojkaError.code`), for which the pages have words.
    `not_before` is when a run that was stopped by a limit goes on.
    """

    __tablename__ = "runs"
    __table_args__ = (Index("runs_connection", "connection_id", "id"), Index("runs_state", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    mode: Mapped[str]
    state: Mapped[str]
    dry_run: Mapped[bool]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    options: Mapped[dict[str, Any]]
    progress: Mapped[dict[str, Any]]
    checkpoint: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str]
    code: Mapped[str]
    not_before: Mapped[datetime | None]


def request(
    session: Session,
    connection_id: int,
    mode: str,
    *,
    options: Mapping[str, Any],
    dry_run: bool,
    by: str,
    now: datetime,
) -> RunRow:
    """The open run of that mode if there is one (contract §3), else a new one. Two queries."""
    chosen = select(RunRow).where(
        RunRow.connection_id == connection_id,
        RunRow.state.in_(OPEN),
        RunRow.mode == mode,
        RunRow.dry_run.is_(dry_run),
    )
    for row in session.scalars(chosen.order_by(RunRow.id)):
        if row.options == dict(options) or not any(options.values()):
            return row
    row = RunRow(
        connection_id=connection_id,
        mode=mode,
        state=RunState.QUEUED.value,
        dry_run=dry_run,
        requested_by=by,
        requested_at=now,
        started_at=None,
        finished_at=None,
        options=dict(options),
        progress={"phase": "waiting"},
        checkpoint={},
        result=None,
        error="",
        code="",
        not_before=None,
    )
    session.add(row)
    session.flush()
    return row


def get(session: Session, run_id: int) -> RunRow:
    """One run. One query. Raises NoResultFound."""
    return session.get_one(RunRow, run_id, populate_existing=True)


def open_of(session: Session, connection_id: int) -> RunRow | None:
    """The run of this connection that is queued or running, the earliest first. One query."""
    chosen = select(RunRow).where(RunRow.connection_id == connection_id, RunRow.state.in_(OPEN)).order_by(RunRow.id)
    return session.scalars(chosen.limit(1)).first()


def last(session: Session, connection_id: int, number: int) -> list[RunRow]:
    """The newest runs of a connection. One query."""
    chosen = select(RunRow).where(RunRow.connection_id == connection_id).order_by(RunRow.id.desc()).limit(number)
    return list(session.scalars(chosen))


def open_all(session: Session) -> list[RunRow]:
    """Every run that is queued or running, the earliest first. One query."""
    return list(session.scalars(select(RunRow).where(RunRow.state.in_(OPEN)).order_by(RunRow.id)))
