"""SUBSCRIBERS and PROFILES, the list's mirror: what the list said last of every address that records name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zlib import crc32

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store.base import Base, Ticket, among, dumps
from core.store.bulk import Conflict, put
from core.store.connections import ListRow


class SubscriberRow(Base):
    """The person behind an address in a mail account: what all its lists share.

    `agreed` is the snapshot of the shared fields. `elsewhere` says the status in the account's other lists (R17).
    `ruling` is the connection that rules the shared fields (R34).
    """

    __tablename__ = "subscribers"

    account_id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    ticket: Mapped[Ticket]
    fields: Mapped[dict[str, Any]]
    tags: Mapped[list[Any] | None]
    agreed: Mapped[dict[str, Any]]
    elsewhere: Mapped[dict[str, Any]]
    ruling: Mapped[int | None]


class ProfileRow(Base):
    """The membership of one address in one list; `present` false is knowledge, too: it was looked for and not found.

    `uid` is the vendor's id of the contact, `agreed_uid` and `agreed_since` those of the profile that the snapshots
    belong to (R28). `hash` is a number made of the address; the sum over all proves that a pass saw everybody (R106).

    `fields`, `agreed` hold the list's own fields (and all fields where the audience shares none). `pending` lists the
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
    ticket: Mapped[Ticket]
    fields: Mapped[dict[str, Any]]
    tags: Mapped[list[Any] | None]
    agreed: Mapped[dict[str, Any]]
    pending: Mapped[list[Any]]
    digest: Mapped[str]
    ours: Mapped[bool]
    known: Mapped[bool]
    ruling: Mapped[int | None]


def number_of(email: str) -> int:
    """The number an address adds to the sum that proves a pass complete (R106); 31 bits, which PostgreSQL keeps."""
    return crc32(email.encode()) & 0x7FFFFFFF


class Known(NamedTuple):
    """What the mirror has of an address: `digest` is None where the profile is not in it.

    `open`: calls stand with it that no reading has confirmed.
    """

    digest: str | None
    ticket: int
    open: bool


def known(session: Session, list_id: int, emails: Sequence[str]) -> dict[str, Known]:
    """Those of these addresses that records name. One query.

    Addresses that no record names are strangers and are not in the answer.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    asked = "json_each(:emails)" if sqlite else "jsonb_array_elements_text(CAST(:emails AS jsonb)) AS asked(value)"
    chosen = text(_KNOWN.format(asked=asked))
    rows = session.connection().execute(chosen, {"list_id": list_id, "emails": dumps(list(emails))}).all()
    return {
        email: Known(digest if present else None, ticket or 0, bool(waits))
        for email, digest, ticket, present, waits in rows
    }


def unconfirmed(session: Session, list_id: int, emails: Sequence[str]) -> set[str]:
    """Those of these addresses of which nothing was read since our last call to them was answered. One query."""
    chosen = select(ProfileRow.email, ProfileRow.ticket, ProfileRow.pending).where(
        ProfileRow.list_id == list_id, among(session, ProfileRow.email, emails)
    )
    rows = session.execute(chosen)
    return {row[0] for row in rows if any(call["ended"] and call["ended"] >= row[1] for call in row[2])}


_KNOWN = """
SELECT value, digest, ticket, present, CAST(pending AS text) <> '[]'
FROM {asked} LEFT JOIN profiles ON list_id = :list_id AND email = value
WHERE email IS NOT NULL OR EXISTS (
  SELECT 1 FROM record_addresses AS named WHERE named.list_id = :list_id AND named.email = value AND named.email <> '')
"""
"""Only an address without a profile costs a second look into another table."""


def complete(session: Session, list_id: int, ticket: int, at: datetime, members: int) -> None:
    """A pass that began with this ticket has seen everybody. One query."""
    moved = update(ListRow).where(ListRow.id == list_id).values(pass_ticket=ticket, pass_at=at, members=members)
    session.execute(moved.execution_options(synchronize_session=False))


def save_sights(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """What a reading says of profiles; snapshots stay. A row enters only with a higher ticket (R99). One query."""
    _put(session, ProfileRow, rows, ("list_id", "email"), _SIGHT)


def save_profiles(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Profiles as a settle leaves them, snapshots included. One query."""
    _put(session, ProfileRow, rows, ("list_id", "email"), None)


def save_subscribers(session: Session, rows: Sequence[Mapping[str, Any]], *, snapshots: bool) -> None:
    """What an account's lists share; with `snapshots` as a settle leaves it. One query."""
    _put(session, SubscriberRow, rows, ("account_id", "email"), None if snapshots else _SHARED)


def save_snapshots(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Snapshots and ownership alone; what a reading says stays. One query. Keys: b_list, b_email, v_<column>."""
    if not rows:
        return
    names = [name.removeprefix("v_") for name in rows[0] if name.startswith("v_")]
    columns = ProfileRow.__table__.c
    moved = (
        update(ProfileRow.__table__)  # type: ignore[arg-type]  # a declarative table is a Table
        .where(columns.list_id == bindparam("b_list"), columns.email == bindparam("b_email"))
        .values({name: bindparam(f"v_{name}", type_=columns[name].type) for name in names})
    )
    session.connection().execute(moved, [dict(row) for row in rows])


def save_shared(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """The snapshot of what an account's lists share, and who rules it. One query.

    Keys: b_account, b_email, v_agreed, v_ruling.
    """
    if not rows:
        return
    columns = SubscriberRow.__table__.c
    moved = (
        update(SubscriberRow.__table__)  # type: ignore[arg-type]  # a declarative table is a Table
        .where(columns.account_id == bindparam("b_account"), columns.email == bindparam("b_email"))
        .values(
            agreed=bindparam("v_agreed", type_=columns.agreed.type),
            ruling=bindparam("v_ruling", type_=columns.ruling.type),
        )
    )
    session.connection().execute(moved, [dict(row) for row in rows])


def save_pending(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Calls of unknown end; a profile nobody has seen gets a row of its own for them. One query."""
    put(session, ProfileRow, rows, Conflict(("list_id", "email"), ("pending",)))


_SIGHT = ("present", "status", "uid", "since", "sources", "ticket", "fields", "tags", "digest")
_SHARED = ("ticket", "fields", "tags")


def forget_elsewhere(session: Session, account_id: int, emails: Sequence[str]) -> None:
    """Nothing is known of these addresses in other lists, until a reading says something. One query."""
    gone = update(SubscriberRow).where(
        SubscriberRow.account_id == account_id, among(session, SubscriberRow.email, sorted(emails))
    )
    session.execute(gone.values(elsewhere={}).execution_options(synchronize_session=False))


def save_elsewhere(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """What other lists of the account say of addresses: merged into `elsewhere`. Two queries.

    A field that this reading does not say stays as an earlier look-up said it.
    """
    if not rows:
        return
    chosen = select(SubscriberRow.email, SubscriberRow.elsewhere, SubscriberRow.fields).where(
        SubscriberRow.account_id == rows[0]["account_id"],
        among(session, SubscriberRow.email, [row["email"] for row in rows]),
    )
    before = {email: (elsewhere, fields) for email, elsewhere, fields in session.execute(chosen)}
    merged = [
        {
            **row,
            "elsewhere": {**before.get(row["email"], ({}, {}))[0], **row["elsewhere"]},
            "fields": {**before.get(row["email"], ({}, {}))[1], **row["fields"]},
        }
        for row in rows
    ]
    _put(session, SubscriberRow, merged, ("account_id", "email"), (*_SHARED, "elsewhere"))


def _put(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    keys: tuple[str, ...],
    only: tuple[str, ...] | None,
) -> None:
    if not rows:
        return
    names = only if only is not None else tuple(name for name in rows[0] if name not in keys)
    put(session, table, rows, Conflict(keys, names, newer="ticket"))


def present_sum(session: Session, list_id: int) -> tuple[int, int]:
    """How many profiles are there, and the sum of their addresses' numbers. One query."""
    row = session.execute(
        select(func.count(), func.coalesce(func.sum(ProfileRow.hash), 0)).where(
            ProfileRow.list_id == list_id, ProfileRow.present
        )
    ).one()
    return int(row[0]), int(row[1])


def present_after(session: Session, list_id: int, after: str, limit: int) -> list[str]:
    """Addresses believed to be in the list, in order. One query."""
    chosen = (
        select(ProfileRow.email)
        .where(ProfileRow.list_id == list_id, ProfileRow.present, ProfileRow.email > after)
        .order_by(ProfileRow.email)
        .limit(limit)
    )
    return list(session.scalars(chosen))


def count(session: Session, list_id: int) -> int:
    """How many addresses of a list are known. One query over the index."""
    return session.scalar(select(func.count()).select_from(ProfileRow).where(ProfileRow.list_id == list_id)) or 0
