import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from core.cli.main import spojka
from core.web.metrics import COUNTERS, GAUGES
from tests.support.documents import ROOT, blocks, text

PAGE = ROOT / "docs/operations.md"
METRICS = {f"spojka_{told.name}" for told in GAUGES} | {f"spojka_{told.name}_total" for told in COUNTERS}
RULES = "\n".join(blocks(PAGE, "yaml"))


def unit(body: str) -> ConfigParser:
    """A unit of systemd, whose names are written as they are."""
    parser = ConfigParser(interpolation=None)
    parser.read_string(body)
    return parser


@pytest.mark.parametrize("body", blocks(PAGE, "ini"))
def test_a_service_starts_a_command_that_spojka_understands(body: str) -> None:
    program, name, *options = shlex.split(unit(body)["Service"]["ExecStart"])
    command = spojka.get_command(click.Context(spojka), name)

    assert Path(program).name == "spojka"
    assert command is not None
    command.make_context(name, options)


def test_two_services_are_shown() -> None:
    assert len(blocks(PAGE, "ini")) == 2


def test_alarms_stand_on_metrics_that_exist() -> None:
    named = set(re.findall(r"spojka_\w+", RULES))

    assert named
    assert named <= METRICS


def test_every_alarm_is_explained_and_no_other() -> None:
    explained = re.findall(r"^\| `(Spojka\w+)` \|", text("docs/operations.md"), re.MULTILINE)

    assert explained == re.findall(r"^- alert: (\w+)$", RULES, re.MULTILINE)


def test_the_lines_of_the_log_that_the_page_names_are_said() -> None:
    shown = re.findall(r"`([a-z]+\.[a-z_]+)`", text("docs/operations.md").partition("## Logs")[2].partition("\n## ")[0])
    code = "".join(path.read_text() for path in (ROOT / "core").rglob("*.py"))

    assert shown
    assert [event for event in shown if f'"{event}"' not in code] == []
