"""The list's side: profiles, what is written to them, and the adapter every audience plugin offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from spojka.crm import Page


class Status(StrEnum):
    """What a person's membership of a list is. Only SUBSCRIBED people get mail; no status is ever brought back."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    SOFT_BOUNCED = "soft_bounced"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Profile:
    """One e-mail address in one list, as the vendor said it.

    `email` is in canonical form (R3). `uid` is the vendor's id of the contact (R28), `""` where it says none. `since`
    is the beginning of the membership. `fields` is keyed like `Contact.fields`; what the answer did not contain is
    missing, not empty. `tags` is None where the answer did not say them. `sources` holds every source the vendor
    names (of the contact, of the membership), without repeats and empties.
    """

    email: str
    uid: str
    status: Status
    since: datetime | None
    fields: Mapping[str, str]
    tags: tuple[str, ...] | None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """What another list of the same account says about an address (R17)."""

    contact_list: str
    status: Status


@dataclass(frozen=True, slots=True)
class Absent:
    """The vendor answered, in its own form, that the address is not in the list.

    `elsewhere` and the account-wide `profile` say what the account knows of it from its other lists (R17).
    """

    email: str
    elsewhere: tuple[Membership, ...] = ()
    profile: Profile | None = None


Look = Profile | Absent


@dataclass(frozen=True, slots=True)
class Write:
    """What one address shall say. `tags` is the complete set, or None: not touched (R103)."""

    email: str
    fields: Mapping[str, str]
    tags: tuple[str, ...] | None = None
    source: str | None = None


class Done(StrEnum):
    """What became of one row of a call that writes. UNKNOWN: the answer proves nothing, read again (R101, R102)."""

    ADDED = "added"
    CHANGED = "changed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """One row's end. `error` is a sentence for people, in FAILED alone."""

    email: str
    done: Done
    error: str = ""


class Change(StrEnum):
    """Which call writes: never overwriting (`add`), to members alone (`change`), or leaving (`unsubscribe`)."""

    ADD = "add"
    CHANGE = "change"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class ListInfo:
    """One contact list of the account."""

    id: str
    name: str
    count: int | None = None
    double_opt_in: bool = False


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field that a list has: the key it goes by, and the label people see."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class AudienceCheck:
    """What a successful test of the audience's credentials found. `account` is a stable name of the account."""

    account: str
    lists: tuple[ListInfo, ...] = field(default=())


class Audience(Protocol):
    """A mail account seen through one connection.

    Every method raises Refused (credentials), Busy (limits), Unreachable, Malformed; writing ones also Rejected
    when the vendor refuses the whole batch (`Rejected.key` is the row it blames if it names one, `list` where there is
    no such list, `account` where no row is to blame).
    """

    def check(self) -> AudienceCheck:
        """Prove the credentials; one or two requests."""
        ...

    def lists(self) -> Sequence[ListInfo]:
        """All contact lists of the account."""
        ...

    def create_list(self, name: str) -> ListInfo:
        """Make a list."""
        ...

    def fields(self, contact_list: str) -> Sequence[CustomField]:
        """The custom fields the list has (R40). Raises Rejected(key="list") when the list does not exist."""
        ...

    def rows(self, contact_list: str, after: str | None, keys: Mapping[str, str]) -> Page[Profile]:
        """One page of a pass over every status of a list (R104); `after` is the `after` of the page before.

        `keys` maps `Custom.key` to the key the list knows the field by; other custom fields are left out.
        """
        ...

    def look(self, contact_list: str, emails: Sequence[str], keys: Mapping[str, str]) -> Sequence[Look]:
        """Read single addresses with all their fields, exactly one `Look` each, in the order asked."""
        ...

    def add(
        self, contact_list: str, rows: Sequence[Write], keys: Mapping[str, str], *, start_automations: bool
    ) -> Sequence[Result]:
        """Put addresses into the list, never overwriting who is there (R11, R100, R101); one Result a row."""
        ...

    def invite(
        self, contact_list: str, row: Write, keys: Mapping[str, str], *, start_automations: bool
    ) -> Sequence[Result]:
        """As `add`, one address, but the vendor asks the person to confirm first (double opt-in, R101)."""
        ...

    def change(self, contact_list: str, rows: Sequence[Write], keys: Mapping[str, str]) -> Sequence[Result]:
        """Write to members alone; never changes a status (R100, R102); one Result a row."""
        ...

    def unsubscribe(self, contact_list: str, emails: Sequence[str]) -> Sequence[Result]:
        """End memberships without deleting anybody (R10, R27, R80)."""
        ...
