"""Tables of the embedded list."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.store.base import Base


class LocalList(Base):
    """One embedded list. `fields` holds the names of its custom fields, in the order they came into being (R40)."""

    __tablename__ = "local_lists"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    fields: Mapped[list[Any]]
    created_at: Mapped[datetime]


class LocalProfile(Base):
    """One address in an embedded list; `fields` is keyed as in `Profile.fields`, `uid` tells a re-made one (R28)."""

    __tablename__ = "local_profiles"

    list_id: Mapped[str] = mapped_column(ForeignKey("local_lists.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    uid: Mapped[str]
    status: Mapped[str]
    since: Mapped[datetime]
    fields: Mapped[dict[str, Any]]
    tags: Mapped[list[Any]]
    source: Mapped[str]
    updated_at: Mapped[datetime]
