"""Runs: what a person can start, watch and read about afterwards."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

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


OPEN = (RunState.QUEUED.value, RunState.RUNNING.value)


class RunRow(Base):
    """One run. `options`: {"kind": person|company|null, "limit": n|null}. `progress` and `checkpoint` move with each commit.

    `progress` keys: phase, read {person, company}, total {person, company}, created, adopted, updated, unchanged,
    skipped, failed, due, requests {crm, audience}, rate (addresses a second), seconds_left. `result` is the document of
    contract §5, `""`-free, once the run has ended.
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
