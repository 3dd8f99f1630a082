"""What one row does to one contact: account-wide values, the membership's own values, and its status."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins.ecomail.sandbox.account import Account
from plugins.ecomail.sandbox.store import (
    COMPLAINED,
    HARD_BOUNCE,
    SUBSCRIBED,
    UNSUBSCRIBED,
    ContactList,
    Member,
    Moment,
    Person,
)
from plugins.ecomail.sandbox.validation import Row

FIXED = frozenset({HARD_BOUNCE, COMPLAINED})


@dataclass(frozen=True, slots=True)
class Pen:
    """How rows are written: where to, when, and by which of the account's habits."""

    account: Account
    listed: ContactList
    now: Moment
    tags: str
    switches: Mapping[str, Any]

    def create(self, row: Row, status: int, overwrite: bool) -> Member:
        """Put a contact into the list, creating it in the account where it is not there yet.

        Account-wide values of a contact that exists are left alone unless `overwrite`.
        """
        store = self.account.store
        person = store.people.get(row.key)
        known = person is not None
        if person is None:
            person = store.add(row.email, self.now.local)
        lands = self.switches["source_lands"]
        source = row.source if row.source and lands in ("membership", "both") else "api"
        member = store.join(person, self.listed.id, status, self.now.utc, source)
        if not known or overwrite:
            self.write_person(person, row)
            if row.source and lands in ("contact", "both"):
                person.source = row.source
        self.write_member(member, row)
        if status == SUBSCRIBED:
            self.account.bell(member, "SUBSCRIBED")
        return member

    def change(self, member: Member, row: Row) -> None:
        """Write what the row says to somebody who is in the list; the status is another matter."""
        self.write_person(member.person, row)
        self.write_member(member, row)
        if row.source and self.switches["source_changes"]:
            self._change_source(member, row.source)
        self.account.store.touch(member.person)

    def write_person(self, person: Person, row: Row) -> None:
        """The account-wide part: basic fields and tags."""
        for name, value in row.basic.items():
            if value:
                person.values[name] = value
            else:
                person.values.pop(name, None)
        if row.tags is not None:
            kept = person.tags if self.tags == "merge" else ()
            person.tags = tuple(dict.fromkeys((*kept, *row.tags)))

    def write_member(self, member: Member, row: Row) -> None:
        """The membership's part: custom fields (new ones come into being here) and preference groups."""
        if row.custom and self.switches["custom_fields"] == "replace":
            member.custom = {}
        for key, value in row.custom.items():
            if key not in self.listed.fields:
                self.listed.learn(key, row.types.get(key))
            if value or self.switches["cleared_fields"] == "empty":
                member.custom[key] = value
            else:
                member.custom.pop(key, None)
        if row.groups is not None:
            member.groups = {**(member.groups or {}), **row.groups} or None

    def move(self, member: Member, wanted: int | None, *, resubscribe: bool) -> None:
        """Change the status as far as the guard allows; bounced and complained people stay what they are."""
        if member.status in FIXED:
            return
        if member.status == UNSUBSCRIBED and wanted in (None, SUBSCRIBED):
            wanted = SUBSCRIBED if resubscribe else None
        if wanted is None or wanted == member.status:
            return
        self.account.store.set_status(member, wanted, self.now.utc, "api")
        self.account.store.touch(member.person)
        if wanted == SUBSCRIBED:
            self.account.bell(member, "SUBSCRIBED")

    def _change_source(self, member: Member, source: str) -> None:
        if self.switches["source_lands"] in ("membership", "both"):
            member.source = source
        if self.switches["source_lands"] in ("contact", "both"):
            member.person.source = source
