"""A real PostgreSQL for tests: a server of this process's own, and a fresh database for everybody who asks."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from core import schema
from core.store.base import make_engine

USER = "postgres"
TEMPLATE = "spojka_template"
CZECH = ("--no-locale", "--locale-provider=icu", "--icu-locale=cs")
"""Sorted as people here sort, which is not the order of bytes that Python and SQLite know."""
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "listen_addresses=")


class NoPostgres(Exception):
    """This machine has no PostgreSQL server to start."""


EMPTIED = """
SET session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
END $$;
SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence;
"""
"""A database as it was migrated; copying one takes a hundred times as long."""


@dataclass
class Server:
    """A running server. `folder` holds its socket; `idle` are databases that nobody uses now."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    idle: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        """How SQLAlchemy finds a database of this server."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def make_template(self) -> None:
        """Migrate one database, from which all others are copied."""
        self._say("postgres", f"CREATE DATABASE {TEMPLATE}")
        engine = make_engine(self.url(TEMPLATE))
        schema.upgrade(engine)
        engine.dispose()

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The address of a database with empty tables, for one user at a time."""
        name = self.idle.pop() if self.idle else self._copied()
        try:
            yield self.url(name)
        finally:
            over = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            self._say("postgres", over)
            self._say(name, EMPTIED)
            self.idle.append(name)

    def _copied(self) -> str:
        name = f"spojka_{next(self.numbers)}"
        self._say("postgres", f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def _say(self, database: str, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user={USER} dbname={database}", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running() -> Iterator[Server]:
    """A server with a migrated template. Raises NoPostgres."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="spojka-pg-"))
    folder.chmod(0o777)
    data = folder / "data"
    with _gone_with_us(folder, _as_server(binaries / "pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")):
        _run(binaries / "initdb", "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync", *CZECH)
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={folder}"))
        log = str(folder / "log")
        _run(binaries / "pg_ctl", "-D", str(data), "-l", log, "-w", "-t", "60", "-o", options, "start")
        server = Server(folder)
        server.make_template()
        yield server


@contextmanager
def _gone_with_us(folder: Path, stop: Sequence[str]) -> Iterator[None]:
    """Stop the server and remove its folder at the end, also where this process is killed: its pipe ends with it."""
    script = 'cat > /dev/null; "$@"; rm -rf "$0"'
    with subprocess.Popen(
        ["sh", "-c", script, str(folder), *stop],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    ):
        yield


def _binaries() -> Path:
    """The newest server there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    known = shutil.which("initdb")
    if known is None:
        raise NoPostgres("There is no PostgreSQL server on this machine. Install it, like: apt install postgresql")
    return Path(known).resolve().parent


def _as_server(program: Path, *arguments: str) -> list[str]:
    """A command as somebody else where we are root, which the server refuses to be."""
    command = [str(program), *arguments]
    return ["runuser", "-u", USER, "--", *command] if os.getuid() == 0 else command


def _run(program: Path, *arguments: str) -> None:
    done = subprocess.run(
        _as_server(program, *arguments),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise NoPostgres(f"{program.name} failed: {done.stderr.decode(errors='replace').strip()}")
