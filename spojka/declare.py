"""What a plugin says about itself; pages, command line and engine know a plugin through this alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from marshmallow import Schema

from spojka.contact import Kind


@dataclass(frozen=True, slots=True)
class Text:
    """Words for people in both languages."""

    cs: str
    en: str

    def get(self, locale: str) -> str:
        """The words in `locale`, Czech first."""
        return self.en if locale.startswith("en") else self.cs


class Std(StrEnum):
    """The fields that every audience has."""

    NAME = "name"
    SURNAME = "surname"
    PRETITLE = "pretitle"
    SURTITLE = "surtitle"
    GENDER = "gender"
    BIRTHDAY = "birthday"
    PHONE = "phone"
    COMPANY = "company"
    STREET = "street"
    CITY = "city"
    ZIP = "zip"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Custom:
    """A custom field of the list, by the name people see (R40)."""

    name: str

    @property
    def key(self) -> str:
        """How the field is called in `Contact.fields`, `Profile.fields` and `Write.fields`."""
        return f"custom:{self.name}"


class Way(StrEnum):
    """Which way later edits travel: into the list only, or both ways (part D)."""

    IN = "in"
    BOTH = "both"


class Normal(StrEnum):
    """The form in which two values are compared (R32); values themselves travel as typed (R43)."""

    TEXT = "text"
    PHONE = "phone"
    DATE = "date"
    GENDER = "gender"
    CODE = "code"


class Scope(StrEnum):
    """What a field of the audience belongs to: the person in the whole account, or the membership of one list."""

    ACCOUNT = "account"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Field:
    """One mapped field. `max_bytes`/`max_length` of the target live with the audience; `empties`: may be emptied.

    `of_user`: the value is the name of a user of the CRM. Who is renamed changes no record, so once a night one record
    of each name is looked at, and all of them where it has changed (R45).
    """

    to: Std | Custom
    way: Way
    label: Text
    normal: Normal = Normal.TEXT
    empties: bool = True
    of_user: bool = False

    @property
    def key(self) -> str:
        """The key in `Contact.fields`."""
        return self.to.key if isinstance(self.to, Custom) else self.to.value


class Role(StrEnum):
    """Which side of a connection a plugin can be."""

    CRM = "crm"
    AUDIENCE = "audience"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Names of the headers that tell a day's allowance; compared without case. `reset` is Unix seconds (UTC)."""

    limit: str
    remaining: str
    reset: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What the vendor lets us do.

    `at_once` requests open together per account (0: no limit); `per_minute` requests (0: no limit); `page` and `ids`
    rows a request; `rows` a bulk call; `tag_length` characters and `tags_length` in all of one contact; `field_length`
    characters of one value. `look_at_once` single look-ups a batch in real time.
    """

    at_once: int = 0
    per_minute: int = 0
    page: int = 1000
    ids: int = 1000
    rows: int = 3000
    tag_length: int = 50
    tags_length: int = 2000
    field_length: int = 255
    custom_length: int = 5000
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True)
class BellSecret:
    """The header in which the CRM's webhook repeats the secret we gave it."""

    header: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A plugin's own description.

    `name` is the plugin's name in settings, tags and sources (`raynet`). `base_url_env` names the environment variable
    that overrides `base_url`; `hosts` are the vendor's hosts (a leading dot means: and below). A CRM declares `fields`
    and `kinds`; an audience declares `scopes` (fields that are account-wide; all others belong to the list),
    `tags_scope`, and `unsaid` (fields its pages do not say, only single look-ups do).
    `settings` is the marshmallow schema of the connect form. `record_link` is a template with {kind} and {id}.
    `results`: the audience tells what its mailings did (`Results`); `rows` of a CRM's `limits` is how many activities
    one call of `on_campaign_activity` takes.
    """

    name: str
    label: Text
    roles: frozenset[Role]
    settings: type[Schema]
    kinds: tuple[Kind, ...] = ()
    fields: tuple[Field, ...] = ()
    limits: Limits = field(default_factory=Limits)
    base_url: str = ""
    base_url_env: str = ""
    hosts: tuple[str, ...] = ()
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    tags_scope: Scope = Scope.LIST
    unsaid: frozenset[str] = frozenset()
    bell: BellSecret | None = None
    results: bool = False
    record_link: str = ""
    account_settings: tuple[str, ...] = ()
    """Names of the settings that tell one vendor account from another (R90: seats are shared by them)."""
    api_version: int = 1
