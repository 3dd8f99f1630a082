"""What the brake of a connection holds, and what it let through lately (R96)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, and_, delete, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.expression import ColumnElement

from core.store.base import Base
from core.store.bindings import BindingRow
from core.store.due import HELD, DueRow


class LetThroughRow(Base):
    """So many of a kind (`Brake` names) were let go at once by a connection, without asking. Kept for an hour."""

    __tablename__ = "let_through"
    __table_args__ = (Index("let_through_at", "connection_id", "kind", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    kind: Mapped[str]
    at: Mapped[datetime]
    number: Mapped[int]


# The words of the partial index `due_waits`: with a parameter in their place it would not be used.
_FEW = text("waits > 'e' AND waits < 'run:'")


def _held(list_id: int, connection: int) -> ColumnElement[bool]:
    return and_(DueRow.list_id == list_id, DueRow.waits == f"{HELD}{connection}", _FEW)


def held(session: Session, list_id: int, connections: Sequence[int]) -> dict[int, dict[str, int]]:
    """Connection -> rule -> how many addresses its brake holds. One query."""
    names = {f"{HELD}{number}": number for number in connections}
    chosen = select(DueRow.waits, DueRow.rule, func.count()).where(
        DueRow.list_id == list_id, DueRow.waits.in_(names), _FEW
    )
    found: dict[int, dict[str, int]] = {}
    for waits, rule, count in session.execute(chosen.group_by(DueRow.waits, DueRow.rule)):
        found.setdefault(names[waits], {})[rule] = count
    return found


def examples(session: Session, list_id: int, connection: int, limit: int) -> list[tuple[str, str]]:
    """The first addresses that the brake holds, in order, each with the rule that holds for it. One query."""
    chosen = select(DueRow.email, DueRow.rule).where(_held(list_id, connection))
    return [(row[0], row[1]) for row in session.execute(chosen.order_by(DueRow.email).limit(limit))]


def count_bindings(session: Session, connection: int) -> int:
    """How many bindings of a connection are open. One query."""
    chosen = select(func.count()).where(BindingRow.connection_id == connection, BindingRow.state == "open")
    return session.execute(chosen).scalar_one()


def let_go(session: Session, list_id: int, connection: int, cause: str, now: datetime, lanes: Sequence[str]) -> int:
    """What was held in these lanes is due again, for this cause; how many. One query."""
    freed = (
        update(DueRow)
        .where(_held(list_id, connection), DueRow.lane.in_(lanes))
        .values(waits="", rule="", cause=cause, due_at=now)
        .returning(DueRow.email)
    )
    return len(session.execute(freed.execution_options(synchronize_session=False)).all())


def agree(session: Session, list_id: int, connection: int, cause: str, now: datetime, ticket: int) -> int:
    """A person agreed: everything that is held is due now, before runs, on knowledge newer than `ticket`. One query."""
    freed = (
        update(DueRow)
        .where(_held(list_id, connection))
        .values(waits="", rule="", cause=cause, due_at=now, lane="live", ticket=ticket)
        .returning(DueRow.email)
    )
    return len(session.execute(freed.execution_options(synchronize_session=False)).all())


def refuse(session: Session, list_id: int, connection: int, parked: str, rule: str, why: str) -> int:
    """What is held is parked, and the bindings of its addresses remember `why`; how many addresses. Two queries."""
    emails = select(DueRow.email).where(_held(list_id, connection))
    open_ones = (
        update(BindingRow)
        .where(
            BindingRow.connection_id == connection,
            BindingRow.state == "open",
            BindingRow.list_id == list_id,
            BindingRow.email.in_(emails),
        )
        .values(why=why)
    )
    session.execute(open_ones.execution_options(synchronize_session=False))
    dropped = (
        update(DueRow)
        .where(_held(list_id, connection))
        .values(waits="", parked=parked, rule=rule)
        .returning(DueRow.email)
    )
    return len(session.execute(dropped.execution_options(synchronize_session=False)).all())


def note(session: Session, connection: int, kind: str, number: int, now: datetime, keep_since: datetime) -> None:
    """So many were let go now; what is older than an hour is forgotten. One query and a row."""
    old = delete(LetThroughRow).where(LetThroughRow.connection_id == connection, LetThroughRow.at < keep_since)
    session.execute(old.execution_options(synchronize_session=False))
    session.add(LetThroughRow(connection_id=connection, kind=kind, at=now, number=number))


def let_through(session: Session, connection: int, kind: str, since: datetime) -> int:
    """How many of a kind were let go without asking since a moment. One query."""
    chosen = select(func.coalesce(func.sum(LetThroughRow.number), 0)).where(
        LetThroughRow.connection_id == connection, LetThroughRow.kind == kind, LetThroughRow.at >= since
    )
    return session.execute(chosen).scalar_one()
