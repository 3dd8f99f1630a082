"""The plugin of docs/plugins.md, built in a folder of its own and used as people use one."""

import importlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from spojka.emulator import Served
from tests.support.command import Ended, a_home
from tests.support.documents import ROOT, files

PAGE = ROOT / "docs/plugins.md"
OF_THE_PLACE = "I001,D1"
"""Order of imports and missing docstrings of tests depend on where a file stands."""
FIRST_DAY = {
    "catalogue": ("plugins", "list"),
    "connect": (
        *("connections", "create", "--plugin", "acme", "--set", "api_key=invented-key"),
        *("--audience", "local", "--list", "Klienti"),
    ),
    "first": ("sync", "1"),
    "again": ("sync", "1", "--full"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as an installer leaves it: its files, and the entry points that its `pyproject.toml` names."""
    folder = tmp_path_factory.mktemp("acme")
    for name, body in files(PAGE).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(body)
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    info = folder / f"spojka_acme-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = [
        f"[{group}]\n" + "\n".join(f"{name} = {value}" for name, value in points.items())
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n\n".join(groups) + "\n")
    return folder


@pytest.fixture(scope="module")
def ended(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ended]]:
    """How the commands of a first day ended, in an installation that has the plugin and talks to its emulator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(built))
        sandbox = importlib.import_module("spojka_acme.sandbox")
        with Served(sandbox.sandbox().emulator) as acme:
            extra = {"ACME_BASE_URL": f"{acme.url}v1/", "SPOJKA_ALLOW_PRIVATE_HOSTS": "on", "PYTHONPATH": str(built)}
            home = a_home(tmp_path_factory.mktemp("acme_home"), **extra)
            yield {name: home.run(*words, "--json") for name, words in FIRST_DAY.items()}
    for name in [name for name in sys.modules if name.partition(".")[0] == "spojka_acme"]:
        del sys.modules[name]


def test_its_own_tests_pass(built: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(built / "tests")],
        cwd=built,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(built)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout


def test_it_keeps_the_style_of_the_house(built: Path) -> None:
    ruff = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), "--ignore", OF_THE_PLACE]
    ended = subprocess.run([*ruff, str(built)], capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 0, ended.stdout


def test_it_joins_the_catalogue(ended: dict[str, Ended]) -> None:
    found = {each["name"]: each for each in ended["catalogue"].document}

    assert found["acme"]["usable"]
    assert found["acme"]["settings"] == ["api_key", "both_emails"]


def test_it_is_connected(ended: dict[str, Ended]) -> None:
    assert ended["connect"].status == 0, ended["connect"].err


def test_it_fills_a_list(ended: dict[str, Ended]) -> None:
    assert ended["first"].status == 0, ended["first"].err
    assert ended["first"].document["profiles"]["created"] == 2
    assert ended["first"].document["skipped_because"]["no_email"] == 1


def test_a_second_run_changes_nothing(ended: dict[str, Ended]) -> None:
    quiet = dict.fromkeys(("created", "adopted", "updated", "failed"), 0)

    assert ended["again"].document["profiles"] == {**quiet, "unchanged": 2, "skipped": 1}
