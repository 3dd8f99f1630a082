"""`spojka db …`"""

import logging
import os

import click

from core import logs, schema
from core.cli.common import json_option, print_json, print_lines
from core.settings import load
from core.store.base import make_engine


@click.group("db")
def command() -> None:
    """The database's tables."""


@command.command("upgrade")
@json_option
def upgrade(as_json: bool) -> None:
    """Bring the tables to what this program needs; running it again changes nothing."""
    logs.configure(logging.WARNING)
    engine = make_engine(load(os.environ).database_url)
    before = schema.state(engine)
    if before is schema.Schema.UNKNOWN:
        schema.require(engine)
    schema.upgrade(engine)
    if as_json:
        return print_json({"before": before, "now": schema.state(engine)})
    return print_lines(["The tables are right."])
