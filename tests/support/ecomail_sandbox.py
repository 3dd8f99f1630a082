"""The emulator of Ecomail with the shared fixture, and a caller that speaks HTTP to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from werkzeug.test import Client, TestResponse

from plugins.ecomail.sandbox import EcomailEmulator, fixture
from tests.support.clock import VirtualClock

START = datetime(2026, 11, 15, 12, 59, 21, tzinfo=UTC)
SAFE: Mapping[str, Any] = {"update_existing": True, "resubscribe": False, "trigger_autoresponders": False}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer; `json` is None where it is not JSON."""

    status_code: int
    json: Any
    text: str
    headers: Mapping[str, str]
    mimetype: str


class Caller:
    """Requests with the key, as an adapter would send them."""

    def __init__(self, emulator: EcomailEmulator, clock: VirtualClock) -> None:
        self.emulator = emulator
        self.clock = clock
        self.client = Client(emulator)

    def send(self, method: str, path: str, body: Any = None, key: str | None = "test-key") -> Said:
        """One request and its answer."""
        headers = {"Content-Type": "application/json"} | ({} if key is None else {"key": key})
        data = None if body is None else orjson.dumps(body)
        return _said(self.client.open(path, method=method, data=data, headers=headers))

    def get(self, path: str) -> Any:
        """A reading that has to succeed."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def bulk(self, *rows: Any, list_id: int = 1, **flags: Any) -> Said:
        """A bulk subscribe with the safe flags unless others are given."""
        return self.send("POST", f"/lists/{list_id}/subscribe-bulk", {"subscriber_data": rows, **SAFE, **flags})

    def update_bulk(self, *rows: Any, **flags: Any) -> Said:
        """A bulk update of list 1."""
        body = {"subscriber_data": rows, "allow_resubscribe": False, **flags}
        return self.send("PUT", "/lists/1/update-subscriber-bulk", body)

    def update(self, email: str, **data: Any) -> Said:
        """A single update in list 1."""
        return self.send("PUT", "/lists/1/update-subscriber", {"email": email, "subscriber_data": data})

    def member(self, email: str, list_id: int = 1) -> dict[str, Any]:
        """One member with everything."""
        found: dict[str, Any] = self.get(f"/lists/{list_id}/subscriber/{email}")["subscriber"]
        return found

    def absent(self, email: str) -> bool:
        """Whether list 1 says it does not know the address."""
        return self.send("GET", f"/lists/1/subscriber/{email}").status_code == 404

    def emails(self, status: str = "", list_id: int = 1) -> list[str]:
        """The addresses of one page."""
        query = f"?status={status}" if status else ""
        return [row["email"] for row in self.get(f"/lists/{list_id}/subscribers{query}")["data"]]


def _said(answer: TestResponse) -> Said:
    body = answer.get_json(silent=True)
    return Said(answer.status_code, body, answer.text, dict(answer.headers), answer.mimetype or "")


def a_caller(**switches: Any) -> Caller:
    """Fixture F behind a caller, with switches turned."""
    clock = VirtualClock(START)
    emulator = fixture(clock.now)
    emulator.switch(**switches)
    emulator.take_deliveries()
    return Caller(emulator, clock)


def rows(count: int, **values: Any) -> Sequence[dict[str, Any]]:
    """New people."""
    return [{"email": f"nova{number:05}@example.cz", **values} for number in range(count)]
