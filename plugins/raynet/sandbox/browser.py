"""What a Raynet user does in the browser, as Python methods: the sandbox page and tests edit records with them.

Such an edit is saved like one by the API (version, row info, webhook) but is nobody's echo: its source is `user`.
"""

from typing import Any

from plugins.raynet.sandbox import ends, writes
from plugins.raynet.sandbox.rows import CONTACT, STREET
from plugins.raynet.sandbox.store import Rec, Store, Table, primary_address
from plugins.raynet.sandbox.visit import Actor, Visit, find

COLLEAGUE = "karel.vzorny@example.com"
PLACE = (*STREET, "country")
SURE = {
    "contact_info": "merge",
    "empty_value": "clears",
    "ignore_do_not_send_writes": False,
    "unknown_fields": "refused",
    "update_tags": "replace",
}
"""In the browser nothing about a write is unknown."""


class Browser:
    """Edits by people. Field names are the API's; contact and address keys may stand without their object.

    `email`, `tel1`, `doNotSendMM` … go into the contact data, `street`, `city`, `zipCode`, `country` into the address
    (a company's primary one), `company` and `type` into a person's primary relationship. `""` and None empty a field.
    Raise ApiError like the API does; a missing record is its 404.
    """

    store: Store

    def visit(self, actor: Actor, **switches: Any) -> Visit:
        """The surroundings of one action."""
        raise NotImplementedError

    def add_person(self, by: str = COLLEAGUE, **fields: Any) -> int:
        """A new person; `lastName` is required. Returns the id."""
        visit = self._sits_down(by)
        company, type_ = fields.pop("company", None), fields.pop("type", None)
        body = _grouped(fields, "privateAddress")
        if company is not None:
            body["relationship"] = {"company": company, "type": type_}
        return writes.create_person(visit, body)

    def edit_person(self, id_: int, by: str = COLLEAGUE, **fields: Any) -> None:
        """Change some fields of a person: one save, and another one where the company or position changes."""
        visit = self._sits_down(by)
        person = find(self.store.persons, id_)
        if "company" in fields or "type" in fields:
            self._change_job(visit, person, fields)
        if fields:
            writes.update_person(visit, person, _grouped(fields, "privateAddress"))

    def _change_job(self, visit: Visit, person: Rec, fields: Rec) -> None:
        links: list[Rec] = person.get("relationships", [])
        now = next((item for item in links if item["primary"]), None)
        company = fields.pop("company", now["company"] if now else None)
        type_ = fields.pop("type", now["type"] if now else None)
        if company is not None:
            writes.add_relationship(visit, person, {"company": company, "type": type_}, primary=True)
        elif now is not None:
            writes.change_relationship(visit, person, now["id"], "delete", {})

    def delete_person(self, id_: int, by: str = COLLEAGUE) -> None:
        """Delete a person."""
        ends.delete(self._sits_down(by), self.store.persons, find(self.store.persons, id_))

    def merge_person(self, id_: int, source_id: int, by: str = COLLEAGUE) -> None:
        """Merge another person into this one."""
        persons = self.store.persons
        ends.merge(self._sits_down(by), persons, find(persons, id_), find(persons, source_id))

    def invalidate_person(self, id_: int, *, invalid: bool = True, by: str = COLLEAGUE) -> None:
        """Mark a person invalid, or renew."""
        self._mark(self.store.persons, id_, invalid, by)

    def anonymise_person(self, id_: int, by: str = COLLEAGUE) -> None:
        """Empty a person for good."""
        ends.anonymise(self._sits_down(by), self.store.persons, find(self.store.persons, id_))

    def add_company(self, by: str = COLLEAGUE, **fields: Any) -> int:
        """A new company; `name` is required. Returns the id."""
        body = {"state": "A_POTENTIAL", "role": "A_SUBSCRIBER", "rating": "B", **_grouped(fields, "address")}
        place, contact = body.pop("address", None), body.pop("contactInfo", None)
        address = {"contactInfo": contact or {}}
        if place:
            address["address"] = {"name": "Sídlo", **place}
        return writes.create_company(self._sits_down(by), {**body, "addresses": [address]})

    def edit_company(self, id_: int, by: str = COLLEAGUE, **fields: Any) -> None:
        """Change some fields of a company and of its primary address; one save."""
        visit, company = self._sits_down(by), find(self.store.companies, id_)
        body = _grouped(fields, "address")
        place, contact = body.pop("address", None), body.pop("contactInfo", None)
        stored = primary_address(company)
        if place is not None or contact is not None:
            sent: Rec = {} if contact is None else {"contactInfo": contact}
            if place is not None:
                sent["address"] = {"name": stored["address"].get("name") or "Sídlo", **place}
            stored.update(writes.read_address(visit, stored, sent))
        if body:
            writes.update_company(visit, company, body)
        elif fields:
            writes.saved_company(visit, company)

    def delete_company(self, id_: int, by: str = COLLEAGUE) -> None:
        """Delete a company; refused while persons belong to it."""
        ends.delete(self._sits_down(by), self.store.companies, find(self.store.companies, id_))

    def invalidate_company(self, id_: int, *, invalid: bool = True, by: str = COLLEAGUE) -> None:
        """Mark a company invalid, or renew."""
        self._mark(self.store.companies, id_, invalid, by)

    def _mark(self, table: Table, id_: int, invalid: bool, by: str) -> None:
        ends.set_access(self._sits_down(by), table, find(table, id_), "INVALID" if invalid else None)

    def _sits_down(self, by: str) -> Visit:
        return self.visit(Actor(by, "user", "browser"), **SURE)


def _grouped(fields: Rec, address_key: str) -> Rec:
    """The body of the API for fields named without their object."""
    body = {key: value for key, value in fields.items() if key not in (*CONTACT, *PLACE, "doNotSendMM")}
    contact = {key: value or None for key, value in fields.items() if key in (*CONTACT, "doNotSendMM")}
    place = {key: value or None for key, value in fields.items() if key in PLACE}
    if contact:
        body["contactInfo"] = {**body.get("contactInfo", {}), **contact}
    if place:
        body[address_key] = {**body.get(address_key, {}), **place}
    return {key: None if value == "" else value for key, value in body.items()}
