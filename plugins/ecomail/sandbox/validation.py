"""Reading one row of a write as strictly as the account's switches say."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson

from plugins.ecomail.sandbox.asking import bad, refuse_unknown
from plugins.ecomail.sandbox.store import ContactList, Member, Person
from spojka.contact import Json

BASIC = (
    "name",
    "surname",
    "gender",
    "company",
    "street",
    "city",
    "zip",
    "country",
    "phone",
    "pretitle",
    "surtitle",
    "birthday",
    "nameday",
    "vokativ",
    "vokativ_s",
)
TAG_LENGTH, TAGS_LENGTH, CUSTOM_LENGTH = 50, 2000, 5000
TYPES = frozenset({"string", "date", "json", "int", "url"})
Switches = Mapping[str, Any]
_NOTHING: Mapping[str, str] = MappingProxyType({})
_KNOWN = frozenset({*BASIC, "email", "status", "source", "custom_fields", "tags", "groups"})
_BASIC = frozenset(BASIC)
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")
_FORMS = {
    "gender": re.compile(r"male|female"),
    "birthday": re.compile(r"\d{4}-\d\d-\d\d"),
    "nameday": re.compile(r"\d\d-\d\d"),
    "country": re.compile(r"[A-Za-z]{2}"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row, read. `""` clears, an absent key changes nothing; `types` holds those sent with custom fields."""

    key: str
    email: str
    basic: Mapping[str, str]
    custom: Mapping[str, str]
    types: Mapping[str, str]
    tags: tuple[str, ...] | None
    status: int | None
    source: str | None
    groups: Mapping[str, list[str]] | None


def read_row(raw: Json, email: Json, statuses: frozenset[int], switches: Switches) -> Row:
    """One row with the address that it is about. Raises Bad."""
    if not isinstance(raw, dict):
        raise bad("subscriber_data", "Each row must be an object.")
    refuse_unknown(raw, _KNOWN, switches["unknown_keys"])
    shown = read_email(email)
    key = shown.lower()
    custom, types = _custom(raw.get("custom_fields"), switches)
    return Row(
        key=key,
        email=key if switches["email_case"] == "lower" else shown,
        basic=_basic(raw, switches),
        custom=custom,
        types=types,
        tags=_tags(raw.get("tags"), switches["tag_length"]),
        status=_status(raw.get("status"), statuses),
        source=_source(raw.get("source")),
        groups=_groups(raw.get("groups")),
    )


def read_email(value: Json) -> str:
    """An address, trimmed. Raises Bad."""
    if value is None or value == "":
        raise bad("email", "The email field is required.")
    text = value.strip() if isinstance(value, str) else ""
    if not _EMAIL.fullmatch(text) or len(text) > 254 or ".." in text:
        raise bad("email", "The email must be a valid email address.")
    return text


def fit(row: Row, person: Person | None, member: Member | None, listed: ContactList, switches: Switches) -> Row:
    """The row as far as it fits with what is stored already; what is too much is left out or refused. Raises Bad."""
    ignored = switches["over_length"] == "ignored"
    if row.tags and _tags_length(row, person, switches) > TAGS_LENGTH:
        if not ignored:
            raise bad("tags", f"The tags may not be greater than {TAGS_LENGTH} characters.")
        row = replace(row, tags=None)
    if row.custom and _custom_length(row, member, switches) > CUSTOM_LENGTH:
        if not ignored:
            raise bad("custom_fields", f"The custom fields may not be greater than {CUSTOM_LENGTH} characters.")
        row = replace(row, custom={})
    if row.custom and switches["wrong_type"] == "refused":
        _refuse_wrong_types(row, listed)
    return row


def _basic(raw: Mapping[str, Json], switches: Switches) -> dict[str, str]:
    found = {}
    for name, value in raw.items():
        if name not in _BASIC:
            continue
        if value is None:
            if switches["nulls"] == "clears":
                found[name] = ""
            continue
        text = _text(name, value)
        if text == "" and switches["empty_string"] == "ignored":
            continue
        if name in _FORMS and text and switches["formats"] == "refused":
            _refuse_wrong_form(name, text)
        found[name] = _spaced(text) if name == "phone" and switches["phone_format"] == "spaces" else text
    return found


def _text(name: str, value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise bad(name, f"The {name} must be a string.")


def _refuse_wrong_form(name: str, text: str) -> None:
    if not _FORMS[name].fullmatch(text) or (name == "birthday" and not _is_day(text)):
        raise bad(name, f"The {name} format is invalid.")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _spaced(phone: str) -> str:
    digits = "".join(char for char in phone if char.isdigit())
    groups = " ".join(digits[at : at + 3] for at in range(0, len(digits), 3))
    return f"+{groups}" if phone.strip().startswith("+") else groups


def _tags(value: Json, mode: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise bad("tags", "The tags must be an array of strings.")
    for tag in value:
        if mode != "cut" and (len(tag.encode()) if mode == "bytes" else len(tag)) > TAG_LENGTH:
            raise bad("tags", f"A tag may not be greater than {TAG_LENGTH} characters.")
    return tuple(dict.fromkeys(tag[:TAG_LENGTH] for tag in value if tag.strip()))


def _status(value: Json, allowed: frozenset[int]) -> int | None:
    if value is None:
        return None
    number = int(value) if isinstance(value, str) and value.isdigit() else value
    if isinstance(number, bool) or number not in allowed:
        raise bad("status", "The selected status is invalid.")
    return int(number)


def _source(value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    raise bad("source", "The source must be a string.")


def _groups(value: Json) -> Mapping[str, list[str]] | None:
    if value is None:
        return None
    if value == []:
        return {}
    if not isinstance(value, dict) or not all(isinstance(chosen, list) for chosen in value.values()):
        raise bad("groups", "The groups must map a group to its categories.")
    return value


def _custom(value: Json, switches: Switches) -> tuple[Mapping[str, str], Mapping[str, str]]:
    if not value:
        return _NOTHING, _NOTHING
    if not isinstance(value, dict):
        raise bad("custom_fields", "The custom fields must be an object.")
    found: dict[str, str] = {}
    types: dict[str, str] = {}
    for name, given in value.items():
        key = custom_key(name, switches["diacritic_keys"])
        if not key:
            raise bad("custom_fields", f"The custom field {name!r} has a key that is not allowed.")
        if key in found:
            raise bad("custom_fields", f"The custom field {key} is there twice.")
        if isinstance(given, dict):
            given, types[key] = _typed(key, given)
        read = _custom_value(given, switches)
        if read is not None:
            found[key] = read
    return found, types or _NOTHING


def _typed(key: str, given: dict[str, Json]) -> tuple[Json, str]:
    if "value" not in given or given.get("type", "string") not in TYPES:
        raise bad("custom_fields", f"The custom field {key} needs a value and a known type.")
    return given["value"], given.get("type", "string")


def _custom_value(given: Json, switches: Switches) -> str | None:
    if given is None:
        return None if switches["nulls"] == "unchanged" else ""
    if given == "" and switches["empty_string"] == "ignored":
        return None
    if isinstance(given, list | dict):
        return orjson.dumps(given).decode()
    return _text("custom_fields", given)


@lru_cache(maxsize=4096)
def custom_key(name: str, mode: str) -> str:
    """The key that the list keeps for a name; `""` where it is refused."""
    key = name.strip().lower()
    if key.isascii() and " " not in key:
        return key
    if mode == "refused":
        return ""
    if mode == "kept":
        return key
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    return plain.replace(" ", "_")


def _tags_length(row: Row, person: Person | None, switches: Switches) -> int:
    kept = person.tags if person and switches["tags"] == "merge" else ()
    own = row.tags or ()
    return sum(map(len, {*kept, *own} if kept else own))


def _custom_length(row: Row, member: Member | None, switches: Switches) -> int:
    kept = member.custom if member and switches["custom_fields"] == "merge" else {}
    merged = {**kept, **row.custom} if kept else row.custom
    return sum(map(len, merged.values()))


def _refuse_wrong_types(row: Row, listed: ContactList) -> None:
    for key, value in row.custom.items():
        kind = listed.fields.get(key, {}).get("type")
        wrong = (kind == "date" and not _is_day(value)) or (kind == "int" and not value.lstrip("-").isdigit())
        if value and wrong:
            raise bad("custom_fields", f"The custom field {key} is not of type {kind}.")
