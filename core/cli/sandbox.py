"""`spojka sandbox`"""

import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType

import click
import orjson

from core import logs
from core.cli.common import json_option, print_json, print_lines
from core.errors import WrongInput
from core.settings import load
from spojka.emulator import Served
from spojka.sandbox import Sandbox

GROUP = "spojka.sandboxes"
DEFAULT_PORT = 8090
SAVE_SECONDS = 3.0
RING_SECONDS = 0.1


@click.command("sandbox")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65000), help="Of the first one."
)
@json_option
def command(port: int, as_json: bool) -> None:
    """Serve the vendors' emulators, one a port, until asked to stop; what is done in them is kept."""
    logs.configure(logging.WARNING)
    home = load(os.environ).home / "sandbox"
    home.mkdir(mode=0o700, exist_ok=True)
    shipped = found()
    with ExitStack() as open_ones:
        for name, box in shipped.items():
            open_ones.enter_context(_kept(box, home / f"{name}.json"))
        where = {}
        for at, (name, box) in enumerate(shipped.items()):
            where[name] = described(box, open_ones.enter_context(_served(box, port + at)).url)
        print_json(where) if as_json else print_lines(line for each in where.values() for line in _lines(each))
        _until_asked(shipped, home)


def found() -> dict[str, Sandbox]:
    """What the installed plugins ship, by name. Each is made anew."""
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return {point.name: point.load()() for point in points}


def described(box: Sandbox, url: str) -> dict[str, object]:
    """Where an emulator is, and the values that its connect form wants (all invented)."""
    return {
        "name": box.emulator.name,
        "base_url": url + box.path,
        "page": url + box.page,
        "settings": dict(box.settings),
        "list": box.contact_list,
    }


def _lines(where: Mapping[str, object]) -> Iterator[str]:
    yield f"{where['name']}: {where['page']}"
    yield f"  {str(where['name']).upper()}_BASE_URL={where['base_url']}"
    yield f"  {where['settings']}"


@contextmanager
def _served(box: Sandbox, port: int) -> Iterator[Served]:
    try:
        served = Served(box.emulator, port)
    except (OSError, SystemExit) as error:
        raise WrongInput(f"Port {port} is taken. Choose another with --port.") from error
    with served:
        yield served


@contextmanager
def _kept(box: Sandbox, path: Path) -> Iterator[Sandbox]:
    """The emulator with what was done in it before; saved once more at the end."""
    if path.is_file():
        box.emulator.load(orjson.loads(path.read_bytes()))
    try:
        yield box
    finally:
        save(box, path)


def save(box: Sandbox, path: Path) -> None:
    """Write the emulator's state, whole or not at all, if it changed."""
    state = orjson.dumps(box.emulator.dump())
    if path.is_file() and path.read_bytes() == state:
        return
    draft = path.with_suffix(".new")
    draft.write_bytes(state)
    draft.replace(path)


def _until_asked(boxes: Mapping[str, Sandbox], home: Path) -> None:
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    ringing = [threading.Thread(target=_ring, args=(box, stop), daemon=True) for box in boxes.values()]
    for each in ringing:
        each.start()
    while not stop.wait(SAVE_SECONDS):
        for name, box in boxes.items():
            save(box, home / f"{name}.json")


def _ring(box: Sandbox, stop: threading.Event) -> None:
    """Webhooks go out by themselves, as a vendor's do."""
    while not stop.wait(RING_SECONDS):
        box.emulator.deliver()
