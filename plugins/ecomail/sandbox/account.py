"""One account: its lists and contacts, what they caused, and when a write becomes visible."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from plugins.ecomail.sandbox.asking import missing
from plugins.ecomail.sandbox.mailings import Mailings
from plugins.ecomail.sandbox.store import ContactList, Member, Moment, State, Store
from spojka.contact import Json
from spojka.emulator import Clock

KEEP_DELIVERIES = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A call that the vendor makes to a foreign address: `kind` is list, step or message."""

    kind: str
    url: str
    body: Json
    at: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """An automation that a contact entered: `cause` is contact_added or tag."""

    cause: str
    email: str
    pipeline: int


class Account:
    """The state behind the emulator. `store` is the truth, `seen` what a reading shows (switch `visible`)."""

    def __init__(self, clock: Clock, switches: Mapping[str, Any], name: str = "demo", key: str = "test-key") -> None:
        self.clock = clock
        self.switches = switches
        self.name = name
        self.key = key
        self.lists: dict[int, ContactList] = {}
        self.store = Store()
        self.mailings = Mailings()
        self.confirmations: list[str] = []
        self.notifications: list[str] = []
        self.started: list[Started] = []
        self.deliveries: deque[Delivery] = deque(maxlen=KEEP_DELIVERIES)
        self.events_url: str | None = None
        self.batches = 0
        self._replica: Store | None = None
        self._arriving: deque[tuple[datetime, str, State | None]] = deque()

    def now(self) -> Moment:
        """This moment in the vendor's forms."""
        return Moment.of(self.clock())

    def find_list(self, number: str | int) -> ContactList:
        """One list. Raises Wrong (404)."""
        text = str(number)
        found = self.lists.get(int(text)) if text.isascii() and text.isdigit() else None
        if found is None:
            raise missing("List not found")
        return found

    def add_list(self, name: str, double_optin: bool = False, **more: Any) -> ContactList:
        """A new, empty list."""
        today = self.clock().date()
        made = ContactList(max(self.lists, default=0) + 1, name, f"{today.day}.{today.month}.{today.year}")
        made.double_optin, made.more = double_optin, more
        self.lists[made.id] = made
        return made

    def bell(self, member: Member, status: str, campaign: int | None = None) -> None:
        """Queue the list's status webhook, if the list has an address for it."""
        listed = self.lists[member.list_id]
        if listed.webhook:
            payload = {"email": member.person.email, "status": status, "listId": listed.id, "campaignId": campaign}
            self.deliveries.append(Delivery("list", listed.webhook, {"payload": payload}, self.now().utc))

    def message(self, events: Json) -> None:
        """Queue one batch of message events, if the account has an address for them."""
        if self.events_url:
            self.batches += 1
            headers = {"X-MessageSystems-Batch-ID": f"batch-{self.batches}"}
            self.deliveries.append(Delivery("message", self.events_url, events, self.now().utc, headers))

    def start(self, cause: str, email: str, *, list_id: int | None = None, tag: str | None = None) -> None:
        """Let the automations that wait for this cause take the contact in."""
        for pipeline in self.mailings.pipelines.values():
            trigger = pipeline["trigger"]
            if trigger.get("cause") == cause and trigger.get("list", list_id) == list_id and trigger.get("tag") == tag:
                self.started.append(Started(cause, email, pipeline["id"]))

    def take_deliveries(self) -> list[Delivery]:
        """The calls queued since last time, oldest first; they are not kept."""
        taken = list(self.deliveries)
        self.deliveries.clear()
        return taken

    @contextmanager
    def writing(self, keys: Iterable[str]) -> Iterator[None]:
        """Around every write to these contacts: undone under `stores_nothing`, shown late under `visible`."""
        if self.switches["stores_nothing"]:
            with self._undone(list(keys)):
                yield
            return
        self._replica_now()
        yield
        if self._replica is not None:
            due = self.clock() + timedelta(seconds=float(self.switches["visible"]))
            self._arriving.extend((due, key, deepcopy(self.store.state_of(key))) for key in keys)

    @property
    def seen(self) -> Store:
        """The contacts as a reading shows them now."""
        self._replica_now()
        return self._replica or self.store

    def _replica_now(self) -> None:
        if self.switches["visible"] == "at_once":
            self._replica = None
            self._arriving.clear()
            return
        if self._replica is None:
            self._replica = Store()
            self._replica.load(deepcopy(self.store.dump()))
        while self._arriving and self._arriving[0][0] <= self.clock():
            _, key, state = self._arriving.popleft()
            self._replica.put(key, state)

    @contextmanager
    def _undone(self, keys: list[str]) -> Iterator[None]:
        before = {key: deepcopy(self.store.state_of(key)) for key in keys}
        fields = {number: deepcopy(listed.fields) for number, listed in self.lists.items()}
        caused = (list(self.confirmations), list(self.notifications), list(self.started), list(self.deliveries))
        try:
            yield
        finally:
            for key, state in before.items():
                self.store.put(key, state)
            for number, kept in fields.items():
                self.lists[number].fields = kept
            self.confirmations, self.notifications, self.started = caused[0], caused[1], caused[2]
            self.deliveries = deque(caused[3], maxlen=KEEP_DELIVERIES)

    def dump(self) -> State:
        """Everything but the switches, as JSON."""
        return {
            "version": 1,
            "name": self.name,
            "key": self.key,
            "lists": [asdict(listed) for listed in self.lists.values()],
            "people": self.store.dump(),
            "next": [self.store.next_person, self.store.next_member],
            "mailings": self.mailings.dump(),
            "confirmations": list(self.confirmations),
            "notifications": list(self.notifications),
            "started": [asdict(each) for each in self.started],
            "deliveries": [asdict(each) for each in self.deliveries],
            "events_url": self.events_url,
            "batches": self.batches,
        }

    def load(self, state: State) -> None:
        """Take what `dump` gave."""
        self.name, self.key, self.events_url = state["name"], state["key"], state["events_url"]
        self.batches = state["batches"]
        self.lists = {each["id"]: ContactList(**each) for each in state["lists"]}
        self.store = Store()
        self.store.load(state["people"])
        self.store.next_person, self.store.next_member = state["next"]
        self.mailings = Mailings()
        self.mailings.load(state["mailings"])
        self.confirmations, self.notifications = list(state["confirmations"]), list(state["notifications"])
        self.started = [Started(**each) for each in state["started"]]
        self.deliveries = deque((Delivery(**each) for each in state["deliveries"]), maxlen=KEEP_DELIVERIES)
        self._replica = None
        self._arriving.clear()
