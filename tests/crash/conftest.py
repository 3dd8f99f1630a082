"""The stage on which processes die, and scenes on it in databases of their own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.crash_cases import Scene
from tests.support.crash_stage import Stage, open_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("crash")) as found:
        yield found


@pytest.fixture(scope="module")
def on_sqlite(stage: Stage, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    place = tmp_path_factory.mktemp("databases")

    @contextmanager
    def fresh() -> Iterator[str]:
        shutil.copyfile(sqlite_template, place / "spojka.db")
        try:
            yield f"sqlite:///{place / 'spojka.db'}"
        finally:
            for file in place.iterdir():
                file.unlink()

    return Scene(stage, fresh)


@pytest.fixture(scope="module")
def on_postgresql(stage: Stage, postgres_server: postgres.Server) -> Scene:
    return Scene(stage, postgres_server.fresh)
