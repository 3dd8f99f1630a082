"""What is written into the CRM, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from spojka.contact import Kind


@dataclass(frozen=True, slots=True)
class Edit:
    """Fields a person changed in the list, for one record. `key` names the intention: same key, same effect, once."""

    key: str
    kind: Kind
    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TagAction:
    """Add a tag to a record, or remove it (R52)."""

    key: str
    kind: Kind
    id: str
    tag: str
    add: bool


@dataclass(frozen=True, slots=True)
class Activity:
    """What one campaign or automation did for one address, counted until now (R60, R61)."""

    key: str
    source: str
    email: str
    records: tuple[tuple[Kind, str], ...]
    title: str
    report_url: str
    numbers: Mapping[str, int]
    first: Mapping[str, datetime]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one thing asked, by its key. `passing`: worth another try by itself (R92)."""

    key: str
    done: bool
    passing: bool = False
    error: str = ""
