"""NIGHTS: what the last nightly compare of a connection found (R73, R75)."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.store.base import Base, upsert
from core.store.questions import QuestionRow


class NightRow(Base):
    """The last night of a connection. `turn` counts its nights, and so says whose turn it is to be compared by value.

    `listed` ids came from the CRM; `unseen` of them were new or newer than in the mirror, and read; `gone` records were
    proven to be gone; `renamed` records were read because a user's name had changed (R45). Of `compared` records
    `differed` said something else than the mirror, and `repaired` of them were taken over (R75). `doubts` says per kind
    why absence was not believed.
    """

    __tablename__ = "nights"

    connection_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    turn: Mapped[int]
    listed: Mapped[int]
    unseen: Mapped[int]
    gone: Mapped[int]
    renamed: Mapped[int]
    compared: Mapped[int]
    differed: Mapped[int]
    repaired: Mapped[int]
    doubts: Mapped[dict[str, Any]]


def last(session: Session, connection: int) -> NightRow | None:
    """The last night that came to its end. One query."""
    return session.get(NightRow, connection)


def save(session: Session, row: dict[str, Any]) -> None:
    """A night has come to its end. One query."""
    statement = upsert(session, NightRow).values(row)
    taken = {name: value for name, value in row.items() if name != "connection_id"}
    session.execute(statement.on_conflict_do_update(index_elements=["connection_id"], set_=taken))


def answers(session: Session, connection: int, since: datetime | None) -> dict[str, str]:
    """Key -> answer of the night's questions that a person has answered since a moment (None: ever). One query."""
    chosen = (
        select(QuestionRow.key, QuestionRow.answer)
        .where(QuestionRow.connection_id == connection, QuestionRow.key.like("night:%"), QuestionRow.answer != "")
        .order_by(QuestionRow.id)
    )
    if since is not None:
        chosen = chosen.where(QuestionRow.answered_at >= since)
    return {row[0]: row[1] for row in session.execute(chosen)}


def withdraw(session: Session, connection: int, stand: list[str]) -> None:
    """Open questions of the night that have no reason any more go, all but those whose keys `stand`. One query."""
    moot = delete(QuestionRow).where(
        QuestionRow.connection_id == connection,
        QuestionRow.key.like("night:%"),
        QuestionRow.answer == "",
        QuestionRow.key.not_in(stand),
    )
    session.execute(moot.execution_options(synchronize_session=False))
