"""What a person does in the Ecomail app, and what the world does to a contact: no guards, no key, no limits."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from plugins.ecomail.sandbox.account import Account, Delivery
from plugins.ecomail.sandbox.mailings import SENT
from plugins.ecomail.sandbox.shapes import whole
from plugins.ecomail.sandbox.store import SUBSCRIBED, UNSUBSCRIBED, Member, Person
from plugins.ecomail.sandbox.validation import BASIC, custom_key


class Hands:
    """Methods that tests and the sandbox's pages call in the place of a user of the app."""

    account: Account
    lock: threading.RLock

    def add_contact(
        self,
        list_id: int,
        email: str,
        *,
        status: int = SUBSCRIBED,
        tags: Sequence[str] | None = None,
        custom_fields: Mapping[str, str] | None = None,
        groups: Mapping[str, list[str]] | None = None,
        source: str = "app",
        **fields: str,
    ) -> None:
        """Put somebody into a list; who is in the account already keeps what is not given. Rings the list's bell."""
        with self.lock, self.account.writing([email.strip().lower()]):
            now, store = self.account.now(), self.account.store
            person = store.person(email) or store.add(email, now.local)
            member = person.memberships.get(list_id) or store.join(person, list_id, status, now.utc, source)
            _write(self.account, person, member, fields, custom_fields, groups)
            person.tags = tuple(dict.fromkeys(tags)) if tags is not None else person.tags
            if status == SUBSCRIBED:
                self.account.bell(member, "SUBSCRIBED")

    def edit_contact(
        self,
        email: str,
        *,
        list_id: int | None = None,
        custom_fields: Mapping[str, str] | None = None,
        groups: Mapping[str, list[str]] | None = None,
        **fields: str,
    ) -> None:
        """Change basic fields (`""` clears), and those of one list with `list_id`."""
        with self.lock, self.account.writing([email.strip().lower()]):
            person = self._person(email)
            member = person.memberships[list_id] if list_id is not None else None
            _write(self.account, person, member, fields, custom_fields, groups)
            self.account.store.touch(person)

    def add_tag(self, email: str, tag: str) -> None:
        """Give a contact one more tag."""
        with self.lock:
            self.set_tags(email, (*self._person(email).tags, tag))

    def remove_tag(self, email: str, tag: str) -> None:
        """Take a tag away; one that is not there stays away."""
        with self.lock:
            self.set_tags(email, [each for each in self._person(email).tags if each != tag])

    def set_tags(self, email: str, tags: Sequence[str]) -> None:
        """Make these the contact's tags."""
        with self.lock, self.account.writing([email.strip().lower()]):
            person = self._person(email)
            person.tags = tuple(dict.fromkeys(tags))
            self.account.store.touch(person)

    def set_status(self, list_id: int, email: str, status: int, campaign: int | None = None) -> None:
        """Any status, any time: a confirmation, a bounce, a complaint. Rings for leaving and coming back alone."""
        with self.lock, self.account.writing([email.strip().lower()]):
            member = self._person(email).memberships[list_id]
            if member.status == status:
                return
            back = member.status == UNSUBSCRIBED and status == SUBSCRIBED
            self.account.store.set_status(member, status, self.account.now().utc, "app")
            self.account.store.touch(member.person)
            if back or status == UNSUBSCRIBED:
                self.account.bell(member, "SUBSCRIBED" if back else "UNSUBSCRIBED", campaign)

    def unsubscribe(self, list_id: int, email: str, campaign: int | None = None) -> None:
        """The unsubscribe link of a mail, or the button in the contact's detail."""
        self.set_status(list_id, email, UNSUBSCRIBED, campaign)

    def delete_contact(self, email: str) -> None:
        """Delete somebody from the whole account."""
        key = email.strip().lower()
        with self.lock, self.account.writing([key]):
            self.account.store.remove(key)

    def set_list_webhook(self, list_id: int, url: str) -> None:
        """Where the list's status changes are told; `""`: nowhere."""
        self.account.lists[list_id].webhook = url

    def take_deliveries(self) -> list[Delivery]:
        """The calls to foreign addresses queued since last time, oldest first; they are not kept."""
        with self.lock:
            return self.account.take_deliveries()

    def send_campaign(self, title: str, list_id: int) -> int:
        """A campaign goes to everybody who is subscribed to a list; its number."""
        with self.lock:
            mailings, now = self.account.mailings, self.account.now()
            number = max(mailings.campaigns, default=0) + 1
            archive = f"https://{self.account.name}.ecomailapp.cz/campaigns/render/{number}/abcdef"
            said = {"status": SENT, "sent_at": now.local, "archive_url": archive, "recepient_lists": [list_id]}
            mailings.add_campaign(number, title, **said)
            for member in list(self.account.store.members_of(list_id)):
                if member.status == SUBSCRIBED:
                    mailings.happen("send", member.person.key, now.utc, campaign=number)
            return number

    def mail_event(self, event: str, email: str, campaign: int, url: str | None = None) -> None:
        """Something happened with a campaign's mail; told to the account's address for message events, too."""
        with self.lock:
            made = self.account.mailings.happen(event, email, self.account.now().utc, campaign=campaign, url=url)
            stamp = str(int(self.account.clock().timestamp()))
            meta = {"campaign_id": str(campaign)}
            body = {
                "type": "spam_complaint" if event == "spam" else event,
                "timestamp": stamp,
                "event_id": str(made.id),
                "message_id": f"message-{made.id}",
                "rcpt_to": email,
                "rcpt_meta": meta,
            }
            kind = "track_event" if event in ("open", "click") else "message_event"
            self.account.message([{"msys": {kind: body}}])

    def automation_step(self, pipeline: int, action: int | str, email: str, url: str, *, old: bool = False) -> Delivery:
        """A webhook step of an automation calls `url`, once, whatever comes back; `old`: the former, shorter body."""
        with self.lock:
            now = self.account.now().utc
            self.account.mailings.webhook_step(pipeline, str(action), url)
            self.account.mailings.step(email, pipeline, str(action), now)
            person = whole(self._person(email), self.account.switches)
            body: dict[str, Any] = {"account": self.account.name, "pipeline": pipeline, "action": action}
            body |= (
                {"subscribers": [person]} if old else {"email": email, "subscriber": person, "subscribers": [person]}
            )
            made = Delivery("step", url, body, now)
            self.account.deliveries.append(made)
            return made

    def _person(self, email: str) -> Person:
        person = self.account.store.person(email)
        if person is None:
            raise KeyError("There is no such contact in the account.")
        return person


def _write(
    account: Account,
    person: Person,
    member: Member | None,
    fields: Mapping[str, str],
    custom_fields: Mapping[str, str] | None,
    groups: Mapping[str, list[str]] | None,
) -> None:
    for name, value in fields.items():
        if name not in (*BASIC, "source"):
            raise KeyError(f"A contact has no field {name}.")
        if name == "source":
            person.source = value or None
        elif value:
            person.values[name] = value
        else:
            person.values.pop(name, None)
    for name, value in (custom_fields or {}).items():
        if member is None:
            raise ValueError("Custom fields belong to a list; say which by list_id.")
        key = custom_key(name, "kept")
        account.lists[member.list_id].learn(key, None)
        member.custom[key] = value
    if groups is not None and member is not None:
        member.groups = {name: list(chosen) for name, chosen in groups.items()} or None
