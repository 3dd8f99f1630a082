"""The state of the database's tables: what this program needs, what is there, and how to get from one to the other."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine

import core.embedded.tables
import core.store  # noqa: F401  # both fill METADATA with their tables
from core.store.base import Base
from spojka import SpojkaError

if TYPE_CHECKING:
    from alembic.config import Config

METADATA = Base.metadata
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
HEAD = "0007"
"""The newest migration. Named here so that looking at the tables does not load Alembic at every command."""
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
    from alembic import command  # here: it takes longer to load than most commands to run

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        command.upgrade(_config(connection), "head")


def state(engine: Engine) -> Schema:
    """How the tables stand; at most three queries."""
    with engine.connect() as connection:
        connection = connection.execution_options(reading=True)
        tables = set(inspect(connection).get_table_names())
        found = _versions(connection) if "alembic_version" in tables else set()
    if found == {HEAD}:
        return Schema.HEAD
    if not found:
        return Schema.OLDER if tables & set(METADATA.tables) else Schema.EMPTY
    return Schema.OLDER if found <= _known() else Schema.UNKNOWN


def require(engine: Engine) -> None:
    """An empty database is given its tables; an older one is a person's decision. Raises WrongSchema."""
    found = state(engine)
    if found is Schema.EMPTY:
        upgrade(engine)
    if found is Schema.OLDER:
        raise WrongSchema("The database is older than this program. Make a copy of it, then run: spojka db upgrade")
    if found is Schema.UNKNOWN:
        raise WrongSchema("The database was made by a newer version of Spojka. Install that version, or a newer one.")


def _versions(connection: Connection) -> set[str]:
    return set(connection.scalars(text("SELECT version_num FROM alembic_version")))


def _known() -> set[str]:
    """Every revision this program has heard of."""
    from alembic.script import ScriptDirectory  # here: see `upgrade`

    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # here: see `upgrade`

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
