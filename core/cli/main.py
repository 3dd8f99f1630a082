"""The command `spojka`: its groups, each loaded when it is asked for."""

import importlib
import sys

import click

from core.cli.errors import exit_status, sentence
from spojka import SpojkaError

COMMANDS = {
    "contacts": "What is stored about one person: export, erase, allow.",
    "connections": "Connections between a CRM account and a list.",
    "daily": "Write the history and the morning's tags into the CRM, here and now.",
    "db": "The database's tables.",
    "doctor": "Check everything, one line per check.",
    "drain": "Wait until nothing is due.",
    "explain": "Every decision ever taken about one contact.",
    "inbox": "What was accepted and is not dealt with yet.",
    "outbox": "What is to be written into a CRM and is not there yet.",
    "plugins": "The catalogue of plugins.",
    "questions": "What waits for a person's decision: list, answer.",
    "sandbox": "Emulators of the vendors, to try things out.",
    "scheduler": "The part that looks for work nobody does.",
    "sync": "Bring a connection's list up to date, here and now.",
    "undo": "Take back what a run, or an entry of the timeline, wrote.",
    "up": "Web, workers and scheduler in one process tree.",
    "users": "Those who may sign in.",
    "web": "The pages and addresses.",
    "worker": "The part that does the work.",
}
"""Name -> short help. The module of the same name in this package holds `command`."""


class Spojka(click.Group):
    """Loads a command's module when it is used, and turns every expected error into a sentence and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None."""
        if cmd_name not in COMMANDS:
            return None
        found = importlib.import_module(f"core.cli.{cmd_name}").command
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list without loading a single command."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=Spojka, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="spojka", message="%(prog)s %(version)s")
def spojka() -> None:
    """Connects an e-mail list with your CRM and keeps both right.

    Settings come from the environment (SPOJKA_HOME, DATABASE_URL, …); `spojka doctor` checks them all.

    Exit status: 0 done · 1 done with failures · 2 wrong usage or settings · 3 the vendor refused us · 4 not reachable.
    """


def main() -> None:
    """Run the command line. Expected errors end as one sentence on stderr."""
    try:
        spojka(prog_name="spojka")
    except SpojkaError as error:
        fail(str(error), exit_status(error))
    except Exception as error:
        known = sentence(error)
        if known is None:
            raise
        fail(known, exit_status(error))


def fail(words: str, status: int) -> None:
    """Say one sentence and end."""
    click.echo(words, err=True)
    sys.exit(status)
