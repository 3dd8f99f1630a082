"""Tags that automations and programs asked for, as rows of the outbox: those of one address and tag belong together."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.store import bindings
from core.store.base import among
from core.store.bindings import BindingRow
from core.store.bulk import Conflict, put
from core.store.outbox import NOTED, RIPENS, Intent, OutboxRow, State


def accept(session: Session, rows: Sequence[OutboxRow]) -> list[int]:
    """Keep new rows; the ids of all, also of those whose key was accepted before. Two queries."""
    columns = ("connection_id", "kind", "key", "email", "payload", "state", "claim", "attempts", "next_try")
    later = ("last_error", "created_at", "closed_at")
    said = [{name: getattr(row, name) for name in (*columns, *later)} for row in rows]
    put(session, OutboxRow, said, Conflict(("connection_id", "key")))
    if not rows:
        return []
    chosen = select(OutboxRow.key, OutboxRow.id).where(
        OutboxRow.connection_id == rows[0].connection_id, among(session, OutboxRow.key, [row.key for row in rows])
    )
    ids = {row[0]: row[1] for row in session.execute(chosen)}
    return [ids[row.key] for row in rows]


def take_along(session: Session, connection: int, emails: Sequence[str], name: str, now: datetime) -> list[OutboxRow]:
    """Everything else that is asked for these addresses, whenever its time comes, claimed too. Two queries.

    What may have been sent and may still arrive stays where it is.
    """
    rows = [row for row in _open(session, connection, emails) if row.payload["stage"] != NOTED or row.next_try <= now]
    taken = update(OutboxRow).where(OutboxRow.id.in_([row.id for row in rows]))
    session.execute(taken.values(state=State.SENDING.value, claim=name).execution_options(synchronize_session=False))
    return rows


def _open(session: Session, connection: int, emails: Sequence[str]) -> Sequence[OutboxRow]:
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id == connection,
        OutboxRow.kind == Intent.TAG.value,
        OutboxRow.state.in_(RIPENS),
        among(session, OutboxRow.email, emails),
    )
    return session.scalars(chosen.order_by(OutboxRow.id)).all()


def open_ones(session: Session, connection: int) -> Sequence[OutboxRow]:
    """Everything that is asked for, oldest first. One query."""
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id == connection, OutboxRow.kind == Intent.TAG.value, OutboxRow.state.in_(RIPENS)
    )
    return session.scalars(chosen.order_by(OutboxRow.id)).all()


def unknown(session: Session, connection: int, now: datetime) -> list[OutboxRow]:
    """Rows that may have been sent and whose time is not up yet (R53). One query over those tried before."""
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id == connection,
        OutboxRow.kind == Intent.TAG.value,
        OutboxRow.state == State.WAITING.value,
        OutboxRow.attempts > 0,
        OutboxRow.next_try > now,
    )
    return [row for row in session.scalars(chosen) if row.payload["stage"] == NOTED]


def records_of(session: Session, connection: int, emails: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Address -> the records of a connection that are bound to it. One query."""
    chosen = select(BindingRow.email, BindingRow.kind, BindingRow.record_id).where(
        bindings.of(connection), BindingRow.state == "open", among(session, BindingRow.email, emails)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for email, kind, record_id in session.execute(chosen.order_by(BindingRow.kind.desc(), BindingRow.record_id)):
        found.setdefault(email, []).append((kind, record_id))
    return found


def wait_for_contact(session: Session, ids: Collection[int], until: datetime) -> None:
    """These wait until a contact of their address appears, and are looked at again at a time. One query."""
    later = update(OutboxRow).where(OutboxRow.id.in_(list(ids)))
    later = later.values(state=State.CONTACT.value, claim="", next_try=until)
    session.execute(later.execution_options(synchronize_session=False))


def arrived(session: Session, opened: Iterable[tuple[int, str]], now: datetime) -> None:
    """Contacts have appeared, as (connection, address): what waited for them waits for its time alone (R55).

    One query where nothing waits for a contact.
    """
    wanted = set(opened)
    connections = sorted({connection for connection, _ in wanted})
    chosen = select(OutboxRow).where(OutboxRow.connection_id.in_(connections), OutboxRow.state == State.CONTACT.value)
    for row in session.scalars(chosen) if wanted else ():
        if (row.connection_id, row.email) in wanted:
            row.state = State.WAITING.value
            row.next_try = max(now, datetime.fromisoformat(row.payload["first"]))
    session.flush()


def hasten(session: Session, connection: int, now: datetime) -> None:
    """What waits for the morning or for a contact is looked at now; what may have been sent keeps its time."""
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id == connection,
        OutboxRow.kind == Intent.TAG.value,
        OutboxRow.state.in_(RIPENS),
        OutboxRow.next_try > now,
    )
    for row in session.scalars(chosen):
        if row.payload["stage"] != NOTED:
            row.next_try = now
    session.flush()
