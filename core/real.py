"""The real world behind the ports: system time, chance, threads, the name of this process, and a death on demand."""

import ctypes
import gc
import os
import random
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import UTC, datetime
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, TypeVar

import psutil

from core.errors import Stopping
from core.ports import Crash, Hand

T = TypeVar("T")


class SystemClock:
    """The time of this machine. Who was asked to stop (`halt`) waits for nothing any more."""

    def __init__(self, halt: threading.Event | None = None) -> None:
        self._halt = halt if halt is not None else threading.Event()

    def now(self) -> datetime:
        """The moment, aware, UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; a negative wait is none. Raises Stopping where the process is asked to stop."""
        if self._halt.wait(max(0.0, seconds)):
            raise Stopping


class RandomIds:
    """Names that nobody can guess."""

    def new(self) -> str:
        """128 random bits, 32 hexadecimal digits."""
        return secrets.token_hex(16)


class SystemDice:
    """Chance from the operating system, so that forked processes don't throw alike."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return self._random.uniform(low, high)


class ThreadCrew:
    """Threads, made for what is called and gone after it."""

    def each(self, calls: Sequence[Callable[[], T]], at_once: int) -> list[T]:
        """Results in the order of `calls`; the first error in that order is raised after all have ended."""
        if not calls:
            return []
        with ThreadPoolExecutor(max_workers=max(1, min(at_once, len(calls)))) as threads:
            # What the log says of this piece of work holds in its threads, too.
            futures: list[Future[T]] = [threads.submit(copy_context().run, call) for call in calls]
            wait(futures)
        return [future.result() for future in futures]

    def begin(self, call: Callable[[], T]) -> Future[T]:
        """In a thread of its own, which ends with its call or with the process."""
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(call())
            except BaseException as error:  # handed to whoever takes the answer, whatever it is
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return future


class ProcessHands:
    """Processes started anew, not forked: threads and open connections are not for two."""

    def __init__(self, begin: Callable[..., None], given: tuple[Any, ...], call: Callable[..., Any]) -> None:
        self._begin, self._given, self._call = begin, given, call
        self._hired: ProcessHand | None = None

    def hire(self) -> Hand | None:
        """A process in which `begin(*given)` is called first; every task then goes through `call` there."""
        if self._hired is not None and self._hired.died:
            return None
        self._hired = ProcessHand(self._begin, self._given, self._call)
        return self._hired


class ProcessHand:
    """One process, which ends when we do, however we end."""

    def __init__(self, begin: Callable[..., None], given: tuple[Any, ...], call: Callable[..., Any]) -> None:
        self._call = call
        self._pool = ProcessPoolExecutor(
            max_workers=1, mp_context=get_context("spawn"), initializer=_serve, initargs=(begin, given)
        )
        self.died = False

    def ask(self, call: Callable[..., T], *given: Any) -> Future[T]:
        """See `core.ports.Hand`."""
        try:
            answer: Future[T] = self._pool.submit(self._call, call, *given)
        except BrokenExecutor as error:
            answer = Future()
            answer.set_exception(error)
        answer.add_done_callback(self._look)
        return answer

    def close(self) -> None:
        """See `core.ports.Hand`."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _look(self, answer: "Future[Any]") -> None:
        if not answer.cancelled() and isinstance(answer.exception(), BrokenExecutor):
            self.died = True


def _serve(begin: Callable[..., None], given: tuple[Any, ...]) -> None:
    """In a hired process: it is stopped by whoever hired it, and does not outlive him."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent_process(),), daemon=True).start()
    begin(*given)


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


class NoCrash:
    """Production: points are passed."""

    def point(self, name: str) -> None:
        """Nothing happens."""


class EnvCrash:
    """Kills this process at the n-th passing of a point, and writes down which points were passed."""

    def __init__(self, at: str, log: Path | None) -> None:
        self._name, _, count = at.rpartition(":")
        self._left = int(count) if self._name else 0
        self._log = log
        self._lock = threading.Lock()

    def point(self, name: str) -> None:
        """Write the name down; die by SIGKILL where it is time to, so that nothing is tidied up."""
        with self._lock:
            self._note(name)
            if name != self._name:
                return
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def _note(self, name: str) -> None:
        if self._log is None:
            return
        with self._log.open("a", encoding="utf-8") as lines:
            lines.write(f"{name}\n")


M_ARENA_MAX = -8
"""Of glibc's `mallopt`: how many pools of memory the threads of a process spread over."""


def rest_collector() -> None:
    """Look for cycles rarely: a batch is many hundred thousand objects at once, and all of them go by themselves.

    One pool of memory for all threads: with one each, what one gives back the others can't use.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(M_ARENA_MAX, 1)
    gc.collect()
    gc.freeze()
    gc.set_threshold(150_000, 20, 1000)


def crash_of(environ: Mapping[str, str]) -> Crash:
    """The crash port for this environment: `SPOJKA_CRASH_AT="name:n"` and `SPOJKA_CRASH_LOG` are for tests alone."""
    at, log = environ.get("SPOJKA_CRASH_AT", ""), environ.get("SPOJKA_CRASH_LOG", "")
    if not at and not log:
        return NoCrash()
    return EnvCrash(at, Path(log) if log else None)


def holder_name() -> str:
    """How this process signs leases: `host:boot:pid:start:unique`.

    `boot` names the boot of the machine and the process namespace, so that a number of a process means the same one.
    """
    pid = os.getpid()
    return ":".join((socket.gethostname(), _boot(), str(pid), _start(pid), RandomIds().new()))


def pid_of(holder: str) -> int | None:
    """The process number in a holder's name; None for other names."""
    parts = holder.split(":")
    return int(parts[2]) if len(parts) == 5 and parts[2].isdigit() else None


def is_dead(holder: str) -> bool:
    """Whether a holder has certainly ended: a process of this machine, this boot and this namespace that is gone.

    A holder elsewhere, or a name of another form, may be alive: its lease has to run out.
    """
    pid = pid_of(holder)
    if pid is None:
        return False
    host, boot, _, start, _ = holder.split(":")
    if (host, boot) != (socket.gethostname(), _boot()):
        return False
    return _start(pid) != start


def _boot() -> str:
    boot, namespace = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    if not boot.exists() or not namespace.exists():
        return str(int(psutil.boot_time()))
    return f"{boot.read_text().strip()}-{namespace.stat().st_ino}"


def _start(pid: int) -> str:
    """When a process started, `""` if there is none. Counted from boot on Linux: a corrected clock changes nothing."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return ""
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            return stat.read_text().rpartition(")")[2].split()[19]
        return str(int(process.create_time()))
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return ""
