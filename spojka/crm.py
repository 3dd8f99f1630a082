"""The CRM's side as an adapter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from spojka.contact import Kind, Record

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one request brought.

    `after` goes into the next call; None: this was provably the last page. `total` counts all matches where the vendor
    says it, for progress. `vendor_time` is the vendor's clock (its Date header) when it answered.
    """

    items: Sequence[T]
    after: str | None = None
    total: int | None = None
    vendor_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class CrmCheck:
    """What a successful test found: who reads (R98), and the day's allowance where the vendor says it."""

    user: str
    eyes: str
    left: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A webhook as the CRM lists it: the vendor's id and the address it calls. Its secret stays with the plugin."""

    id: str
    url: str


class Crm(Protocol):
    """A CRM account seen through one connection.

    Every method raises Refused (credentials), Busy (allowance), Unreachable, Malformed.
    """

    def check(self) -> CrmCheck:
        """Prove the credentials with one request."""
        ...

    def changed(self, kind: Kind, since: datetime | None, after: str | None) -> Page[Record]:
        """Records changed since a moment (None: all of them), one request, ascending by id (R70, R72).

        `since` is aware, any zone. `after` is the `after` of the page before. A record that the CRM sent in a shape
        that cannot even be keyed raises Malformed.
        """
        ...

    def read(self, kind: Kind, ids: Sequence[str]) -> Page[Record]:
        """These records, one request for up to `Limits.ids`; a missing one is just not there."""
        ...

    def ids(self, kind: Kind, after: str | None) -> Page[tuple[str, int]]:
        """Every id with its version, one request a page (R73, R98)."""
        ...


class Bells(Protocol):
    """The webhooks of a CRM account (R73). A `Crm` has these methods, too, if its manifest declares `bell`.

    Every method raises what those of `Crm` do, and Rejected where the vendor refuses webhooks alone, a missing right
    included: such a connection works on its regular readings (R71).
    """

    def watch(self, url: str, secret: str) -> str:
        """Have every change of every kind rung at `url`, with `secret` in the bell's header; the vendor's id of it."""
        ...

    def watched(self) -> Sequence[Watched]:
        """All webhooks of the account, other people's included."""
        ...

    def unwatch(self, id: str) -> None:
        """Take one away; one that is gone already is no error."""
        ...
