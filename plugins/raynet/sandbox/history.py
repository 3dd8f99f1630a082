"""E-mail activities: one entry in the history of one contact (Raynet API, 5.3)."""

import re
from typing import Any

from plugins.raynet.sandbox import fields
from plugins.raynet.sandbox.rows import level, row_info
from plugins.raynet.sandbox.store import Rec, Store
from plugins.raynet.sandbox.times import Face, shown
from plugins.raynet.sandbox.visit import Visit
from plugins.raynet.sandbox.writes import free_ext_id

ENDED = ("COMPLETED", "CANCELLED")
TAG = re.compile(r"(<[^>]*>)")
AMPERSAND = re.compile(r"&(?!#?\w+;)")
QUOTES = re.compile('["„“”]')


def as_html(text: str | None) -> str | None:
    """Rich text as it is read back: quotes and bare ampersands outside of tags are entities."""
    if text is None:
        return None
    parts = TAG.split(text)
    parts[::2] = [QUOTES.sub("&quot;", AMPERSAND.sub("&amp;", part)) for part in parts[::2]]
    return "".join(parts)


def rich(visit: Visit, name: str, value: Any, _: Any = None) -> str | None:
    """A reader of rich text."""
    return as_html(fields.text(visit, name, value))


EMAIL = {
    "title": fields.text,
    "priority": fields.choice("MINOR", "DEFAULT", "CRITICAL"),
    "owner": fields.reference("persons"),
    "company": fields.reference("companies"),
    "category": fields.pick("activityCategory"),
    "securityLevel": fields.level,
    "scheduledFrom": fields.moment,
    "scheduledTill": fields.moment,
    "completed": fields.moment,
    "description": rich,
    "status": fields.choice("NEW", "SCHEDULED", "COMPLETED", "CANCELLED"),
}
EMAIL_CREATE = {**EMAIL, "tags": fields.tags}
EMAIL_UPDATE = {
    **{key: reader for key, reader in EMAIL.items() if key != "owner"},
    "personal": fields.flag,
    "tags": fields.tag_text,
}
EMAIL_REFERENCES = ("businessCase", "offer", "salesOrder", "project", "activity", "lead")


def create_email(visit: Visit, body: Rec) -> int:
    """An e-mail activity: a record only, nothing is sent. Title, priority and owner are required."""
    fields.required(visit, body, "title", "priority", "owner")
    record, store = visit.born(), visit.store
    rest = {key: value for key, value in body.items() if key not in ("person", *EMAIL_REFERENCES)}
    fields.take(visit, record, rest, EMAIL_CREATE, fresh=True)
    record["status"] = record.get("status") or _first_status(record)
    record["participants"] = []
    person = fields.reference("persons")(visit, "person", body.get("person"), None)
    if person is not None:
        record["participants"] = [{"id": store.number("participant"), "role": "TO", "person": person}]
    if body.get("extId"):
        record["extIds"] = [free_ext_id(visit, store.emails, body["extId"])]
    return visit.add(store.emails, record)


def _first_status(record: Rec) -> str:
    if record.get("completed"):
        return "COMPLETED"
    return "SCHEDULED" if record.get("scheduledFrom") else "NEW"


def update_email(visit: Visit, record: Rec, body: Rec) -> None:
    """A partial update; `completed` takes effect only with a status that ends the activity."""
    status = body.get("status", record["status"])
    useless = {"person", "owner"} if status in ENDED else {"person", "owner", "completed"}
    taken = fields.take(visit, record, {k: v for k, v in body.items() if k not in useless}, EMAIL_UPDATE)
    if taken:
        visit.save(visit.store.emails, record)


def email_row(store: Store, record: Rec, face: Face) -> Rec:
    """An e-mail activity in a list."""
    return {
        "id": record["id"],
        "title": record["title"],
        "priority": record["priority"],
        "status": record["status"],
        "personal": record.get("personal", False),
        **{key: shown_or_null(record.get(key), face) for key in ("scheduledFrom", "scheduledTill", "completed")},
        "description": record.get("description"),
        "category": store.pick("activityCategory", record.get("category")),
        "owner": store.person_name(record["owner"]),
        "company": store.company_name(record.get("company")),
        **dict.fromkeys(EMAIL_REFERENCES),
        "tags": record.get("tags", []),
        "securityLevel": level(store, record),
        **row_info(record, face),
        "_version": record["version"],
    }


def email_detail(store: Store, record: Rec, face: Face) -> Rec:
    """An e-mail activity alone, with its participants; there is no `person`."""
    people = [
        {"id": item["id"], "owner": None, "role": item["role"], "person": store.person_name(item["person"])}
        for item in record["participants"]
    ]
    return {**email_row(store, record, face), "participants": people, "extIds": record.get("extIds") or None}


def activity_row(store: Store, record: Rec, face: Face) -> Rec:
    """An activity in the list of all kinds."""
    return {"_entityName": "Email", **email_row(store, record, face)}


def shown_or_null(moment: int | None, face: Face) -> str | None:
    """A moment as Raynet prints it, where there is one."""
    return None if moment is None else shown(moment, face)
