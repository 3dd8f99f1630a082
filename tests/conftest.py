"""Databases for everybody: empty, with tables, gone after the test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import schema
from core.store.base import make_engine
from tests.support import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL of this process's own, started when the first test asks for it."""
    try:
        with postgres.running() as server:
            yield server
    except postgres.NoPostgres as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, from which all others are copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = make_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> str:
    """The address of an SQLite database with empty tables; every test of a process gets the same one, fresh."""
    path = sqlite_template.with_name("spojka.db")
    for old in path.parent.glob("spojka.db*"):
        old.unlink()
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgres_server: postgres.Server) -> Iterator[str]:
    """The address of a PostgreSQL database with empty tables."""
    with postgres_server.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
