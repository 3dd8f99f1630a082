"""The code as files: what is in it, how long it is, what it says beside itself."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("spojka", "core", "plugins")


@dataclass(frozen=True)
class Comment:
    """One comment and where it stands."""

    path: Path
    line: int
    text: str


@cache
def sources(*rooms: str) -> tuple[Path, ...]:
    """The Python files of these rooms, relative to the top; `wsgi.py` belongs to the product."""
    found = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    return tuple(path.relative_to(ROOT) for path in [*found, *sorted(ROOT.glob("*.py"))])


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse((ROOT / path).read_text())


def lines(path: Path) -> int:
    """How long a file is."""
    return len((ROOT / path).read_text().splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length of every function, decorators not counted."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def names(path: Path) -> Iterator[str]:
    """The file's own name and those of its classes and functions."""
    yield path.stem
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def comments(path: Path) -> Iterator[Comment]:
    """Every comment of a file."""
    text = (ROOT / path).read_text()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield Comment(path, token.start[0], token.string)


def tracked(*patterns: str) -> tuple[str, ...]:
    """The files that belong to the repository, by path."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    ended = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(sorted(name for name in ended.stdout.splitlines() if (ROOT / name).is_file()))
