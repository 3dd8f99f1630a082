"""What operators see of the tables: how much of everything there is, in few queries."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.store import inbox
from core.store.connections import ConnectionRow, ConnectionState
from core.store.due import DueRow
from core.store.inbox import BELL, OPEN, InboxRow
from core.store.outbox import OVER, OutboxRow
from core.store.questions import QuestionRow
from core.store.records import RecordRow
from core.store.runs import RunRow

NOW, LATER, WAITING, PARKED, WORKING = "now", "later", "waiting", "parked", "working"


@dataclass(slots=True)
class Counts:
    """One look at the tables.

    `inbox`: connection -> open rows; `oldest_bell`: connection -> when its oldest open row was accepted. `due`: state
    (now, later, waiting, parked, working) -> addresses; `oldest_due`: lane -> since when its longest waiting one could
    be worked on. `questions`: kind -> open ones; `runs`: state -> all ever. `outbox`: state -> rows of which
    something comes still. `faults`: records nobody can read.
    """

    connections: list[ConnectionRow] = field(default_factory=list)
    inbox: dict[int, int] = field(default_factory=dict)
    oldest_bell: dict[int, datetime] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    oldest_due: dict[str, datetime] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    questions: dict[str, int] = field(default_factory=dict)
    outbox: dict[str, int] = field(default_factory=dict)
    faults: int = 0


def count(session: Session, now: datetime) -> Counts:
    """Count everything. Eight queries; those over what is due and over runs read every row."""
    found = Counts(connections=_connections(session), oldest_bell=inbox.waiting(session))
    opened = select(InboxRow.connection_id, func.count()).where(InboxRow.state == OPEN, InboxRow.kind == BELL)
    found.inbox = {row[0]: row[1] for row in session.execute(opened.group_by(InboxRow.connection_id))}
    _due(session, now, found)
    by_state = select(RunRow.state, func.count()).group_by(RunRow.state)
    found.runs = {row[0]: row[1] for row in session.execute(by_state)}
    asked = select(QuestionRow.kind, func.count()).where(QuestionRow.answer == "").group_by(QuestionRow.kind)
    found.questions = {row[0]: row[1] for row in session.execute(asked)}
    waiting = select(OutboxRow.state, func.count()).where(OutboxRow.state.not_in(OVER)).group_by(OutboxRow.state)
    found.outbox = {row[0]: row[1] for row in session.execute(waiting)}
    found.faults = session.execute(select(func.count()).where(RecordRow.fault != "")).scalar_one()
    return found


def _connections(session: Session) -> list[ConnectionRow]:
    kept = ConnectionRow.state != ConnectionState.REMOVED.value
    return list(session.scalars(select(ConnectionRow).where(kept).order_by(ConnectionRow.id)))


def _due(session: Session, now: datetime, found: Counts) -> None:
    state = case(
        (DueRow.parked != "", PARKED),
        (DueRow.claim.is_not(None), WORKING),
        (DueRow.waits != "", WAITING),
        (DueRow.due_at > now, LATER),
        else_=NOW,
    ).label("state")
    counted = select(state, DueRow.lane, func.count(), func.min(DueRow.due_at)).group_by("state", DueRow.lane)
    for name, lane, number, first in session.execute(counted):
        found.due[name] = found.due.get(name, 0) + number
        if name in (NOW, WORKING):
            found.oldest_due[lane] = min(first, found.oldest_due.get(lane, first))
