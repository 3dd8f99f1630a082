"""Where activity comes from: what campaigns and automations of an audience did, for whom (R60, R107)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from spojka.crm import Page
from spojka.doings import Deed, Mailing


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to one address. `id` is the same however often it is told, within one way of telling.

    `mailing` is a `Mailing.key`. `email` is in canonical form (R3). `at` is None where nobody says when. `title` and
    `subject` are given by ways that name no mailing otherwise.
    """

    id: str
    mailing: str
    email: str
    deed: Deed
    at: datetime | None
    link: str = ""
    title: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a mailing did for one address until now, without times: by `Deed` value, how often."""

    email: str
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an automation that calls an address. `urls` are the addresses it names; none where nobody says them."""

    id: str
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passed:
    """A contact passed a step of an automation, as the vendor's log of that contact says. `mailing`: `Mailing.key`."""

    mailing: str
    step: str
    at: datetime | None


class Results(Protocol):
    """The results of an audience's mailings. An `Audience` has these methods, too, if its manifest says `results`.

    Every method raises what those of `Audience` do. One request a call, but for `mailings` and long logs of `passed`.
    """

    def mailings(self, contact_list: str, since: datetime) -> Sequence[Mailing]:
        """Campaigns sent since a moment, and all automations, that concern the list; with totals."""
        ...

    def log(self, mailing: str, since: datetime | None, after: str | None) -> Page[Happening]:
        """One page of what happened since a day (None: all), with stable ids.

        Raises Rejected: with key `log` where the account refuses its logs (then `counts` is the way), with key
        `mailing` where the mailing has been deleted.
        """
        ...

    def counts(self, mailing: str, after: str | None) -> Page[Counts]:
        """One page of what the mailing did until now, an address each. Raises Rejected(key="mailing") as above."""
        ...

    def steps(self, mailing: str) -> Sequence[Step]:
        """The steps of an automation that call an address; none of a campaign, or where the vendor does not say them.

        Raises Rejected(key="mailing") as above.
        """
        ...

    def passed(self, email: str) -> Sequence[Passed]:
        """Every step that a contact passed, of any automation. Raises Rejected(key="log") as above."""
        ...
