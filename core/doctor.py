"""Is everything right? One line a check, each failing one with what to do."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import select

import core
import spojka
from core import schema
from core.checks import Check, running
from core.engine import home
from core.jobs import redis
from core.ports import World
from core.settings import SettingsError, load
from core.store.connections import ConnectionRow, ConnectionState
from core.web import health
from spojka import SpojkaError

VARIABLES = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SPOJKA_ENCRYPTION_KEYS",
    "SPOJKA_PUBLIC_URL",
    "SPOJKA_TIMEZONE",
    "SPOJKA_DAILY_AT",
    "SPOJKA_LOCALE",
    "SPOJKA_ALLOW_PRIVATE_HOSTS",
    "SPOJKA_RUN_PROCESSES",
)


def settings(environ: Mapping[str, str]) -> list[Check]:
    """Every variable by itself, so that all that is wrong is said at once."""
    home = _try({"SPOJKA_HOME": environ["SPOJKA_HOME"]} if "SPOJKA_HOME" in environ else {})
    if home:
        return [Check("settings", False, home)]
    base = {"SPOJKA_HOME": environ["SPOJKA_HOME"]} if "SPOJKA_HOME" in environ else {}
    names = [*VARIABLES, *sorted(name for name in environ if name.endswith("_BASE_URL"))]
    wrong = [_try({**base, name: environ[name]}) for name in names if name in environ]
    found = [Check("settings", False, words) for words in wrong if words]
    return found or [Check("settings", True, "Every variable of the environment is right.")]


def world(here: World) -> list[Check]:
    """Everything that needs a world."""
    checks: list[Callable[[World], list[Check]]]
    checks = [_program, _home, _database, _redis, _plugins, _address, _connections, running]
    return [found for check in checks for found in check(here)]


def _try(environ: Mapping[str, str]) -> str:
    try:
        load(environ)
    except SettingsError as error:
        return str(error)
    return ""


def _program(here: World) -> list[Check]:
    ours, public = Path(str(core.__file__)).parent.parent, Path(str(spojka.__file__)).parent.parent
    if ours == public:
        return [Check("program", True, f"Spojka runs from {ours}.")]
    words = f"The package core at {ours} is not Spojka's. Give Spojka an environment of its own: python3 -m venv"
    return [Check("program", False, words)]


def _home(here: World) -> list[Check]:
    keys = [here.settings.home / name for name in ("secret_key", "encryption_keys")]
    open_ones = [path for path in keys if path.is_file() and path.stat().st_mode & 0o077]
    if open_ones:
        names = " ".join(str(path) for path in open_ones)
        return [Check("home", False, f"Others may read Spojka's keys. Run: chmod 600 {names}")]
    return [Check("home", True, f"Data and keys are in {here.settings.home}.")]


def _database(here: World) -> list[Check]:
    kind = here.engine.dialect.name
    words = health.database_problem(here) or health.WORDS.get(schema.state(here.engine), "")
    return [Check("database", not words, words or f"The database ({kind}) answers and its tables are right.")]


def _redis(here: World) -> list[Check]:
    if redis.answers(redis.address(here.settings)):
        return [Check("redis", True, "Redis answers.")]
    if here.settings.redis_url is not None:
        return [Check("redis", False, "Redis does not answer at REDIS_URL. Start it, or unset REDIS_URL.")]
    program = redis.find_server()
    if program is None:
        words = "There is no redis-server on this machine. Run: sudo apt-get install redis-server"
        return [Check("redis", False, words)]
    return [Check("redis", True, f"The embedded Redis ({program}) starts with spojka up.")]


def _plugins(here: World) -> list[Check]:
    broken = [Check("plugins", False, each.sentence) for each in here.registry.broken]
    return broken or [Check("plugins", True, f"Usable: {', '.join(here.registry.names()) or 'none'}.")]


def _address(here: World) -> list[Check]:
    """A copy of the installation keeps away from everything (R110)."""
    with here.sessions() as session:
        session.connection(execution_options={"reading": True})
        away, where = home.is_elsewhere(session, here.settings), home.recorded(session)
    if away:
        return [Check("address", False, f"{home.AWAY} Its home is {where}.")]
    return [Check("address", True, f"Spojka is reached at {here.settings.public_url}.")]


def _connections(here: World) -> list[Check]:
    with here.sessions() as session:
        session.connection(execution_options={"reading": True})
        wanted = ConnectionRow.state != ConnectionState.REMOVED.value
        rows = session.scalars(select(ConnectionRow).where(wanted).order_by(ConnectionRow.id)).all()
    return [_connection(here, row) for row in rows]


def _connection(here: World, row: ConnectionRow) -> Check:
    name = f"connection {row.id}"
    try:
        for sealed in (row.crm_sealed, row.audience_sealed, row.token_sealed, row.bell_sealed):
            here.vault.open(sealed)
    except SpojkaError as error:
        return Check(name, False, str(error))
    if row.problem:
        return Check(name, False, row.problem_text)
    return Check(name, True, f"{row.name}: {row.state}.")
