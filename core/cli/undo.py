"""`spojka undo ID`"""

import sys
from typing import Any

import click

from core import connecting
from core.cli.common import json_option, print_json, print_lines, world
from core.cli.errors import BY_STATUS, FAILURES
from core.cli.gauge import gauge
from core.cli.sync import unfinished
from core.decide.addresses import canonical
from core.engine import full, undo
from core.engine.undo import Scope, Survey
from core.errors import WrongInput
from core.store.base import look


@click.command("undo")
@click.argument("connection", type=int, metavar="ID")
@click.option("--run", type=int, metavar="N", help="Take back what a whole run wrote.")
@click.option("--contact", metavar="EMAIL", help="Take back everything that was written about one contact.")
@click.option("--entry", type=int, metavar="N", help="Take back one entry; `spojka explain` numbers them.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken back, and what can't be.")
@json_option
def command(
    connection: int, run: int | None, contact: str | None, entry: int | None, dry_run: bool, as_json: bool
) -> None:
    """Take back what was written: values and tags become what they were before, but for what people edited since."""
    scope = _scope(run, contact, entry)
    here = world()

    def work(session: Any) -> Survey:
        return undo.survey(session, connecting.get(session, connection).id, scope)

    document: dict[str, Any] = {
        "connection": connection,
        "dry_run": dry_run,
        "before": _before(look(here.sessions, work)),
    }
    if dry_run:
        return print_json(document) if as_json else print_lines(_words(document))
    run_id = undo.request(here, connection, scope, "cli")
    with gauge() as watching:
        done = full.work(here, run_id, watching)
    result = done.result or {**unfinished(done), "undo": {}}
    document |= {name: result[name] for name in ("status", "undo", "requests", "seconds")} | {"run": run_id}
    if done.error:
        click.echo(done.error, err=True)
    print_json(document) if as_json else print_lines(_words(document))
    sys.exit(BY_STATUS.get(str(document["status"]), FAILURES))


def _scope(run: int | None, contact: str | None, entry: int | None) -> Scope:
    """Exactly one of the three. Raises WrongInput."""
    if sum(one is not None for one in (run, contact, entry)) != 1:
        raise WrongInput("Say what to take back: --run N, --contact EMAIL or --entry N.")
    if contact is None:
        return Scope(run=run, line=entry)
    email = canonical(contact)
    if not email:
        raise WrongInput("This is not an e-mail address. Write it like jana@firma.cz.", "contact")
    return Scope(email=email)


def _before(found: Survey) -> dict[str, Any]:
    examples = [{"email": one.email, "what": one.what, "changes": dict(one.changes)} for one in found.examples]
    back = {"values": found.values, "tags": found.tags, "crm_values": found.crm_values, "crm_tags": found.crm_tags}
    stays = {"created": found.created, "unsubscribed": found.unsubscribed, "history": found.history}
    return {"back": back, "stays": stays, "examples": examples}


def _words(said: dict[str, Any]) -> list[str]:
    back, stays, examples = said["before"]["back"], said["before"]["stays"], said["before"]["examples"]
    lines = [
        f"to take back, in contacts: {back['values']} with values and {back['tags']} with tags in the list, "
        f"{back['crm_values']} with values and {back['crm_tags']} with tags in the CRM",
        f"stays as it is: {stays['created']} created, {stays['unsubscribed']} unsubscribed, "
        f"{stays['history']} in the history",
        *[f"for example: {one['email']}  {one['what']}  {one['changes']}" for one in examples],
    ]
    if "undo" in said and said["undo"]:
        done = said["undo"]
        lines.append(
            f"{said['status']}: {done['list']} taken back in the list, {done['crm']} in the CRM and "
            f"{done['crm_tags']} tags there, {done['left']} edited since and left, {done['waiting']} waiting"
        )
    return lines
