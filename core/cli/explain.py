"""`spojka explain ID EMAIL`"""

from typing import Any

import click

from core import connecting
from core.cli.common import json_option, print_json, print_lines, world
from core.engine import explaining


@click.command("explain")
@click.argument("connection", type=int, metavar="ID")
@click.argument("email")
@json_option
def command(connection: int, email: str, as_json: bool) -> None:
    """Every decision ever taken about one contact, oldest first: when, why, by which rule, what changed."""
    here = world()
    with here.sessions() as session:
        session.connection(execution_options={"reading": True})
        connecting.get(session, connection)
        found = explaining.explain(session, connection, email)
    english = here.settings.locale == "en"
    documents = [_document(line, english=english) for line in found]
    if as_json:
        return print_json(documents)
    return print_lines([_line(each) for each in documents] or ["Nothing was ever decided about this address."])


def _document(line: explaining.Line, *, english: bool) -> dict[str, Any]:
    return {
        "entry": line.entry,
        "at": line.at,
        "cause": line.cause,
        "rule": line.rule,
        "sentence": line.sentence_en if english else line.sentence_cs,
        "what": line.what,
        "changes": line.changes,
        "result": line.result,
    }


def _line(document: dict[str, Any]) -> str:
    changes = ", ".join(f"{name}: {change}" for name, change in document["changes"].items())
    parts = [
        str(document["entry"]),
        f"{document['at']:%Y-%m-%d %H:%M:%S}",
        document["cause"],
        document["rule"],
        document["what"],
        changes,
    ]
    return "  ".join(part for part in [*parts, document["result"], document["sentence"]] if part)
