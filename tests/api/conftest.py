"""A house whose API somebody calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.api import tokens
from core.app import create_app
from core.store.base import transact
from core.store.outbox import OutboxRow
from tests.support.worlds import House, a_house


@dataclass
class ApiHouse:
    """The house, its application, a connection and a token."""

    house: House
    client: FlaskClient
    connection: int
    token: str

    def post(self, body: Any = None, connection: int | None = None, **more: str) -> TestResponse:
        """Ask for a tag."""
        asked = {"email": "Eva@firma.cz", "tag": " VIP ", "action": "add"} if body is None else body
        number = self.connection if connection is None else connection
        named = {name.replace("_", "-"): value for name, value in more.items()}
        given = {"Authorization": f"Bearer {self.token}", **named}
        return self.client.post(f"/api/v1/connections/{number}/automation-tags", json=asked, headers=given)

    def rows(self) -> list[tuple[str, str, bool]]:
        """What is kept."""
        with self.house.world.sessions() as session:
            found = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
            return [(row.email, row.payload["tag"], row.payload["add"]) for row in found]


@pytest.fixture
def api(database: str, tmp_path: Path) -> Iterator[ApiHouse]:
    """On SQLite and on PostgreSQL in turn."""
    with a_house(database, tmp_path) as house:
        now = house.clock.now()
        _, text = transact(house.world.sessions, lambda s: tokens.make(s, "shop", tokens.TAGS, "jana", now))
        yield ApiHouse(house, create_app(house.world).test_client(), house.connect(audience="local"), text)
