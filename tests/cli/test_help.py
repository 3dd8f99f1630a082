import click
import pytest

from core.cli.main import COMMANDS, spojka
from tests.support.command import Home


def paths(command: click.Command, *before: str) -> list[tuple[str, ...]]:
    """The words of every command and group."""
    found = [before] if before else []
    if not isinstance(command, click.Group):
        return found
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        found += paths(below, *before, name)
    return found


@pytest.mark.parametrize("words", paths(spojka), ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        spojka([*words, "--help"], prog_name="spojka")

    assert ended.value.code == 0


@pytest.mark.parametrize("words", paths(spojka), ids=" ".join)
def test_every_command_says_what_it_is_for(words: tuple[str, ...]) -> None:
    command: click.Command | None = spojka
    for word in words:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)

    assert command is not None
    assert command.help


def test_the_command_lists_all_its_parts(home: Home) -> None:
    ended = home.run("--help")

    assert ended.status == 0
    assert all(f"  {name} " in ended.out for name in COMMANDS)


def test_an_unknown_command_ends_with_2_and_a_sentence(home: Home) -> None:
    ended = home.run("dance")

    assert ended.status == 2
    assert "No such command 'dance'" in ended.err
    assert "Traceback" not in ended.err
