"""How records end: deletion, merging, anonymisation, invalidity (Raynet API, Person 2.1, GDPR and deletion)."""

from plugins.raynet.sandbox.errors import bad_query, still_referenced
from plugins.raynet.sandbox.store import Rec, Store, Table
from plugins.raynet.sandbox.visit import Visit
from plugins.raynet.sandbox.writes import forget_named_after, saved_company

ANONYMISED = "[Anonymizovaný záznam]"
KEPT = frozenset({"id", "created", "createdBy", "version", "extIds", "securityLevel", "rowAccess"})


def delete(visit: Visit, table: Table, record: Rec) -> None:
    """Delete a person or company with its legal titles. Raises ApiError (500) while others refer to it."""
    store, id_ = visit.store, record["id"]
    if table is store.companies and store.people_of.get(id_):
        raise still_referenced()
    if table is store.persons and (id_ in store.account_of or _owns(store, id_)):
        raise still_referenced()
    _remove(visit, table, record)


def _owns(store: Store, person_id: int) -> bool:
    return any(record.get("owner") == person_id for table in (store.persons, store.companies) for record in table)


def _remove(visit: Visit, table: Table, record: Rec) -> None:
    store = visit.store
    kind = "persons" if table is store.persons else "companies"
    for title in store.titles_of.pop((kind, record["id"]), ()):
        store.gdpr.remove(title)
    if kind == "persons":
        store.unlink(record)
    store.contacts_changed()
    visit.remove(table, record["id"])


def set_access(visit: Visit, table: Table, record: Rec, access: str | None) -> None:
    """Invalidate (`INVALID`) or renew (None)."""
    record["rowAccess"] = access
    visit.save(table, record)


def anonymise(visit: Visit, table: Table, record: Rec) -> None:
    """Empty a record for good; it stays under its id."""
    store = visit.store
    if table is store.persons:
        store.unlink(record)
        _empty(record, KEPT)
        record["lastName"] = ANONYMISED
        forget_named_after(store, record["id"])
        store.contacts_changed()
        visit.save(table, record)
        return
    addresses = [{"id": item["id"], "address": {}, "contactInfo": {}} for item in record["addresses"]]
    _empty(record, KEPT | {"role", "state", "rating", "primaryAddress"})
    record.update(name=ANONYMISED, addresses=addresses)
    saved_company(visit, record)


def _empty(record: Rec, kept: frozenset[str]) -> None:
    for key in set(record) - kept:
        del record[key]


def merge(visit: Visit, table: Table, target: Rec, source: Rec) -> None:
    """Move everything from the source into the target, then delete the source."""
    if target is source:
        raise bad_query("Cannot merge a record with itself")
    store = visit.store
    for key, value in source.items():
        if key not in KEPT and key not in ("tags", "relationships", "addresses", "updated", "updatedBy"):
            _fill(target, key, value)
    if source.get("tags"):
        target["tags"] = list(dict.fromkeys([*target.get("tags", ()), *source["tags"]]))
    _move_titles(store, "persons" if table is store.persons else "companies", target, source)
    if table is store.persons:
        _move_relationships(store, target, source)
    else:
        _move_people(store, target["id"], source["id"])
    moved = list(source.pop("extIds", ()))
    for ext_id in moved:
        target.setdefault("extIds", []).append(ext_id)
    _remove(visit, table, source)
    table.ext.update((ext_id, target["id"]) for ext_id in moved)
    visit.save(table, target)


def _fill(target: Rec, key: str, value: object) -> None:
    if isinstance(value, dict) and isinstance(target.get(key), dict):
        target[key] = {**value, **{name: old for name, old in target[key].items() if old not in (None, "")}}
    elif target.get(key) in (None, ""):
        target[key] = value


def _move_titles(store: Store, kind: str, target: Rec, source: Rec) -> None:
    for title in store.titles_of.pop((kind, source["id"]), ()):
        store.gdpr.rows[title]["person" if kind == "persons" else "company"] = target["id"]
        store.titles_of.setdefault((kind, target["id"]), []).append(title)


def _move_relationships(store: Store, target: Rec, source: Rec) -> None:
    store.unlink(target)
    store.unlink(source)
    known = {link["company"] for link in target.get("relationships", ())}
    for link in source.pop("relationships", ()):
        if link["company"] not in known:
            moved = {**link, "primary": link["primary"] and not known}
            target.setdefault("relationships", []).append(moved)
            known.add(link["company"])
    store.link(target)


def _move_people(store: Store, target_id: int, source_id: int) -> None:
    for person_id in sorted(store.people_of.pop(source_id, ())):
        person = store.persons.rows[person_id]
        for link in person["relationships"]:
            if link["company"] == source_id:
                link.update(company=target_id, companyAddress=None)
        store.link(person)
        store.persons.forget(person_id)
