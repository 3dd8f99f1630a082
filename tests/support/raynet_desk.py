"""The plugin of Raynet at work on the account of the cases: records read, edits, tags and history written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from plugins import raynet
from plugins.raynet.client import RaynetCrm
from plugins.raynet.sandbox import RaynetEmulator, cases
from spojka import Activity, Connection, Contact, Edit, Kind, Mailing, Outcome, Record, TagAction
from spojka.emulator import Fault
from tests.support.wsgi_http import WsgiHttp

SETTINGS = {"username": "api@example.com", "instance": "demo-crm"}
SENT = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SPRING = Mailing("campaign:77", "Jaro 2026", "Sleva", SENT, "https://mail.example.com/c/77", audience="ecomail")


@dataclass
class Desk:
    """The emulator, and the plugin's hooks as the host calls them."""

    emulator: RaynetEmulator
    crm: RaynetCrm
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))

    @property
    def connection(self) -> Connection:
        """What the plugin knows of the connection."""
        return Connection(1, self.settings, {"api_key": "crm-test-0001"})

    def record(self, kind: Kind, number: int) -> Record:
        """A record as it is now."""
        return self.crm.read(kind, [str(number)]).items[0]

    def contact(self, kind: Kind, number: int) -> Contact:
        """What a record means now."""
        return raynet.on_contact_in(self.connection, self.record(kind, number))

    def edit(self, kind: Kind, number: int, **fields: str) -> Outcome:
        """One edit, made on a fresh reading."""
        edit = Edit("e1", kind, str(number), fields, self.record(kind, number))
        self.emulator.calls.clear()
        return raynet.on_contact_out(self.connection, self.crm, [edit])[0]

    def tag(self, *actions: TagAction) -> list[Outcome]:
        """Tag actions."""
        self.emulator.calls.clear()
        return list(raynet.on_automation_tag(self.connection, self.crm, actions))

    def history(self, *activities: Activity) -> list[Outcome]:
        """Activities of one mailing."""
        self.emulator.calls.clear()
        return list(raynet.on_campaign_activity(self.connection, self.crm, activities))

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of every write since the last call began."""
        return [(call.method, call.path.removeprefix("/api/v2")) for call in self.emulator.writes()]

    def fails(self, kind: str, method: str, path: str, **values: Any) -> None:
        """Something goes wrong once."""
        self.emulator.fail(Fault(kind, method, f"/api/v2{path}", **values))


def a_desk(**switches: Any) -> Desk:
    """With the switches turned so."""
    emulator = cases()
    emulator.switch(**switches)
    http = WsgiHttp("http://raynet.test/api/v2/", emulator)
    return Desk(emulator, RaynetCrm(Connection(1, SETTINGS, {"api_key": "crm-test-0001"}), http))


def an_activity(
    email: str = "zofie.prikladova@example.com", number: int = 1042, handle: str = "", **numbers: int
) -> Activity:
    """What the spring campaign did for one person."""
    said: Mapping[str, int] = numbers or {"sent": 1, "opened": 1}
    return Activity(email, SPRING, email, ((Kind.PERSON, str(number)),), said, {"opened": SENT}, handle=handle)
