"""Those who use Spojka, and what they clicked."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.store.base import Base


class UserRow(Base):
    """Somebody who may sign in. `role`: admin, operator, viewer. `password_hash` is argon2."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str]
    created_at: Mapped[datetime]


class AuditRow(Base):
    """Who did what in the pages or on the command line. `details` never holds a secret."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    what: Mapped[str]
    details: Mapped[dict[str, Any]]


class InstallationRow(Base):
    """Facts of this installation that must never change by themselves: the erasure key, the home address (R14, R110).

    `value` is encrypted where it is a secret.
    """

    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
