"""How contacts, memberships and lists look in answers, oddities included: `[]` for an empty map, ids as text."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from plugins.ecomail.sandbox.store import (
    COMPLAINED,
    HARD_BOUNCE,
    SOFT_BOUNCE,
    SUBSCRIBED,
    UNCONFIRMED,
    UNSUBSCRIBED,
    ContactList,
    Member,
    Person,
    Store,
)
from plugins.ecomail.sandbox.validation import BASIC
from spojka.contact import Json

IN_PAGES = ("name", "surname", "gender", "company", "city", "country", "phone")
ROW_SWITCHES = ("page_fields", "tags_in_pages", "empty_fields")
_NEVER_SET = (
    "rating",
    "bounce_soft",
    "bounce_message",
    "notes",
    "last_open",
    "last_click",
    "last_delivery",
    "last_pageview",
    "last_transaction",
    "optimized_delivery",
    "raynet_id",
)
Switches = Mapping[str, Any]


def values(person: Person, names: Sequence[str], switches: Switches) -> dict[str, Json]:
    """Basic fields; one without a value is null, or an empty text where the account says so."""
    empty = None if switches["empty_fields"] == "null" else ""
    known = person.values
    return {name: known.get(name, empty) for name in names}


def custom(member: Member) -> Json:
    """Custom fields; an empty map is an empty array."""
    return dict(member.custom) or []


def row(member: Member, switches: Switches) -> Json:
    """One membership in a page of its list."""
    person = member.person
    subscriber: dict[str, Json] = {"id": person.id, "email": person.email}
    if switches["page_fields"] == "all":
        subscriber |= values(person, BASIC, switches) | {"source": person.source}
    else:
        subscriber |= values(person, IN_PAGES, switches)
    if switches["tags_in_pages"]:
        subscriber["tags"] = person.tags
    return {**membership(member, switches), "subscriber": subscriber}


def row_bytes(member: Member, switches: Switches) -> bytes:
    """The row as it goes out, rendered once until something changes."""
    if member.row is None:
        member.row = orjson.dumps(row(member, switches))
    return member.row


def membership(member: Member, _switches: Switches) -> dict[str, Json]:
    """One membership by itself."""
    return {
        "id": member.id,
        "list_id": member.list_id,
        "email": member.person.email,
        "status": member.status,
        "subscribed_at": member.subscribed_at,
        "unsubscribed_at": member.unsubscribed_at,
        "custom_fields": custom(member),
        "groups": member.groups,
        "source": member.source,
        "sms_status": None,
    }


def contact(person: Person, switches: Switches) -> dict[str, Json]:
    """The account-wide contact with all fields."""
    statuses = {member.status for member in person.memberships.values()}
    return {
        "id": person.id,
        "email": person.email,
        **values(person, BASIC, switches),
        "source": person.source,
        "inserted_at": person.inserted_at,
        **dict.fromkeys(_NEVER_SET),
        "bounce_soft_count": int(SOFT_BOUNCE in statuses),
        "bounced_hard": int(HARD_BOUNCE in statuses),
        "active": 1,
        "tags": list(person.tags),
    }


def contact_answer(person: Person, switches: Switches) -> dict[str, Json]:
    """What the single writes answer."""
    said = contact(person, switches)
    names = ("id", "name", "surname", "email", "gender", "bounce_soft", "bounced_hard", "bounce_message", "inserted_at")
    return {name: said[name] for name in names}


def merged(member: Member, switches: Switches) -> dict[str, Json]:
    """A contact and one of its memberships in one object. The membership's source hides the contact's."""
    own = membership(member, switches)
    del own["id"]
    return {
        **contact(member.person, switches),
        **own,
        "doi_date": None,
        "can_change_status": member.status not in (HARD_BOUNCE, COMPLAINED),
        "subscribed_at_utc": member.subscribed_at,
        "unsubscribed_at_utc": member.unsubscribed_at,
    }


def whole(person: Person, switches: Switches) -> dict[str, Json]:
    """The contact with all its lists, keyed by the list's id as text."""
    lists = {str(number): membership(member, switches) for number, member in person.memberships.items()}
    return {**contact(person, switches), "lists": lists or []}


def list_summary(listed: ContactList, store: Store, switches: Switches) -> dict[str, Json]:
    """A list among others."""
    more = listed.more
    return {
        "id": str(listed.id) if switches["list_ids"] == "text" else listed.id,
        "name": listed.name,
        "from_name": more.get("from_name"),
        "from_email": more.get("from_email"),
        "reply_to": more.get("reply_to"),
        "double_optin": int(listed.double_optin),
        "active_subscribers": store.count(listed.id, SUBSCRIBED),
        "settings": {"currency": "CZK", "locale": "cs"},
        "created": listed.created,
    }


def list_detail(listed: ContactList, store: Store, switches: Switches) -> dict[str, Json]:
    """A list by itself; its id is text here."""
    settings = {"currency": "CZK", "locale": "cs", "webhook": {"url": listed.webhook or None}}
    return {
        **list_summary(listed, store, switches),
        "id": str(listed.id),
        "settings": settings,
        "custom_fields": {key: {"type": each["type"], "name": each["name"]} for key, each in listed.fields.items()}
        or [],
        "groups": listed.groups or [],
        "segments": listed.segments or [],
    }


def list_counts(listed: ContactList, store: Store) -> dict[str, int]:
    """The seven counts of a list."""
    names = {
        "subscribed": SUBSCRIBED,
        "unsubscribed": UNSUBSCRIBED,
        "soft_bounced": SOFT_BOUNCE,
        "hard_bounced": HARD_BOUNCE,
        "complained": COMPLAINED,
        "unconfirmed": UNCONFIRMED,
    }
    return {"unknown": 0, **{name: store.count(listed.id, status) for name, status in names.items()}}
