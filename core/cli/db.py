"""`spojka db …`"""

import logging
import os

import click

from core import logs, rekeying, schema
from core.cli.common import json_option, print_json, print_lines
from core.settings import load
from core.store.base import make_engine, make_sessions, transact


@click.group("db")
def command() -> None:
    """The database's tables."""


@command.command("upgrade")
@json_option
def upgrade(as_json: bool) -> None:
    """Bring the tables to what this program needs, and secrets under the newest key; repeated, it changes nothing."""
    logs.configure(logging.WARNING)
    settings = load(os.environ)
    engine = make_engine(settings.database_url)
    before = schema.state(engine)
    if before is schema.Schema.UNKNOWN:
        schema.require(engine)
    schema.upgrade(engine)
    resealed = transact(make_sessions(engine), lambda session: rekeying.reseal(session, settings))
    for place in resealed.closed:
        click.echo(f"{place}: no key of SPOJKA_ENCRYPTION_KEYS opens it. Put its key back, or enter it anew.", err=True)
    if as_json:
        now = schema.state(engine)
        return print_json({"before": before, "now": now, "resealed": resealed.count, "closed": resealed.closed})
    return print_lines(["The tables are right.", f"Sealed anew with the newest key: {resealed.count}."])
