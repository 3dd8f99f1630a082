"""`spojka contacts export|erase|allow`"""

import click

from core.cli.common import confirm, json_option, note, print_json, print_lines, world, yes_option
from core.decide.addresses import canonical
from core.engine import answering, erasing
from core.errors import WrongInput
from core.store import persons
from core.store.base import transact


@click.group("contacts")
def command() -> None:
    """What is stored about one person."""


@command.command("export")
@click.argument("email")
@json_option
def export(email: str, as_json: bool) -> None:
    """Everything that is stored about one address, table by table."""
    here = world()
    address = canonical(email)
    if not address:
        raise WrongInput("This is not an e-mail address. Write it like jana@firma.cz.", "email")
    with here.sessions() as session:
        session.connection(execution_options={"reading": True})
        found = persons.stored(session, address)
    if as_json:
        return print_json({"email": address, "stored": found})
    lines = [f"{table}: {len(rows)}" for table, rows in sorted(found.items())]
    return print_lines(lines or ["Nothing is stored about this address."])


@command.command("allow")
@click.argument("connection", type=int, metavar="ID")
@click.argument("email")
def allow(connection: int, email: str) -> None:
    """Let a contact that somebody deleted from the list be created again, by the workers or the next sync."""
    answering.lift(world(), connection, email)
    print_lines(["It is created again, if its record still belongs into the list."])


@command.command("erase")
@click.argument("email")
@yes_option
@json_option
def erase(email: str, yes: bool, as_json: bool) -> None:
    """Remove everything stored about one address here, for good, and never import it again.

    Nothing changes at the vendors: delete the person in the CRM and in the mail account, too.
    """
    here = world()
    confirm("Erase everything stored about this address, for good?", yes=yes)
    rows = erasing.erase(here, email)
    transact(here.sessions, lambda session: note(session, here.clock.now(), "contacts.erase", {}))
    if as_json:
        return print_json({"erased": True, "rows": rows})
    return print_lines(
        [
            "Erased here. A one-way hash keeps the address from being imported again.",
            "The vendors still have the person: delete it in the CRM and in the mail account, too.",
        ]
    )
