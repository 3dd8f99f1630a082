"""SUBSCRIBERS and PROFILES, the list's mirror: what the list said last of every address that records name."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from core.store.base import Base


class SubscriberRow(Base):
    """The person behind an address in a mail account: what all its lists share.

    `agreed` is the snapshot of the shared fields. `elsewhere` says the status in the account's other lists (R17).
    `ruling` is the connection that rules the shared fields (R34).
    """

    __tablename__ = "subscribers"

    account_id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    ticket: Mapped[int]
    fields: Mapped[dict[str, Any]]
    tags: Mapped[list[Any] | None]
    agreed: Mapped[dict[str, Any]]
    elsewhere: Mapped[dict[str, Any]]
    ruling: Mapped[int | None]


class ProfileRow(Base):
    """The membership of one address in one list; `present` false is knowledge, too: it was looked for and not found.

    `uid` is the vendor's id of the contact, `agreed_uid` and `agreed_since` those of the profile the snapshots belong to
    (R28). `hash` is a number made of the address; the sum over all proves that a pass saw everybody (R106).

    `fields`, `agreed` hold the list's own fields (and all fields where the audience shares none). `pending` is a list of
    calls whose effect no reading has confirmed yet (R29, R32, R101). `digest` is of the normal form of what the list
    says. `ours`: a profile that Spojka created. `known`: it was seen by us before, so that its end is a deletion (R15).
    """

    __tablename__ = "profiles"

    list_id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[int]
    present: Mapped[bool]
    status: Mapped[str]
    uid: Mapped[str]
    since: Mapped[datetime | None]
    agreed_uid: Mapped[str]
    agreed_since: Mapped[datetime | None]
    sources: Mapped[list[Any]]
    ticket: Mapped[int]
    fields: Mapped[dict[str, Any]]
    tags: Mapped[list[Any] | None]
    agreed: Mapped[dict[str, Any]]
    pending: Mapped[list[Any]]
    digest: Mapped[str]
    ours: Mapped[bool]
    known: Mapped[bool]
    ruling: Mapped[int | None]
