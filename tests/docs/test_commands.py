import re

import click
import pytest

from core.cli.main import spojka
from tests.support.documents import ROOT, Said, blocks, named, named_commands, shown_commands, text

SHOWN = sorted(set(shown_commands("spojka")), key=str)
NAMED = sorted(set(named_commands("spojka")), key=str)
MAKES = sorted({*shown_commands("make"), *named_commands("make")}, key=str)


def name_of(said: Said) -> str:
    return f"{named(said.page)}: {' '.join(said.words)}"[:100]


def leaves(command: click.Command, *before: str) -> dict[tuple[str, ...], click.Command]:
    if not isinstance(command, click.Group):
        return {before: command}
    context, found = click.Context(command), dict[tuple[str, ...], click.Command]()
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        found |= leaves(below, *before, name)
    return found


COMMANDS = leaves(spojka)


def test_the_pages_show_commands() -> None:
    assert len(SHOWN) > 10


@pytest.mark.parametrize("said", SHOWN, ids=name_of)
def test_a_shown_command_is_one_that_spojka_understands(said: Said) -> None:
    (path,) = [path for path in COMMANDS if said.words[: len(path)] == path]

    COMMANDS[path].make_context(" ".join(path), list(said.words[len(path) :]))


@pytest.mark.parametrize("said", NAMED, ids=name_of)
def test_a_named_command_exists(said: Said) -> None:
    starts = [path for path in COMMANDS if path[: len(said.words)] == said.words[: len(path)]]

    assert starts or said.words[0].startswith("-")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_stands_in_the_list_of_commands_with_all_its_options(path: tuple[str, ...]) -> None:
    row = re.search(rf"^\| `spojka {' '.join(path)}\b[^|]*\|([^|]*)\|", text("docs/commands.md"), re.MULTILINE)

    assert row is not None
    assert set(re.findall(r"`([^`]+)`", row[1])) == options(COMMANDS[path])


def options(command: click.Command) -> set[str]:
    return {name for each in command.params if isinstance(each, click.Option) for name in each.opts}


@pytest.mark.parametrize("said", MAKES, ids=name_of)
def test_a_make_target_that_a_page_names_exists(said: Said) -> None:
    assert re.search(rf"^{said.words[0]}:", text("Makefile"), re.MULTILINE)


def test_the_document_of_sync_is_shown_with_the_keys_that_a_run_has() -> None:
    import json

    from core.cli.sync import unfinished
    from core.store.runs import RunRow

    (shown,) = [json.loads(body) for body in blocks(ROOT / "docs/commands.md", "json")]
    made = unfinished(RunRow(connection_id=1, mode="full", dry_run=False, state="paused"))

    assert shown.keys() == made.keys()
    assert shown["profiles"].keys() == made["profiles"].keys()
