"""`spojka questions …`"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy.orm import Session

from core.cli.common import json_option, print_json, print_lines, world
from core.engine import answering
from core.store import questions
from core.store.base import look
from core.store.questions import QuestionRow


@click.group("questions")
def command() -> None:
    """What waits for a person's decision."""


@command.command("list")
@json_option
def list_open(as_json: bool) -> None:
    """Open questions, oldest first, with their numbers, examples, and what each answer does."""

    def work(session: Session) -> list[dict[str, Any]]:
        return [_document(row, answering.examples(session, row)) for row in questions.open_ones(session)]

    found = look(world().sessions, work)
    if as_json:
        return print_json(found)
    return print_lines([line for each in found for line in _lines(each)] or ["Nothing waits for a person."])


@command.command("answer")
@click.argument("question", type=int, metavar="ID")
@click.argument("said", type=click.Choice(["yes", "no"]), metavar="yes|no")
@json_option
def answer(question: int, said: str, as_json: bool) -> None:
    """Answer a question. What follows is done by the workers, or by the next sync."""
    row = answering.answer(world(), question, yes=said == "yes")
    document = {"id": row.id, "connection": row.connection_id, "kind": row.kind, "answer": row.answer}
    if as_json:
        return print_json(document)
    does = _words(row).yes if said == "yes" else _words(row).no
    return print_lines([f"Question {row.id}: {row.answer}. {does}"])


@dataclass(frozen=True, slots=True)
class _Words:
    """A question in words, and what each answer does."""

    asks: str
    yes: str
    no: str


def _brake(facts: Mapping[str, Any]) -> _Words:
    if facts.get("what") == "edits":
        asks = f"{facts['waiting']} edits of the list would go to the CRM at once; {facts['limit']} go without asking."
        return _Words(asks, "They are written into the CRM.", "They stay in the list and stand among the failures.")
    asks = f"{facts['waiting']} addresses would be closed or unsubscribed at once; {facts['limit']} go without asking."
    return _Words(asks, "They are carried out.", "They are dropped for good and stand among the failures.")


def _absence(facts: Mapping[str, Any]) -> _Words:
    if facts["why"] == "eyes":
        asks = f"{facts['missing']} records are not visible to the key that reads the CRM now."
        return _Words(asks, "They are gone; another night proves it.", "They are kept as they are.")
    asks = f"What the CRM listed at night was not believed ({facts['why']}), so that nothing was closed."
    return _Words(asks, "The list is right; another night proves each record.", "Everything is kept as it is.")


def _values(facts: Mapping[str, Any]) -> _Words:
    asks = f"{facts['differed']} of {facts['compared']} records that were compared say something else by now."
    return _Words(asks, "Their values are taken over.", "Everything is kept as it is.")


def _list_gone(facts: Mapping[str, Any]) -> _Words:
    asks = f'The list "{facts["list"]}" is not in the mail account any more; the connection has stopped.'
    return _Words(asks, "The list is back, and the connection goes on.", "The connection stays stopped.")


def _moved(facts: Mapping[str, Any]) -> _Words:
    asks = f"This installation is at home at {facts['recorded']} and was started at {facts['found']}."
    return _Words(asks, "This is its home from now on.", "It is a copy: it reads and writes nothing.")


def _conflict(facts: Mapping[str, Any]) -> _Words:
    asks = f"{facts['field']} of {facts['record']} was edited in the CRM and in the list: which of the two counts?"
    return _Words(asks, "The list's value goes into the CRM.", "The CRM's value goes into the list.")


_BY_KIND: Mapping[str, Callable[[Mapping[str, Any]], _Words]] = {
    "R24": _conflict,
    "R75": _values,
    "R96": _brake,
    "R98": _absence,
    "R109": _list_gone,
    "R110": _moved,
}


def _words(row: QuestionRow) -> _Words:
    return _BY_KIND[row.kind](row.facts)


def _document(row: QuestionRow, examples: list[dict[str, str]]) -> dict[str, Any]:
    words = _words(row)
    return {
        "id": row.id,
        "connection": row.connection_id,
        "kind": row.kind,
        "asked_at": row.asked_at,
        "question": words.asks,
        "yes": words.yes,
        "no": words.no,
        "facts": {name: value for name, value in row.facts.items() if name != "examples"},
        "examples": examples,
    }


def _lines(document: Mapping[str, Any]) -> list[str]:
    numbers = ", ".join(f"{name} {value}" for name, value in document["facts"].items())
    named = ", ".join(" ".join(example.values()) for example in document["examples"])
    return [
        f"{document['id']}  connection {document['connection']}  {document['kind']}  {document['question']}",
        f"    yes: {document['yes']}  no: {document['no']}",
        f"    {numbers}",
        *([f"    for example: {named}"] if named else []),
    ]
