"""A house with one connection and somebody who rings its bell."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.app import create_app
from core.ports import World
from core.registry.loading import Registry
from core.store import inbox
from core.store.base import look
from core.store.connections import ConnectionRow
from core.store.inbox import InboxRow
from plugins import raynet
from spojka import hookimpl
from tests.support.worlds import House, a_house

HEADER = "X-RAYNETCRM-Token"


def event(record: int = 12, kind: str = "record.updated", entity: str = "Person", **more: Any) -> dict[str, Any]:
    """What Raynet posts."""
    return {
        "type": kind,
        "eventId": "0195f1",
        "data": {"entityName": entity, "entityId": record, **more},
        "author": "jana@firma.cz",
    }


@dataclass
class BellHouse:
    """The house, its application, and the address of its connection's bell."""

    house: House
    client: FlaskClient
    connection: int
    token: str

    @property
    def path(self) -> str:
        """The bell's address."""
        return f"/hooks/{self.token}"

    def ring(self, body: Any = None, **headers: str) -> TestResponse:
        """Post an event."""
        return self.post(orjson.dumps(event() if body is None else body), headers)

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> TestResponse:
        """Post whatever it is."""
        return self.client.post(self.path, data=body, headers=headers, content_type="application/json")

    def rows(self) -> list[InboxRow]:
        """Everything in the inbox, oldest first."""
        chosen = select(InboxRow).order_by(InboxRow.id)
        return look(self.house.world.sessions, lambda session: list(session.scalars(chosen)))

    def count(self) -> int:
        """How many rows are open."""
        return look(self.house.world.sessions, lambda session: inbox.count_open(session, self.connection))

    def kept(self) -> list[list[Any]]:
        """What each bell in the inbox rang for."""
        return [row.payload["rings"] for row in self.rows()]

    def set(self, **values: Any) -> None:
        """Set columns of the connection."""
        with self.house.world.sessions.begin() as session:
            row = session.get_one(ConnectionRow, self.connection)
            for name, value in values.items():
                setattr(row, name, value)

    def give_secret(self, secret: str) -> None:
        """Let the CRM repeat this with each bell."""
        self.set(bell_sealed=self.house.world.vault.seal({"bell": secret}))

    def replace_plugin(self, on_bell: Any, **declared: Any) -> None:
        """From now on the CRM's plugin answers (body, settings) like this; None: it is not there any more."""
        registry = Registry()
        if on_bell is not None:
            registry.add("raynet", _but(on_bell, declared))
        self.use(replace(self.house.world, registry=registry))

    def use(self, world: World) -> None:
        """The application in another world."""
        self.client = create_app(world).test_client()


def _but(on_bell: Any, declared: Mapping[str, Any]) -> object:
    @hookimpl
    def describe() -> Any:
        return replace(raynet.describe(), **declared)

    @hookimpl(specname="on_bell")
    def answer(connection: Any, body: Any) -> Any:
        return on_bell(body, connection.settings)

    names = ("open_crm", "on_contact_in")
    same = {name: getattr(raynet, name) for name in names}
    return SimpleNamespace(**same, describe=describe, on_bell=answer)


@contextmanager
def a_bell_house(url: str, home: Path) -> Iterator[BellHouse]:
    """A house with a connection; what it cost to make is forgotten."""
    with a_house(url, home) as house:
        client = create_app(house.world).test_client()
        connection = house.connect(audience="local")
        token = house.world.vault.open(house.row(connection).token_sealed)["token"]
        house.rings.heard.clear()
        house.forget()
        yield BellHouse(house, client, connection, token)
