"""A process tree: children are started, started again when they die, and all of them end when we do."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from core.jobs.redis import die_with_parent

log = structlog.get_logger(__name__)
GRACE_SECONDS = 15.0
"""A worker finishes the call in hand first."""
LOOK_SECONDS = 0.3
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 20.0


@dataclass(slots=True)
class Child:
    """One part of Spojka in a process of its own. `failures` counts deaths shortly after a start."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    again_at: float = 0.0


class Family:
    """Children of one process."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self._children: list[Child] = []

    def start(self, name: str, *arguments: str) -> Child:
        """A child running `spojka ARGUMENTS`, apart from our terminal's signals."""
        child = Child(name, arguments, self._spawn(arguments), time.monotonic())
        self._children.append(child)
        return child

    def look(self) -> None:
        """Start those again that died; one that dies at once is given growing pauses."""
        for child in self._children:
            if child.process.poll() is not None:
                self._again(child)

    def watch(self, asked: Callable[[], bool], each: Callable[[], None]) -> None:
        """Look after the children, and do `each`, until asked to stop."""
        while not asked():
            self.look()
            each()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End all: those that take too long are killed; what they had in hand goes on from the last commit."""
        alive = [child.process for child in self._children if child.process.poll() is None]
        for process in alive:
            process.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for process in alive:
            try:
                process.wait(timeout=max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _again(self, child: Child) -> None:
        now = time.monotonic()
        if not child.again_at:
            steady = now - child.started > STEADY_SECONDS
            child.failures = 0 if steady else child.failures + 1
            child.again_at = now + (0.0 if steady else min(LONGEST_PAUSE, 0.5 * 2**child.failures))
            log.warning("up.child_died", child=child.name, status=child.process.returncode)
        if now >= child.again_at:
            child.process, child.started, child.again_at = self._spawn(child.arguments), now, 0.0

    def _spawn(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        # -P: a folder called core where the user happens to stand must not be taken for ours.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "core.cli", *arguments],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
