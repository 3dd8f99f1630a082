"""Starts `spojka` commands in processes of their own, forked from one that has everything imported already.

Reads one JSON request a line: `{"args": [...], "environ": {...}, "out": path, "err": path}`; answers a line with how
the process ended: its exit status, or the number of the signal that killed it with a minus. A fork opens its own files,
connections and leases; nothing of the kind is open before it.
"""

import gc
import os
import sys
import traceback
from dataclasses import replace
from functools import partial
from importlib.metadata import EntryPoint
from typing import Any

import orjson

import core.cli.connections
import core.cli.sync
import core.world
from core.cli.main import main
from core.registry import loading
from plugins import ecomail
from plugins.ecomail.manifest import MANIFEST
from spojka import Manifest, hookimpl

ROWS = 12
"""Rows of a call, and so addresses of a batch: a small account needs several of both."""


class SmallCalls:
    """The Ecomail plugin, but that its calls hold few rows."""

    open_audience = staticmethod(ecomail.open_audience)

    @staticmethod
    @hookimpl
    def describe() -> Manifest:
        """Ecomail's manifest with another limit."""
        return replace(MANIFEST, limits=replace(MANIFEST.limits, rows=ROWS))


def serve() -> None:
    """Answer requests until the input ends."""
    # The world takes its plugins from here; nothing else of it is another than in production.
    vars(core.world)["load"] = partial(loading.load, _points())
    gc.freeze()
    for line in sys.stdin.buffer:
        request = orjson.loads(line)
        child = os.fork()
        if not child:
            _run(request)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _points() -> list[EntryPoint]:
    ours = {"raynet": "plugins.raynet", "ecomail": f"{__name__}:SmallCalls"}
    return [EntryPoint(name, where, loading.GROUP) for name, where in ours.items()]


def _run(request: dict[str, Any]) -> None:
    """In the forked process: the command, and never back."""
    status = 1
    try:
        os.environ.clear()
        os.environ.update(request["environ"])
        for number, path in ((1, request["out"]), (2, request["err"])):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
        sys.argv = ["spojka", *request["args"]]
        main()
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
