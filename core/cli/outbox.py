"""`spojka outbox …`"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from core.cli.common import json_option, note, print_json, print_lines, world
from core.cli.inbox import LARGEST_ID
from core.errors import WrongInput
from core.store import outbox
from core.store.base import look, transact
from core.store.outbox import Intent, OutboxRow, State

Do = Callable[[Session, Sequence[OutboxRow], datetime], None]
ids_argument = click.argument("ids", type=click.IntRange(1, LARGEST_ID), nargs=-1, metavar="[ID]…")


@click.group("outbox")
def command() -> None:
    """What is to be written into a CRM and is not there yet."""


@command.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """What waits or failed, oldest first, and why."""
    found = [_document(row) for row in look(world().sessions, outbox.shown)]
    if as_json:
        return print_json(found)
    return print_lines([_line(each) for each in found] or ["Nothing is waiting and nothing has failed."])


@command.command("replay")
@ids_argument
@click.option("--all", "everything", is_flag=True, help="Everything that failed.")
@json_option
def replay(ids: tuple[int, ...], everything: bool, as_json: bool) -> None:
    """Try again what failed; workers write it as soon as they come to it."""
    done = _carry_out("replay", ids, everything=everything, states={State.FAILED.value}, do=outbox.reopen)
    here = world()
    for connection in sorted({row["connection"] for row in done}):
        here.wake.ring("realtime", "send_now", connection)
    if as_json:
        return print_json({"replayed": [row["id"] for row in done]})
    return print_lines(_summary(done, "to be written again"))


@command.command("discard")
@ids_argument
@click.option("--all", "everything", is_flag=True, help="Everything that failed.")
@json_option
def discard(ids: tuple[int, ...], everything: bool, as_json: bool) -> None:
    """Write something no more: what failed, or still waits. The list and the CRM keep what they hold."""
    states = {state.value for state in State} - {State.SENDING.value, *outbox.OVER}
    chosen = {State.FAILED.value} if everything else states
    done = _carry_out("discard", ids, everything=everything, states=chosen, do=outbox.discard)
    if as_json:
        return print_json({"discarded": [row["id"] for row in done]})
    return print_lines(_summary(done, "discarded"))


def _carry_out(name: str, ids: tuple[int, ...], *, everything: bool, states: set[str], do: Do) -> list[dict[str, Any]]:
    """All of the named rows or, where one is none of these, none. Raises WrongInput."""
    if everything == bool(ids):
        raise WrongInput(f"Name the rows to {name}, or give --all. spojka outbox list shows them.", "ids")
    here = world()

    def work(session: Session) -> list[dict[str, Any]]:
        rows = [row for row in outbox.shown(session) if row.state in states and (everything or row.id in ids)]
        missing = sorted(set(ids) - {row.id for row in rows})
        if missing:
            numbers = ", ".join(map(str, missing))
            raise WrongInput(f"There is nothing to {name} with the number {numbers}. See spojka outbox list.", "ids")
        said = [_document(row) for row in rows]
        if rows:
            do(session, rows, here.clock.now())
            note(session, here.clock.now(), f"outbox.{name}", {"rows": len(rows)})
        return said

    return transact(here.sessions, work)


def _summary(done: Sequence[dict[str, Any]], word: str) -> list[str]:
    counted = Counter(row["connection"] for row in done)
    return [f"connection {connection}: {number} {word}" for connection, number in sorted(counted.items())] or [
        "Nothing has failed."
    ]


def _document(row: OutboxRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "connection": row.connection_id,
        "kind": row.kind,
        "state": row.state,
        "email": row.email,
        "what": what(row),
        "since": row.created_at,
        "next_try": row.next_try,
        "attempts": row.attempts,
        "why": row.last_error,
    }


def what(row: OutboxRow) -> str:
    """What a row asks for, in a word or two."""
    said = row.payload
    if row.kind == Intent.FIELD.value:
        return f"{said['kind']}:{said['id']} {said['field']}"
    if row.kind == Intent.TAG.value:
        return f"{'add' if said['add'] else 'remove'} {said['tag']}"
    return str(said.get("source", ""))


def _line(shown: dict[str, Any]) -> str:
    text = f"{shown['id']}  connection {shown['connection']}  {shown['state']:<7}  {shown['email']}  {shown['what']}"
    return f"{text}  since {shown['since']:%Y-%m-%d %H:%M:%S} UTC  {shown['why']}".rstrip()
