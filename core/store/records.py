"""RECORDS, the CRM's mirror: what the CRM said last of every record, profile or not."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.decide.frozen import dataclass
from core.store.base import Base, Ticket, among, partial
from core.store.bulk import Conflict, put
from spojka import Standing


class RecordRow(Base):
    """One record. `digest` is of the raw record, so an unchanged one costs no mapping.

    `ticket` orders readings and writes (R99). `found` is set once: live, backfill, catch_up or switch (R16). `fault` is
    why the record could not be read, in a sentence; its last good values stay. `lends` are the fields it lends to
    others, `""` for showing one (R45).
    """

    __tablename__ = "records"

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    sort_key: Mapped[str]
    version: Mapped[int]
    ticket: Mapped[Ticket]
    found: Mapped[str]
    standing: Mapped[str]
    mailable: Mapped[bool]
    created_at: Mapped[datetime | None]
    fields: Mapped[dict[str, Any]]
    one_way: Mapped[list[Any]]
    tags: Mapped[list[Any]]
    lends: Mapped[list[Any]]
    digest: Mapped[str]
    fault: Mapped[str]
    __table_args__ = (partial("records_fault", "fault <> ''", "connection_id", "kind", "record_id"),)


class RecordAddressRow(Base):
    """The way from an address to its records, one row a slot (R1-R6).

    `email` is canonical, `""` where the slot has no usable one (`standing` says `no_email`, `invalid_email`,
    `erased` or `""`). `typed` is the record's own spelling, `note` names further addresses of the field (R3).
    A row enters only with a higher `ticket`, so an old page never undoes a newer one (R99).
    """

    __tablename__ = "record_addresses"

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int]
    email: Mapped[str]
    typed: Mapped[str]
    standing: Mapped[str]
    note: Mapped[str]
    ticket: Mapped[Ticket]
    __table_args__ = (partial("record_addresses_email", "email <> ''", "list_id", "email"),)


class RecordLinkRow(Base):
    """Who lends a value to whom (R45): `field` of the lender, its value and rank; `field` is `""` for "shows"."""

    __tablename__ = "record_links"
    __table_args__ = (Index("record_links_to", "connection_id", "to_kind", "to_id"),)

    connection_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    to_kind: Mapped[str]
    to_id: Mapped[str]
    value: Mapped[str]
    rank: Mapped[int]
    ticket: Mapped[Ticket]


@dataclass(frozen=True, slots=True)
class Known:
    """What the mirror holds of a record, as far as a page needs it. `emails` by slot; `found` once set stays."""

    version: int
    ticket: int
    digest: str
    found: str
    lends: tuple[str, ...]
    emails: Mapping[int, str]


class Said(NamedTuple):
    """What tells whether a record says something new: its version, and the digest of how it was sent."""

    version: int
    digest: str


def said(session: Session, connection: int, kind: str, ids: Sequence[str]) -> dict[str, Said]:
    """What those of these records said last that are known. One query, which nearly all of a full reading end with."""
    chosen = select(RecordRow.record_id, RecordRow.version, RecordRow.digest).where(
        RecordRow.connection_id == connection, RecordRow.kind == kind, among(session, RecordRow.record_id, ids)
    )
    return {
        record_id: Said(version, digest) for record_id, version, digest in session.connection().execute(chosen).all()
    }


def known(session: Session, connection: int, kind: str, ids: Sequence[str]) -> dict[str, Known]:
    """What is known of these records. One query."""
    chosen = (
        select(
            RecordRow.record_id,
            RecordRow.version,
            RecordRow.ticket,
            RecordRow.digest,
            RecordRow.found,
            RecordRow.lends,
            RecordAddressRow.slot,
            RecordAddressRow.email,
        )
        .join(
            RecordAddressRow,
            (RecordAddressRow.connection_id == RecordRow.connection_id)
            & (RecordAddressRow.kind == RecordRow.kind)
            & (RecordAddressRow.record_id == RecordRow.record_id),
            isouter=True,
        )
        .where(RecordRow.connection_id == connection, RecordRow.kind == kind, among(session, RecordRow.record_id, ids))
        .order_by(RecordRow.record_id)
    )
    found: dict[str, Known] = {}
    emails: dict[str, dict[int, str]] = {}
    for record_id, version, ticket, digest, first, lends, slot, email in session.connection().execute(chosen).all():
        slots = emails.setdefault(record_id, {})
        if slot is not None:
            slots[slot] = email
        found[record_id] = Known(version, ticket, digest, first, tuple(lends), slots)
    return found


_VALUES = ("found", "standing", "mailable", "created_at", "fields", "one_way", "tags", "lends")


def save(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Records as they are now. One query."""
    _put(session, RecordRow, rows, ("connection_id", "kind", "record_id"), keep=("found",))


def save_faults(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Records that can't be read any more keep their last good values. One query."""
    _put(session, RecordRow, rows, ("connection_id", "kind", "record_id"), keep=_VALUES)


def save_addresses(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """The slots of records, every slot of each. One query."""
    _put(session, RecordAddressRow, rows, ("connection_id", "kind", "record_id", "slot"))


def save_links(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Who lends and who shows. One query."""
    _put(session, RecordLinkRow, rows, ("connection_id", "kind", "record_id", "field"))


def _put(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    keys: tuple[str, ...],
    keep: tuple[str, ...] = (),
) -> None:
    if not rows:
        return
    taken = tuple(name for name in rows[0] if name not in keys and name not in keep)
    put(session, table, rows, Conflict(keys, taken, newer="ticket"))


def named(session: Session, list_id: int, emails: Sequence[str]) -> set[str]:
    """Which of these addresses any record of any connection of the list names. One query."""
    chosen = select(RecordAddressRow.email).where(
        RecordAddressRow.list_id == list_id, among(session, RecordAddressRow.email, emails)
    )
    return set(session.scalars(chosen))


def count(session: Session, connection: int) -> dict[str, int]:
    """How many records of each kind the mirror holds. One query."""
    rows = session.execute(
        select(RecordRow.kind, func.count()).where(RecordRow.connection_id == connection).group_by(RecordRow.kind)
    )
    return {row[0]: row[1] for row in rows}


def page(session: Session, connection: int, kind: str, after: str, limit: int) -> list[str]:
    """The ids of records that are not gone, a page at a time, in whichever order the database keeps them. One query."""
    chosen = (
        select(RecordRow.record_id)
        .where(
            RecordRow.connection_id == connection,
            RecordRow.kind == kind,
            RecordRow.record_id > after,
            RecordRow.standing != Standing.GONE.value,
        )
        .order_by(RecordRow.record_id)
        .limit(limit)
    )
    return list(session.connection().execute(chosen).scalars())


def versions(session: Session, connection: int, kind: str, ids: Sequence[str]) -> dict[str, int]:
    """The versions of those of these records that are known and not gone. One query."""
    chosen = select(RecordRow.record_id, RecordRow.version).where(
        RecordRow.connection_id == connection,
        RecordRow.kind == kind,
        RecordRow.standing != Standing.GONE.value,
        among(session, RecordRow.record_id, ids),
    )
    return {row[0]: row[1] for row in session.connection().execute(chosen)}


def meanings(session: Session, connection: int, kind: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What the mirror says that these records mean, by the names of a row's columns. One query."""
    columns = (RecordRow.standing, RecordRow.mailable, RecordRow.fields, RecordRow.one_way, RecordRow.tags)
    chosen = select(RecordRow.record_id, *columns).where(
        RecordRow.connection_id == connection, RecordRow.kind == kind, among(session, RecordRow.record_id, ids)
    )
    return {row.record_id: row._asdict() for row in session.connection().execute(chosen)}


def samples(session: Session, connection: int, kind: str, field: str) -> dict[str, str]:
    """Record -> what it says in `field`: the first and the last record of each value that is not empty. One query."""
    said = select(RecordRow.record_id, RecordRow.fields[field].as_string().label("value"))
    of_kind = said.where(RecordRow.connection_id == connection, RecordRow.kind == kind).subquery()
    chosen = (
        select(of_kind.c.value, func.min(of_kind.c.record_id), func.max(of_kind.c.record_id))
        .where(of_kind.c.value != "")
        .group_by(of_kind.c.value)
    )
    return {one: value for value, *ends in session.connection().execute(chosen) for one in ends}


def saying(session: Session, connection: int, kind: str, field: str, values: Sequence[str]) -> list[str]:
    """The ids of records that say one of these values in `field`, in order. One query."""
    said = RecordRow.fields[field].as_string()
    chosen = select(RecordRow.record_id).where(
        RecordRow.connection_id == connection, RecordRow.kind == kind, among(session, said, values)
    )
    return list(session.connection().execute(chosen.order_by(RecordRow.record_id)).scalars())
