"""What a person's answer does: each kind of question has one effect."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.decide.addresses import canonical
from core.decide.brake import KEPT, REFUSED, RELEASED
from core.decide.rules import Rule
from core.engine import braking, conflicts, doors, home, nightly
from core.engine.stopping import GONE_KIND, LIST_GONE
from core.errors import WrongInput
from core.ports import World
from core.store import brake, due, leases, outbox, runs, schedule
from core.store.base import transact
from core.store.bindings import BindingRow
from core.store.connections import ConnectionRow, ConnectionState, ListRow
from core.store.due import Cause
from core.store.mirror import ProfileRow
from core.store.outbox import OutboxRow
from core.store.people import AuditRow
from core.store.questions import QuestionRow

Effect = Callable[[World, Session, QuestionRow, bool], None]
EXAMPLES = 10
"""How many of those that a question is about are named."""
LIFTED, DELETED = "lifted", "deleted_from_list"


def answer(world: World, question_id: int, *, yes: bool, user_id: int | None = None) -> QuestionRow:
    """Answer an open question, with everything that follows from it, and wake who carries it out. One commit.

    `user_id` is who answered on a page; None: somebody at the command line. Raises WrongInput.
    """

    def work(session: Session) -> tuple[QuestionRow, int]:
        question = session.get(QuestionRow, question_id, with_for_update=True)
        if question is None:
            raise WrongInput(f"There is no question {question_id}. spojka questions list shows those there are.", "id")
        if question.answer:
            raise WrongInput(f"Question {question_id} was answered already: {question.answer}.", "id")
        EFFECTS[question.kind](world, session, question, yes)
        question.answer, question.answered_at = "yes" if yes else "no", world.clock.now()
        _note(world, session, question, user_id)
        return question, _account_of(session, question.connection_id)

    question, account_id = transact(world.sessions, work)
    _wake(world, question.connection_id, account_id)
    return question


def examples(session: Session, question: QuestionRow) -> list[dict[str, str]]:
    """Some of what a question is about: addresses, each with its rule, or records. At most one query.

    Addresses are looked up, not kept with the question, so that an erased person is in no question either (R14).
    """
    if question.kind == conflicts.KIND:
        row = conflicts.of(session, question)
        return [] if row is None else [_edit(row)]
    if question.kind != braking.KIND:
        return [{"record": name} for name in question.facts.get("examples", ())]
    if question.key == braking.EDITS:
        rows = outbox.held_examples(session, question.connection_id, EXAMPLES)
        return [_edit(row) for row in rows]
    connection = session.get(ConnectionRow, question.connection_id)
    held = brake.examples(session, connection.list_id, connection.id, EXAMPLES) if connection is not None else []
    return [{"email": email, "rule": rule} for email, rule in held]


def _edit(row: OutboxRow) -> dict[str, str]:
    """A field with what the CRM says and what the list does."""
    return {"email": row.email, **{name: row.payload[name] for name in ("field", "was", "value")}}


def lift(world: World, connection_id: int, email: str, *, user_id: int | None = None) -> None:
    """Let a contact that somebody deleted from the list be created again (R15). One commit. Raises WrongInput."""

    def work(session: Session) -> int:
        row = session.get(ConnectionRow, connection_id)
        if row is None or row.state == ConnectionState.REMOVED:
            raise WrongInput(f"There is no connection {connection_id}.", "id")
        if not _forget_deletion(session, row.list_id, canonical(email)):
            raise WrongInput("Nobody deleted this contact from the list.", "email")
        ticket = leases.draw(session)
        cause = Cause(LIFTED, f"{LIFTED}:{ticket}", ticket, world.clock.now(), lane="live")
        due.mark(session, row.list_id, [canonical(email)], cause)
        _audit(world, session, user_id, "contact.allow", {"connection": connection_id})
        return _account_of(session, connection_id)

    _wake(world, connection_id, transact(world.sessions, work))


def _forget_deletion(session: Session, list_id: int, email: str) -> bool:
    """As if the address had never been in the list; whether it had been. Two queries."""
    gone = update(ProfileRow).where(
        ProfileRow.list_id == list_id,
        ProfileRow.email == email,
        ProfileRow.known.is_(True),
        ProfileRow.present.is_(False),
    )
    found = session.execute(gone.values(known=False, ours=False, ruling=None).returning(ProfileRow.email)).all()
    closed = update(BindingRow).where(
        BindingRow.list_id == list_id, BindingRow.email == email, BindingRow.why == DELETED
    )
    session.execute(closed.values(why=LIFTED).execution_options(synchronize_session=False))
    return bool(found)


def _weighed(world: World, session: Session, question: QuestionRow, yes: bool) -> None:
    """The brake: carry out what it holds, or drop it for good (R96)."""
    row = session.get_one(ConnectionRow, question.connection_id, with_for_update=True)
    if question.key == braking.EDITS:
        if yes:
            outbox.release(session, row.id, world.clock.now())
        else:
            outbox.refuse(session, row.id, REFUSED, world.clock.now())
        return
    if yes:
        ticket = leases.draw(session)
        brake.agree(session, row.list_id, row.id, RELEASED, world.clock.now(), ticket)
    else:
        brake.refuse(session, row.list_id, row.id, REFUSED, Rule.R96.value, KEPT)


def _list_is_back(world: World, session: Session, question: QuestionRow, yes: bool) -> None:
    """The list is there again: the connection catches up. Otherwise it stays as it is (R109)."""
    row, now = session.get_one(ConnectionRow, question.connection_id, with_for_update=True), world.clock.now()
    if not yes or row.problem != LIST_GONE:
        return
    row.state, row.resumed_at, row.settings_version = ConnectionState.RUNNING.value, now, row.settings_version + 1
    row.problem = row.problem_text = ""
    row.problem_at = None
    doors.resumed(world, session, row)
    for task in (schedule.READING, schedule.PASS, schedule.WATCH):
        schedule.put(session, row.id, task, now)
    mode = "full" if row.first_run_at is None else "changes"
    runs.request(session, row.id, mode, options={}, dry_run=False, by="answer", now=now)


def _compared(world: World, session: Session, question: QuestionRow, yes: bool) -> None:
    nightly.answered(world, session, question, yes=yes)


EFFECTS: Mapping[str, Effect] = {
    braking.KIND: _weighed,
    nightly.ABSENCE: _compared,
    nightly.VALUES: _compared,
    GONE_KIND: _list_is_back,
    home.KIND: home.answered,
    conflicts.KIND: conflicts.answered,
}
"""What an answer to each kind of question does, within the transaction that stores the answer."""


def _account_of(session: Session, connection_id: int) -> int:
    row = session.get(ConnectionRow, connection_id)
    return session.get_one(ListRow, row.list_id).account_id if row is not None else 0


def _note(world: World, session: Session, question: QuestionRow, user_id: int | None) -> None:
    said = {"question": question.id, "kind": question.kind, "answer": question.answer}
    _audit(world, session, user_id, "question.answer", {"connection": question.connection_id, **said})


def _audit(world: World, session: Session, user_id: int | None, what: str, details: dict[str, Any]) -> None:
    by = {} if user_id is not None else {"by": "cli"}
    session.add(AuditRow(at=world.clock.now(), user_id=user_id, what=what, details={**by, **details}))


def _wake(world: World, connection_id: int, account_id: int) -> None:
    world.wake.ring("realtime", "live_now", connection_id)
    world.wake.ring("realtime", "reconcile_now", account_id)
    world.wake.ring("realtime", "send_now", connection_id)
