"""What the intake is measured against: a bare Flask route that inserts one row, served as `spojka web` serves.

    python -m benchmarks.bare sqlite:////tmp/bare.db 8090

The database's own driver, a connection a thread; SQLite with the settings that Spojka gives it, so that a commit
promises the same.
"""

import sqlite3
import sys
import threading
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, request

from core.cli.web import Server, options

TABLE = "CREATE TABLE IF NOT EXISTS bells (id {key}, token TEXT, body TEXT)"
SQLITE = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")


class Bare(Server):
    """Gunicorn with another application."""

    def __init__(self, given: dict[str, Any], url: str) -> None:
        self._url = url
        super().__init__(given)

    def load(self) -> Flask:
        """The application, in a worker."""
        return application(self._url)


def application(url: str) -> Flask:
    """One route, nothing else."""
    app, here = Flask("bare"), threading.local()
    mark = "?" if url.startswith("sqlite") else "%s"
    insert = f"INSERT INTO bells (token, body) VALUES ({mark}, {mark})"

    @app.post("/hooks/<token>")
    def hook(token: str) -> Response:
        body = orjson.loads(request.get_data())
        if not hasattr(here, "connection"):
            here.connection = connected(url)
        here.connection.execute(insert, (token, orjson.dumps(body).decode()))
        return Response(b'{"accepted": 1}', 202, content_type="application/json")

    return app


def connected(url: str) -> Any:
    """A connection that commits each statement; the table is there."""
    if url.startswith("sqlite"):
        opened = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
        for pragma in SQLITE:
            opened.execute(pragma)
        opened.execute(TABLE.format(key="INTEGER PRIMARY KEY"))
        return opened
    there = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
    there.execute("SET client_min_messages = error")
    there.execute(TABLE.format(key="BIGSERIAL PRIMARY KEY"))
    return there


def main() -> None:
    url, port = sys.argv[1], int(sys.argv[2])
    connected(url).close()
    Bare(options("127.0.0.1", port), url).run()


if __name__ == "__main__":
    main()
