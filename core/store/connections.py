"""Connections, and the accounts and lists where they meet."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.base import Base, Ticket


class ConnectionState(StrEnum):
    """Whether a connection works. REFUSED: its credentials were, and a person has to mend them (R91)."""

    RUNNING = "running"
    PAUSED = "paused"
    REFUSED = "refused"
    REMOVED = "removed"


class AccountRow(Base):
    """One account of a mail platform. `clock_offset_ms`: the vendor's clock less ours, as last seen (R101)."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("audience", "account"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audience: Mapped[str]
    account: Mapped[str]
    clock_offset_ms: Mapped[int]


class ListRow(Base):
    """One contact list that connections fill.

    `custom_keys` remembers what the list calls our custom fields (R40): `Custom.key` -> key. `pass_ticket` is the
    ticket with which the last complete pass began; an address without a row was absent then.
    """

    __tablename__ = "lists"
    __table_args__ = (UniqueConstraint("account_id", "contact_list"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    contact_list: Mapped[str]
    name: Mapped[str]
    custom_keys: Mapped[dict[str, Any]]
    pass_ticket: Mapped[Ticket]
    pass_at: Mapped[datetime | None]
    members: Mapped[int]


class ConnectionRow(Base):
    """One CRM account tied to one list.

    `settings` are the CRM plugin's own and Spojka's (names in rules.md), validated; `settings_version` grows with every
    change, so that nothing is sent on an old plan. `crm_sealed` and `audience_sealed` hold encrypted secrets.
    `crm_account` names the CRM account whose seats and allowance are shared (R90). `eyes`: whose key reads (R98).
    `problem` is an error code of the last refusal, with `problem_text` for people.
    `bell_sealed` holds the secret that the CRM repeats with each bell, encrypted; `webhook_id` is the vendor's id of
    our webhook, `webhook_state` empty (never tried), `registered` or `unable` (`webhook_text` says why), as of
    `webhook_at`.
    `resumed_at`: what changed before was not found live (R16).
    """

    __tablename__ = "connections"
    __table_args__ = (Index("connections_list", "list_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    plugin: Mapped[str]
    audience: Mapped[str]
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    state: Mapped[str]
    settings: Mapped[dict[str, Any]]
    settings_version: Mapped[int]
    audience_settings: Mapped[dict[str, Any]]
    crm_sealed: Mapped[str]
    audience_sealed: Mapped[str]
    crm_account: Mapped[str]
    eyes: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    token_sealed: Mapped[str]
    created_at: Mapped[datetime]
    first_read_at: Mapped[datetime | None]
    first_run_at: Mapped[datetime | None]
    problem: Mapped[str]
    problem_text: Mapped[str]
    problem_at: Mapped[datetime | None]
    left: Mapped[int | None]
    limit: Mapped[int | None]
    bell_sealed: Mapped[str] = mapped_column(default="", server_default="")
    webhook_id: Mapped[str] = mapped_column(default="", server_default="")
    webhook_state: Mapped[str] = mapped_column(default="", server_default="")
    webhook_text: Mapped[str] = mapped_column(default="", server_default="")
    webhook_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]


def digest(token: str) -> str:
    """How a token is found again without being kept."""
    return sha256(token.encode()).hexdigest()
