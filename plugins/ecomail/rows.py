"""Ecomail's JSON and Spojka's words, both ways. Pure.

Ecomail keeps two layers: a *contact* (name, address, phone, tags: the whole account's) and its *membership* of each
list (status, custom fields, source, beginning). A page of a list nests the contact in the membership, `subscriber`;
a look-up in a list merges both into one map; an account-wide one nests the memberships in the contact, `lists`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from spojka import Absent, Json, Malformed, Membership, Profile, Status, Std, Write

PRAGUE = ZoneInfo("Europe/Prague")
"""The zone of Ecomail's moments that name none."""
CODES = {
    1: Status.SUBSCRIBED,
    2: Status.UNSUBSCRIBED,
    3: Status.SOFT_BOUNCED,
    4: Status.BOUNCED,
    5: Status.COMPLAINED,
    6: Status.UNCONFIRMED,
}
"""Ecomail API, statuses of a membership."""
UNSUBSCRIBED_CODE = 2
CUSTOM = "custom:"

_WORDS: Mapping[str, Status] = {
    **{str(code): status for code, status in CODES.items()},
    **{status.value: status for status in Status},
    "not_confirmed": Status.UNCONFIRMED,
    "hard_bounced": Status.BOUNCED,
    "hard_bounce": Status.BOUNCED,
    "soft_bounce": Status.SOFT_BOUNCED,
}
_GRAVEST_FIRST = (
    Status.COMPLAINED,
    Status.BOUNCED,
    Status.UNSUBSCRIBED,
    Status.SOFT_BOUNCED,
    Status.UNCONFIRMED,
    Status.SUBSCRIBED,
)
_STD, _GENDER = frozenset(std.value for std in Std), Std.GENDER.value
_GENDERS = {"male": "male", "female": "female", "": ""}
_UNSAID: Any = object()
_EMPTY: Mapping[str, Json] = {}

Wanted = tuple[tuple[str, str], ...]
"""`Custom.key` and the list's key for it, folded."""


@lru_cache(maxsize=4096)
def fold(key: str) -> str:
    """A custom field's key as Ecomail compares it: trimmed, without case."""
    return key.strip().casefold()


def wanted_of(keys: Mapping[str, str]) -> Wanted:
    """The custom fields to read."""
    return tuple((key, fold(name)) for key, name in keys.items())


def members_of(rows: Iterable[Json], asked: Status, wanted: Wanted) -> tuple[Profile, ...]:
    """The rows of a page of a list; `asked` is the status that was filtered by. Raises Malformed."""
    return tuple([_member(row, asked, wanted) for row in rows])


def merged_of(contact: Mapping[str, Json], wanted: Wanted) -> Profile:
    """A look-up in a list: contact and membership in one map. Raises Malformed."""
    return _profile(contact, contact, None, wanted)


def absent_of(contact: Mapping[str, Json], contact_list: str, wanted: Wanted) -> Absent | Profile:
    """An account-wide look-up, seen from one list: in it after all, or only elsewhere (R17). Raises Malformed."""
    memberships = map_of(contact.get("lists"))
    if contact_list in memberships:
        return _profile(map_of(memberships[contact_list]), contact, None, wanted)
    elsewhere = tuple(
        Membership(name, status_of(map_of(membership).get("status"), None))
        for name, membership in sorted(memberships.items())
    )
    gravest = min((each.status for each in elsewhere), key=_GRAVEST_FIRST.index, default=Status.UNCONFIRMED)
    profile = _profile(_EMPTY, contact, gravest, ())
    return Absent(profile.email, elsewhere, profile)


def map_of(value: Json) -> Mapping[str, Json]:
    """A map; Ecomail writes an empty one as `[]` or null. Raises Malformed."""
    if isinstance(value, dict):
        return value
    if value is None or value == []:
        return _EMPTY
    raise Malformed("Ecomail sent something else where a map belongs. Nothing was concluded; it is asked again later.")


def status_of(value: Json, asked: Status | None) -> Status:
    """A status by number, numeric text or word, else the one that was filtered by. Raises Malformed where none was."""
    known = CODES.get(value) if type(value) is int else _WORDS.get(str(value).strip().casefold())
    found = known or asked
    if found is None:
        raise Malformed("Ecomail sent a contact without a status that we know. Nothing was concluded from it.")
    return found


def moment_of(value: Json) -> datetime | None:
    """A moment in UTC: ISO with a zone, or without one in Prague's time; None where it says none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is UTC:
        return moment
    return (moment if moment.tzinfo else moment.replace(tzinfo=PRAGUE)).astimezone(UTC)


def text_of(value: Json) -> str:
    """Any value as text; null is empty, a typed custom field is its `value`."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict) and "value" in value:
        return text_of(value["value"])
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def row_of(write: Write, keys: Mapping[str, str]) -> dict[str, Json]:
    """A row for a bulk call.

    An emptied field goes as `""`, never null; an empty gender never goes, Ecomail fills it in by itself (R105). Without
    a `tags` key the tags stay (R103). Raises ValueError for a field that Ecomail does not have.
    """
    row: dict[str, Json] = {"email": write.email.strip().lower()}
    custom: dict[str, str] = {}
    for key, value in write.fields.items():
        if key.startswith(CUSTOM):
            custom[keys.get(key, key.removeprefix(CUSTOM))] = value
        elif value or key != _GENDER:
            row[key if key in _STD else Std(key).value] = value
    if custom:
        row["custom_fields"] = custom
    if write.tags is not None:
        row["tags"] = list(write.tags)
    if write.source is not None:
        row["source"] = write.source
    return row


def rows_of(writes: Sequence[Write], keys: Mapping[str, str]) -> list[dict[str, Json]]:
    """The rows of a bulk call, in the order given."""
    return [row_of(write, keys) for write in writes]


def _member(row: Json, asked: Status, wanted: Wanted) -> Profile:
    if type(row) is not dict:
        raise Malformed("A page of the list holds something that is no contact. The pass ended without conclusions.")
    person = row.get("subscriber", _UNSAID)
    if type(person) is not dict:
        person = row if person is _UNSAID else map_of(person)
    return _profile(row, person, asked, wanted)


def _profile(
    membership: Mapping[str, Json], person: Mapping[str, Json], asked: Status | None, wanted: Wanted
) -> Profile:
    fields = _basic(person)
    if wanted:
        custom = membership.get("custom_fields", _UNSAID)
        if custom is not _UNSAID:
            said = {fold(key): value for key, value in map_of(custom).items()}
            for key, name in wanted:
                value = said.get(name, "")
                fields[key] = value if type(value) is str else text_of(value)
    uid = person.get("id")
    return Profile(
        _email(membership.get("email") or person.get("email")),
        "" if uid is None else str(uid),
        status_of(membership.get("status"), asked),
        moment_of(membership.get("subscribed_at")) or moment_of(person.get("inserted_at")),
        fields,
        _tags(person.get("tags", membership.get("tags", _UNSAID))),
        _sources(membership.get("source"), person.get("source")),
    )


def _email(value: Json) -> str:
    if not isinstance(value, str) or "@" not in value:
        raise Malformed("Ecomail sent a contact without an e-mail address. Nothing was concluded from it.")
    return value.strip().lower()


def _basic(person: Mapping[str, Json]) -> dict[str, str]:
    fields = {}
    for key, value in person.items():
        if key in _PLAIN:
            fields[key] = value if type(value) is str else text_of(value)
        elif key in _NORMAL:
            read = _NORMAL[key](text_of(value))
            if read is not None:
                fields[key] = read
    return fields


def _country(value: str) -> str | None:
    return value.strip().upper()


def _gender(value: str) -> str | None:
    return _GENDERS.get(value.strip().lower())


def _birthday(value: str) -> str | None:
    """ISO; None, that is not said, where it can't be read: an unreadable date must not look like an emptied one."""
    day = value.strip()[:10]
    if day in ("", "0000-00-00"):
        return ""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return None


_NORMAL: Mapping[str, Callable[[str], str | None]] = {
    Std.COUNTRY.value: _country,
    Std.GENDER.value: _gender,
    Std.BIRTHDAY.value: _birthday,
}
"""Fields that Ecomail may write in other forms than ours; None from their reader: not said."""
_PLAIN = _STD - _NORMAL.keys()


def _tags(value: Json) -> tuple[str, ...] | None:
    if value is _UNSAID:
        return None
    if not value:
        return ()
    if isinstance(value, dict):
        # A PHP array with gaps arrives as a map.
        value = list(value.values())
    if not isinstance(value, list):
        raise Malformed("Ecomail sent tags that are no list. Nothing was concluded; it is asked again later.")
    return tuple(dict.fromkeys([tag if type(tag) is str else text_of(tag) for tag in value if tag]))


def _sources(membership: Json, person: Json) -> tuple[str, ...]:
    if not person or membership == person:
        return (text_of(membership),) if membership else ()
    return (text_of(membership), text_of(person)) if membership else (text_of(person),)
