"""The account's state: plain dictionaries that hold only what is set, and the indexes that make reading cheap."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import Any

Rec = dict[str, Any]
"""A stored record: vendor names, references as ids, `created`/`updated` in seconds, empty members left out."""

TABLES = ("persons", "companies", "emails", "mass_emails", "recipients", "gdpr")


def modified(record: Rec) -> int:
    """When the record was last changed, or made."""
    return int(record.get("updated") or record["created"])


class Table:
    """The records of one entity, in order of their ids."""

    def __init__(self, entity: str, first_id: int) -> None:
        self.entity = entity
        self.next_id = first_id
        self.rows: dict[int, Rec] = {}
        self.ids: list[int] = []
        self.ext: dict[str, int] = {}
        self.log: list[tuple[int, int]] = []
        self.cache: dict[bool, dict[int, bytes]] = {False: {}, True: {}}

    def __iter__(self) -> Iterator[Rec]:
        """The records, in no particular order."""
        return iter(self.rows.values())

    def fill(self, records: Iterable[Rec]) -> None:
        """Take many records at once, none of which is there yet."""
        self.rows.update((record["id"], record) for record in records)
        self.ids = sorted(self.rows)
        self.next_id = max(self.next_id, self.ids[-1] + 1 if self.ids else 1)
        self.ext = {ext: record["id"] for record in self for ext in record.get("extIds", ())}
        self._rebuild_log()

    def add(self, record: Rec) -> int:
        """Store a new record under the next free id."""
        record = {"id": self.next_id, **record}
        self.next_id += 1
        self.rows[record["id"]] = record
        self.ids.append(record["id"])
        self.ext.update((ext, record["id"]) for ext in record.get("extIds", ()))
        insort(self.log, (modified(record), record["id"]))
        return int(record["id"])

    def remove(self, id_: int) -> Rec:
        """Forget a record."""
        record = self.rows.pop(id_)
        del self.ids[bisect_left(self.ids, id_)]
        for ext in record.get("extIds", ()):
            self.ext.pop(ext, None)
        self.forget(id_)
        return record

    def touched(self, record: Rec) -> None:
        """Note that a record was changed now."""
        self.forget(record["id"])
        insort(self.log, (modified(record), record["id"]))
        if len(self.log) > 2 * len(self.rows) + 1000:
            self._rebuild_log()

    def forget(self, id_: int) -> None:
        """Drop what was printed of a record."""
        self.cache[False].pop(id_, None)
        self.cache[True].pop(id_, None)

    def forget_all(self) -> None:
        """Drop everything printed."""
        self.cache = {False: {}, True: {}}

    def since(self, moment: int) -> list[int]:
        """Ids of records changed at or after a moment, ascending."""
        found = {id_ for _, id_ in self.log[bisect_left(self.log, (moment, 0)) :] if id_ in self.rows}
        return sorted(found)

    def _rebuild_log(self) -> None:
        self.log = sorted((modified(record), record["id"]) for record in self)


class Store:
    """Everything one instance of the CRM holds."""

    def __init__(self) -> None:
        self.persons = Table("Person", 1050)
        self.companies = Table("Company", 300)
        self.emails = Table("Email", 81)
        self.mass_emails = Table("MassEmail", 9)
        self.recipients = Table("MassEmailRecipient", 21)
        self.gdpr = Table("Gdpr", 31)
        self.accounts: dict[int, Rec] = {}
        self.picklists: dict[str, list[Rec]] = {}
        self.templates: list[Rec] = []
        self.custom_fields: dict[str, list[Rec]] = {}
        self.levels: list[Rec] = []
        self.counters: dict[str, int] = {"address": 500, "relationship": 500, "picklist": 900, "participant": 1}
        self.people_of: dict[int, set[int]] = {}
        self.titles_of: dict[tuple[str, int], list[int]] = {}
        self.account_of: dict[int, int] = {}
        self.sent_to: dict[int, dict[str, list[int]]] = {}
        self._mailboxes: dict[str, list[tuple[str, int]]] | None = None
        self._picks: dict[str, dict[int, str]] = {}

    def table(self, name: str) -> Table:
        """A table by its name in TABLES."""
        found: Table = getattr(self, name)
        return found

    def number(self, counter: str) -> int:
        """The next number of a counter."""
        self.counters[counter] += 1
        return self.counters[counter]

    def pick(self, picklist: str, id_: int | None) -> Rec | None:
        """A picklist item as records show it: `{id, value}`."""
        if id_ is None:
            return None
        label = self._labels(picklist).get(id_)
        return None if label is None else {"id": id_, "value": label}

    def _labels(self, picklist: str) -> dict[int, str]:
        items = self.picklists.get(picklist, ())
        known = self._picks.get(picklist)
        if known is None or len(known) != len(items):
            known = self._picks[picklist] = {item["id"]: item["code01"] for item in items}
        return known

    def person_name(self, id_: int | None) -> Rec | None:
        """A person as others refer to it: `{id, fullName}`."""
        person = self.persons.rows.get(id_) if id_ is not None else None
        if person is None:
            return None
        return {"id": id_, "fullName": f"{person.get('firstName') or ''} {person['lastName']}".strip()}

    def company_name(self, id_: int | None) -> Rec | None:
        """A company as others refer to it: `{id, name}`."""
        company = self.companies.rows.get(id_) if id_ is not None else None
        return {"id": id_, "name": company["name"]} if company else None

    def contacts_changed(self) -> None:
        """Forget which e-mail address belongs to whom; it is worked out again when somebody asks."""
        self._mailboxes = None

    def mailboxes(self) -> dict[str, list[tuple[str, int]]]:
        """Which records carry an address, by the address in small letters: `(table, id)`, persons first."""
        if self._mailboxes is None:
            self._mailboxes = {}
            for person in self.persons:
                self._note_mailbox("persons", person["id"], person.get("contactInfo", {}))
            for company in self.companies:
                self._note_mailbox("companies", company["id"], primary_address(company)["contactInfo"])
        return self._mailboxes

    def _note_mailbox(self, table: str, id_: int, contact: Rec) -> None:
        for key in ("email", "email2"):
            address = (contact.get(key) or "").strip().lower()
            if not address or self._mailboxes is None:
                continue
            owners = self._mailboxes.setdefault(address, [])
            if (table, id_) not in owners:
                owners.append((table, id_))

    def link(self, person: Rec) -> None:
        """Note which companies a person belongs to."""
        for relationship in person.get("relationships", ()):
            self.people_of.setdefault(relationship["company"], set()).add(person["id"])

    def unlink(self, person: Rec) -> None:
        """Undo `link`, before the relationships change."""
        for relationship in person.get("relationships", ()):
            self.people_of.get(relationship["company"], set()).discard(person["id"])

    def index(self) -> None:
        """Work out all indexes that look across tables, after many records came at once."""
        self.people_of, self.titles_of, self.sent_to = {}, {}, {}
        self.account_of = {account["person"]: account["id"] for account in self.accounts.values()}
        for person in self.persons:
            self.link(person)
        for title in self.gdpr:
            self.note_title(title)
        for recipient in self.recipients:
            self.note_recipient(recipient)
        self.contacts_changed()

    def note_title(self, title: Rec) -> None:
        """Note whom a legal title belongs to."""
        for table, key in (("persons", "person"), ("companies", "company")):
            if title.get(key) is not None:
                self.titles_of.setdefault((table, title[key]), []).append(title["id"])

    def note_recipient(self, recipient: Rec) -> None:
        """Note that an address received a mass e-mail."""
        of_mail = self.sent_to.setdefault(recipient["massEmail"], {})
        of_mail.setdefault(recipient["email"], []).append(recipient["id"])

    def dump(self) -> Rec:
        """The state as JSON."""
        tables = {name: {"next": self.table(name).next_id, "rows": list(self.table(name))} for name in TABLES}
        return {
            "tables": tables,
            "accounts": list(self.accounts.values()),
            "picklists": self.picklists,
            "templates": self.templates,
            "customFields": self.custom_fields,
            "levels": self.levels,
            "counters": self.counters,
        }

    @classmethod
    def load(cls, state: Rec) -> "Store":
        """A state that `dump` gave."""
        store = cls()
        for name in TABLES:
            store.table(name).next_id = state["tables"][name]["next"]
            store.table(name).fill(state["tables"][name]["rows"])
        store.accounts = {account["id"]: account for account in state["accounts"]}
        store.picklists = state["picklists"]
        store.templates = state["templates"]
        store.custom_fields = state["customFields"]
        store.levels = state["levels"]
        store.counters = state["counters"]
        store.index()
        return store


def primary_address(company: Rec) -> Rec:
    """The address that carries the company's e-mails; there is always one."""
    found: Rec = next(item for item in company["addresses"] if item["id"] == company["primaryAddress"])
    return found


def primary_relationship(person: Rec) -> Rec | None:
    """The relationship that a person's list row shows."""
    return next((item for item in person.get("relationships", ()) if item["primary"]), None)
