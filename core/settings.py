"""The environment, read once and validated into one frozen value."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from spojka import SpojkaError

DEFAULT_PORT = 8080
ON, OFF = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
WHILE_UP = "while_up.env"
"""Where `spojka up` leaves what commands beside it have to know, too: our own address, the sandboxes' ones."""


class SettingsError(SpojkaError):
    """A variable of the environment is missing or malformed. One line: which, what was wrong, an example."""

    code: ClassVar[str] = "settings"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment says (contract §2).

    `redis_url` is None where the embedded one is to be used. `base_urls` holds each `*_BASE_URL`, by the variable.
    """

    home: Path
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)
    public_url: str
    timezone: ZoneInfo
    daily_at: time
    locale: str
    allow_private_hosts: bool
    run_processes: int
    base_urls: Mapping[str, str]


def load(environ: Mapping[str, str]) -> Settings:
    """Settings out of an environment; an empty variable counts as not set.

    Makes `SPOJKA_HOME` and, at the first start, its keys. Raises SettingsError.
    """
    said = {name: value.strip() for name, value in environ.items() if value.strip()}
    home = _home(said)
    given = {**_while_up(home), **said}
    return Settings(
        home=home,
        database_url=_database_url(given, home),
        redis_url=_redis_url(given),
        secret_key=_secret_key(given, home),
        encryption_keys=_encryption_keys(given, home),
        public_url=_public_url(given),
        timezone=_timezone(given),
        daily_at=_daily_at(given),
        locale=_locale(given),
        allow_private_hosts=_switch(given, "SPOJKA_ALLOW_PRIVATE_HOSTS"),
        run_processes=_run_processes(given),
        base_urls={
            name: _web_address(name, value) + "/" for name, value in given.items() if name.endswith("_BASE_URL")
        },
    )


def _home(given: Mapping[str, str]) -> Path:
    home = Path(given.get("SPOJKA_HOME", "./var")).expanduser().absolute()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"SPOJKA_HOME is {home}, which can't be made a folder ({error.strerror}). "
            "Name one that may be written, like /var/lib/spojka."
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingsError(
            f"SPOJKA_HOME is {home}, where nothing may be written. Name another folder, like /var/lib/spojka."
        )
    return home


def _database_url(given: Mapping[str, str], home: Path) -> str:
    value = given.get("DATABASE_URL", f"sqlite:///{home / 'spojka.db'}")
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise SettingsError(
            "DATABASE_URL is not a database address. Write it like postgresql+psycopg://spojka:password@localhost/spojka."
        ) from error
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("postgresql+psycopg", "sqlite", "sqlite+pysqlite"):
        raise SettingsError(
            f"DATABASE_URL names {url.drivername}, which Spojka does not run on. "
            "Write it like postgresql+psycopg://spojka:password@localhost/spojka or sqlite:////var/lib/spojka/spojka.db."
        )
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise SettingsError(
            "DATABASE_URL names no file, so nothing would last. Write it like sqlite:////var/lib/spojka/spojka.db."
        )
    return url.render_as_string(hide_password=False)


def _redis_url(given: Mapping[str, str]) -> str | None:
    value = given.get("REDIS_URL")
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.netloc or parts.path):
        raise SettingsError("REDIS_URL is not a Redis address. Write it like redis://localhost:6379/0.")
    return value


def _secret_key(given: Mapping[str, str], home: Path) -> str:
    value = given.get("SECRET_KEY")
    if value is None:
        return kept(home / "secret_key", secrets.token_urlsafe(48))
    if len(value) < 16:
        raise SettingsError(
            f"SECRET_KEY has {len(value)} characters, which can be guessed. Use at least 16, as "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` prints them."
        )
    return value


def _encryption_keys(given: Mapping[str, str], home: Path) -> tuple[str, ...]:
    value = given.get("SPOJKA_ENCRYPTION_KEYS") or kept(home / "encryption_keys", Fernet.generate_key().decode())
    keys = tuple(key.strip() for key in value.split(",") if key.strip())
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError as error:
            raise SettingsError(
                f"SPOJKA_ENCRYPTION_KEYS: key {number} is not a Fernet key. Make one with "
                "`python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'`."
            ) from error
    if not keys:
        raise SettingsError("SPOJKA_ENCRYPTION_KEYS holds no key. Write Fernet keys, newest first, like key2,key1.")
    return keys


def _public_url(given: Mapping[str, str]) -> str:
    return _web_address("SPOJKA_PUBLIC_URL", given.get("SPOJKA_PUBLIC_URL", f"http://127.0.0.1:{DEFAULT_PORT}"))


def _while_up(home: Path) -> dict[str, str]:
    """What a running `spojka up` of this home has left; a variable of the environment counts more."""
    file = home / WHILE_UP
    lines = file.read_text().splitlines() if file.is_file() else []
    return {name: value for name, equals, value in (line.partition("=") for line in lines) if equals}


def _timezone(given: Mapping[str, str]) -> ZoneInfo:
    value = given.get("SPOJKA_TIMEZONE", "Europe/Prague")
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f'SPOJKA_TIMEZONE is "{value}", which is no time zone. Write it like Europe/Prague.'
        ) from error


def _daily_at(given: Mapping[str, str]) -> time:
    value = given.get("SPOJKA_DAILY_AT", "06:00")
    hours, colon, minutes = value.partition(":")
    if (
        colon
        and hours.isdecimal()
        and minutes.isdecimal()
        and len(minutes) == 2
        and int(hours) < 24
        and int(minutes) < 60
    ):
        return time(int(hours), int(minutes))
    raise SettingsError(f'SPOJKA_DAILY_AT is "{value}", which is not a time of day. Write it like 06:00.')


def _locale(given: Mapping[str, str]) -> str:
    value = given.get("SPOJKA_LOCALE", "cs")
    if value not in ("cs", "en"):
        raise SettingsError(f'SPOJKA_LOCALE is "{value}", which the pages do not speak. Write cs or en.')
    return value


def _run_processes(given: Mapping[str, str]) -> int:
    value = given.get("SPOJKA_RUN_PROCESSES", "2")
    if value in ("1", "2"):
        return int(value)
    raise SettingsError(f'SPOJKA_RUN_PROCESSES is "{value}". Write 1 or 2: how many processes work on a large run.')


def _switch(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "off")
    if value.lower() in ON | OFF:
        return value.lower() in ON
    raise SettingsError(f'{name} is "{value}", which is neither on nor off. Write on or off.')


def _web_address(name: str, value: str) -> str:
    """Without the slash at its end."""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{name} is not a web address. Write it like https://spojka.example.cz.")
    return value.rstrip("/")


def kept(path: Path, fresh: str) -> str:
    """What a file of the home says; `fresh` goes into it first where there is none (mode 0600, safe beside others)."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(fresh + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            return path.read_text().strip()
        finally:
            draft.unlink()
    return path.read_text().strip()
