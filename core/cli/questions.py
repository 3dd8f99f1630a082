"""`spojka questions …`"""

from typing import Any

import click

from core.cli.common import json_option, print_json, print_lines, world
from core.store import questions
from core.store.questions import QuestionRow


@click.group("questions")
def command() -> None:
    """What waits for a person's decision."""


@command.command("list")
@json_option
def list_open(as_json: bool) -> None:
    """Open questions, oldest first, with their numbers and examples."""
    with world().sessions() as session:
        session.connection(execution_options={"reading": True})
        rows = questions.open_ones(session)
    found = [_document(row) for row in rows]
    if as_json:
        return print_json(found)
    return print_lines(
        [f"{each['id']}  connection {each['connection']}  {each['kind']}  {each['facts']}" for each in found]
        or ["Nothing waits for a person."]
    )


def _document(row: QuestionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "connection": row.connection_id,
        "kind": row.kind,
        "facts": row.facts,
        "asked_at": row.asked_at,
    }
