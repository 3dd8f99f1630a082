"""The journal and the timeline: what is about to be written to a list, and what was decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.store.base import Base, Ticket, partial


class JournalRow(Base):
    """One call to a list that writes, noted before it is sent; gone with the settle that knows its end.

    `rows` holds exactly what is sent, and what the rows were to overwrite; an addition overwrites nothing and says no
    more than what it adds. `vendor_time` is the vendor's clock at that moment (R101). `claim` names the lease and fence
    under which it was written.
    """

    __tablename__ = "journal"
    __table_args__ = (Index("journal_claim", "claim"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int]
    claim: Mapped[str]
    call: Mapped[str]
    rows: Mapped[list[Any]]
    ticket: Mapped[Ticket]
    at: Mapped[datetime]
    vendor_time: Mapped[datetime]


class TimelineRow(Base):
    """One decision about one contact (R95). `changes`: field -> [from, to]. A creation is one line without values."""

    __tablename__ = "timeline"
    __table_args__ = (
        Index("timeline_contact", "connection_id", "email", "id"),
        Index("timeline_at", "at"),
        # Of a first run, which creates and hardly does anything else, nothing is in it.
        partial("timeline_run", "run_id IS NOT NULL AND what <> 'created'", "run_id", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    email: Mapped[str]
    run_id: Mapped[int | None]
    at: Mapped[datetime]
    cause: Mapped[str]
    rule: Mapped[str]
    what: Mapped[str]
    changes: Mapped[dict[str, Any]]
    result: Mapped[str]


class ErasureRow(Base):
    """The keyed one-way hash of an address erased on request (R14)."""

    __tablename__ = "erasures"

    hash: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
