"""The only way out a plugin has.

The host sends the request: it keeps the vendor's limits across processes, guards against private addresses, repeats
what may be repeated, and writes no secret anywhere. The plugin only says what to ask and reads the answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from spojka.contact import Json

T = TypeVar("T")

TIMEOUT_SECONDS = 60.0
"""How long a request may take unless it says otherwise; a write without an answer may arrive that much later (R29)."""


class Purpose(StrEnum):
    """Whether a request only looks or may change something. An unanswered WRITE may have been carried out."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` is below the base address the plugin's manifest declares; `params` are not yet encoded.

    `headers` and `json` may hold secrets; they are never logged. `timeout_seconds` bounds connecting plus waiting.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Json = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    purpose: Purpose = Purpose.READ
    timeout_seconds: float = TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, unopened. `vendor_time` is the Date header."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    vendor_time: datetime | None = None

    def json(self) -> Json:
        """The decoded body. Raises Malformed where it is not JSON."""
        import orjson

        from spojka.errors import Malformed

        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Malformed("The vendor's answer is not JSON. Nothing was changed; it is asked again later.") from error


class Http(Protocol):
    """Send requests within the vendor's limits."""

    def send(self, request: Request) -> Answer:
        """One answer, whatever its status below 500, or 500 with a JSON body.

        Passing failures (429, 5xx without JSON, broken connections, timeouts) have already been retried with growing,
        jittered pauses (R92). Raises Busy (allowance used up, or 429 that would not end), Unreachable, Refused (401
        always; any request after credentials were refused), Malformed (a redirect elsewhere).
        """
        ...

    def each(self, calls: Sequence[Callable[[], T]]) -> Sequence[T]:
        """Make calls that send, begun in this order, as many at once as the vendor lets us (`Limits.at_once`).

        Their results in the same order; the first error in that order is raised once all have ended.
        """
        ...
