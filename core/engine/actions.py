"""The door of tags: what an automation or a program asks for is kept, and sent by `core.engine.tags` (R52, R54)."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.decide.mornings import next_morning
from core.engine import erasing
from core.ports import World
from core.store import steps, wishes
from core.store.base import transact
from core.store.connections import ConnectionRow
from core.store.outbox import Intent, OutboxRow, State

LONGEST = 50
IMMEDIATE = "immediate"


@dataclass(frozen=True, slots=True)
class Asked:
    """A tag to be added to the records of a canonical address, or removed; the same `key` again has no effect.

    `source` and `step` name the step of an automation that called.
    """

    email: str
    tag: str
    add: bool
    key: str = ""
    source: str = ""
    step: str = ""


def accept(world: World, connection_id: int, asked: Sequence[Asked]) -> tuple[int, ...]:
    """Keep what is asked; the rows' ids, in order, 0 for an address erased on request (R14). One commit.

    What nothing else waits for is sent at once where the connection says so, else with the next morning (R52).
    """

    def work(session: Session) -> tuple[tuple[int, ...], bool]:
        row = session.get_one(ConnectionRow, connection_id)
        gone = erasing.among(session, world, sorted({one.email for one in asked}))
        kept = [one for one in asked if one.email not in gone]
        first = first_at(world, row)
        ids = iter(wishes.accept(session, [row_of(world, connection_id, one, first) for one in kept]))
        steps.called(session, [step_of(connection_id, one, world.clock.now()) for one in kept if one.step])
        world.crash.point("action.before_commit")
        return tuple(0 if one.email in gone else next(ids) for one in asked), first <= world.clock.now()

    ids, at_once = transact(world.sessions, work)
    world.crash.point("action.after_commit")
    if at_once:
        world.wake.ring("realtime", "send_now", connection_id)
    return ids


def first_at(world: World, row: ConnectionRow) -> datetime:
    """When what is accepted now is sent at the earliest."""
    now = world.clock.now()
    if row.settings.get("tag_writeback") == IMMEDIATE:
        return now
    return next_morning(now, world.settings.daily_at, world.settings.timezone)


def clean(tag: str) -> str:
    """A tag as it is compared and written: trimmed, NFC (R54)."""
    return unicodedata.normalize("NFC", tag).strip()


def tag_problem(tag: str) -> str:
    """Why a cleaned tag is refused at the door, or `""` (R54)."""
    if not tag:
        return "The tag is missing. Add it to the address, like ?tag=VIP."
    if "," in tag:
        return "A tag can't hold a comma: the CRM would take it for two tags."
    if len(tag) > LONGEST:
        return f"The tag has {len(tag)} characters; the CRM takes at most {LONGEST}."
    return ""


def step_of(connection_id: int, one: Asked, called_at: datetime | None) -> dict[str, Any]:
    """What is known of a step from its call, or from the log; `called_at`: see `StepRow`."""
    said = {"connection_id": connection_id, "source": one.source, "step": one.step, "email": one.email}
    return {**said, "tag": one.tag, "add": one.add, "called_at": called_at, "looked_at": None}


def row_of(world: World, connection_id: int, one: Asked, first: datetime) -> OutboxRow:
    """What is asked as a row of the outbox; before `first` it is not sent."""
    payload = {"tag": one.tag, "add": one.add, "first": first.isoformat(), "stage": ""}
    return OutboxRow(
        connection_id=connection_id,
        kind=Intent.TAG.value,
        key=f"tag:{one.key or world.ids.new()}",
        email=one.email,
        payload=payload,
        state=State.WAITING.value,
        claim="",
        attempts=0,
        next_try=first,
        last_error="",
        created_at=world.clock.now(),
        closed_at=None,
    )
