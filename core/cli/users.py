"""`spojka users …`"""

import sys

import click

from core import accounts
from core.cli.common import json_option, note, print_json, print_lines, world
from core.errors import WrongInput


@click.group("users")
def command() -> None:
    """Those who may sign in."""


@command.command("create")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice([role.value for role in accounts.Role]))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
def create(email: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """A new user; the password is asked for, or read from standard input."""
    password = _password(from_stdin=password_stdin)
    here = world()
    with here.sessions.begin() as session:
        row = accounts.create(
            session,
            email=email,
            role=role,
            password=password,
            locale=here.settings.locale,
            now=here.clock.now(),
        )
        note(session, here.clock.now(), "user.create", {"user": row.id, "role": row.role})
        made = {"id": row.id, "email": row.email, "role": row.role}
    if as_json:
        return print_json(made)
    return print_lines([f"{made['email']} may sign in as {made['role']}."])


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise WrongInput("There is no terminal to ask for the password at. Pipe it in, with --password-stdin.")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
