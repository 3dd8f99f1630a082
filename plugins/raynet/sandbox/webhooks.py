"""Webhooks: registration, and events that wait in memory until they are sent (Raynet API, Webhooks)."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import requests

from plugins.raynet.sandbox.errors import bad_input, not_found
from plugins.raynet.sandbox.store import Rec
from plugins.raynet.sandbox.visit import Visit

EVENTS = ("record.created", "record.updated", "record.deleted")
GAP = timedelta(seconds=1)
MAIL_AFTER = timedelta(days=1)
GONE_AFTER = timedelta(days=7)
TOKEN = "X-RAYNETCRM-Token"
Poster = Callable[[str, Mapping[str, str], bytes], int]
"""(address, headers, body) -> status; raises OSError where nobody answers."""


def post_over_http(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """The poster that really sends."""
    return requests.post(url, data=body, headers=dict(headers), timeout=(10, 60), allow_redirects=False).status_code


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt and how it ended; status 0: nobody answered."""

    webhook: str
    event: Rec
    status: int


@dataclass(slots=True)
class Webhook:
    """One registered address with the events that wait for it."""

    id: str
    url: str
    secret: str | None
    events: list[str]
    waiting: list[Rec] = field(default_factory=list)
    failing_since: float | None = None
    mailed: bool = False


class Webhooks:
    """All webhooks of the instance, and what the technical contacts were told."""

    def __init__(self) -> None:
        self.all: dict[str, Webhook] = {}
        self.technical_contacts: list[str] = []
        self.mails: list[str] = []
        self.last_sent: dict[str, datetime] = {}
        self.count = 0

    def register(self, body: Rec) -> str:
        """A new webhook. Raises ApiError (400)."""
        url, events = body.get("url"), body.get("events")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise bad_input("Url cannot be null")
        if not isinstance(events, list) or not events or set(events) - set(EVENTS):
            raise bad_input(f"Events must be some of {', '.join(EVENTS)}")
        webhook = Webhook(self._id(), url, body.get("secretToken"), list(events))
        self.all[webhook.id] = webhook
        return webhook.id

    def _id(self) -> str:
        """32 hexadecimal digits that nobody had before; the same ones in the same order after each start."""
        self.count += 1
        return uuid.uuid5(uuid.NAMESPACE_URL, f"raynet-webhooks:{self.count}").hex

    def remove(self, id_: str) -> None:
        """Take a webhook away. Raises ApiError (404)."""
        if self.all.pop(id_, None) is None:
            raise not_found("Webhook", id_)

    def listed(self) -> Rec:
        """All webhooks as the list shows them: other names than in the create body, the secret in clear."""
        rows = [
            {"webhookId": hook.id, "url": hook.url, "secretToken": hook.secret, "eventsFilter": hook.events}
            for hook in self.all.values()
        ]
        return {"technicalContacts": self.technical_contacts, "webhooks": rows}

    def announce(self, type_: str, entity: str, record: Rec, visit: Visit) -> None:
        """Queue one event for everybody who wants its type."""
        for hook in self.all.values():
            if type_ in hook.events:
                hook.waiting.append({"eventId": self._id(), **_event(type_, entity, record, visit)})

    def name_contacts(self, body: Rec) -> None:
        """Who is told when an address stops answering. Raises ApiError (400)."""
        contacts = body.get("technicalContacts")
        if not isinstance(contacts, list) or not contacts:
            raise bad_input("TechnicalContacts cannot be null")
        self.technical_contacts = [str(address) for address in contacts]

    def due(self, now: datetime) -> list[tuple[Webhook, Rec]]:
        """Take out what may be sent now: one event a second and address. Dead webhooks are removed first."""
        for hook in list(self.all.values()):
            self._judge(hook, now)
        found = []
        for hook in self.all.values():
            last = self.last_sent.get(hook.url)
            if hook.waiting and (last is None or now - last >= GAP):
                self.last_sent[hook.url] = now
                found.append((hook, hook.waiting.pop(0)))
        return found

    @staticmethod
    def send(hook: Webhook, event: Rec, post: Poster) -> Delivery:
        """One attempt; it may take as long as the receiver takes, so no lock is held."""
        sent = {key: value for key, value in event.items() if key != "again"}
        headers = {"Content-Type": "application/json;charset=UTF-8"}
        if hook.secret:
            headers[TOKEN] = hook.secret
        try:
            return Delivery(hook.id, event, post(hook.url, headers, orjson.dumps(sent)))
        except OSError:
            return Delivery(hook.id, event, 0)

    def note(self, delivery: Delivery, now: datetime, *, twice: bool) -> None:
        """What an attempt means: an event not accepted stays queued; with `twice` an accepted one comes once more."""
        hook = self.all.get(delivery.webhook)
        if hook is None:
            return
        if not 200 <= delivery.status < 300:
            hook.waiting.append(delivery.event)
            hook.failing_since = hook.failing_since or now.timestamp()
            return
        if hook.mailed:
            self.mails.append(f"{hook.url} works again")
        hook.failing_since, hook.mailed = None, False
        if twice and not delivery.event.get("again"):
            hook.waiting.append({**delivery.event, "again": True})

    def _judge(self, hook: Webhook, now: datetime) -> None:
        if hook.failing_since is None:
            return
        failing = timedelta(seconds=now.timestamp() - hook.failing_since)
        if failing > GONE_AFTER:
            self.all.pop(hook.id)
            self.mails.append(f"{hook.url} was removed")
        elif failing > MAIL_AFTER and not hook.mailed:
            hook.mailed = True
            self.mails.append(f"{hook.url} does not answer")

    def dump(self) -> Rec:
        """The state as JSON."""
        hooks = [asdict(hook) for hook in self.all.values()]
        return {
            "webhooks": hooks,
            "technicalContacts": self.technical_contacts,
            "mails": self.mails,
            "count": self.count,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take what `dump` gave."""
        self.all = {item["id"]: Webhook(**item) for item in state["webhooks"]}
        self.technical_contacts = list(state["technicalContacts"])
        self.mails = list(state["mails"])
        self.count = state["count"]


def _event(type_: str, entity: str, record: Rec, visit: Visit) -> Rec:
    local = visit.now.astimezone(ZoneInfo(visit.zone))
    return {
        "createdAt": local.isoformat(timespec="milliseconds"),
        "type": type_,
        "author": visit.actor.user,
        "source": {"name": visit.actor.source, "description": visit.actor.description},
        "data": {"entityName": entity, "entityId": record["id"], "extIds": record.get("extIds") or None},
    }
