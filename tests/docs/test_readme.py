"""The README's own commands, carried out against both emulators."""

import re
import shlex
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.support.command import Ended, Home, a_home
from tests.support.documents import ROOT, text
from tests.support.vendors import both_vendors

README = text("README.md")
IN_PLACE_OF = {
    "username=jana@firma.cz": "username=api@example.com",
    "instance=moje-firma": "instance=demo-crm",
}
SOMEBODY = "eva@firma.cz"


def lines() -> list[list[str]]:
    """The block about a first own connection, with the emulators' values in the places of a customer's."""
    block = README.partition("## Your own first connection")[2].partition("```sh\n")[2].partition("```")[0]
    return [[IN_PLACE_OF.get(word, word) for word in shlex.split(line)[1:]] for line in block.splitlines()]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with both_vendors() as vendors:
        yield a_home(tmp_path_factory.mktemp("readme"), **vendors.variables)


@pytest.fixture(scope="module")
def ended(home: Home) -> dict[str, Ended]:
    """How each of the commands ended, by its line."""
    keys = iter(("api_key=crm-test-0001", "api_key=test-key"))
    found = {}
    for words in lines():
        given = [next(keys) if word == "api_key=KEY" else word for word in words]
        found[" ".join(words[:3])] = home.run(*given)
    return found


def test_the_first_connection_works_as_it_is_shown(ended: dict[str, Ended]) -> None:
    assert {line: end.status for line, end in ended.items()} == dict.fromkeys(ended, 0), ended


def test_the_preview_counts_what_the_run_then_does(ended: dict[str, Ended]) -> None:
    counts = [re.search(r"profiles: .*", ended[line].out) for line in ("sync 1 --dry-run", "sync 1")]

    assert counts[0] is not None and counts[1] is not None
    assert counts[0][0] == counts[1][0]


def libraries() -> set[str]:
    """What setup.cfg says the product needs."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    wanted = parser["options"]["install_requires"].split("\n")
    return {re.split(r"[><=;\[ ]", line.strip())[0].lower() for line in wanted if line.strip()}


def table() -> set[str]:
    """The libraries of the README's table; "Flask, with Flask-Login, -WTF" stands for three."""
    rows = re.findall(r"^\| ([^|]+) \|", README.partition("## Libraries")[2].partition("\n## ")[0], re.MULTILINE)
    names = [name.strip().removeprefix("with ") for row in rows for name in row.split(",")]
    whole = [f"Flask{name}" if name.startswith("-") else name for name in names]
    return {name.lower() for name in whole} - {"library", "---"}


def test_every_library_of_the_table_is_really_used() -> None:
    assert table() <= libraries()


def test_every_library_has_a_reason_in_the_table() -> None:
    assert libraries() - table() == set()


def test_the_picture_of_the_page_is_there() -> None:
    shown = re.search(r"!\[[^\]]+\]\(([^)]+)\)", README)

    assert shown is not None
    assert (ROOT / Path(shown[1])).is_file()
