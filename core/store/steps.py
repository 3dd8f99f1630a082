"""STEPS: the calls of automations' steps, as they arrived or were found to be lost (R52)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store import bindings
from core.store.activities import ActivityRow
from core.store.base import Base
from core.store.bindings import BindingRow
from core.store.bulk import Conflict, put


class StepRow(Base):
    """What is known of one address and one step of an automation that tags it in the CRM.

    `source` is the automation's key, `step` the vendor's name of the step; `tag` and `add` are what it asks for.
    `called_at` is when its call arrived, or, where that was lost, when the address passed the step by the vendor's log;
    None: as far as we know it never did. `looked_at` is when the log was last looked at.
    """

    __tablename__ = "steps"
    __table_args__ = (Index("steps_email", "email"),)

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    tag: Mapped[str]
    add: Mapped[bool]
    called_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]


_KEY = ("connection_id", "source", "step", "email")


def called(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Calls that arrived, or were found to be lost. One query."""
    put(session, StepRow, rows, Conflict(_KEY, ("tag", "add", "called_at")))


def looked(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Addresses that have not passed a step yet. One query."""
    put(session, StepRow, rows, Conflict(_KEY, ("looked_at",), unless="steps.called_at IS NOT NULL"))


def known(session: Session, connection: int) -> list[tuple[str, str, str, bool]]:
    """(source, step, tag, adds) of every step whose call ever arrived. One query."""
    chosen = select(StepRow.source, StepRow.step, StepRow.tag, StepRow.add)
    chosen = chosen.where(StepRow.connection_id == connection, StepRow.called_at.is_not(None)).distinct()
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(chosen.order_by(*chosen.selected_columns))]


def to_look_at(session: Session, connection: int, source: str, step: str, before: datetime, limit: int) -> list[str]:
    """Contacts who entered an automation and of whom no call of a step is known, those looked at longest ago first.

    `before`: who was looked at later is left out. One query.
    """
    mine = (StepRow.connection_id == connection) & (StepRow.source == source) & (StepRow.step == step)
    bound = select(BindingRow.id).where(
        bindings.of(connection), BindingRow.state == "open", BindingRow.email == ActivityRow.email
    )
    chosen = (
        select(ActivityRow.email)
        .join(StepRow, mine & (StepRow.email == ActivityRow.email), isouter=True)
        .where(
            ActivityRow.connection_id == connection,
            ActivityRow.source == source,
            StepRow.called_at.is_(None),
            or_(StepRow.looked_at.is_(None), StepRow.looked_at < before),
            bound.exists(),
        )
        .order_by(StepRow.looked_at.is_not(None), StepRow.looked_at, ActivityRow.email)
    )
    return list(session.scalars(chosen.limit(limit)))
