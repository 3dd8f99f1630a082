"""TOKENS: who may call the API. Only a hash of a token is kept (contract §4)."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.store.base import Base


class TokenRow(Base):
    """One bearer token. `hash` finds it; `scope` says what it may do; a revoked one stays, to be seen."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
