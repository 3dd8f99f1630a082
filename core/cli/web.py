"""`spojka web`"""

import logging
import os
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from core import logs
from core.app import create_app
from core.cli.common import world
from core.jobs import redis
from core.settings import DEFAULT_PORT, load
from core.world import build_world, serving

SECONDS_TO_STOP = 5
WORKERS, THREADS = 2, 4


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn in this process; each of its workers builds a world of its own after the fork."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Our options, nobody's files."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, in a worker."""
        logs.configure()
        return create_app(serving(build_world(load(os.environ))))


@click.command("web")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=WORKERS, show_default=True, type=click.IntRange(min=1))
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(min=1))
def command(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the pages and addresses, until asked to stop."""
    os.environ.setdefault("SPOJKA_PUBLIC_URL", f"http://127.0.0.1:{port}")
    world(logging.INFO).engine.dispose()
    with redis.running(load(os.environ)):
        Server(options(host, port, workers, threads)).run()


def options(host: str, port: int, workers: int = WORKERS, threads: int = THREADS) -> dict[str, Any]:
    """How gunicorn serves."""
    return {
        "bind": f"{host}:{port}",
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "graceful_timeout": SECONDS_TO_STOP,
        "loglevel": "warning",
        "proc_name": "spojka web",
        "control_socket_disable": True,
    }
