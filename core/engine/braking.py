"""The brake at the end of a run, pass or reading: what it held is let go, or a person is asked (R96)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from core.decide.brake import RELEASED, Brake, allowed, asks
from core.engine.job import Job
from core.store import brake, outbox, questions
from core.store.base import look
from core.store.connections import ConnectionRow
from core.store.questions import QuestionRow

KIND = "R96"
"""The kind of the brake's questions, and the key of the one about closings."""
EDITS = "R96:edits"
"""The key of the one about edits of records; a connection has one of each."""
HOUR = timedelta(hours=1)
"""How long what was let through counts."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """How many addresses of the list were let go, and how much of the job's own connection waits for a person."""

    released: int = 0
    waiting: int = 0


def weigh(job: Job) -> Weighed:
    """Count what the brakes of the list's connections hold; let it go, or ask. Raises LostLease.

    Called once a run, pass or reading has decided about everything that it marked. What was let go is due at once, in
    its lane, and is not held again. Two queries where nothing is held and nobody asks; else one transaction.
    """
    connections = sorted(job.ground.policies)

    def anything(session: Session) -> bool:
        held = brake.held(session, job.list_id, connections) or outbox.held(session, connections)
        return bool(held) or bool(questions.of_kind(session, connections, KIND))

    if not look(job.world.sessions, anything):
        return Weighed()
    return job.commit(lambda session: _weigh(session, job, connections))


def _weigh(session: Session, job: Job, connections: list[int]) -> Weighed:
    held = brake.held(session, job.list_id, connections)
    open_ones = questions.of_kind(session, connections, KIND)
    asked = {row.connection_id: row for row in open_ones if row.key == KIND}
    edits = {row.connection_id: row for row in open_ones if row.key == EDITS}
    released, waiting = 0, _weigh_edits(session, job, connections, edits)
    for number in sorted({*held, *asked}):
        mine = sum(held.get(number, {}).values())
        if not mine:
            session.delete(asked[number])
        elif (let_go := _let_go(session, job, number, held[number], asked.get(number))) is not None:
            released += let_go
        elif number == job.row.id:
            waiting += mine
    return Weighed(released, waiting)


def _weigh_edits(session: Session, job: Job, connections: list[int], asked: Mapping[int, QuestionRow]) -> int:
    """Edits of records that the brakes hold are sent, or a person is asked, once for all that joins (R96)."""
    held, now, mine = outbox.held(session, connections), job.now(), 0
    for number in sorted({*held, *asked}):
        waiting, question = held.get(number, 0), asked.get(number)
        if not waiting:
            if question is not None:
                session.delete(question)
            continue
        row = session.get_one(ConnectionRow, number, with_for_update=True)
        let_through = brake.let_through(session, number, Brake.EDITS.name, now - HOUR)
        setting = int(row.settings.get("brake_edits", 0))
        # As below.
        few = not setting and not asks(waiting, let_through, Brake.EDITS.value)
        bindings = 0 if few and question is None else brake.count_bindings(session, number)
        limit = allowed(Brake.EDITS, bindings, setting)
        if question is not None or asks(waiting, let_through, limit):
            numbers = {"waiting": waiting, "let_through": let_through, "bindings": bindings, "limit": limit}
            questions.ask(session, number, KIND, EDITS, {"what": "edits", **numbers, "rules": {}}, now)
            mine += waiting if number == job.row.id else 0
        else:
            brake.note(session, number, Brake.EDITS.name, outbox.release(session, number, now), now, now - HOUR)
    return mine


def _let_go(
    session: Session, job: Job, number: int, held: Mapping[str, int], question: QuestionRow | None
) -> int | None:
    """Let go what one brake holds, and how many that were; None where a person is asked, once for all that joins."""
    row, now = session.get_one(ConnectionRow, number, with_for_update=True), job.now()
    waiting, let_through = sum(held.values()), brake.let_through(session, number, Brake.CLOSINGS.name, now - HOUR)
    setting = int(row.settings.get("brake_closings", 0))
    # Counting bindings takes long where there are many; so few are never asked about.
    few = not setting and not asks(waiting, let_through, Brake.CLOSINGS.value)
    bindings = 0 if few and question is None else brake.count_bindings(session, number)
    limit = allowed(Brake.CLOSINGS, bindings, setting)
    if question is not None or asks(waiting, let_through, limit):
        numbers = {"waiting": waiting, "let_through": let_through, "bindings": bindings, "limit": limit}
        questions.ask(session, number, KIND, KIND, {**numbers, "rules": dict(sorted(held.items()))}, now)
        return None
    let_go = brake.let_go(session, job.list_id, number, RELEASED, now, _lanes(job))
    brake.note(session, number, Brake.CLOSINGS.name, let_go, now, now - HOUR)
    return let_go


def _lanes(job: Job) -> tuple[str, ...]:
    """A reading leaves alone what a run that goes on beside it holds; it is weighed when that run ends."""
    return ("live",) if job.lane.name.endswith(":live") else ("bulk", "live")
