"""A real Redis server on a unix socket, started for the tests that need one."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.backoff import ConstantBackoff, NoBackoff
from redis.exceptions import BusyLoadingError, ConnectionError
from redis.retry import Retry


@contextmanager
def a_redis(folder: Path) -> Iterator[Redis]:
    """A client of a server that lives in `folder` and ends with the block."""
    socket = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            with Redis(unix_socket_path=str(socket), retry=Retry(ConstantBackoff(0.02), 500, _PASSING)) as patient:
                patient.ping()
            with Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0)) as client:
                yield client
        finally:
            server.terminate()


_PASSING = (ConnectionError, BusyLoadingError, FileNotFoundError)
