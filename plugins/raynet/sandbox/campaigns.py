"""Mass e-mails and their recipients: one record a campaign (Raynet API, 5.2)."""

from typing import Any

from plugins.raynet.sandbox import fields
from plugins.raynet.sandbox.errors import bad_input, not_found
from plugins.raynet.sandbox.history import rich, shown_or_null
from plugins.raynet.sandbox.rows import row_info
from plugins.raynet.sandbox.store import Rec, Store, Table
from plugins.raynet.sandbox.times import Face
from plugins.raynet.sandbox.visit import Visit, find
from plugins.raynet.sandbox.writes import free_ext_id

SOURCES = ("QUANDA", "SMARTEMAILING", "MAILCHIMP", "MAILGUN", "SENDGRID", "SPARKPOST", "ECOMAIL")
STATUSES = ("NOT_SENT", "DELIVERED", "REJECTED", "SENT", "UNKNOWN")
STATS = ("sent", "clicked", "opened", "unsubscribed")
DAYS = ("opened", "clicked", "unsubscribed")
MOST = 1000


def _stats(_: Visit, name: str, value: Any, old: Any) -> Rec:
    sent = value or {}
    if not isinstance(sent, dict) or set(sent) - set(STATS):
        raise bad_input(f"{name} holds sent, clicked, opened and unsubscribed")
    if any(isinstance(number, bool) or not isinstance(number, int) for number in sent.values()):
        raise bad_input(f"{name} must be whole numbers")
    return {**(old or {}), **sent}


MASS_EMAIL = {
    **dict.fromkeys(
        ("title", "externalId", "campaignName", "externalOverviewUrl", "externalThumbnailUrl"), fields.text
    ),
    "source": fields.choice(*SOURCES),
    "completed": fields.moment,
    "description": rich,
    "tags": fields.tags,
    "stats": _stats,
}


def create_mass_email(visit: Visit, body: Rec) -> int:
    """A campaign's record. Title, source and externalId are required."""
    fields.required(visit, body, "title", "source", "externalId")
    record = visit.born()
    fields.take(visit, record, body, MASS_EMAIL, fresh=True)
    if body.get("extId"):
        record["extIds"] = [free_ext_id(visit, visit.store.mass_emails, body["extId"])]
    return visit.add(visit.store.mass_emails, record)


def update_mass_email(visit: Visit, record: Rec, body: Rec) -> None:
    """A partial update of a campaign's record."""
    if fields.take(visit, record, body, MASS_EMAIL):
        visit.save(visit.store.mass_emails, record)


def delete_mass_email(visit: Visit, record: Rec) -> None:
    """Delete a campaign's record with its recipients."""
    for ids in visit.store.sent_to.pop(record["id"], {}).values():
        for id_ in ids:
            visit.store.recipients.remove(id_)
    visit.remove(visit.store.mass_emails, record["id"])


def mass_email_row(_: Store, record: Rec, face: Face) -> Rec:
    """A campaign's record; `stats` come out as text."""
    names = ("title", "source", "externalId", "campaignName", "externalOverviewUrl", "externalThumbnailUrl")
    stats = record.get("stats", {})
    return {
        "id": record["id"],
        **{name: record.get(name) for name in names},
        "completed": shown_or_null(record.get("completed"), face),
        "description": record.get("description"),
        "stats": {name: str(stats[name]) if name in stats else None for name in STATS},
        "tags": record.get("tags", []),
        **row_info(record, face),
        "_version": record["version"],
    }


def recipient_row(store: Store, record: Rec, face: Face) -> Rec:
    """One recipient of a mass e-mail."""
    mail = store.mass_emails.rows[record["massEmail"]]
    return {
        "id": record["id"],
        "massEmail": {"id": mail["id"], "title": mail["title"]},
        "company": store.company_name(record.get("company")),
        "person": store.person_name(record.get("person")),
        "lead": None,
        "email": record["email"],
        **{day: record.get(day) for day in DAYS},
        "status": record["status"],
        **row_info(record, face),
        "_version": record["version"],
    }


def _recipient_fields(visit: Visit, body: Rec) -> Rec:
    if not isinstance(body, dict) or set(body) - {"email", "status", "person", "company", "lead", *DAYS}:
        raise bad_input("A recipient holds email, status, opened, clicked and unsubscribed")
    fields.required(visit, body, "status")
    read = {"status": fields.choice(*STATUSES)(visit, "status", body["status"], None)}
    read.update({day: fields.whole_day(visit, day, body[day]) for day in DAYS if day in body})
    return read


def add_recipient(visit: Visit, mail: Rec, body: Rec) -> int:
    """One recipient, named by its record."""
    read = _recipient_fields(visit, body)
    for key, table in (("person", "persons"), ("company", "companies")):
        if body.get(key) is not None:
            read[key] = fields.reference(table)(visit, key, body[key], None)
    if "person" not in read and "company" not in read:
        raise bad_input("Person, company or lead cannot be null")
    return _store_recipient(visit, mail, body.get("email") or "", read)


def _store_recipient(visit: Visit, mail: Rec, email: str, read: Rec) -> int:
    record = {**visit.born(), "massEmail": mail["id"], "email": email, **read}
    id_ = visit.store.recipients.add(record)
    visit.store.note_recipient(visit.store.recipients.rows[id_])
    return id_


def update_recipient(visit: Visit, record: Rec, body: Rec) -> None:
    """Change what one recipient did."""
    record.update(_recipient_fields(visit, body))
    record["version"] += 1


def delete_recipient(visit: Visit, record: Rec) -> None:
    """Forget one recipient."""
    visit.store.sent_to[record["massEmail"]][record["email"]].remove(record["id"])
    visit.store.recipients.remove(record["id"])


def _rows(visit: Visit) -> list[Any]:
    found = visit.json()
    if not isinstance(found, list):
        raise bad_input("Request body must be an array")
    if len(found) > MOST:
        raise bad_input(f"At most {MOST} addresses a call")
    return found


def bulk_update(visit: Visit, mail: Rec) -> list[Rec]:
    """Upsert recipients by address; each entry of the answer says what became of one address."""
    items = _rows(visit)
    for item in items:
        fields.required(visit, item if isinstance(item, dict) else {}, "email", "status")
    read = [(str(item["email"]), _recipient_fields(visit, item)) for item in items]
    return [_upsert(visit, mail, email, values) for email, values in read]


def _upsert(visit: Visit, mail: Rec, email: str, values: Rec) -> Rec:
    known = visit.store.sent_to.get(mail["id"], {}).get(email, [])
    if known:
        for id_ in known:
            visit.store.recipients.rows[id_].update(values)
        return {"email": email, "massEmailRecipientId": list(known), "success": True, "message": "updated"}
    ids = []
    for table, id_ in _owners(visit, email):
        owner = {"person" if table == "persons" else "company": id_}
        ids.append(_store_recipient(visit, mail, email, {**values, **owner}))
    message = "inserted" if ids else "email not found"
    return {"email": email, "massEmailRecipientId": ids, "success": bool(ids), "message": message}


def _owners(visit: Visit, email: str) -> list[tuple[str, int]]:
    found = visit.store.mailboxes().get(email.strip().lower(), [])
    if visit.switches["email_match"] == "nocase":
        return found
    return [(table, id_) for table, id_ in found if email in _spellings(visit.store, table, id_)]


def _spellings(store: Store, table: str, id_: int) -> list[str | None]:
    record = store.table(table).rows[id_]
    contacts = [record.get("contactInfo", {}), *(item["contactInfo"] for item in record.get("addresses", ()))]
    return [contact.get(key) for contact in contacts for key in ("email", "email2")]


def bulk_delete(visit: Visit, mail: Rec) -> list[Rec]:
    """Forget recipients by address."""
    answers = []
    for email in _rows(visit):
        ids = visit.store.sent_to.get(mail["id"], {}).pop(email, [])
        for id_ in ids:
            visit.store.recipients.remove(id_)
        answers.append({"email": email, "success": bool(ids), "message": "deleted" if ids else "email not found"})
    return answers


def recipient_of(visit: Visit, mail: Rec, recipient_id: int) -> Rec:
    """A recipient of this very mass e-mail. Raises ApiError (404)."""
    table: Table = visit.store.recipients
    record = find(table, recipient_id)
    if record["massEmail"] != mail["id"]:
        raise not_found(table.entity, recipient_id)
    return record
