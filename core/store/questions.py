"""QUESTIONS: what waits for a person (R15, R24, R96, R98, R109, R110)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store.base import Base, partial


class QuestionRow(Base):
    """Something that waits for a person. `key` is unique among open ones; `facts` holds numbers and examples.

    `answer` is empty while it is open, then `yes` or `no`.
    """

    __tablename__ = "questions"
    __table_args__ = (partial("questions_open", "answer = ''", "connection_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int]
    kind: Mapped[str]
    key: Mapped[str]
    facts: Mapped[dict[str, Any]]
    asked_at: Mapped[datetime]
    answer: Mapped[str]
    answered_at: Mapped[datetime | None]


def open_ones(session: Session, connection: int | None = None) -> Sequence[QuestionRow]:
    """Open questions, oldest first; of one connection or of all. One query."""
    chosen = select(QuestionRow).where(QuestionRow.answer == "").order_by(QuestionRow.id)
    if connection is not None:
        chosen = chosen.where(QuestionRow.connection_id == connection)
    return session.scalars(chosen).all()


def of_kind(session: Session, connections: Sequence[int], kind: str) -> Sequence[QuestionRow]:
    """Open questions of one kind about these connections. One query."""
    chosen = select(QuestionRow).where(
        QuestionRow.answer == "", QuestionRow.connection_id.in_(connections), QuestionRow.kind == kind
    )
    return session.scalars(chosen.order_by(QuestionRow.id)).all()


def ask(session: Session, connection: int, kind: str, key: str, facts: Mapping[str, Any], now: datetime) -> QuestionRow:
    """Ask a person, or bring the open question of that key up to date. One query and a row."""
    chosen = select(QuestionRow).where(
        QuestionRow.answer == "", QuestionRow.connection_id == connection, QuestionRow.key == key
    )
    row = session.scalars(chosen).first()
    if row is None:
        row = QuestionRow(
            connection_id=connection, kind=kind, key=key, facts={}, asked_at=now, answer="", answered_at=None
        )
        session.add(row)
    row.facts = dict(facts)
    session.flush()
    return row
