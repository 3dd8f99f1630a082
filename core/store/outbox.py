"""OUTBOX: what is to be written into a CRM, committed with the decision that caused it (R22, R52, R60)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, and_, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.expression import ColumnElement

from core.decide.facts import Edit
from core.decide.rules import Rule
from core.store.base import Base, among
from core.store.bulk import Conflict, change, put


class Intent(StrEnum):
    """What a row asks for: a field of a record, a tag of an address's records, a line of their history."""

    FIELD = "field"
    TAG = "tag"
    ACTIVITY = "activity"


class State(StrEnum):
    """HELD waits for the brake, ASKS for a person's choice; both and FAILED are never sent by themselves.

    CONTACT waits for a contact to appear, and is looked at again at `next_try` in any case (R55). DISCARDED is a failed
    edit of which a person has said that it may stay undone; it is kept while the list says that value.
    """

    HELD = "held"
    CONTACT = "contact"
    ASKS = "asks"
    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


CONFIRM = "confirm"
"""The stage of an edit that the CRM said yes to, and that no reading has shown yet (R32)."""
NOTED = "noted"
"""The stage of something that may have been sent."""
RIPENS = (State.WAITING.value, State.CONTACT.value)
"""States that a sender takes up once their time has come."""
OVER = (State.DONE.value, State.DISCARDED.value)
"""States of which nothing comes any more."""


class OutboxRow(Base):
    """One intention to write into the CRM; `key` names it: same key, same effect, once.

    `payload` by `kind`. A field: {kind, id, field, was, value, rule, repeats, choice, stage, run}, where `stage` is
    empty until it is `noted` to be sent, and `confirm` once the CRM said yes and no reading has shown it, and `run` the
    one that found it; a tag: {tag, add, first, stage}, where `first` is the moment before which it is not sent, and
    once `noted` also {records, at}; an activity: {source}. `email` is the address it is about. `claim` names the lease
    and fence under which it is being sent. A row that is done stays for a week, so that the same key accepted again has
    no effect.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("connection_id", "key"),
        Index("outbox_next", "connection_id", "state", "kind", "next_try"),
        Index("outbox_email", "connection_id", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    kind: Mapped[str]
    key: Mapped[str]
    email: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    claim: Mapped[str]
    attempts: Mapped[int]
    next_try: Mapped[datetime]
    last_error: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


def due(session: Session, now: datetime) -> dict[int, set[str]]:
    """Connection -> kinds of which rows wait whose time has come, or are being sent by somebody. One query."""
    chosen = select(OutboxRow.connection_id, OutboxRow.kind).where(_is_due(now)).distinct()
    found: dict[int, set[str]] = {}
    for connection, kind in session.execute(chosen):
        found.setdefault(connection, set()).add(kind)
    return found


def _is_due(now: datetime) -> ColumnElement[bool]:
    waits = and_(OutboxRow.state.in_(RIPENS), OutboxRow.next_try <= now)
    return waits | (OutboxRow.state == State.SENDING.value)


def claim(session: Session, connection: int, kind: Intent, name: str, now: datetime, limit: int) -> list[OutboxRow]:
    """Rows of a kind whose time has come, the oldest first, from now on in `sending` under `name`. Two queries."""
    chosen = (
        select(OutboxRow)
        .where(
            OutboxRow.connection_id == connection,
            OutboxRow.kind == kind.value,
            OutboxRow.state.in_(RIPENS),
            OutboxRow.next_try <= now,
        )
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    rows = list(session.scalars(chosen))
    taken = update(OutboxRow).where(OutboxRow.id.in_([row.id for row in rows]))
    session.execute(taken.values(state=State.SENDING.value, claim=name).execution_options(synchronize_session=False))
    return rows


def claimed(session: Session, connection: int, name: str) -> list[OutboxRow]:
    """Rows that are in `sending` under `name`. One query."""
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id == connection, OutboxRow.state == State.SENDING.value, OutboxRow.claim == name
    )
    return list(session.scalars(chosen.order_by(OutboxRow.id)))


def left_behind(session: Session, connection: int, mine: str) -> list[OutboxRow]:
    """Rows in `sending` that another holder of the same lease left behind. One query."""
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id == connection, OutboxRow.state == State.SENDING.value, OutboxRow.claim != mine
    )
    return list(session.scalars(chosen.order_by(OutboxRow.id)))


def finish(session: Session, ids: Collection[int], now: datetime) -> None:
    """These are done. One query."""
    _set(session, ids, state=State.DONE.value, claim="", last_error="", closed_at=now)


def fail(session: Session, ids: Collection[int], error: str, now: datetime) -> None:
    """These are refused for good; a person may open them again. One query."""
    _set(session, ids, state=State.FAILED.value, claim="", last_error=error, closed_at=now)


def put_off(session: Session, ids: Collection[int], until: datetime, error: str = "") -> None:
    """These wait, and are tried again at a time. One query."""
    later = update(OutboxRow).where(OutboxRow.id.in_(list(ids)))
    values = {"state": State.WAITING.value, "claim": "", "next_try": until, "last_error": error}
    later = later.values(attempts=OutboxRow.attempts + 1, **values)
    session.execute(later.execution_options(synchronize_session=False))


def give_back(session: Session, ids: Collection[int]) -> None:
    """These were claimed and not sent: they wait as before. One query."""
    _set(session, ids, state=State.WAITING.value, claim="")


def wait(session: Session, ids: Collection[int], until: datetime) -> None:
    """These wait for a time, as if never tried. One query."""
    _set(session, ids, state=State.WAITING.value, claim="", attempts=0, next_try=until, last_error="")


def say(session: Session, payloads: Mapping[int, Mapping[str, Any]]) -> None:
    """What these rows say now. One statement."""
    change(session, OutboxRow, [{"id": key, "payload": dict(said)} for key, said in payloads.items()], ("id",))


def noted_at(row: OutboxRow) -> datetime:
    """When an edit was noted to be sent."""
    return datetime.fromisoformat(row.payload["at"])


def drop(session: Session, ids: Collection[int]) -> None:
    """These are not wanted any more. One query."""
    gone = delete(OutboxRow).where(OutboxRow.id.in_(list(ids)))
    session.execute(gone.execution_options(synchronize_session=False))


def _set(session: Session, ids: Collection[int], **values: Any) -> None:
    if ids:
        changed = update(OutboxRow).where(OutboxRow.id.in_(list(ids))).values(**values)
        session.execute(changed.execution_options(synchronize_session=False))


def prune(session: Session, before: datetime, limit: int) -> int:
    """Delete rows done before a moment, at most `limit`; how many. What failed waits for a person. One query."""
    old = (
        select(OutboxRow.id)
        .where(OutboxRow.state == State.DONE.value, OutboxRow.closed_at < before)
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    gone = delete(OutboxRow).where(OutboxRow.id.in_(old)).returning(OutboxRow.id)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())


def count(session: Session, connection: int) -> dict[tuple[str, str], int]:
    """(kind, state) -> how many rows of a connection of which something comes still. One query."""
    chosen = select(OutboxRow.kind, OutboxRow.state, func.count()).where(
        OutboxRow.connection_id == connection, OutboxRow.state.not_in(OVER)
    )
    grouped = session.execute(chosen.group_by(OutboxRow.kind, OutboxRow.state))
    return {(kind, state): number for kind, state, number in grouped}


def of_address(session: Session, email: str) -> Sequence[OutboxRow]:
    """Every row about one address, of any connection, the oldest first. One query."""
    return session.scalars(select(OutboxRow).where(OutboxRow.email == email).order_by(OutboxRow.id)).all()


def fields_of(session: Session, connections: Collection[int], emails: Sequence[str]) -> list[OutboxRow]:
    """Rows about fields of these addresses that are not done, by key. One query."""
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id.in_(sorted(connections)),
        among(session, OutboxRow.email, emails),
        OutboxRow.kind == Intent.FIELD.value,
        OutboxRow.state != State.DONE.value,
    )
    return list(session.scalars(chosen.order_by(OutboxRow.key)))


_WANTED = ("payload", "state", "attempts", "next_try", "last_error", "closed_at")


def want(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """New intentions, or known ones that say something else now. One that is being sent stays as it is. One query."""
    put(session, OutboxRow, rows, Conflict(("connection_id", "key"), _WANTED, unless="outbox.state = 'sending'"))


def unwant(session: Session, keys: Sequence[tuple[int, str]]) -> None:
    """These (connection, key) are not wanted any more, unless they are being sent. One query a connection."""
    for connection in sorted({connection for connection, _ in keys}):
        mine = sorted(key for number, key in keys if number == connection)
        gone = delete(OutboxRow).where(
            OutboxRow.connection_id == connection,
            among(session, OutboxRow.key, mine),
            OutboxRow.state != State.SENDING.value,
        )
        session.execute(gone.execution_options(synchronize_session=False))


def held(session: Session, connections: Collection[int]) -> dict[int, int]:
    """Connection -> how many edits its brake holds. One query."""
    chosen = (
        select(OutboxRow.connection_id, func.count())
        .where(OutboxRow.connection_id.in_(sorted(connections)), OutboxRow.state == State.HELD.value)
        .group_by(OutboxRow.connection_id)
    )
    return {row[0]: row[1] for row in session.execute(chosen)}


def held_examples(session: Session, connection: int, limit: int) -> list[OutboxRow]:
    """The first edits that the brake holds. One query."""
    chosen = select(OutboxRow).where(OutboxRow.connection_id == connection, OutboxRow.state == State.HELD.value)
    return list(session.scalars(chosen.order_by(OutboxRow.id).limit(limit)))


def release(session: Session, connection: int, now: datetime) -> int:
    """What the brake holds is sent as soon as somebody comes; how many. One query."""
    freed = update(OutboxRow).where(OutboxRow.connection_id == connection, OutboxRow.state == State.HELD.value)
    freed = freed.values(state=State.WAITING.value, next_try=now).returning(OutboxRow.id)
    return len(session.execute(freed.execution_options(synchronize_session=False)).all())


def refuse(session: Session, connection: int, why: str, now: datetime) -> int:
    """What the brake holds is not sent; how many. One query."""
    dropped = update(OutboxRow).where(OutboxRow.connection_id == connection, OutboxRow.state == State.HELD.value)
    dropped = dropped.values(state=State.FAILED.value, last_error=why, closed_at=now).returning(OutboxRow.id)
    return len(session.execute(dropped.execution_options(synchronize_session=False)).all())


def shown(session: Session) -> Sequence[OutboxRow]:
    """Every row of which something comes still, or that failed, oldest first. One query."""
    chosen = select(OutboxRow).where(OutboxRow.state.not_in(OVER)).order_by(OutboxRow.id)
    return session.scalars(chosen).all()


def failed(session: Session, connection: int, email: str | None = None) -> list[OutboxRow]:
    """What failed for good, of a connection or one of its addresses, oldest first. One query."""
    chosen = select(OutboxRow).where(OutboxRow.connection_id == connection, OutboxRow.state == State.FAILED.value)
    chosen = chosen if email is None else chosen.where(OutboxRow.email == email)
    return list(session.scalars(chosen.order_by(OutboxRow.id)))


def reopen(session: Session, rows: Sequence[OutboxRow], now: datetime) -> None:
    """Failed rows are tried again, as if never tried. One query."""
    ids = [row.id for row in rows]
    values = {"state": State.WAITING.value, "attempts": 0, "next_try": now, "last_error": "", "closed_at": None}
    _set(session, ids, claim="", **values)


def discard(session: Session, rows: Sequence[OutboxRow], now: datetime) -> None:
    """Nothing comes of these any more. An edit is remembered, so that it is not found again. Two queries."""
    edits = [row.id for row in rows if row.kind == Intent.FIELD.value]
    others = [row.id for row in rows if row.kind != Intent.FIELD.value]
    _set(session, edits, state=State.DISCARDED.value, claim="", closed_at=now)
    _set(session, others, state=State.DONE.value, claim="", closed_at=now)


def payload_of(edit: Edit, **changes: Any) -> dict[str, Any]:
    """An edit as its row keeps it."""
    return {
        "kind": edit.key[1],
        "id": edit.key[2],
        "field": edit.field,
        "was": edit.was,
        "value": edit.value,
        "rule": edit.rule.value,
        "repeats": edit.repeats,
        "choice": edit.choice,
        "stage": "",
        **({"run": edit.run} if edit.run is not None else {}),
        **changes,
    }


def edit_of(row: OutboxRow) -> Edit:
    """An edit as its row kept it; its `state` is `confirm` in that stage."""
    said = row.payload
    return Edit(
        (row.connection_id, said["kind"], said["id"]),
        said["field"],
        said["was"],
        said["value"],
        Rule(said["rule"]),
        asks=row.state == State.ASKS.value,
        refused=row.last_error if row.state in (State.FAILED.value, State.DISCARDED.value) else "",
        repeats=said["repeats"],
        choice=said["choice"],
        state=CONFIRM if said["stage"] == CONFIRM else row.state,
        run=said.get("run"),
    )
