"""The state of the database's tables: what this program needs, what is there, and how to get from one to the other."""

from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine

import core.embedded.tables
import core.store  # noqa: F401  # both fill METADATA with their tables
from core.store.base import Base
from spojka import SpojkaError

METADATA = Base.metadata
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 7_709_651
"""Two upgrades at once wait for each other on PostgreSQL; on SQLite the writing transaction does it."""


class Schema(StrEnum):
    """How the tables stand to this program."""

    EMPTY = "empty"
    OLDER = "older"
    HEAD = "head"
    UNKNOWN = "unknown"


class WrongSchema(SpojkaError):
    """The tables are not those that this program needs."""

    code: ClassVar[str] = "schema"


def upgrade(engine: Engine) -> None:
    """Bring the tables to head in one transaction; nothing happens where they are there."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        command.upgrade(_config(connection), "head")


def state(engine: Engine) -> Schema:
    """How the tables stand; two queries."""
    with engine.connect() as connection:
        connection = connection.execution_options(reading=True)
        found = set(MigrationContext.configure(connection).get_current_heads())
        if not found:
            return Schema.OLDER if set(inspect(connection).get_table_names()) & set(METADATA.tables) else Schema.EMPTY
    scripts = ScriptDirectory(str(MIGRATIONS))
    if found == set(scripts.get_heads()):
        return Schema.HEAD
    return Schema.OLDER if all(_known(scripts, revision) for revision in found) else Schema.UNKNOWN


def require(engine: Engine) -> None:
    """An empty database is given its tables; an older one is a person's decision. Raises WrongSchema."""
    found = state(engine)
    if found is Schema.EMPTY:
        upgrade(engine)
    if found is Schema.OLDER:
        raise WrongSchema("The database is older than this program. Make a copy of it, then run: spojka db upgrade")
    if found is Schema.UNKNOWN:
        raise WrongSchema("The database was made by a newer version of Spojka. Install that version, or a newer one.")


def _known(scripts: ScriptDirectory, revision: str) -> bool:
    return any(script.revision == revision for script in scripts.walk_revisions())


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
