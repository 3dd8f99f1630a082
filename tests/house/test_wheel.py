"""The wheel carries everything, and works in an environment where nobody can see the source."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.house import ROOT, tracked

SHIPPED = ("spojka/", "core/", "plugins/", "migrations/")
NOT_SHIPPED = ("babel.cfg",)
"""Only for collecting words to translate."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what belongs to the repository."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in tracked():
        if not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    build = f"from setuptools import build_meta; print(build_meta.build_wheel({str(target)!r}))"
    subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, timeout=120, check=True)
    (made,) = target.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment: the wheel, and the libraries of this one without its editable Spojka."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(packages)
    # A folder named in a .pth file is searched, but its own .pth files, the editable install's, are not followed.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "python"


def run(installed: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "SPOJKA_HOME": str(home)}
    asked = [str(installed), "-P", *arguments]
    return subprocess.run(asked, cwd=home.parent, env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_the_wheel_carries_every_file_of_the_product(contents: set[str]) -> None:
    wanted = {name for name in tracked() if name.startswith(SHIPPED) and not name.endswith(NOT_SHIPPED)}

    assert wanted - contents == set()


def test_the_wheel_carries_nothing_else(contents: set[str]) -> None:
    rest = {name for name in contents if not name.startswith(SHIPPED) and ".dist-info/" not in name}

    assert rest == {"wsgi.py"}


def test_type_checkers_of_others_see_the_public_api(contents: set[str]) -> None:
    assert "spojka/py.typed" in contents


def test_an_installed_spojka_is_not_the_source(installed: Path, tmp_path: Path) -> None:
    ended = run(installed, tmp_path / "home", "-c", "import core, spojka, plugins.raynet; print(core.__file__)")

    assert ended.returncode == 0, ended.stderr
    assert str(ROOT) not in ended.stdout


def test_an_installed_spojka_makes_its_tables_and_finds_itself_well(installed: Path, tmp_path: Path) -> None:
    upgraded = run(installed, tmp_path / "home", "-m", "core.cli", "db", "upgrade")
    checked = run(installed, tmp_path / "home", "-m", "core.cli", "doctor")

    assert upgraded.returncode == 0, upgraded.stderr
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Usable: ecomail, local, raynet." in checked.stdout
