"""Runs `spojka` commands in processes of their own, forked from one that has everything imported already.

Reads one JSON request a line: `{"arguments", "environ", "typed", "out", "err"}`, the last three paths; answers a line
with the exit status. What a command says of itself is that of a fresh process: nothing is open before the fork.
"""

import gc
import importlib
import os
import sys
import traceback
from typing import Any

import orjson

from core.cli.main import COMMANDS, main

SERVERS = frozenset({"up", "web"})
"""Commands that are started as people start them."""


def serve() -> None:
    """Answer requests until the input ends."""
    for name in COMMANDS.keys() - SERVERS:
        importlib.import_module(f"core.cli.{name}")
    for name in ("plugins.raynet", "plugins.ecomail", "alembic.command"):
        importlib.import_module(name)
    gc.freeze()
    for line in sys.stdin.buffer:
        child = os.fork()
        if not child:
            _run(orjson.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(request: dict[str, Any]) -> None:
    """In the forked process: the command, and never back."""
    status = 1
    try:
        os.environ.clear()
        os.environ.update(request["environ"])
        os.dup2(os.open(request["typed"], os.O_RDONLY), 0)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # lives as long as the process
        sys.argv = ["spojka", *request["arguments"]]
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
