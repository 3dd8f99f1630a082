"""Progress on a terminal; silence where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from core.ports import Gauge

DONE = ("created", "adopted", "updated", "unchanged", "skipped", "failed")


class Silent:
    """Nobody watches."""

    def show(self, progress: dict[str, Any]) -> None:
        """Progress is in the database all the same."""


class Bar:
    """A bar: records read first, addresses brought into agreement after."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("…", total=None)

    def show(self, progress: dict[str, Any]) -> None:
        """Move the bar."""
        read, total = sum(progress.get("read", {}).values()), sum(progress.get("total", {}).values())
        done, due = sum(progress.get(name) or 0 for name in DONE), progress.get("due") or 0
        reading = read < total
        self._bar.update(
            self._task,
            description=str(progress.get("phase", "…")),
            completed=read if reading else done,
            total=total if reading else max(done + due, done, 1),
        )


@contextmanager
def gauge() -> Iterator[Gauge]:
    """A bar on stderr if that is a terminal."""
    if not sys.stderr.isatty():
        yield Silent()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Bar(bar)
