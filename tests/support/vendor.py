"""A vendor of a few lines: answers what a test tells it to, over a real port, and writes down what it was asked."""

import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

Reply = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


def says(status: int = 200, body: bytes | str = b"{}", **headers: str) -> Reply:
    """Always the same answer; `Retry_After="3"` becomes `Retry-After: 3`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Response(body, status=status, headers=named)


def raw(sent: bytes) -> Reply:
    """Send these bytes and close the connection."""

    def reply(request: Request) -> Response:
        connection: socket.socket = request.environ["werkzeug.socket"]
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError

    return reply


drops = raw(b"")
"""Close the connection without an answer."""


@dataclass(slots=True)
class Vendor:
    """Gives `replies` one after the other, the last one for ever."""

    replies: list[Reply] = field(default_factory=lambda: [says()])
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    open_now: int = 0
    most_open: int = 0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        with self.lock:
            self.open_now += 1
            self.most_open = max(self.most_open, self.open_now)
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            body = request.get_data()
            self.asked.append(Asked(request.method, request.path, request.args.to_dict(), dict(request.headers), body))
        try:
            return reply(request)(environ, start)
        finally:
            with self.lock:
                self.open_now -= 1


class Listening:
    """A vendor behind a port of this machine, for the length of a block."""

    def __init__(self, vendor: Vendor) -> None:
        self.server = make_server("127.0.0.1", 0, vendor, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.server.server_port}/api/"

    def __enter__(self) -> "Listening":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
