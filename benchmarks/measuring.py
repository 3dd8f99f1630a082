"""Processes, measured: how long they took, how much of a core, and how much memory at the most."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = Path(sys.executable).with_name("spojka")


class Failed(Exception):
    """A measured process did not end well."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One process from its start to its end. `cpu` is its own, user and system together; `peak` in MiB."""

    wall: float
    cpu: float
    peak: float
    out: str


def measured(command: Sequence[str | Path], environ: Mapping[str, str]) -> Measured:
    """Run a command to its end. Raises Failed, with what it said, where its exit status is not 0 or 1."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), env=dict(environ), cwd=ROOT, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode not in (0, 1):
            raise Failed(f"{command}: {process.returncode}, {err.read().decode()[-2000:]}")
        return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read().decode())


class Vendor:
    """A sandbox in a process of its own; see `vendors`."""

    def __init__(self, name: str, contacts: int) -> None:
        program = [sys.executable, "-m", "benchmarks.vendors", name, str(contacts)]
        self._process = subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url: str = self._heard()

    def ask(self, word: str, *arguments: Any) -> Any:
        """Tell it to do something; what it answers."""
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps([word, *arguments]) + b"\n")
        self._process.stdin.flush()
        return self._heard()

    def __enter__(self) -> "Vendor":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)

    def _heard(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Failed(f"The sandbox ended by itself, with {self._process.wait()}.")
        return orjson.loads(line)
