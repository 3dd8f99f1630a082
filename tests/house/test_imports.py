"""Which way the floors may look, and what the outside may see."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import spojka
from core.registry import load
from tests.support.house import ROOT, sources, tree

CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
MAY_READ_THE_CLOCK = (Path("core/real.py"), Path("spojka/emulator.py"))
PUBLIC = ("audience", "client", "connection", "contact", "crm", "declare", "doings", "errors", "hooks", "settings")
SHARED_WITH_THE_HOST = {"PROJECT", "T"}


def test_the_floors_look_only_downwards() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 0, ended.stdout


def test_only_the_real_world_reads_the_clock() -> None:
    reading = [
        f"{path}:{node.lineno}"
        for path in sources("spojka", "core", "plugins")
        if path not in MAY_READ_THE_CLOCK and "sandbox" not in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and (_called(node.value), node.attr) in CLOCKS
    ]

    assert reading == []


def _called(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_the_names_of_the_public_api_are_in_order_and_there() -> None:
    assert spojka.__all__ == sorted(spojka.__all__, key=lambda name: (not name.isupper(), name))
    assert [name for name in spojka.__all__ if not hasattr(spojka, name)] == []


def test_the_public_api_shows_nothing_else() -> None:
    shown = {name for name, value in vars(spojka).items() if name[0] != "_" and not isinstance(value, ModuleType)}

    assert shown == set(spojka.__all__)


@pytest.mark.parametrize("module", PUBLIC)
def test_everything_that_a_module_of_the_api_declares_is_exported(module: str) -> None:
    names = {
        node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else str(getattr(node.targets[0], "id", ""))
        for node in tree(Path("spojka") / f"{module}.py").body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Assign)
    }

    assert {name for name in names if name and name[0] != "_"} - SHARED_WITH_THE_HOST <= set(spojka.__all__)


def test_plugins_and_host_speak_the_same_version() -> None:
    registry = load()

    assert {registry.manifest(name).api_version for name in registry.names()} == {spojka.API_VERSION}
    assert registry.broken == ()


def test_every_module_of_the_product_can_be_imported_by_itself() -> None:
    modules = [".".join(path.with_suffix("").parts) for path in sources("spojka", "core", "plugins")]

    for name in modules:
        if not name.endswith("__main__"):
            importlib.import_module(name)
