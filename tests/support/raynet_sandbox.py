"""The emulator of Raynet with the records of the cases, and a caller that speaks HTTP to it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from werkzeug.test import Client, TestResponse

from plugins.raynet.sandbox import RaynetEmulator, cases
from plugins.raynet.sandbox.seed import INSTANCE, KEY, USER
from tests.support.clock import VirtualClock

START = datetime(2026, 3, 5, 12, 0, 20, tzinfo=UTC)


def credentials(user: str = USER, key: str = KEY, instance: str | None = INSTANCE) -> Mapping[str, str]:
    """Headers of a login."""
    basic = base64.b64encode(f"{user}:{key}".encode()).decode()
    named = {} if instance is None else {"X-Instance-Name": instance}
    return {"Authorization": f"Basic {basic}", "Accept": "application/json", **named}


@dataclass(slots=True)
class Receiver:
    """Somebody who listens for webhooks: keeps what came, answers what it is told to."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.got.append((url, headers, orjson.loads(body)))
        return self.statuses.pop(0) if self.statuses else 202

    @property
    def events(self) -> list[Any]:
        """The bodies that came."""
        return [body for _, _, body in self.got]


class Account:
    """The emulated account, its clock, a receiver of its webhooks, and requests with our key."""

    def __init__(self, emulator: RaynetEmulator, clock: VirtualClock) -> None:
        self.emulator = emulator
        self.clock = clock
        self.receiver = Receiver()
        emulator.poster = self.receiver

    def send(
        self, method: str, path: str, body: Any = None, login: Mapping[str, str] | None = None, raw: bytes | None = None
    ) -> TestResponse:
        """One request as it stands; `path` is below the base address and already encoded."""
        data = raw if raw is not None else (b"" if body is None else orjson.dumps(body))
        headers = {**(credentials() if login is None else login), "Content-Type": "application/json"}
        return Client(self.emulator).open(f"/api/v2{path}", method=method, headers=headers, data=data)

    def get(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return orjson.loads(answer.data)

    def put(self, path: str, body: Any) -> TestResponse:
        """A create."""
        return self.send("PUT", path, body)

    def post(self, path: str, body: Any = None) -> TestResponse:
        """An update."""
        return self.send("POST", path, body)

    def delete(self, path: str, body: Any = None) -> TestResponse:
        """A delete."""
        return self.send("DELETE", path, body)

    def data(self, path: str) -> Any:
        """The `data` of a GET."""
        return self.get(path)["data"]

    def ids(self, path: str) -> list[int]:
        """The ids in a list."""
        return [row["id"] for row in self.data(path)]

    def listen(self) -> None:
        """Register a webhook for everything."""
        events = ["record.created", "record.updated", "record.deleted"]
        body = {"url": "https://mail.example.com/hook/abc", "events": events, "secretToken": "s3cr3t"}
        assert self.put("/webhook/", body).status_code == 201

    def ring(self, seconds: int = 10) -> list[Any]:
        """Let so many seconds pass and deliver in each; the events that came meanwhile."""
        before = len(self.receiver.got)
        for _ in range(seconds):
            self.emulator.deliver()
            self.clock.advance(1)
        return self.receiver.events[before:]

    def later(self, **delta: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**delta).total_seconds())


def account(now: datetime = START) -> Account:
    """A fresh account with the records of the cases."""
    clock = VirtualClock(now)
    return Account(cases(clock.now), clock)
