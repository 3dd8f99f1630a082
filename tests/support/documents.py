"""What is written about the product: pages, their code blocks, links and commands."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^`([\w./-]+\.\w+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_VARIABLE = re.compile(r"[A-Z_]+=\S*")


@dataclass(frozen=True)
class Said:
    """A command line and the page that shows it."""

    page: Path
    words: tuple[str, ...]


def text(name: str) -> str:
    """A page by its path from the top."""
    return (ROOT / name).read_text()


def named(page: Path) -> str:
    """How a page is called in the name of a test."""
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language."""
    return [body for found, body in _BLOCK.findall(page.read_text()) if found == language]


def files(page: Path) -> dict[str, str]:
    """Code blocks below a line that is a file's name alone: the files that the page builds."""
    return dict(_FILE.findall(page.read_text()))


def shown_commands(program: str) -> Iterator[Said]:
    """Whole command lines in the shell blocks of all pages, without variables before them."""
    for page in PAGES:
        for line in "".join(blocks(page, "sh")).splitlines():
            words = _without_variables(shlex.split(line))
            if words and Path(words[0]).name == program:
                yield Said(page, tuple(words[1:]))


def named_commands(program: str) -> Iterator[Said]:
    """Commands that a sentence or a table names; their arguments may be placeholders or missing."""
    for page in PAGES:
        prose = _BLOCK.sub("", page.read_text())
        for inside in _INLINE.findall(prose):
            words = inside.split()
            if words[0] == program and len(words) > 1:
                yield Said(page, tuple(words[1:]))


def _without_variables(words: list[str]) -> list[str]:
    while words and _VARIABLE.fullmatch(words[0]):
        words = words[1:]
    return words
