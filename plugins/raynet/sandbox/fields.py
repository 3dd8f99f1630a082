"""What a body may say: one reader per kind of field. A reader turns what was sent into what is stored."""

from collections.abc import Callable, Mapping
from typing import Any

from plugins.raynet.sandbox import times
from plugins.raynet.sandbox.errors import ApiError, bad_input, not_found
from plugins.raynet.sandbox.rows import (
    COMPANY_DETAIL_PICKS,
    COMPANY_PICKS,
    CONTACT,
    COUNTRIES,
    NETWORKS,
    PERSON_PICKS,
    STREET,
)
from plugins.raynet.sandbox.store import Rec
from plugins.raynet.sandbox.visit import Visit, bad_enum

Reader = Callable[[Visit, str, Any, Any], Any]
"""(visit, field name, what was sent, what is stored now) -> what will be stored; None or empty: nothing."""


def text(_: Visit, name: str, value: Any, __: Any = None) -> str | None:
    """Text or null, stored as typed."""
    if value is not None and not isinstance(value, str):
        raise bad_input(f"{name} must be text")
    return value


def required(visit: Visit, body: Rec, *names: str) -> None:
    """Refuse a body in which one of the names is missing or empty, the first one by name (400)."""
    for name in names:
        if body.get(name) in (None, ""):
            raise bad_input(f"{name[0].upper()}{name[1:]} cannot be null")


def flag(_: Visit, name: str, value: Any, __: Any = None) -> bool:
    """A boolean in any of the accepted spellings."""
    if value in (None, False, "false", "off", "no", "0", 0):
        return False
    if value in (True, "true", "on", "yes", "1", 1):
        return True
    raise bad_input(f"{name} must be a boolean")


def whole_day(visit: Visit, name: str, value: Any, _: Any = None) -> str | None:
    """A day as `yyyy-MM-dd`."""
    if value in (None, ""):
        return None
    return str(_dated(visit, name, value, times.day))


def moment(visit: Visit, name: str, value: Any, _: Any = None) -> int | None:
    """A moment, stored in seconds."""
    if value in (None, ""):
        return None
    return int(_dated(visit, name, value, times.moment))


def _dated(visit: Visit, name: str, value: Any, read: Callable[[str, str], Any]) -> Any:
    if not isinstance(value, str):
        raise bad_input(f"{name} must be a date")
    try:
        return read(value, visit.zone)
    except ApiError as error:
        raise bad_input(f"{name} is not a date") from error


def choice(*codes: str) -> Reader:
    """One of a closed list of codes."""

    def read(visit: Visit, name: str, value: Any, _: Any = None) -> str | None:
        if value is None:
            return None
        if value not in codes:
            raise bad_enum(visit, name, value)
        return str(value)

    return read


def number(name: str, value: Any) -> int:
    """The id in a reference, sent bare or as `{"id": 12}`."""
    inner = value.get("id") if isinstance(value, dict) else value
    if isinstance(inner, bool) or not isinstance(inner, int):
        raise bad_input(f"{name} must be an id")
    return inner


def reference(table: str) -> Reader:
    """The id of an existing record."""

    def read(visit: Visit, name: str, value: Any, _: Any = None) -> int | None:
        if value is None:
            return None
        id_ = number(name, value)
        if id_ not in visit.store.table(table).rows:
            raise not_found(visit.store.table(table).entity, id_)
        return id_

    return read


def pick(picklist: str) -> Reader:
    """The id of a picklist item."""

    def read(visit: Visit, name: str, value: Any, _: Any = None) -> int | None:
        if value is None:
            return None
        id_ = number(name, value)
        if visit.store.pick(picklist, id_) is None:
            raise not_found(picklist, id_)
        return id_

    return read


def level(visit: Visit, name: str, value: Any, _: Any = None) -> int:
    """The id of a security level."""
    id_ = number(name, value)
    if all(item["id"] != id_ for item in visit.store.levels):
        raise not_found("SecurityLevel", id_)
    return id_


def _object(name: str, value: Any) -> Rec:
    if not isinstance(value, dict):
        raise bad_input(f"{name} must be an object")
    return value


def _known(visit: Visit, name: str, value: Rec, keys: tuple[str, ...]) -> None:
    unknown = sorted(set(value) - set(keys))
    if unknown and visit.switches["unknown_fields"] == "refused":
        raise bad_input(f"{name} has no field [{unknown[0]}]")


def keeps(visit: Visit, value: Any) -> bool:
    """Whether an empty value leaves alone what is stored."""
    return value in (None, "") and bool(visit.switches["empty_value"] == "ignored")


def contact(visit: Visit, name: str, value: Any, old: Any) -> Rec:
    """Contact data: merged key by key into the old, or instead of it, as the switch `contact_info` says."""
    sent, stored = _object(name, value or {}), dict(old or {})
    _known(visit, name, sent, (*CONTACT, "doNotSendMM", "primary", "facebook"))
    result = stored if visit.switches["contact_info"] == "merge" else {}
    for key in CONTACT:
        if key in sent and keeps(visit, sent[key]):
            result[key] = stored.get(key)
        elif key in sent:
            result[key] = text(visit, key, sent[key])
    flagged = stored.get("doNotSendMM", False)
    if "doNotSendMM" in sent and not visit.switches["ignore_do_not_send_writes"]:
        flagged = flag(visit, "doNotSendMM", sent["doNotSendMM"])
    elif visit.switches["contact_info"] == "replace" and not visit.switches["ignore_do_not_send_writes"]:
        flagged = False
    result["doNotSendMM"] = flagged
    return {key: value for key, value in result.items() if value is not None and value is not False}


def place(visit: Visit, name: str, value: Any, old: Any) -> Rec:
    """A postal address, merged key by key; the country comes in as its ISO code."""
    sent, result = _object(name, value or {}), dict(old or {})
    _known(visit, name, sent, ("name", *STREET, "country", "countryCode", "id", "lat", "lng"))
    for key in ("name", *STREET, "country"):
        if key not in sent or keeps(visit, sent[key]):
            continue
        result[key] = text(visit, key, sent[key])
    if result.get("country") and result["country"] not in COUNTRIES:
        raise bad_enum(visit, "country", result["country"])
    return {key: value for key, value in result.items() if value}


def networks(visit: Visit, name: str, value: Any, old: Any) -> Rec:
    """Social networks, merged key by key."""
    sent = _object(name, value or {})
    _known(visit, name, sent, NETWORKS)
    return {**(old or {}), **{key: text(visit, key, sent[key]) for key in sent}}


def custom(entity: str) -> Reader:
    """Custom fields, merged key by key; null and empty clear one; an unknown key is refused."""

    def read(visit: Visit, name: str, value: Any, old: Any) -> Rec:
        known = {item["name"] for item in visit.store.custom_fields.get(entity, ())}
        sent = _object(name, value or {})
        for key in sent:
            if key not in known:
                raise bad_input(f"customFields has no field [{key}]")
        merged = {**(old or {}), **sent}
        return {key: value for key, value in merged.items() if value not in (None, "")}

    return read


def tags(_: Visit, name: str, value: Any, __: Any = None) -> list[str]:
    """An array of tags, each once."""
    if not isinstance(value or [], list) or not all(isinstance(tag, str) for tag in value or []):
        raise bad_input(f"{name} must be an array of text")
    return list(dict.fromkeys(tag.strip() for tag in value or [] if tag.strip()))


def tag_text(_: Visit, name: str, value: Any, __: Any = None) -> list[str]:
    """Tags in one text, separated by commas."""
    if not isinstance(value, str):
        raise bad_input(f"{name} must be text")
    return list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


NAMES: Mapping[str, Reader] = dict.fromkeys(("titleBefore", "firstName", "lastName", "titleAfter", "salutation"), text)
PERSON: Mapping[str, Reader] = {
    **NAMES,
    **{key: pick(name) for key, name in PERSON_PICKS.items()},
    "owner": reference("persons"),
    "contactInfo": contact,
    "privateAddress": place,
    "socialNetworkContact": networks,
    "gender": choice("MALE", "FEMALE"),
    "birthday": whole_day,
    "notice": text,
    "keyman": flag,
    "securityLevel": level,
}
COMPANY: Mapping[str, Reader] = {
    **NAMES,
    **{key: pick(name) for key, name in {**COMPANY_PICKS, **COMPANY_DETAIL_PICKS}.items()},
    **dict.fromkeys(
        ("name", "notice", "regNumber", "taxNumber", "taxNumber2", "bankAccount", "databox", "court"), text
    ),
    "person": flag,
    "role": choice("A_SUBSCRIBER", "B_PARTNER", "C_SUPPLIER", "D_RIVAL", "E_OWN"),
    "state": choice("A_POTENTIAL", "B_ACTUAL", "C_DEFERRED", "D_UNATTRACTIVE"),
    "rating": choice("A", "B", "C"),
    "taxPayer": choice("YES", "NO"),
    "owner": reference("persons"),
    "socialNetworkContact": networks,
    "birthday": whole_day,
    "securityLevel": level,
    "customFields": custom("Company"),
}
PERSON_UPDATE: Mapping[str, Reader] = {**PERSON, "customFields": custom("Person")}
LEFT_ALONE = frozenset(
    [
        "id",
        "_version",
        "tags",
        "extIds",
        "extId",
        "relationship",
        "relationships",
        "primaryRelationship",
        "companyAddress",
        "activeUserAccount",
        "inlineGdpr",
        "communicationTone",
        "photo",
        "logo",
        "attachments",
        "originLead",
        "primaryAddress",
        "contactAddress",
        "addresses",
        "customFields",
    ]
)
"""Names that records show and an update or create takes without doing anything with them."""


def take(visit: Visit, record: Rec, body: Rec, readers: Mapping[str, Reader], *, fresh: bool = False) -> list[str]:
    """Put what a body says into a record; the names taken. Raises ApiError before anything is changed."""
    read: Rec = {}
    for name, value in body.items():
        if name not in readers:
            _leave_alone(visit, name)
        elif fresh or not keeps(visit, value):
            read[name] = readers[name](visit, name, value, record.get(name))
    for name, value in read.items():
        record[name] = value
        if value in (None, False, {}, []):
            del record[name]
    return list(read)


def _leave_alone(visit: Visit, name: str) -> None:
    known = name in LEFT_ALONE or name.startswith("rowInfo.")
    if not known and visit.switches["unknown_fields"] == "refused":
        raise bad_input(f"Unknown field [{name}]")
