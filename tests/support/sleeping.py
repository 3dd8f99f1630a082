"""A house by night: what a test does before it, and what it left behind."""

from collections import Counter
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.engine import nightly
from core.store import nights, questions, schedule
from core.store.base import look, transact
from core.store.nights import NightRow
from core.store.questions import QuestionRow
from core.store.records import RecordRow
from core.store.schedule import NIGHT
from spojka.emulator import Fault
from tests.support.worlds import House

LONG_AGO = 26_000_000
"""Minutes."""


def synced(house: House, people: int = 12, **settings: Any) -> int:
    """A connection after its first run, with so many people in the CRM and the list."""
    for number in range(people):
        house.person(f"p{number}@example.cz", owner=12)
    house.clock.advance(3600)
    connection = house.connect(**settings)
    house.sync(connection)
    return connection


def sleep_through(house: House, connection: int) -> NightRow | None:
    """The connection's next night, and what it left behind."""
    nightly.night_now(house.world, connection)
    due_at = look(house.world.sessions, lambda session: schedule.next_at(session, connection, NIGHT))
    assert due_at is not None
    house.clock.advance(max((due_at - house.clock.now()).total_seconds(), 0))
    house.forget()
    nightly.night_now(house.world, connection)
    return look(house.world.sessions, lambda session: nights.last(session, connection))


def carry_out(house: House, connection: int) -> None:
    """A pass over the list brings what the night marked into it."""
    house.sync(connection, "changes")


def asked(house: House) -> list[QuestionRow]:
    """What waits for a person."""
    return list(look(house.world.sessions, questions.open_ones))


def whys(house: House) -> list[str]:
    """Why something waits for a person."""
    return [question.facts.get("why", question.kind) for question in asked(house)]


def answer(house: House, *, yes: bool) -> None:
    """A person answers the only question."""

    def work(session: Session) -> None:
        question = session.get_one(QuestionRow, asked(house)[0].id)
        question.answer, question.answered_at = "yes" if yes else "no", house.clock.now()
        nightly.answered(house.world, session, question, yes=yes)

    transact(house.world.sessions, work)


def standing(house: House, connection: int) -> Counter[str]:
    """How many records of the mirror stand how."""
    chosen = select(RecordRow.standing).where(RecordRow.connection_id == connection)
    return look(house.world.sessions, lambda session: Counter(session.scalars(chosen)))


def unreported(house: House, email: str) -> int:
    """A person who is there, though no question for what changed brings it."""
    made = house.person(email)
    record = {key: value for key, value in house.raynet.store.persons.rows[made].items() if key != "id"}
    house.raynet.delete_person(made)
    return house.raynet.store.persons.add({**record, "created": LONG_AGO, "updated": None})


def tamper(house: House, connection: int, record_id: int, **fields: str) -> None:
    """The mirror says something that the CRM never said."""
    of_record = (RecordRow.connection_id == connection, RecordRow.record_id == str(record_id))
    values = {"digest": "tampered", "fields": {**fields}}
    transact(house.world.sessions, lambda session: session.execute(update(RecordRow).where(*of_record).values(values)))


def list_answer(ids: list[int], total: int) -> bytes:
    """A page of ids as Raynet writes it."""
    rows = [{"id": one, "rowInfo.rowAccess": None, "_version": 1} for one in ids]
    return orjson.dumps({"success": True, "totalCount": total, "data": rows})


def answers_instead(house: House, body: bytes, status: int = 200, times: int = 1, path: str = "person/") -> None:
    """From now on the vendor answers something else."""
    kind = "text/html" if body.startswith(b"<") else "application/json"
    house.raynet.fail(Fault("status", "GET", f"/api/v2/{path}", times, status, body, headers={"Content-Type": kind}))
