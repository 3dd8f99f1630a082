"""Creating and changing persons and companies (Raynet API, Person 2.1, Company 3.1).

Functions act on a `Visit`, so that an edit by the API and one by a user in the browser are the same thing.
"""

from collections.abc import Iterable

from plugins.raynet.sandbox import fields
from plugins.raynet.sandbox.errors import bad_input, duplicate_key, not_found, still_referenced
from plugins.raynet.sandbox.store import Rec, Store, Table
from plugins.raynet.sandbox.visit import Visit, find

MOST_EXT_IDS = 10
NAME_KEYS = frozenset({"firstName", "lastName", "name"})


def create_person(visit: Visit, body: Rec) -> int:
    """A new person. Raises ApiError (400, 404, 500 for an external id in use)."""
    fields.required(visit, body, "lastName")
    record = visit.born()
    fields.take(visit, record, body, fields.PERSON, fresh=True)
    _start(visit, visit.store.persons, record, body)
    if body.get("relationship"):
        record["relationships"] = [_relationship(visit, body["relationship"], primary=True)]
    id_ = visit.add(visit.store.persons, record)
    visit.store.link(visit.store.persons.rows[id_])
    visit.store.contacts_changed()
    return id_


def update_person(visit: Visit, person: Rec, body: Rec) -> None:
    """A partial update."""
    if "lastName" in body and not fields.keeps(visit, body["lastName"]):
        fields.required(visit, body, "lastName")
    taken = fields.take(visit, person, body, fields.PERSON_UPDATE)
    taken += _update_tags(visit, person, body)
    if taken:
        _saved_person(visit, person, taken)


def _saved_person(visit: Visit, person: Rec, taken: Iterable[str]) -> None:
    if "contactInfo" in taken:
        visit.store.contacts_changed()
    if NAME_KEYS.intersection(taken):
        forget_named_after(visit.store, person["id"])
    visit.save(visit.store.persons, person)


def forget_named_after(store: Store, person_id: int) -> None:
    """A person's name shows in the records that they own: print those anew."""
    for table in (store.persons, store.companies):
        for record in table:
            if record.get("owner") == person_id:
                table.forget(record["id"])


def create_company(visit: Visit, body: Rec) -> int:
    """A new company; without addresses it gets one empty primary address."""
    fields.required(visit, body, "name", "state", "role", "rating")
    if fields.flag(visit, "person", body.get("person")):
        fields.required(visit, body, "lastName")
    record = visit.born()
    fields.take(visit, record, body, fields.COMPANY, fresh=True)
    _start(visit, visit.store.companies, record, body)
    given = body.get("addresses") or [{}]
    record["addresses"] = [new_address(visit, item) for item in given]
    record["primaryAddress"] = record["addresses"][0]["id"]
    id_ = visit.add(visit.store.companies, record)
    visit.store.contacts_changed()
    return id_


def update_company(visit: Visit, company: Rec, body: Rec) -> None:
    """A partial update; addresses, and so e-mails, are not touched by it."""
    for name in ("name", "state", "role", "rating"):
        if name in body and not fields.keeps(visit, body[name]):
            fields.required(visit, body, name)
    taken = fields.take(visit, company, body, fields.COMPANY)
    taken += _update_tags(visit, company, body)
    if taken:
        saved_company(visit, company)


def saved_company(visit: Visit, company: Rec) -> None:
    """Make a company's change known, also to the persons that show its name and address."""
    visit.store.contacts_changed()
    for id_ in visit.store.people_of.get(company["id"], ()):
        visit.store.persons.forget(id_)
    visit.save(visit.store.companies, company)


def new_address(visit: Visit, body: Rec) -> Rec:
    """A stored address made of what was sent."""
    return read_address(visit, {"id": visit.store.number("address"), "address": {}, "contactInfo": {}}, body)


def read_address(visit: Visit, stored: Rec, body: Rec) -> Rec:
    """What an address says after a body was read into it. `address.name` is required where `address` is sent."""
    if not isinstance(body, dict) or set(body) - {"address", "contactInfo", "territory"}:
        raise bad_input("An address holds address, contactInfo and territory")
    result = dict(stored)
    if "address" in body:
        fields.required(visit, body["address"] or {}, "name")
        result["address"] = fields.place(visit, "address", body["address"], stored["address"])
    if "contactInfo" in body:
        result["contactInfo"] = fields.contact(visit, "contactInfo", body["contactInfo"], stored["contactInfo"])
    if "territory" in body:
        result["territory"] = fields.pick("territory")(visit, "territory", body["territory"], None)
    return result


def add_address(visit: Visit, company: Rec, body: Rec) -> int:
    """A further address."""
    fields.required(visit, body, "address")
    stored = new_address(visit, body)
    company["addresses"].append(stored)
    saved_company(visit, company)
    return int(stored["id"])


def address_of(company: Rec, address_id: int) -> Rec:
    """A company's address by id. Raises ApiError (404)."""
    found: Rec | None = next((item for item in company["addresses"] if item["id"] == address_id), None)
    if found is None:
        raise not_found("CompanyAddress", address_id)
    return found


def update_address(visit: Visit, company: Rec, address_id: int, body: Rec) -> None:
    """Change an address; this is how a company's e-mail is changed."""
    stored = address_of(company, address_id)
    stored.update(read_address(visit, stored, body))
    saved_company(visit, company)


def delete_address(visit: Visit, company: Rec, address_id: int) -> None:
    """Remove an address; the primary one stays."""
    stored = address_of(company, address_id)
    if stored["id"] == company["primaryAddress"]:
        raise still_referenced()
    company["addresses"].remove(stored)
    if company.get("contactAddress") == stored["id"]:
        del company["contactAddress"]
    saved_company(visit, company)


def _start(visit: Visit, table: Table, record: Rec, body: Rec) -> None:
    found = fields.tags(visit, "tags", body.get("tags"))
    if found:
        record["tags"] = found
    if body.get("extId"):
        record["extIds"] = [free_ext_id(visit, table, body["extId"])]


def free_ext_id(visit: Visit, table: Table, ext_id: object) -> str:
    """An external id that nobody has yet. Raises ApiError (400, 500)."""
    if not isinstance(ext_id, str) or not ext_id:
        raise bad_input("extId must be text")
    if ext_id in table.ext and visit.switches["ext_id_unique"]:
        raise duplicate_key()
    return ext_id


def _update_tags(visit: Visit, record: Rec, body: Rec) -> list[str]:
    how = visit.switches["update_tags"]
    if "tags" not in body or how == "ignored":
        return []
    if how == "refused":
        raise bad_input("Unknown field [tags]")
    record["tags"] = fields.tags(visit, "tags", body["tags"])
    return ["tags"]


def change_tags(visit: Visit, table: Table, record: Rec, sent: object, *, add: bool) -> None:
    """Add or remove single tags; one that is there already, or is not there, changes nothing."""
    if not isinstance(sent, str) or not sent.strip():
        raise bad_input("Tag cannot be null")
    named = fields.tag_text(visit, "tag", sent)
    now = list(record.get("tags", ()))
    after = list(dict.fromkeys(now + named)) if add else [tag for tag in now if tag not in named]
    if after == now:
        return
    record["tags"] = after
    table.forget(record["id"])
    if visit.switches["tags_touch_record"]:
        visit.save(table, record)


def add_ext_id(visit: Visit, table: Table, record: Rec, body: Rec) -> None:
    """Give a record one more external id, up to ten."""
    ext_id = free_ext_id(visit, table, body.get("extId"))
    if len(record.get("extIds", ())) >= MOST_EXT_IDS:
        raise bad_input(f"A record has at most {MOST_EXT_IDS} extIds")
    record.setdefault("extIds", []).append(ext_id)
    table.ext[ext_id] = record["id"]
    table.forget(record["id"])


def remove_ext_id(table: Table, record: Rec, ext_id: str) -> None:
    """Take an external id away. Raises ApiError (404)."""
    if ext_id not in record.get("extIds", ()):
        raise not_found("ExtId", ext_id)
    record["extIds"].remove(ext_id)
    table.ext.pop(ext_id, None)
    table.forget(record["id"])


def _relationship(visit: Visit, body: object, *, primary: bool) -> Rec:
    if not isinstance(body, dict) or set(body) - {"company", "companyAddress", "type", "notice"}:
        raise bad_input("A relationship holds company, type, companyAddress and notice")
    fields.required(visit, body, "company")
    company = fields.reference("companies")(visit, "company", body["company"], None)
    if body.get("companyAddress"):
        address_of(find(visit.store.companies, company), fields.number("companyAddress", body["companyAddress"]))
    return {
        "id": visit.store.number("relationship"),
        "company": company,
        "companyAddress": body.get("companyAddress"),
        "notice": fields.text(visit, "notice", body.get("notice")),
        "primary": primary,
        "type": fields.text(visit, "type", body.get("type")),
    }


def add_relationship(visit: Visit, person: Rec, body: Rec, *, primary: bool = False) -> int:
    """Tie a person to one more company; with `primary` in place of the primary one."""
    if not primary:
        fields.required(visit, body, "company", "type")
    link = _relationship(visit, body, primary=primary)
    visit.store.unlink(person)
    kept = [item for item in person.get("relationships", ()) if not (primary and item["primary"])]
    person["relationships"] = [link, *kept] if primary else [*kept, link]
    visit.store.link(person)
    visit.save(visit.store.persons, person)
    return int(link["id"])


def change_relationship(visit: Visit, person: Rec, link_id: int, action: str, body: Rec) -> None:
    """`update`, `delete` or `setPrimary` one of a person's relationships."""
    links = person.get("relationships", [])
    link = next((item for item in links if item["id"] == link_id), None)
    if link is None:
        raise not_found("Relationship", link_id)
    visit.store.unlink(person)
    if action == "delete":
        links.remove(link)
    elif action == "setPrimary":
        for item in links:
            item["primary"] = item is link
    else:
        link.update(_relationship(visit, body, primary=link["primary"]), id=link_id)
    visit.store.link(person)
    visit.save(visit.store.persons, person)
