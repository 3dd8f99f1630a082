"""ACTIVITIES: what mailings did for each address, and how much of it the CRM has been told (R60-R64)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.store.base import Base, partial


class MailingRow(Base):
    """A campaign or an automation of a connection's list, as its source named it last.

    `key` is `campaign:<id>` or `automation:<id>`. `handle` is what the CRM calls its entry. `seen_at` is when it was
    first found (automations and campaigns without a date are watched from then), `read_at` when its results were last
    asked for, and `after` the place in a reading that is not finished. `log_refused`: only counts are to be had (R107).
    `gone`: the source has deleted it; what is known stays. `entered` is how many entered an automation, `steps` those
    of its steps that tag in the CRM: {id, tag, add} each.
    """

    __tablename__ = "mailings"

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    subject: Mapped[str]
    sent_at: Mapped[datetime | None]
    archive_url: Mapped[str]
    account: Mapped[str]
    totals: Mapped[dict[str, Any]]
    handle: Mapped[str]
    seen_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    after: Mapped[str]
    log_refused: Mapped[bool]
    gone: Mapped[bool]
    entered: Mapped[int | None]
    steps: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")


class ActivityRow(Base):
    """One line: what one mailing (`source`) did for one address.

    `numbers`: way of telling (log, counts, events) -> deed -> how often; the line says the highest of each deed.
    `first`: deed -> when first. `digest` is of what the line says now, `sent_digest` of what the CRM was last told;
    where they are equal there is nothing to send (R62). `handle` is what the CRM calls the entry.
    """

    __tablename__ = "activities"
    __table_args__ = (
        partial("activities_changed", "digest <> sent_digest", "connection_id", "source", "email"),
        Index("activities_email", "email"),
    )

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    numbers: Mapped[dict[str, Any]]
    first: Mapped[dict[str, Any]]
    links: Mapped[list[Any]]
    digest: Mapped[str]
    sent_digest: Mapped[str]
    handle: Mapped[str]
    sent_at: Mapped[datetime | None]


class HappeningRow(Base):
    """One thing that happened, kept so that it counts once however often it is told.

    `id` begins with the way of telling (`log:`, `events:`). `folded`: it is counted in its line already.
    """

    __tablename__ = "happenings"
    __table_args__ = (
        partial("happenings_new", "folded = 0", "connection_id", "source"),
        Index("happenings_email", "email"),
        Index("happenings_told", "told_at"),
    )

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    email: Mapped[str]
    deed: Mapped[str]
    at: Mapped[datetime | None]
    link: Mapped[str]
    folded: Mapped[int]
    told_at: Mapped[datetime]


class MorningRow(Base):
    """The morning run of one local day of a connection: whoever makes the row makes the run, once (R60)."""

    __tablename__ = "mornings"

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[int]
    begun_at: Mapped[datetime]
