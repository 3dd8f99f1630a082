"""The yardstick: a plain script that makes the calls of a full run, as somebody would write it in an afternoon.

It keeps no state: each time it reads both sides whole and writes what is missing. It knows nothing of edits, deletions,
limits, retries or a second connection, and stops at the first answer that is not good.

    RAYNET_BASE_URL=… ECOMAIL_BASE_URL=… python -m benchmarks.script
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

Row = Mapping[str, Any]

LOGIN, INSTANCE = ("api@example.com", "crm-test-0001"), "demo-crm"
ECOMAIL_KEY, LIST, TAG = "test-key", 1, "raynet"
STATUSES = ("subscribed", "unsubscribed", "not_confirmed", "bounced", "complained")
PAGE, ROWS = 4000, 3000
GENDERS = {"MALE": "male", "FEMALE": "female"}
STATES = {
    "A_POTENTIAL": "Potenciální",
    "B_ACTUAL": "Aktuální",
    "C_DEFERRED": "Odložený",
    "D_UNATTRACTIVE": "Neatraktivní",
}
ROLES = {"A_SUBSCRIBER": "Odběratel", "B_PARTNER": "Partner", "C_SUPPLIER": "Dodavatel", "D_RIVAL": "Konkurent"}


def crm_rows(session: requests.Session, base: str, kind: str) -> Iterator[Row]:
    """Every record of one kind, a thousand a page."""
    params: dict[str, str | int] = {"limit": 1000, "sortColumn": "id", "sortDirection": "ASC", "dateFormat": "ISO8601"}
    while True:
        answer = session.get(f"{base}{kind}/", params=params, timeout=60)
        answer.raise_for_status()
        rows = answer.json()["data"]
        yield from rows
        if len(rows) < 1000:
            return
        params["id[GT]"] = rows[-1]["id"]


def list_rows(session: requests.Session, base: str) -> Iterator[Row]:
    """Every member of the list, whatever its status."""
    for status in STATUSES:
        page, last = 1, False
        while not last:
            params: dict[str, str | int] = {"status": status, "page": page, "per_page": PAGE}
            answer = session.get(f"{base}lists/{LIST}/subscribers", params=params, timeout=60)
            answer.raise_for_status()
            body = answer.json()
            yield from body["data"]
            last, page = body["next_page_url"] is None, page + 1


def person(row: Row) -> dict[str, Any]:
    """A person as a row for the list."""
    relation = row.get("primaryRelationship") or {}
    company = (row.get("companyAddress") or {}).get("address") or {}
    private = row.get("privateAddress") or {}
    return {
        "name": row["firstName"],
        "surname": row["lastName"],
        "pretitle": row["titleBefore"],
        "surtitle": row["titleAfter"],
        "gender": GENDERS.get(row["gender"]),
        "birthday": row["birthday"],
        "phone": (row["contactInfo"] or {}).get("tel1"),
        "company": (relation.get("company") or {}).get("name"),
        **place(private if any(map(private.get, ("street", "city", "zipCode", "countryCode"))) else company),
        "custom_fields": {
            "Pozice": relation.get("type"),
            "Vlastník": (row["owner"] or {}).get("fullName"),
            "Jazyk": (row["language"] or {}).get("value"),
        },
    }


def company(row: Row) -> dict[str, Any]:
    """A client as a row for the list."""
    primary = row.get("primaryAddress") or {}
    natural = bool(row["person"])
    return {
        "name": row["firstName"] if natural else None,
        "surname": row["lastName"] if natural else None,
        "phone": (primary.get("contactInfo") or {}).get("tel1"),
        "company": row["name"],
        **place(primary.get("address") or {}),
        "custom_fields": {
            "Vlastník": (row["owner"] or {}).get("fullName"),
            "Jazyk": (row.get("language") or {}).get("value"),
            "Stav": STATES.get(row["state"]),
            "Vztah": ROLES.get(row["role"]),
        },
    }


def place(address: Row) -> dict[str, Any]:
    """The four fields of a postal address."""
    return {
        "street": address.get("street"),
        "city": address.get("city"),
        "zip": address.get("zipCode"),
        "country": address.get("countryCode"),
    }


def said(values: Row) -> dict[str, Any]:
    """Without what is empty, which a new contact has anyway."""
    return {key: value for key, value in values.items() if value}


def contacts(session: requests.Session, base: str) -> dict[str, dict[str, Any]]:
    """Address -> row for the list; the first record of an address counts, the tags of all."""
    found: dict[str, dict[str, Any]] = {}
    forbidden: set[str] = set()
    for kind, mapped in (("person", person), ("company", company)):
        for row in crm_rows(session, base, kind):
            if row["rowInfo.rowAccess"] == "INVALID":
                continue
            info = (row if kind == "person" else row.get("primaryAddress") or {}).get("contactInfo") or {}
            emails = {clean(info.get("email")), clean(info.get("email2"))} - {""}
            if info.get("doNotSendMM"):
                forbidden |= emails
            if row.get("activeUserAccount") or row.get("role") == "E_OWN":
                continue
            for email in emails:
                if email not in found:
                    values = mapped(row)
                    custom = said(values.pop("custom_fields"))
                    found[email] = {"email": email, **said(values), "custom_fields": custom, "tags": [TAG]}
                    found[email]["source"] = TAG
                tags = found[email]["tags"]
                tags.extend(tag for tag in row["tags"] or () if tag not in tags)
    return {email: row for email, row in found.items() if email not in forbidden}


def clean(typed: str | None) -> str:
    """An address as it is compared, or nothing where it is none."""
    email = (typed or "").strip().lower()
    name, _, host = email.partition("@")
    return email if name and "." in host and " " not in email else ""


def send(session: requests.Session, method: str, url: str, rows: Sequence[Row], flags: Mapping[str, bool]) -> int:
    """Write in bulk, so many rows a call; how many the list says it wrote."""
    done = 0
    for start in range(0, len(rows), ROWS):
        body = {"subscriber_data": rows[start : start + ROWS], **flags}
        answer = session.request(method, url, json=body, timeout=120)
        answer.raise_for_status()
        done += sum(answer.json().values())
    return done


def main() -> None:
    raynet, ecomail = os.environ["RAYNET_BASE_URL"], os.environ["ECOMAIL_BASE_URL"]
    crm, audience = requests.Session(), requests.Session()
    crm.auth, crm.headers["X-Instance-Name"] = LOGIN, INSTANCE
    audience.headers["key"] = ECOMAIL_KEY
    wanted = contacts(crm, raynet)
    members = {row["email"].lower(): row["subscriber"]["tags"] or [] for row in list_rows(audience, ecomail)}
    new = [row for email, row in wanted.items() if email not in members]
    known = [
        {"email": email, "tags": [*members[email], TAG]}
        for email in wanted
        if email in members and TAG not in members[email]
    ]
    place_of = f"{ecomail}lists/{LIST}/"
    flags = {"update_existing": False, "resubscribe": False, "trigger_autoresponders": False}
    created = send(audience, "POST", f"{place_of}subscribe-bulk", new, flags)
    tagged = send(audience, "PUT", f"{place_of}update-subscriber-bulk", known, {"allow_resubscribe": False})
    print(json.dumps({"created": created, "adopted": tagged, "unchanged": len(wanted) - created - tagged}))


if __name__ == "__main__":
    main()
