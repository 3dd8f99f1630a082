"""Base of the vendor emulators that plugins ship: strict, with switches, faults and a log of every request.

An emulator is a WSGI application over plain dictionaries. Tests hold the object itself; other processes talk to it over
HTTP. What nobody knows about a vendor is a *switch*; what goes wrong on purpose is a *fault*.
"""

import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import orjson
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request as WebRequest
from werkzeug.wrappers import Response

from spojka.contact import Json

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock; tests give another one."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived, and the status that was (or would have been) answered.

    The body is kept as sent: decoded rows of a long run would weigh several times as much.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    raw: bytes = field(repr=False)
    status: int
    at: datetime

    @property
    def body(self) -> Json:
        """The decoded body; None where there was none."""
        try:
            return orjson.loads(self.raw) if self.raw else None
        except orjson.JSONDecodeError:
            return {"unreadable": len(self.raw)}


@dataclass(slots=True)
class Fault:
    """Something that goes wrong on purpose, `times` times, for requests whose method and path prefix match.

    `kind`: `status` (answer `status` with `body`, nothing is carried out) · `drop` (close the connection before
    anything is carried out) · `lose` (carry it out, then close the connection) · `slow` (wait `seconds`, then carry it
    out).
    """

    kind: str
    method: str = ""
    path: str = ""
    times: int = 1
    status: int = 503
    body: bytes = b"<html><body>Service Unavailable</body></html>"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    seconds: float = 0.0
    skip: int = 0
    """Let this many matching requests pass first."""


class Emulator:
    """A vendor, as strictly as its reference describes it.

    Subclasses implement `answer`, `dump` and `load`, and list `SWITCHES` (name -> default).
    """

    name: str = ""
    SWITCHES: Mapping[str, Any] = {}
    KEEP_CALLS = 100_000

    def __init__(self, clock: Clock = utc_now) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.switches: dict[str, Any] = dict(self.SWITCHES)
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.open_now = 0
        self.most_open = 0

    def switch(self, **values: Any) -> None:
        """Turn switches; an unknown name is refused."""
        for name, value in values.items():
            if name not in self.SWITCHES:
                raise KeyError(f"{self.name} has no switch {name}; it has {', '.join(sorted(self.SWITCHES))}.")
            self.switches[name] = value

    def fail(self, fault: Fault) -> None:
        """Add a fault; the first one that matches a request is used up first."""
        with self.lock:
            self.faults.append(fault)

    def writes(self) -> list[Call]:
        """The calls that were meant to change something."""
        return [call for call in self.calls if call.method != "GET"]

    def answer(self, request: WebRequest) -> Response:
        """Carry out one request. Called without the lock; take `self.lock` around the state."""
        raise NotImplementedError

    def deliver(self) -> Sequence[object]:
        """Send what is due to those who listen (webhooks), and say what was sent; called a few times a second."""
        return ()

    def dump(self) -> Json:
        """The whole state as JSON, so that a sandbox survives a restart."""
        raise NotImplementedError

    def load(self, state: Json) -> None:
        """Take a state that `dump` gave."""
        raise NotImplementedError

    def headers(self) -> Mapping[str, str]:
        """Headers on every answer, errors too."""
        return {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request, with whatever fault waits for it."""
        request = WebRequest(environ)
        fault = self._fault_for(request)
        with self.lock:
            self.open_now += 1
            self.most_open = max(self.most_open, self.open_now)
        try:
            response = self._carry_out(request, fault)
        finally:
            with self.lock:
                self.open_now -= 1
        response.headers["Date"] = format_datetime(self.clock().astimezone(UTC), usegmt=True)
        for name, value in self.headers().items():
            response.headers[name] = value
        return response(environ, start_response)

    def _carry_out(self, request: WebRequest, fault: Fault | None) -> Response:
        if fault is not None and fault.kind == "slow":
            threading.Event().wait(fault.seconds)
        if fault is not None and fault.kind == "drop":
            self._note(request, 0)
            raise _hung_up(request, "dropped on purpose")
        if fault is not None and fault.kind == "status":
            self._note(request, fault.status)
            return Response(fault.body, status=fault.status, headers=dict(fault.headers))
        response = self.answer(request)
        self._note(request, response.status_code)
        if fault is not None and fault.kind == "lose":
            raise _hung_up(request, "answer lost on purpose")
        return response

    def _fault_for(self, request: WebRequest) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if not request.path.startswith(fault.path) or fault.method not in ("", request.method):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def _note(self, request: WebRequest, status: int) -> None:
        raw = request.get_data()
        with self.lock:
            call = Call(
                len(self.calls) + 1, request.method, request.path, request.args.to_dict(), raw, status, self.clock()
            )
            if len(self.calls) < self.KEEP_CALLS:
                self.calls.append(call)


def _hung_up(request: WebRequest, why: str) -> ConnectionAbortedError:
    """Close the connection where there is a real one; the server alone would keep it open for another request."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return ConnectionAbortedError(why)


def reply(value: Json, status: int = 200, content_type: str = "application/json") -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value), status=status, content_type=content_type)


class Served:
    """An emulator behind a real HTTP port of this machine, in a thread. Use as a context manager."""

    def __init__(self, emulator: Emulator, port: int = 0) -> None:
        self.emulator = emulator
        self.server: BaseWSGIServer = make_server("127.0.0.1", port, emulator, threaded=True, request_handler=None)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __enter__(self) -> "Served":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
