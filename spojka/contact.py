"""What a CRM says: the record as it was sent, and the contact that it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = Any
"""A decoded JSON value. It never goes into a decision; a mapping turns it into a `Contact` first."""


class Kind(StrEnum):
    """The kinds of record that become contacts."""

    PERSON = "person"
    COMPANY = "company"


class Standing(StrEnum):
    """Whether a record may have a profile (R9, R80)."""

    USUAL = "usual"
    COLLEAGUE = "colleague"
    OWN_COMPANY = "own_company"
    INVALID = "invalid"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Record:
    """A person or company as the CRM sent it, unopened.

    `version` grows with each change of the record; 0 where the CRM has none.
    """

    kind: Kind
    id: str
    version: int
    raw: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Loan:
    """A value that this record lends to another one (R45): a client's language from its key person.

    Of several loans for one field the lowest `rank` counts; equal ranks of which no one is best lend nothing.
    """

    kind: Kind
    id: str
    field: str
    value: str
    rank: int


@dataclass(frozen=True, slots=True)
class Contact:
    """What a record means, in Spojka's words.

    `addresses` holds the e-mails as typed, in slot order (`""` where a slot is empty); whether one is usable is the
    host's to judge (R3). `fields` is keyed by `Field.key`. `one_way` names fields that only flow in for this record.
    `mailable` is false where the record carries a do-not-send flag (R10).
    """

    kind: Kind
    id: str
    version: int
    addresses: tuple[str, ...]
    fields: Mapping[str, str]
    tags: tuple[str, ...] = ()
    one_way: frozenset[str] = frozenset()
    standing: Standing = Standing.USUAL
    mailable: bool = True
    created_at: datetime | None = None
    lends: tuple[Loan, ...] = ()
    shows: tuple[tuple[Kind, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Ring:
    """A bell says: look at this record. `id` is None where the whole kind should be looked at."""

    kind: Kind
    id: str | None
    gone: bool = False
