"""BINDINGS: the lasting ties (connection, kind, record, address) - profile."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.base import Base


class BindingRow(Base):
    """One tie. A closed one is kept, so that an address that comes back is taken up again (R12a).

    `agreed` is the snapshot of what the CRM said; `pending` what we were writing into it. `origin`: created or adopted.
    `state`: open or closed, `why` it closed. `revision` grows with every change of `agreed`.
    `lifted` says when a person lifted R15 for this contact.
    """

    __tablename__ = "bindings"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "record_id", "list_id", "email"),
        Index("bindings_email", "list_id", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    kind: Mapped[str]
    record_id: Mapped[str]
    list_id: Mapped[int]
    email: Mapped[str]
    slot: Mapped[int]
    origin: Mapped[str]
    state: Mapped[str]
    why: Mapped[str]
    revision: Mapped[int]
    agreed: Mapped[dict[str, Any]]
    pending: Mapped[list[Any]]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
