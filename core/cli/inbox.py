"""`spojka inbox …`"""

from collections import Counter
from typing import Any

import click
from sqlalchemy.orm import Session

from core.cli.common import json_option, note, print_json, print_lines, world
from core.errors import WrongInput
from core.store import inbox
from core.store.base import look, transact
from core.store.inbox import InboxRow, Reopened

LARGEST_ID = 2**31 - 1


@click.group("inbox")
def command() -> None:
    """What was accepted and is not dealt with yet."""


@command.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """What is open or failed, oldest first, and why."""
    found = [_document(row) for row in look(world().sessions, inbox.shown)]
    if as_json:
        return print_json(found)
    return print_lines([_line(each) for each in found] or ["Nothing is waiting and nothing has failed."])


@command.command("replay")
@click.argument("ids", type=click.IntRange(1, LARGEST_ID), nargs=-1, metavar="[ID]…")
@click.option("--all", "everything", is_flag=True, help="Everything that failed.")
@json_option
def replay(ids: tuple[int, ...], everything: bool, as_json: bool) -> None:
    """Open what failed again, as it was; workers then try it once more."""
    if everything == bool(ids):
        raise WrongInput("Name the rows to open again, or give --all. spojka inbox list shows them.", "ids")
    here = world()
    opened = transact(here.sessions, lambda session: _reopened(session, None if everything else sorted(set(ids))))
    if opened:
        transact(here.sessions, lambda session: note(session, here.clock.now(), "inbox.replay", {"rows": len(opened)}))
    for connection in sorted({row.connection for row in opened if row.kind == inbox.BELL}):
        here.wake.ring("realtime", "live_now", connection)
    if as_json:
        return print_json({"replayed": [row.id for row in opened]})
    return print_lines(_summary(opened))


def _reopened(session: Session, ids: list[int] | None) -> list[Reopened]:
    """Opens all of them or, where one is none that failed, none. Raises WrongInput."""
    opened = inbox.reopen(session, ids)
    missing = sorted(set(ids or ()) - {row.id for row in opened})
    if missing:
        numbers = ", ".join(map(str, missing))
        raise WrongInput(f"Nothing that failed has the number {numbers}. spojka inbox list shows what has.", "ids")
    return opened


def _summary(opened: list[Reopened]) -> list[str]:
    counted = Counter(row.connection for row in opened)
    return [f"connection {connection}: {number} open again" for connection, number in sorted(counted.items())] or [
        "Nothing has failed."
    ]


def _document(row: InboxRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "connection": row.connection_id,
        "kind": row.kind,
        "state": row.state,
        "since": row.received_at,
        "why": row.error,
    }


def _line(shown: dict[str, Any]) -> str:
    text = f"{shown['id']}  connection {shown['connection']}  {shown['kind']:<8}  {shown['state']:<6}"
    return f"{text}  since {shown['since']:%Y-%m-%d %H:%M:%S} UTC  {shown['why']}".rstrip()
