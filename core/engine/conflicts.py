"""Fields that were edited on both sides, where the connection says that a person decides (R24, `conflicts: ask`)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ports import World
from core.store import due, leases, questions
from core.store.connections import ConnectionRow
from core.store.due import Cause
from core.store.outbox import OutboxRow, State
from core.store.questions import QuestionRow

KIND, CAUSE = "R24", "answer"
OVER = "over"
"""The answer of a question that nobody has to answer any more: the sides agree again."""


def keep_asking(session: Session, connections: Collection[int], now: datetime) -> None:
    """One open question for each field that waits for a person, none for others. Two queries, and one for each new one.

    Both values stand in the outbox alone, so that an erased person is in no question (R14).
    """
    chosen = select(OutboxRow).where(
        OutboxRow.connection_id.in_(sorted(connections)), OutboxRow.state == State.ASKS.value
    )
    waiting = {_key(row): row for row in session.scalars(chosen.order_by(OutboxRow.id))}
    asked = {row.key: row for row in questions.of_kind(session, sorted(connections), KIND)}
    for key in sorted(waiting.keys() - asked.keys()):
        row = waiting[key]
        facts = {"record": f"{row.payload['kind']}:{row.payload['id']}", "field": row.payload["field"]}
        questions.ask(session, row.connection_id, KIND, key, facts, now)
    for key in asked.keys() - waiting.keys():
        asked[key].answer, asked[key].answered_at = OVER, now
    session.flush()


def _key(row: OutboxRow) -> str:
    return f"{KIND}:{row.id}"


def of(session: Session, question: QuestionRow) -> OutboxRow | None:
    """The field that a question is about, while it waits. One query."""
    row = session.get(OutboxRow, int(question.key.partition(":")[2]))
    return row if row is not None and row.state == State.ASKS.value else None


def answered(world: World, session: Session, question: QuestionRow, yes: bool) -> None:
    """The list's value counts, or the CRM's; for these two values alone, whatever is edited meanwhile."""
    row = of(session, question)
    if row is None:
        return
    row.payload = {**row.payload, "choice": "list" if yes else "crm"}
    connection, ticket = session.get_one(ConnectionRow, row.connection_id), leases.draw(session)
    cause = Cause(CAUSE, f"{CAUSE}:{question.id}", ticket, world.clock.now(), lane="live")
    due.mark(session, connection.list_id, [row.email], cause)
