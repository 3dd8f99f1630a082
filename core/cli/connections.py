"""`spojka connections …`"""

from dataclasses import asdict
from typing import Any

import click

from core import connecting
from core.cli import shown
from core.cli.common import confirm, json_option, note, pairs, print_json, print_lines, world, yes_option
from core.ports import World
from core.store import runs

ENDS = "Its webhook at the CRM is taken away, its credentials and addresses are wiped, what it waited for is dropped."
STAYS = "All profiles in the list stay as they are, and so does every record in the CRM."
LEFT = "Its webhook at the CRM could not be taken away; it leads nowhere now, so delete it in the CRM by hand."
connection_id = click.argument("connection", type=int, metavar="ID")


@click.group("connections")
def command() -> None:
    """Connections between a CRM account and a list."""


@command.command("create")
@click.option("--plugin", required=True, help="The CRM's plugin, like raynet.")
@click.option("--audience", required=True, help="Where the list lives: ecomail, or local for the embedded one.")
@click.option("--list", "contact_list", required=True, help="The list's id, or its whole name.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of the CRM's side, or Spojka's.")
@click.option("--audience-set", "audience_settings", multiple=True, metavar="KEY=VALUE", help="One of the list's side.")
@click.option("--no-test", is_flag=True, help="Save without trying the credentials.")
@click.option("--paused", is_flag=True, help="Don't start the first run.")
@json_option
def create(
    plugin: str,
    audience: str,
    contact_list: str,
    settings: tuple[str, ...],
    audience_settings: tuple[str, ...],
    no_test: bool,
    paused: bool,
    as_json: bool,
) -> None:
    """Connect a CRM account to a list; the workers then do its first run by themselves."""
    ours, theirs = pairs(settings, "--set"), pairs(audience_settings, "--audience-set")
    here = world()
    made = connecting.create(
        here,
        plugin=plugin,
        audience=audience,
        contact_list=contact_list,
        settings=ours,
        audience_settings=theirs,
        paused=paused,
        test=not no_test,
        by="command",
    )
    _note(here, "connection.create", made.id)
    if as_json:
        return print_json(asdict(made))
    return print_lines(
        [f"Connection {made.id} is made.", *(f"{name}: {value}" for name, value in asdict(made).items())]
    )


@command.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """All connections, one a line."""
    here = world()
    with here.sessions() as session:
        session.connection(execution_options={"reading": True})
        found = [shown.connection(session, row) for row in connecting.every(session)]
    if as_json:
        return print_json(found)
    return print_lines([shown.line(each) for each in found] or ["There is no connection yet."])


@command.command("show")
@connection_id
@json_option
def show(connection: int, as_json: bool) -> None:
    """One connection: its settings, its addresses, its last runs."""
    _show(world(), connection, as_json)


@command.command("test")
@connection_id
@json_option
def test(connection: int, as_json: bool) -> None:
    """Prove both sides' credentials; nothing is changed."""
    here = world()
    found = connecting.retest(here, connection)
    if as_json:
        with here.sessions() as session:
            session.connection(execution_options={"reading": True})
            known = shown.connection(session, connecting.get(session, connection))
        lists = [asdict(each) for each in found.lists]
        return print_json(known | asdict(found) | {"connection": connection, "lists": lists})
    left = f", {found.left} of {found.limit} requests left today" if found.left is not None else ""
    return print_lines([f"Connected. User {found.user}{left}."])


@command.command("pause")
@connection_id
@json_option
def pause(connection: int, as_json: bool) -> None:
    """Read and write nothing until it is resumed."""
    here = world()
    connecting.pause(here, connection)
    _note(here, "connection.pause", connection)
    _show(here, connection, as_json)


@command.command("resume")
@connection_id
@json_option
def resume(connection: int, as_json: bool) -> None:
    """Back to work; it catches up."""
    here = world()
    connecting.resume(here, connection, by="command")
    _note(here, "connection.resume", connection)
    _show(here, connection, as_json)


@command.command("remove")
@connection_id
@yes_option
@json_option
def remove(connection: int, yes: bool, as_json: bool) -> None:
    """End a connection: its webhook and credentials go, the profiles in the list stay."""
    here = world()
    with here.sessions() as session:
        session.connection(execution_options={"reading": True})
        name = connecting.get(session, connection).name
    confirm(f"Remove connection {connection} ({name})? {ENDS} {STAYS}", yes=yes)
    left = connecting.remove(here, connection)
    _note(here, "connection.remove", connection, webhook_left=bool(left))
    if as_json:
        return print_json({"id": connection, "state": "removed", "webhook_left": left})
    lines = [f"Connection {connection} is removed. {STAYS}"]
    return print_lines(lines + ([f"{LEFT} {left}"] if left else []))


@command.command("set")
@connection_id
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE…")
@json_option
def set_values(connection: int, values: tuple[str, ...], as_json: bool) -> None:
    """Change settings by name; `audience.` before a name means the list's side."""
    given = pairs(values, "set")
    here = world()
    connecting.change(here, connection, given, by="command")
    _note(here, "connection.set", connection, names=sorted(given))
    _show(here, connection, as_json)


def _show(here: World, connection: int, as_json: bool) -> None:
    with here.sessions() as session:
        session.connection(execution_options={"reading": True})
        row = connecting.get(session, connection)
        document = shown.connection(session, row)
        document |= asdict(connecting.addresses(here, row))
        document["runs"] = [shown.run(each) for each in runs.last(session, connection, 5)]
    if as_json:
        return print_json(document)
    return print_lines(shown.lines(document))


def _note(here: World, what: str, connection: int, **details: Any) -> None:
    with here.sessions.begin() as session:
        note(session, here.clock.now(), what, {"connection": connection, **details})
