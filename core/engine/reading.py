"""The CRM's door: pages -> on_contact_in -> RECORDS, and the addresses about which something may need doing.

A page is one commit of at most eight statements, whatever its size. A record that cannot be read fails alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Protocol

import orjson
from sqlalchemy.orm import Session

from core.decide.addresses import usable
from core.decide.frozen import dataclass
from core.engine import erasing, helping
from core.engine.ahead import Ahead
from core.engine.job import Job
from core.store import due, records
from core.store.base import look
from core.store.due import Cause
from core.store.records import Known
from spojka import Contact, Kind, Page, Record, SpojkaError

SLOTS = 2
"""Both addresses of a record are always kept, whether the second is looked at or not (R8, R10)."""


@dataclass(frozen=True, slots=True)
class Understood:
    """One changed record: what it means, or why it can't be read."""

    record: Record
    digest: str
    contact: Contact | None
    fault: str = ""


class Said(Protocol):
    """What tells whether a record says something new."""

    @property
    def version(self) -> int:
        """The higher, the newer."""
        ...

    @property
    def digest(self) -> str:
        """Of the record as it was sent."""
        ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of records: as it came, or what a mate made of it (`changed`), who sent `requests` for it."""

    after: str | None
    total: int | None
    vendor_time: datetime | None
    read: int
    items: Sequence[Record]
    changed: Sequence[Understood] | None = None
    requests: int = 0


def read_kind(job: Job, kind: Kind) -> None:
    """Everything of one kind since the run's moment, page by page, from where a run that died had come."""
    state = job.checkpoint.setdefault("reading", {}).setdefault(kind.value, {"after": None, "done": False})
    since = job.checkpoint.get("since", {}).get(kind.value)
    moment = None if since is None else datetime.fromisoformat(since)
    sheets: Ahead[Sheet] = Ahead(job)

    def ask(after: str | None) -> None:
        mate = job.mate if job.mate is not None and job.mate.is_ready else None
        if mate is None:
            sheets.ask(lambda: _fetched(job.crm.adapter.changed(kind, moment, after)))
        else:
            sheets.ask(lambda: mate.do(job, fetch, kind, moment, after))

    if not state["done"]:
        ask(state["after"])
    while not state["done"]:
        ticket, sheet, _ = sheets.take()
        if sheet.after is not None:
            if sheet.total is not None:
                helping.hire(job, sheet.total)
            ask(sheet.after)
        job.world.crash.point("page.read")
        if sheet.vendor_time is not None and "vendor_asked_at" not in job.checkpoint:
            job.checkpoint["vendor_asked_at"] = sheet.vendor_time.isoformat()
        state["after"], state["done"] = sheet.after, sheet.after is None
        job.progress["read"][kind.value] += sheet.read
        if sheet.total is not None:
            job.progress["total"][kind.value] = sheet.total
            job.progress["of"] = sum(job.progress["total"].values())
        job.count(done=sheet.read)
        job.lent(sheet.requests, 0)
        if sheet.changed is None:
            enter(job, kind, sheet.items, ticket)
        else:
            _keep(job, kind, sheet.changed, [one.record.id for one in sheet.changed], ticket)


def fetch(job: Job, kind: Kind, since: datetime | None, after: str | None) -> Sheet:
    """In a mate: a page, fetched and understood; what the vendor said of each record does not travel on."""
    before = job.crm.counted.requests
    page = job.crm.adapter.changed(kind, since, after)
    said = _said(job, kind, page.items)
    changed = [replace(one, record=replace(one.record, raw={})) for one in understand(job, page.items, said)]
    return replace(_fetched(page), items=(), changed=changed, requests=job.crm.counted.requests - before)


def _fetched(page: Page[Record]) -> Sheet:
    return Sheet(page.after, page.total, page.vendor_time, len(page.items), page.items)


def enter(
    job: Job, kind: Kind, items: Sequence[Record], ticket: int, also: Callable[[Session], None] | None = None
) -> None:
    """Records that a request with this ticket brought, into the mirror, and what is `also` true then. One commit."""
    said = _said(job, kind, items)
    changed = understand(job, items, said)
    _keep(job, kind, changed, [one.record.id for one in changed if one.record.id in said], ticket, also)


def _said(job: Job, kind: Kind, items: Sequence[Record]) -> Mapping[str, Said]:
    ids = [record.id for record in items]
    return look(job.world.sessions, lambda session: records.said(session, job.row.id, kind.value, ids))


def _keep(
    job: Job,
    kind: Kind,
    changed: Sequence[Understood],
    old: Sequence[str],
    ticket: int,
    also: Callable[[Session], None] | None = None,
) -> None:
    """Records that say something new, into the mirror; `old` are ids that may be known already. One commit."""
    known = _known(job, kind, old)
    job.world.crash.point("page.mapped")

    def work(session: Session) -> None:
        store(job, session, kind, changed, known, ticket)
        if also is not None:
            also(session)
        job.world.crash.point("page.before_commit")

    job.commit(work)
    job.world.crash.point("page.after_commit")


def _known(job: Job, kind: Kind, ids: Sequence[str]) -> dict[str, Known]:
    """All that the mirror holds of records that changed; not asked where everything is new."""
    if not ids:
        return {}
    return look(job.world.sessions, lambda session: records.known(session, job.row.id, kind.value, ids))


def understand(job: Job, items: Sequence[Record], said: Mapping[str, Said]) -> list[Understood]:
    """The records that say something new, mapped; an older version of one we know is no news (R99)."""
    news: dict[str, tuple[Record, str]] = {}
    salt = f"{job.crm.manifest.api_version}:{job.world.settings.locale}".encode()
    for record in items:
        before = said.get(record.id)
        if before is not None and record.version < before.version:
            continue
        digest = blake2b(orjson.dumps(record.raw, option=orjson.OPT_SORT_KEYS), digest_size=12, key=salt).hexdigest()
        if before is None or before.digest != digest:
            news[record.id] = (record, digest)
    meanings = job.caller.contacts_in(connection=job.side, records=[record for record, _ in news.values()])
    return [
        Understood(record, digest, None, str(meaning))
        if isinstance(meaning, SpojkaError)
        else Understood(record, digest, meaning)
        for (record, digest), meaning in zip(news.values(), meanings, strict=True)
    ]


def store(
    job: Job, session: Session, kind: Kind, changed: Sequence[Understood], known: Mapping[str, Known], ticket: int
) -> None:
    """Mirror rows, addresses, links and marks of records that changed. At most six queries."""
    if not changed:
        return
    gone = erasing.erased(session, job.world, _typed(changed)) if job.erasures else frozenset[str]()
    rows = [_row(job, one, known.get(one.record.id), ticket, gone) for one in changed]
    addresses = [row for one in changed for row in _addresses(job, one, gone, ticket)]
    records.save(session, [row for row in rows if row["fault"] == "" or row["record_id"] not in known])
    records.save_faults(session, [row for row in rows if row["fault"] != "" and row["record_id"] in known])
    records.save_addresses(session, addresses)
    old = _left(addresses, known)
    cause = Cause(job.cause, job.by, ticket, _since(job), lane=job.lane_name, waits=job.waits)
    ids = [one.record.id for one in changed if one.contact is not None]
    lenders = [record_id for record_id in ids if record_id in known and any(known[record_id].lends)]
    if lenders:
        # Whoever borrowed until now may borrow no longer.
        due.mark_records(session, job.row.id, job.list_id, kind.value, lenders, (), cause)
    records.save_links(session, [row for one in changed for row in _links(job, one, known.get(one.record.id), ticket)])
    due.mark_records(session, job.row.id, job.list_id, kind.value, ids, old, cause)


def _since(job: Job) -> datetime:
    """Since when what is marked now is due: for a run since its beginning, so that its batches go in the order of the
    addresses, and write their rows side by side.
    """
    begun = job.checkpoint.get("first_asked_at")
    return datetime.fromisoformat(begun) if begun else job.now()


def _typed(changed: Sequence[Understood]) -> list[str]:
    return [typed for one in changed if one.contact for typed in one.contact.addresses]


def _row(job: Job, one: Understood, before: Known | None, ticket: int, gone: frozenset[str]) -> dict[str, Any]:
    contact, record = one.contact, one.record
    kept = contact is not None and not (gone and _is_erased(contact, gone))
    return {
        "connection_id": job.row.id,
        "kind": record.kind.value,
        "record_id": record.id,
        "sort_key": record.id.zfill(20) if record.id.isdigit() else record.id,
        "version": record.version,
        "ticket": ticket,
        "found": before.found if before else job.found,
        "standing": contact.standing.value if contact else "usual",
        "mailable": contact.mailable if contact else True,
        "created_at": contact.created_at if contact else None,
        "fields": contact.fields if kept and contact else {},
        "one_way": tuple(sorted(contact.one_way)) if contact else (),
        "tags": contact.tags if kept and contact else (),
        "lends": _lends(contact),
        "digest": one.digest,
        "fault": one.fault,
    }


def _is_erased(contact: Contact, gone: frozenset[str]) -> bool:
    """Whether every usable address of the record was erased on request (R14)."""
    emails = {usable(typed).email for typed in contact.addresses} - {""}
    return bool(emails) and emails <= gone


def _addresses(job: Job, one: Understood, gone: frozenset[str], ticket: int) -> list[dict[str, Any]]:
    if one.contact is None:
        return []
    typed = (*one.contact.addresses, *([""] * SLOTS))[: max(SLOTS, len(one.contact.addresses))]
    rows: list[dict[str, Any]] = []
    taken: set[str] = set()
    for slot, text in enumerate(typed, start=1):
        address = usable(text)
        erased = address.email in gone and address.email != ""
        twice = address.email in taken
        taken.add(address.email)
        hidden = erased or twice
        rows.append(
            {
                "connection_id": job.row.id,
                "kind": one.record.kind.value,
                "record_id": one.record.id,
                "slot": slot,
                "list_id": job.list_id,
                "email": "" if hidden else address.email,
                "typed": "" if erased else text,
                "standing": "erased" if erased else ("same" if twice and address.email else address.problem),
                "note": "" if erased else ", ".join(address.others),
                "ticket": ticket,
            }
        )
    return rows


def _lends(contact: Contact | None) -> tuple[str, ...]:
    if contact is None or not (contact.lends or contact.shows):
        return ()
    return tuple(sorted({loan.field for loan in contact.lends} | ({""} if contact.shows else set())))


def _links(job: Job, one: Understood, before: Known | None, ticket: int) -> list[dict[str, Any]]:
    """Whom the record lends to and shows; what it no longer does is blanked (R45)."""
    if one.contact is None:
        return []
    now = {loan.field: (loan.kind.value, loan.id, loan.value, loan.rank) for loan in one.contact.lends}
    for kind, record_id in one.contact.shows[:1]:
        now[""] = (kind.value, record_id, "", 0)
    blank = dict.fromkeys(before.lends if before else (), ("", "", "", 0))
    return [
        {
            "connection_id": job.row.id,
            "kind": one.record.kind.value,
            "record_id": one.record.id,
            "field": field,
            "to_kind": kind,
            "to_id": record_id,
            "value": value,
            "rank": rank,
            "ticket": ticket,
        }
        for field, (kind, record_id, value, rank) in sorted({**blank, **now}.items())
    ]


def _left(addresses: Sequence[Mapping[str, Any]], known: Mapping[str, Known]) -> list[str]:
    """Addresses that a record has left: something may have to close there (R27)."""
    now: dict[str, set[str]] = {}
    for row in addresses:
        now.setdefault(row["record_id"], set()).add(row["email"])
    left = {
        email
        for record_id, emails in now.items()
        if record_id in known
        for email in known[record_id].emails.values()
        if email and email not in emails
    }
    return sorted(left)
