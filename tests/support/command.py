"""The real command in a process of its own, in a home of its own."""

import atexit
import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@functools.cache
def _forge() -> "subprocess.Popen[bytes]":
    """The process that this one's commands are forked from."""
    program = [sys.executable, "-m", "tests.support.command_forge"]
    process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT)
    atexit.register(process.terminate)
    return process


@dataclass(frozen=True)
class Home:
    """An installation of its own; `extra` are further variables of the environment."""

    path: Path
    extra: Mapping[str, str]

    def environ(self, **more: str) -> dict[str, str]:
        """What a command of this home sees; nothing of ours leaks in."""
        ours = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        return {**ours, "SPOJKA_HOME": str(self.path), **self.extra, **more}

    def run(self, *arguments: str, typed: str = "", **more: str) -> Ended:
        """Run `spojka ARGUMENTS` to its end; `typed` is its standard input, which is no terminal."""
        if "PYTHONPATH" in self.extra:
            # Other modules than ours are to be found, which a process that is loaded already can't do.
            return self._run_alone(arguments, typed, self.environ(**more))
        typed_at, out, err = (self.path.parent / name for name in ("typed", "out", "err"))
        typed_at.write_text(typed)
        request = {"arguments": arguments, "environ": self.environ(**more)}
        forge = _forge()
        assert forge.stdin is not None
        assert forge.stdout is not None
        forge.stdin.write(orjson.dumps({**request, "typed": str(typed_at), "out": str(out), "err": str(err)}) + b"\n")
        forge.stdin.flush()
        status = int(forge.stdout.readline())
        return Ended(status, out.read_text(), err.read_text())

    def _run_alone(self, arguments: tuple[str, ...], typed: str, environ: dict[str, str]) -> Ended:
        program = [sys.executable, "-P", "-m", "core.cli", *arguments]
        ended = subprocess.run(
            program, input=typed, env=environ, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)


def a_home(folder: Path, **extra: str) -> Home:
    """A fresh installation below `folder`."""
    return Home(folder / "home", extra)
