"""Rows put straight into the tables, for what only looks at them."""

from datetime import timedelta
from typing import Any

from core.ports import World
from core.store import due
from core.store.connections import AccountRow, ConnectionRow, ListRow
from core.store.due import Cause, DueRow
from core.store.inbox import BELL, OPEN, InboxRow


def a_connection(world: World, **changed: Any) -> int:
    """A connection without a vendor behind it."""
    values = {
        "name": "Jana Nová",
        "plugin": "raynet",
        "audience": "local",
        "list_id": 1,
        "state": "running",
        "settings": {},
        "settings_version": 1,
        "audience_settings": {},
        "crm_sealed": "",
        "audience_sealed": "",
        "crm_account": "demo-crm",
        "eyes": "",
        "token_hash": "hash",
        "token_sealed": "sealed-token",
        "created_at": world.clock.now(),
        "problem": "",
        "problem_text": "",
        "limit": 24000,
        "left": 12000,
    }
    with world.sessions.begin() as session:
        session.add(AccountRow(id=1, audience="local", account="jana@firma.cz", clock_offset_ms=0))
        session.flush()
        session.add(
            ListRow(id=1, account_id=1, contact_list="1", name="Klienti", custom_keys={}, pass_ticket=0, members=0)
        )
        session.flush()
        row = ConnectionRow(**{**values, **changed})
        session.add(row)
        session.flush()
        return row.id


def a_bell(world: World, connection: int, seconds: float) -> None:
    """A bell that rang so many seconds ago and that nobody has dealt with."""
    row = {"connection_id": connection, "kind": BELL, "payload": {"rings": []}, "state": OPEN, "error": ""}
    with world.sessions.begin() as session:
        session.add(InboxRow(**row, received_at=world.clock.now() - timedelta(seconds=seconds)))


def mark(world: World, email: str, seconds: float = 0.0, waits: str = "", parked: str = "") -> None:
    """An address of list 1 that is due in the live lane in so many seconds."""
    with world.sessions.begin() as session:
        at = world.clock.now() + timedelta(seconds=seconds)
        due.mark(session, 1, [email], Cause("crm", "reading:1", 1, at, lane="live", waits=waits))
        session.flush()
        session.get_one(DueRow, (1, email)).parked = parked
