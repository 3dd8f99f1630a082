"""Every place where a test may kill the process is named in one list, and every name in it is such a place."""

import re
from pathlib import Path

from core.engine.crash import POINTS

CORE = Path(__file__).resolve().parents[2] / "core"
PASSING = re.compile(r"\bcrash\.point\(\s*\"([^\"]+)\"")


def passed() -> set[str]:
    return {name for path in CORE.rglob("*.py") for name in PASSING.findall(path.read_text())}


def test_what_is_passed_is_named() -> None:
    assert passed() - set(POINTS) == set()


def test_what_is_named_is_passed() -> None:
    assert set(POINTS) - passed() == set()
