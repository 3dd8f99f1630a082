"""One function a call of the API: parse, one action, answer. `routes.py` says which path leads where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from werkzeug.wrappers import Response

from plugins.raynet.sandbox import campaigns, columns, ends, history, rows, writes
from plugins.raynet.sandbox.errors import bad_input, not_found
from plugins.raynet.sandbox.listing import JSON, Listing, answer
from plugins.raynet.sandbox.store import Rec, Store, Table
from plugins.raynet.sandbox.visit import Visit, find, find_ext

Call = Callable[..., Response]
EMPTY_ADDRESS = "empty_contact"


def said(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value), status=status, content_type=JSON)


def done() -> Response:
    """An action that needs no further words."""
    return said({"success": True})


def created(id_: int) -> Response:
    """The usual answer to a create."""
    return said({"success": True, "data": {"id": id_}}, 201)


def bare(id_: int) -> Response:
    """The answer to creating a picklist item or legal title: the id without an object."""
    return said({"success": "true", "data": id_}, 201)


def detail(value: Rec) -> Response:
    """A record alone: here `success` is a text."""
    return said({"success": "true", "data": value})


def nothing(status: int) -> Response:
    """An empty body."""
    return Response(b"", status=status, content_type=JSON)


@dataclass(frozen=True, slots=True)
class Entity:
    """What is done alike with several kinds of record."""

    table: str
    listing: Callable[[Visit], Listing]
    show: Callable[[Visit, Rec], Rec]
    create: Callable[[Visit, Rec], int]
    update: Callable[[Visit, Rec, Rec], None]
    delete: Callable[[Visit, Table, Rec], None]

    def of(self, visit: Visit) -> Table:
        """The table in the visit's store."""
        return visit.store.table(self.table)

    def one(self, visit: Visit, id_: int) -> Rec:
        """The record of an id, if the actor sees it. Raises ApiError (404)."""
        return self.seen(visit, find(self.of(visit), id_))

    def seen(self, visit: Visit, record: Rec) -> Rec:
        """The record itself, if the actor sees it. Raises ApiError (404)."""
        if not visit.sees(record):
            raise not_found(self.of(visit).entity, record["id"])
        return record

    def list_(self, visit: Visit) -> Response:
        """GET on the collection."""
        return answer(visit, self.listing(visit))

    def read(self, visit: Visit, id_: int) -> Response:
        """GET on a record."""
        return detail(self.show(visit, self.one(visit, id_)))

    def read_ext(self, visit: Visit, ext_id: str) -> Response:
        """GET by external id."""
        return detail(self.show(visit, self.seen(visit, find_ext(self.of(visit), ext_id))))

    def put(self, visit: Visit) -> Response:
        """PUT on the collection creates."""
        return created(self.create(visit, visit.body()))

    def post(self, visit: Visit, id_: int) -> Response:
        """POST on a record updates."""
        self.update(visit, self.one(visit, id_), visit.body())
        return done()

    def remove(self, visit: Visit, id_: int) -> Response:
        """DELETE."""
        self.delete(visit, self.of(visit), self.one(visit, id_))
        return done()

    def tag(self, visit: Visit, id_: int) -> Response:
        """PUT of tags."""
        writes.change_tags(visit, self.of(visit), self.one(visit, id_), visit.body().get("tag"), add=True)
        return nothing(201)

    def untag(self, visit: Visit, id_: int) -> Response:
        """DELETE of tags, which has a body."""
        writes.change_tags(visit, self.of(visit), self.one(visit, id_), visit.body().get("tag"), add=False)
        return done()

    def add_ext(self, visit: Visit, id_: int) -> Response:
        """PUT of an external id."""
        writes.add_ext_id(visit, self.of(visit), self.one(visit, id_), visit.body())
        return said({"success": "true"})

    def remove_ext(self, visit: Visit, id_: int, ext_id: str) -> Response:
        """DELETE of an external id."""
        writes.remove_ext_id(self.of(visit), self.one(visit, id_), ext_id)
        return done()

    def act(self, visit: Visit, id_: int, action: str) -> Response:
        """The state actions: lock, unlock, invalid, valid, anonymize."""
        table, record = self.of(visit), self.one(visit, id_)
        if action in ("invalid", "valid"):
            ends.set_access(visit, table, record, "INVALID" if action == "invalid" else None)
        elif action == "anonymize":
            ends.anonymise(visit, table, record)
        return done()

    def merge(self, visit: Visit, id_: int, source_id: int) -> Response:
        """Merge another record into this one."""
        table = self.of(visit)
        ends.merge(visit, table, self.one(visit, id_), self.one(visit, source_id))
        return done()


def _company_listing(visit: Visit) -> Listing:
    empty = visit.switches[EMPTY_ADDRESS]

    def show(store: Store, company: Rec, face: Any) -> Rec:
        return rows.company_row(store, company, face, empty)

    return Listing("companies", columns.COMPANIES, columns.COMPANY_SORT, show, kept=True)


PERSON_LISTING = Listing("persons", columns.PERSONS, columns.PERSON_SORT, rows.person_row, kept=True)
EMAIL_LISTING = Listing("emails", columns.EMAILS, columns.EMAIL_SORT, history.email_row)
ACTIVITY_LISTING = Listing("emails", columns.EMAILS, columns.EMAIL_SORT, history.activity_row)
MASS_LISTING = Listing("mass_emails", columns.MASS_EMAILS, columns.MASS_EMAIL_SORT, campaigns.mass_email_row)
RECIPIENT_LISTING = Listing("recipients", columns.RECIPIENTS, columns.RECIPIENT_SORT, campaigns.recipient_row)

PERSON = Entity(
    "persons",
    lambda _: PERSON_LISTING,
    lambda visit, record: rows.person_detail(visit.store, record, visit.face),
    writes.create_person,
    writes.update_person,
    ends.delete,
)
COMPANY = Entity(
    "companies",
    _company_listing,
    lambda visit, record: rows.company_detail(visit.store, record, visit.face, visit.switches[EMPTY_ADDRESS]),
    writes.create_company,
    writes.update_company,
    ends.delete,
)
EMAIL = Entity(
    "emails",
    lambda _: EMAIL_LISTING,
    lambda visit, record: history.email_detail(visit.store, record, visit.face),
    history.create_email,
    history.update_email,
    lambda visit, table, record: void(visit.remove(table, record["id"])),
)
MASS_EMAIL = Entity(
    "mass_emails",
    lambda _: MASS_LISTING,
    lambda visit, record: {
        **campaigns.mass_email_row(visit.store, record, visit.face),
        "extIds": record.get("extIds") or None,
    },
    campaigns.create_mass_email,
    campaigns.update_mass_email,
    lambda visit, _, record: campaigns.delete_mass_email(visit, record),
)


def void(_: object) -> None:
    """Nothing is returned."""


def activities(visit: Visit) -> Response:
    """All kinds of activities together."""
    return answer(visit, ACTIVITY_LISTING)


def add_relationship(visit: Visit, id_: int) -> Response:
    """A secondary link from a person to a company."""
    return created(writes.add_relationship(visit, find(visit.store.persons, id_), visit.body()))


def change_relationship(visit: Visit, id_: int, link_id: int, action: str = "update") -> Response:
    """Change, remove or prefer a link."""
    body: Mapping[str, Any] = visit.body() if action == "update" else {}
    writes.change_relationship(visit, find(visit.store.persons, id_), link_id, action, dict(body))
    return done()


def add_address(visit: Visit, id_: int) -> Response:
    """A further address of a company."""
    return created(writes.add_address(visit, find(visit.store.companies, id_), visit.body()))


def update_address(visit: Visit, id_: int, address_id: int) -> Response:
    """Change an address, and with it a company's e-mail."""
    writes.update_address(visit, find(visit.store.companies, id_), address_id, visit.body())
    return done()


def delete_address(visit: Visit, id_: int, address_id: int) -> Response:
    """Remove an address."""
    writes.delete_address(visit, find(visit.store.companies, id_), address_id)
    return done()


def prefer_address(visit: Visit, id_: int, address_id: int, key: str) -> Response:
    """Make an address the primary one or the one to write to."""
    company = find(visit.store.companies, id_)
    company[key] = writes.address_of(company, address_id)["id"]
    writes.saved_company(visit, company)
    return done()


def recipients(visit: Visit, id_: int) -> Response:
    """Recipients of one mass e-mail."""
    find(visit.store.mass_emails, id_)
    found = visit.store.sent_to.get(id_, {})
    return answer(visit, RECIPIENT_LISTING, {rid for ids in found.values() for rid in ids})


def add_recipient(visit: Visit, id_: int) -> Response:
    """One recipient."""
    return created(campaigns.add_recipient(visit, find(visit.store.mass_emails, id_), visit.body()))


def update_recipient(visit: Visit, id_: int, recipient_id: int) -> Response:
    """Change a recipient."""
    mail = find(visit.store.mass_emails, id_)
    campaigns.update_recipient(visit, campaigns.recipient_of(visit, mail, recipient_id), visit.body())
    return done()


def delete_recipient(visit: Visit, id_: int, recipient_id: int) -> Response:
    """Remove a recipient."""
    mail = find(visit.store.mass_emails, id_)
    campaigns.delete_recipient(visit, campaigns.recipient_of(visit, mail, recipient_id))
    return done()


def bulk(visit: Visit, id_: int, action: str) -> Response:
    """Upsert or delete up to 1000 recipients."""
    mail = find(visit.store.mass_emails, id_)
    found = campaigns.bulk_update(visit, mail) if action == "update" else campaigns.bulk_delete(visit, mail)
    return said({"success": True, "data": found})


def no_tags(visit: Visit, id_: int) -> Response:
    """Mass e-mails have no tag calls."""
    raise bad_input(f"Entity massEmail [{id_}] has no tags of its own")
