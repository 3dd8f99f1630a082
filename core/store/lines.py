"""Mailings and lines of the history, in sets (R60-R65)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.orm import Session

from core.decide.history import Line, Told
from core.store import bindings
from core.store.activities import ActivityRow, HappeningRow, MailingRow, MorningRow
from core.store.base import among
from core.store.bindings import BindingRow
from core.store.bulk import Conflict, change, put
from core.store.connections import ConnectionRow, ConnectionState
from core.store.outbox import NOTED, RIPENS, Intent, OutboxRow, State
from spojka import Mailing

Key = tuple[str, str]
"""A mailing's key and an address."""
Columns = Any
"""The columns of a row, as SQLAlchemy gives them: of thousands of rows nobody needs more."""


def save_mailings(session: Session, connection: int, found: Sequence[Mailing], now: datetime) -> None:
    """Mailings as their source names them now. One query."""
    rows = [_mailing(connection, one, now) for one in found]
    taken = ("title", "subject", "sent_at", "archive_url", "account", "totals", "gone", "entered")
    put(session, MailingRow, rows, Conflict(("connection_id", "key"), taken))


def name_mailings(session: Session, connection: int, found: Sequence[Mailing], now: datetime) -> None:
    """Mailings that somebody told something of; what is known of them stays. One query."""
    put(session, MailingRow, [_mailing(connection, one, now) for one in found], Conflict(("connection_id", "key")))


def _mailing(connection: int, one: Mailing, now: datetime) -> dict[str, Any]:
    return {
        "connection_id": connection,
        "key": one.key,
        "title": one.title,
        "subject": one.subject,
        "sent_at": one.sent_at,
        "archive_url": one.archive_url,
        "account": one.account,
        "totals": dict(one.totals),
        "handle": "",
        "seen_at": now,
        "read_at": None,
        "after": "",
        "log_refused": False,
        "gone": False,
        "entered": one.entered,
        "steps": [],
    }


def mailings(session: Session, connection: int) -> dict[str, MailingRow]:
    """Key -> mailing. One query."""
    rows = session.scalars(select(MailingRow).where(MailingRow.connection_id == connection).order_by(MailingRow.key))
    return {row.key: row for row in rows}


def keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Happenings that were not told before. One query."""
    put(session, HappeningRow, rows, Conflict(("connection_id", "id")))


def unfolded(session: Session, connection: int, limit: int) -> Sequence[Columns]:
    """Happenings that no line counts yet. One query over these alone."""
    chosen = select(*HappeningRow.__table__.c)
    chosen = chosen.where(HappeningRow.connection_id == connection, HappeningRow.folded == 0)
    return session.connection().execute(chosen.order_by(HappeningRow.source, HappeningRow.id).limit(limit)).all()


def folded(session: Session, connection: int, ids: Collection[str]) -> None:
    """These are counted in their lines. One query."""
    done = update(HappeningRow).where(
        HappeningRow.connection_id == connection, among(session, HappeningRow.id, sorted(ids))
    )
    session.execute(done.values(folded=1).execution_options(synchronize_session=False))


def told_of(row: Columns) -> Told:
    """A happening as its line counts it."""
    return Told(row.id.partition(":")[0], row.deed, row.at, row.link)


def of(session: Session, connection: int, keys: Iterable[Key]) -> dict[Key, Columns]:
    """Lines by mailing and address. One query a mailing."""
    by_source: dict[str, list[str]] = {}
    for source, email in keys:
        by_source.setdefault(source, []).append(email)
    found: dict[Key, Columns] = {}
    for source in sorted(by_source):
        chosen = select(*ActivityRow.__table__.c).where(
            ActivityRow.connection_id == connection,
            ActivityRow.source == source,
            among(session, ActivityRow.email, by_source[source]),
        )
        found |= {(row.source, row.email): row for row in session.connection().execute(chosen).all()}
    return found


def line_of(row: Columns | None) -> Line:
    """A line as the table keeps it; an empty one where there is none."""
    if row is None:
        return Line()
    first = {deed: datetime.fromisoformat(at) for deed, at in row.first.items()}
    return Line(row.numbers, first, tuple(row.links))


def save(session: Session, connection: int, changed: Mapping[Key, Line]) -> None:
    """Lines as they are now; what the CRM was told of them stays. One query."""
    rows = [
        {
            "connection_id": connection,
            "source": source,
            "email": email,
            "numbers": {way: dict(said) for way, said in line.numbers.items()},
            "first": {deed: at.isoformat() for deed, at in line.first.items()},
            "links": list(line.links),
            "digest": line.digest,
            "sent_digest": "",
            "handle": "",
            "sent_at": None,
        }
        for (source, email), line in sorted(changed.items())
    ]
    taken = ("numbers", "first", "links", "digest")
    put(session, ActivityRow, rows, Conflict(("connection_id", "source", "email"), taken))


def changed(session: Session, connection: int) -> Sequence[Columns]:
    """Lines of which the CRM was not told all, of addresses that stand on a record (R62, R65). One query."""
    bound = select(BindingRow.id).where(
        bindings.of(connection), BindingRow.state == "open", BindingRow.email == ActivityRow.email
    )
    chosen = select(*ActivityRow.__table__.c).where(
        ActivityRow.connection_id == connection, ActivityRow.digest != ActivityRow.sent_digest, bound.exists()
    )
    return session.connection().execute(chosen).all()


def sent(session: Session, connection: int, done: Mapping[Key, tuple[str, str]], now: datetime) -> None:
    """The CRM was told of these: (digest, handle) of each. One statement."""
    rows = [
        {"connection_id": connection, "source": source, "email": email, "sent_digest": digest, "handle": handle}
        for (source, email), (digest, handle) in sorted(done.items())
    ]
    change(session, ActivityRow, [{**row, "sent_at": now} for row in rows], ("connection_id", "source", "email"))


def wanted(session: Session, connection: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Lines that are to be written, in this order; those that stand in the outbox already stay. One query."""
    put(session, OutboxRow, rows, None)


def clear(session: Session, connection: int, current: Mapping[str, str]) -> set[str]:
    """Take rows of lines out of the outbox that are put there anew; the keys of those that stay. Three queries.

    `current`: key -> digest of the lines that changed. What may have been sent stays, and so does what the CRM refused
    while its line says the same (R92).
    """
    chosen = select(OutboxRow).where(OutboxRow.connection_id == connection, OutboxRow.kind == Intent.ACTIVITY.value)
    stays, gone = set(), []
    for row in session.scalars(chosen):
        noted = row.state == State.SENDING.value or row.payload["stage"] == NOTED
        refused = (
            row.state == State.FAILED.value and current.get(row.key, row.payload["digest"]) == row.payload["digest"]
        )
        if noted or refused:
            stays.add(row.key)
        else:
            gone.append(row.id)
    for start in range(0, len(gone), 5000):
        dropped = delete(OutboxRow).where(OutboxRow.id.in_(gone[start : start + 5000]))
        session.execute(dropped.execution_options(synchronize_session=False))
    return stays


def unknown(session: Session, connection: int, now: datetime) -> dict[str, datetime]:
    """Mailing -> until when a call whose end nobody knows may still arrive (R63). One query."""
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id == connection,
        OutboxRow.kind == Intent.ACTIVITY.value,
        OutboxRow.state == State.WAITING.value,
        OutboxRow.attempts > 0,
        OutboxRow.next_try > now,
    )
    found: dict[str, datetime] = {}
    for row in session.scalars(chosen):
        if row.payload["stage"] == NOTED:
            source = row.payload["source"]
            found[source] = max(found.get(source, row.next_try), row.next_try)
    return found


def defer(session: Session, connection: int, until: datetime, why: str, claim: str) -> None:
    """What waits of the history, or is claimed and was not sent, waits for a time. One query."""
    mine = and_(OutboxRow.state == State.SENDING.value, OutboxRow.claim == claim)
    later = update(OutboxRow).where(
        OutboxRow.connection_id == connection,
        OutboxRow.kind == Intent.ACTIVITY.value,
        (OutboxRow.state.in_(RIPENS) & (OutboxRow.next_try < until)) | mine,
    )
    later = later.values(state=State.WAITING.value, claim="", next_try=until, last_error=why)
    session.execute(later.execution_options(synchronize_session=False))


def waiting(session: Session, connection: int) -> int:
    """How many lines and tags wait for another morning. One query."""
    chosen = select(func.count()).where(
        OutboxRow.connection_id == connection,
        OutboxRow.kind.in_((Intent.ACTIVITY.value, Intent.TAG.value)),
        OutboxRow.state == State.WAITING.value,
    )
    return session.execute(chosen).scalar_one()


def last_mornings(session: Session) -> dict[int, str]:
    """Connection -> the newest day whose morning was begun. One query."""
    chosen = select(MorningRow.connection_id, func.max(MorningRow.day)).group_by(MorningRow.connection_id)
    return {row[0]: row[1] for row in session.execute(chosen)}


def mature(session: Session) -> Sequence[ConnectionRow]:
    """Running connections whose first run has ended: those that have mornings. One query."""
    chosen = select(ConnectionRow).where(
        ConnectionRow.state == ConnectionState.RUNNING.value, ConnectionRow.first_run_at.is_not(None)
    )
    return session.scalars(chosen.order_by(ConnectionRow.id)).all()


def last_morning(session: Session, connection: int) -> str:
    """The newest day whose morning was begun, or `""`. One query."""
    return session.scalar(select(func.max(MorningRow.day)).where(MorningRow.connection_id == connection)) or ""


def begin(session: Session, connection: int, day: str, run_id: int, now: datetime) -> None:
    """The morning of a day is begun; one that was begun before stays. One query."""
    row = {"connection_id": connection, "day": day, "run_id": run_id, "begun_at": now}
    put(session, MorningRow, [row], Conflict(("connection_id", "day")))


def prune(session: Session, connection: int, source: str, before: datetime, limit: int) -> int:
    """Delete a mailing's happenings that are counted and were told before a moment; how many. One query."""
    old = (
        select(HappeningRow.id)
        .where(
            HappeningRow.connection_id == connection,
            HappeningRow.source == source,
            HappeningRow.told_at < before,
            HappeningRow.folded == 1,
        )
        .limit(limit)
    )
    gone = delete(HappeningRow).where(HappeningRow.connection_id == connection, HappeningRow.id.in_(old))
    return len(session.execute(gone.returning(HappeningRow.id).execution_options(synchronize_session=False)).all())
