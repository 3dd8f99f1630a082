"""What every command starts from and ends with."""

import logging
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import click
import orjson
from sqlalchemy.orm import Session

from core import logs, schema
from core.errors import WrongInput
from core.ports import World
from core.settings import load
from core.store.people import AuditRow
from core.world import build_world

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
yes_option = click.option("--yes", is_flag=True, help="Don't ask.")


def world(level: int = logging.WARNING) -> World:
    """This command's world; a fresh database is given its tables. Raises SettingsError, WrongSchema."""
    logs.configure(level)
    made = build_world(load(os.environ))
    schema.require(made.engine)
    return made


def print_json(document: Any) -> None:
    """One document on stdout."""
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=_plain)
    click.echo(text.decode())


def print_lines(lines: Iterable[str]) -> None:
    """For people."""
    for line in lines:
        click.echo(line)


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """`key=value` as a mapping. Raises WrongInput; the value, perhaps a secret, is not repeated."""
    found: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise WrongInput(f"{option} wants key=value, like instance=moje-firma.")
        found[name.strip()] = value
    return found


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what can't be taken back; without a terminal only --yes says so. Raises WrongInput."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongInput("This can't be taken back and there is no terminal to ask at. Add --yes.")
    click.confirm(question, abort=True, err=True)


def note(session: Session, now: datetime, what: str, details: Mapping[str, Any]) -> None:
    """Write down what was asked for on the command line. `details` never holds a secret."""
    session.add(AuditRow(at=now, user_id=None, what=what, details={"by": "cli", **details}))


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
