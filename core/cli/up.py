"""`spojka up`"""

import logging
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import click

from core import logs, schema
from core.cli import demo
from core.cli.children import Family
from core.cli.common import print_lines
from core.cli.ports import is_free
from core.errors import WrongInput
from core.jobs import redis
from core.settings import DEFAULT_PORT, WHILE_UP, Settings, load
from core.store.base import make_engine


@click.command("up")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65000))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(min=1), help="Workers beside the live one."
)
@click.option(
    "--demo", "show_demo", is_flag=True, help="With invented accounts of both vendors, one connection syncing."
)
def command(host: str, port: int, workers: int, show_demo: bool) -> None:
    """Web, workers and scheduler in one process tree; Ctrl-C stops everything."""
    logs.configure(logging.WARNING)
    stopped = _listen_for_signals()
    if not is_free(port):
        raise WrongInput(f"Port {port} is taken. Choose another: spojka up --port {port + 1}")
    os.environ.setdefault("SPOJKA_PUBLIC_URL", f"http://127.0.0.1:{port}")
    boxes = demo.prepare(first_port=port + 10) if show_demo else None
    led = demo.variables(boxes) if boxes else {}
    os.environ.update(led)
    settings = load(os.environ)
    _migrate(settings)
    left = settings.home / WHILE_UP
    left.write_text("".join(f"{name}={os.environ[name]}\n" for name in ("SPOJKA_PUBLIC_URL", *led)))
    server, family = redis.ensure(settings), Family(os.environ)
    try:
        lines = demo.start(family, boxes) if boxes else []
        _start(family, host, port, workers)
        _wait_for_web(port, stopped)
        print_lines([f"Spojka runs at {settings.public_url}/admin/", *lines, "Ctrl-C stops everything."])
        family.watch(stopped, each=server.keep)
    finally:
        family.stop()
        server.stop()
        with suppress(FileNotFoundError):
            left.unlink()


def _listen_for_signals() -> Callable[[], bool]:
    """Whether somebody asked us to stop; the second time ends us at once."""
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return lambda: bool(asked)


def _migrate(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    if schema.state(engine) is schema.Schema.UNKNOWN:
        schema.require(engine)
    schema.upgrade(engine)
    engine.dispose()


def _start(family: Family, host: str, port: int, workers: int) -> None:
    family.start("web", "web", "--host", host, "--port", str(port))
    for number in range(1, workers + 1):
        family.start(f"worker {number}", "worker")
    # A backfill may keep a worker for minutes; bells never wait for that.
    family.start("live worker", "worker", "--queues", "realtime")
    family.start("scheduler", "scheduler")


def _wait_for_web(port: int, stopped: Callable[[], bool]) -> None:
    """Until the pages answer, so that the first click works."""
    for _ in range(300):
        if stopped() or _answers(port):
            return
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
