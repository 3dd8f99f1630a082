"""DUE: the addresses about which something may need doing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Text, bindparam, delete, exists, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.decide.frozen import dataclass
from core.store.base import Base, Moment, Ticket, among, partial
from core.store.bulk import Conflict, put
from core.store.records import RecordAddressRow

HELD = "held:"
"""How `waits` begins where the brake of a connection holds the address (R96); a mark lifts it."""


_WAITS = "waits > 'e' AND waits < 'run:'"
"""What waits for something else than a run: few of many. Queries that shall use the index repeat the condition."""


class DueRow(Base):
    """One due address of one list.

    `mark` counts the marks, `claimed_mark` what it was when claimed: an address marked again since is not settled away.
    `ticket` is that of the newest reason: knowledge older than it does not justify a write (R104). `waits` is empty, or
    says for what: `run:N`, `dry:N`, `paused:N`, `held:N` (connection N's brake, R96), `person`, `pass`. `parked` is why
    it failed, in a sentence, until its input changes or a person acts; `rule` cites why. `claim` is the fence of the
    lease whose holder works on it.
    """

    __tablename__ = "due"

    list_id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    lane: Mapped[str]
    cause: Mapped[str]
    marked_by: Mapped[str]
    due_at: Mapped[datetime]
    ticket: Mapped[Ticket]
    tries: Mapped[int]
    mark: Mapped[Ticket]
    claimed_mark: Mapped[int | None]
    waits: Mapped[str]
    parked: Mapped[str]
    rule: Mapped[str]
    claim: Mapped[str | None]
    __table_args__ = (
        partial("due_open", "claim IS NULL AND waits = ''", "list_id", "lane", "due_at", "email"),
        partial("due_claim", "claim IS NOT NULL", "claim"),
        partial("due_waits", _WAITS, "list_id", "waits"),
    )


class OutcomeRow(Base):
    """What the last reconciliation made of an address for one connection: the result of a run is counted from here.

    `outcome`: created, adopted, updated, unchanged, skipped, failed; `why` a skip's reason or a failure's sentence.
    `run_id` is the run that decided last; an address nobody looked at since is unchanged. What a run created, adopted
    or updated stays so until another run, though it looks at the address again (its list says more, it died between).
    """

    __tablename__ = "outcomes"

    list_id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    why: Mapped[str]
    run_id: Mapped[int | None]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why addresses are marked. `by` names the run, pass or reading; `waits` holds them until it has ended (R10)."""

    cause: str
    by: str
    ticket: int
    at: datetime
    lane: str = "bulk"
    waits: str = ""


_MARK = """
INSERT INTO due (list_id, email, lane, cause, marked_by, due_at, ticket, tries, mark, waits, parked, rule)
SELECT list_id, email, :lane, :cause, :by, :at, :ticket, 0, 1, :waits, '', '' FROM ({chosen}) AS chosen WHERE true
ON CONFLICT (list_id, email) DO UPDATE SET
  mark = due.mark + 1, cause = excluded.cause, parked = '', rule = '', tries = 0,
  due_at = CASE WHEN due.parked = '' AND due.due_at < excluded.due_at THEN due.due_at ELSE excluded.due_at END,
  ticket = CASE WHEN due.ticket > excluded.ticket THEN due.ticket ELSE excluded.ticket END,
  lane = CASE WHEN due.lane = 'live' THEN due.lane ELSE excluded.lane END,
  waits = CASE WHEN due.waits LIKE 'dry:%' OR due.waits LIKE 'held:%' OR due.waits = 'person' THEN excluded.waits
    ELSE due.waits END
"""
_OF_RECORDS = """
SELECT list_id, email FROM record_addresses WHERE connection_id = :connection AND email <> '' AND kind = :kind
  AND record_id {ids}
UNION SELECT a.list_id, a.email FROM record_links l
  JOIN record_addresses a ON a.connection_id = l.connection_id AND a.kind = l.to_kind AND a.record_id = l.to_id
  WHERE l.connection_id = :connection AND l.kind = :kind AND l.record_id {ids} AND l.field <> '' AND a.email <> ''
UNION SELECT :list_id, value FROM {more}
ORDER BY 1, 2
"""


def mark_records(
    session: Session, connection: int, list_id: int, kind: str, ids: Sequence[str], also: Sequence[str], cause: Cause
) -> None:
    """Mark every address of these records and of those they lend to, and `also` these addresses. One query."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    chosen = _OF_RECORDS.format(
        ids="IN (SELECT value FROM json_each(:ids))"
        if sqlite
        else "IN (SELECT jsonb_array_elements_text(CAST(:ids AS jsonb)))",
        more="json_each(:also)" if sqlite else "jsonb_array_elements_text(CAST(:also AS jsonb)) AS t(value)",
    )
    values = {
        **_cause(cause),
        "connection": connection,
        "list_id": list_id,
        "kind": kind,
        "ids": orjson.dumps(list(ids)).decode(),
        "also": orjson.dumps(list(also)).decode(),
    }
    session.execute(_timed(_MARK.format(chosen=chosen)), values)


def mark(session: Session, list_id: int, emails: Sequence[str], cause: Cause) -> None:
    """Mark these addresses. One query."""
    if not emails:
        return
    sqlite = session.get_bind().dialect.name == "sqlite"
    more = "json_each(:also)" if sqlite else "jsonb_array_elements_text(CAST(:also AS jsonb)) AS t(value)"
    chosen = f"SELECT CAST(:list_id AS integer) AS list_id, value AS email FROM {more} ORDER BY 2"
    values = {**_cause(cause), "list_id": list_id, "also": orjson.dumps(sorted(set(emails))).decode()}
    session.execute(_timed(_MARK.format(chosen=chosen)), values)


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "lane": cause.lane,
        "cause": cause.cause,
        "by": cause.by,
        "at": cause.at,
        "ticket": cause.ticket,
        "waits": cause.waits,
    }


def _timed(statement: str) -> Any:
    return text(statement).bindparams(bindparam("at", type_=Moment))


def mark_connection(session: Session, connection: int, cause: Cause) -> None:
    """Mark every address that a connection's records name. One query."""
    chosen = "SELECT DISTINCT list_id, email FROM record_addresses WHERE connection_id = :connection AND email <> ''"
    session.execute(_timed(_MARK.format(chosen=f"{chosen} ORDER BY 1, 2")), {**_cause(cause), "connection": connection})


def release_waits(session: Session, list_id: int, waits: str) -> None:
    """Those that waited for this wait no longer; `dry` stands for every dry run. One query."""
    which = DueRow.waits.like("dry:%") if waits == "dry" else DueRow.waits == waits
    freed = update(DueRow).where(DueRow.list_id == list_id, which).values(waits="")
    if "e" < waits < "run:":
        freed = freed.where(text(_WAITS))
    session.execute(freed.execution_options(synchronize_session=False))


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claimed address: why it is due, since which ticket, what its mark was, and who marked it first (`by`)."""

    email: str
    cause: str
    ticket: int
    mark: int
    tries: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Which due addresses to claim: of a page (`emails`), of a connection's `kind`, of a `lane`, at most `limit`."""

    list_id: int
    name: str
    now: datetime
    limit: int
    emails: Sequence[str] | None = None
    kind: str = ""
    connection: int = 0
    lane: str = ""


def claim(session: Session, wanted: Claim) -> list[Claimed]:
    """Claim due addresses: unclaimed, waiting for nothing, not parked, whose time has come. One query."""
    chosen = (
        select(DueRow.email)
        .where(
            DueRow.list_id == wanted.list_id,
            DueRow.claim.is_(None),
            DueRow.waits == "",
            DueRow.parked == "",
            DueRow.due_at <= wanted.now,
        )
        .limit(wanted.limit)
    )
    if wanted.emails is None:
        chosen = chosen.order_by(DueRow.lane, DueRow.due_at, DueRow.email)
    else:
        chosen = chosen.where(among(session, DueRow.email, wanted.emails)).order_by(DueRow.email)
    if wanted.lane:
        chosen = chosen.where(DueRow.lane == wanted.lane)
    if wanted.kind:
        chosen = chosen.where(_of_kind(wanted))
    if session.get_bind().dialect.name != "sqlite":
        chosen = chosen.with_for_update(skip_locked=True)
    # As a subquery PostgreSQL may choose anew for every row, and so more than the limit.
    once = chosen.cte("chosen").prefix_with("MATERIALIZED", dialect="postgresql")
    taken = (
        update(DueRow)
        .where(DueRow.list_id == wanted.list_id, DueRow.email.in_(select(once.c.email)))
        .values(claim=wanted.name, claimed_mark=DueRow.mark)
        .returning(DueRow.email, DueRow.cause, DueRow.ticket, DueRow.mark, DueRow.tries, DueRow.marked_by)
        .execution_options(synchronize_session=False)
    )
    rows = session.execute(taken).all()
    return sorted((Claimed(*row) for row in rows), key=lambda claimed: claimed.email)


def _of_kind(wanted: Claim) -> Any:
    named = select(RecordAddressRow.email).where(
        RecordAddressRow.list_id == DueRow.list_id,
        RecordAddressRow.email == DueRow.email,
        RecordAddressRow.connection_id == wanted.connection,
        RecordAddressRow.kind == wanted.kind,
    )
    return exists(named)


def settle_away(session: Session, list_id: int, name: str, emails: Sequence[str]) -> None:
    """Settled addresses leave, but for those marked again since they were claimed. One query."""
    if not emails:
        return
    done = delete(DueRow).where(
        DueRow.list_id == list_id,
        among(session, DueRow.email, emails),
        DueRow.claim == name,
        DueRow.mark == DueRow.claimed_mark,
    )
    session.execute(done.execution_options(synchronize_session=False))


def free(session: Session, list_id: int, name: str, emails: Sequence[str]) -> None:
    """Give these claims back. One query."""
    freed = (
        update(DueRow)
        .where(DueRow.list_id == list_id, among(session, DueRow.email, emails), DueRow.claim == name)
        .values(claim=None, claimed_mark=None)
    )
    session.execute(freed.execution_options(synchronize_session=False))


def put_off(session: Session, list_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Claimed addresses that are not done: later, waiting or parked, but for those marked again. One query.

    Each row: e (email), p_due_at, p_ticket, p_waits, p_parked, p_rule, p_tries.
    """
    if not rows:
        return
    later = (
        update(DueRow)
        .where(DueRow.list_id == list_id, DueRow.email == bindparam("e"), DueRow.mark == DueRow.claimed_mark)
        .values(
            claim=None,
            claimed_mark=None,
            due_at=bindparam("p_due_at", type_=Moment),
            ticket=bindparam("p_ticket"),
            waits=bindparam("p_waits", type_=Text),
            parked=bindparam("p_parked", type_=Text),
            rule=bindparam("p_rule", type_=Text),
            tries=bindparam("p_tries"),
        )
    )
    session.connection().execute(later, [dict(row) for row in rows])


def wanted(session: Session, list_id: int, emails: Sequence[str]) -> set[str]:
    """Which of these addresses are due. One query."""
    chosen = select(DueRow.email).where(DueRow.list_id == list_id, among(session, DueRow.email, emails))
    return set(session.scalars(chosen))


def free_claims(session: Session, lease: str, fence: int) -> None:
    """Give back the claims of earlier holders of this lease. One query."""
    freed = (
        update(DueRow)
        .where(DueRow.claim.like(f"{lease}:%"), DueRow.claim != f"{lease}:{fence}")
        .values(claim=None, claimed_mark=None)
    )
    session.execute(freed.execution_options(synchronize_session=False))


def peek(session: Session, list_id: int, after: str, limit: int) -> list[Claimed]:
    """Due addresses in order, unclaimed by this look: those that anybody may take, and those a dry run has marked."""
    chosen = (
        select(DueRow.email, DueRow.cause, DueRow.ticket, DueRow.mark, DueRow.tries)
        .where(DueRow.list_id == list_id, DueRow.email > after, DueRow.parked == "")
        .where((DueRow.waits == "") | DueRow.waits.like("dry:%"))
        .order_by(DueRow.email)
        .limit(limit)
    )
    return [Claimed(*row) for row in session.execute(chosen)]


def named(session: Session, connection: int, slots: Sequence[int], emails: Sequence[str]) -> set[str]:
    """Which of these addresses stand in such slots of the connection's records. One query."""
    chosen = select(RecordAddressRow.email).where(
        RecordAddressRow.connection_id == connection,
        RecordAddressRow.slot.in_(slots),
        among(session, RecordAddressRow.email, emails),
    )
    return set(session.scalars(chosen))


def count_open(session: Session, list_id: int, now: datetime, lane: str = "") -> int:
    """How many addresses are due now, of one lane or of both. One query."""
    counted = select(func.count()).where(
        DueRow.list_id == list_id, DueRow.waits == "", DueRow.parked == "", DueRow.due_at <= now
    )
    return session.execute(counted.where(DueRow.lane == lane) if lane else counted).scalar_one()


def open_lists(session: Session, now: datetime, lane: str) -> list[int]:
    """Lists of which unclaimed addresses of a lane are due now. One query over the open index."""
    chosen = select(DueRow.list_id).where(
        DueRow.claim.is_(None), DueRow.waits == "", DueRow.parked == "", DueRow.lane == lane, DueRow.due_at <= now
    )
    return sorted(session.scalars(chosen.distinct()))


def claims(session: Session) -> list[str]:
    """Every claim that addresses are held under, as `lease:fence`. One query over the claimed ones."""
    chosen = session.scalars(select(DueRow.claim).where(DueRow.claim.is_not(None)).distinct())
    return sorted(claim for claim in chosen if claim is not None)


def waiting_lists(session: Session, waits: str) -> list[int]:
    """Lists of which addresses wait for this, and nobody works on them. One query."""
    chosen = select(DueRow.list_id).where(DueRow.claim.is_(None), DueRow.waits == waits, text(_WAITS)).distinct()
    return sorted(session.scalars(chosen))


def save_outcomes(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """What was made of addresses. Looking once more in the same run takes nothing back that it did. One query."""
    keys, update = ("list_id", "email", "connection_id"), ("outcome", "why", "run_id", "at")
    put(session, OutcomeRow, rows, Conflict(keys, update, unless=_SAID_MORE))


_SAID_MORE = """(outcomes.run_id = excluded.run_id OR excluded.run_id IS NULL) AND (
  (excluded.outcome = 'unchanged' AND outcomes.outcome IN ('created', 'adopted', 'updated'))
  OR (excluded.outcome = 'updated' AND outcomes.outcome IN ('created', 'adopted')))"""
