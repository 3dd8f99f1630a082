"""The real command in a process of its own, in a home of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
        done = subprocess.run(
            [sys.executable, "-P", "-m", "core.cli", *arguments],
            input=typed,
            env=self.environ(**more),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


def a_home(folder: Path, **extra: str) -> Home:
    """A fresh installation below `folder`."""
    return Home(folder / "home", extra)
