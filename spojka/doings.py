"""What is written into the CRM, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from spojka.contact import Kind, Record


@dataclass(frozen=True, slots=True)
class Edit:
    """Fields a person changed in the list, for one record (R22). `key` names the intention: same key, same effect.

    `fields` is keyed by `Field.key`. `record` is what the CRM said moments ago, asked for to write: whatever the vendor
    takes as a whole is built from it, so that no other value is lost.
    """

    key: str
    kind: Kind
    id: str
    fields: Mapping[str, str]
    record: Record


@dataclass(frozen=True, slots=True)
class TagAction:
    """Add a tag to a record, or remove it (R52). `tag` is spelt as in the CRM where it is there already (R54)."""

    key: str
    kind: Kind
    id: str
    tag: str
    add: bool


class Deed(StrEnum):
    """What may happen to somebody in a campaign or an automation (R60)."""

    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Mailing:
    """A campaign or an automation, as its source names it and as its entry in the CRM is written (R61).

    `key` is `campaign:<id>` or `automation:<id>`. `totals` counts people by `Deed` value. `archive_url` is a public
    copy of what was sent, `account` the vendor's name of the account, for the template of `report_url` (R67), which the
    host fills in. `audience` is the name of the audience's plugin. `entered` is how many ever entered an automation.
    """

    key: str
    title: str
    subject: str = ""
    sent_at: datetime | None = None
    archive_url: str = ""
    account: str = ""
    totals: Mapping[str, int] = field(default_factory=dict)
    report_url: str = ""
    audience: str = ""
    entered: int | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What one mailing did for one address, counted until now (R60, R61).

    `key` names the entry: the same key is the same entry, growing. `records` are all that stand on the address.
    `numbers` counts by `Deed` value; `first` says when it first happened, where that is known; `links` are those that
    were clicked. `handle` is what `Outcome.handle` said of this entry, or of another one of the same mailing; `""`:
    nobody knows of an entry, so the CRM is asked before one is made (R63).
    """

    key: str
    mailing: Mailing
    email: str
    records: tuple[tuple[Kind, str], ...]
    numbers: Mapping[str, int]
    first: Mapping[str, datetime]
    links: tuple[str, ...] = ()
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one thing asked, by its key.

    `done`: the CRM holds it. Otherwise `error` says why in a sentence for people, and it is refused for good, unless
    `unknown`: it was sent and its answer never came, or `passing`: it was not sent, and is worth another try by itself
    (R92). `handle` is the CRM's name of the entry made or found, given back as `Activity.handle`. `created` tells a new
    entry from one that was brought up to date.
    """

    key: str
    done: bool
    passing: bool = False
    error: str = ""
    unknown: bool = False
    handle: str = ""
    created: bool = False
