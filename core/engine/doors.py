"""Doors that people open: a changed setting, a connection that works again. They mark addresses and decide nothing."""

from sqlalchemy.orm import Session

from core.ports import World
from core.store import due, leases
from core.store.connections import ConnectionRow
from core.store.due import Cause


def settings_changed(world: World, session: Session, connection: ConnectionRow) -> None:
    """Every address of the connection may come out differently now (R8, R44). Two queries."""
    _mark(world, session, connection, "settings")


def resumed(world: World, session: Session, connection: ConnectionRow) -> None:
    """What waited for this connection waits no longer (R82). Three queries."""
    due.release_waits(session, connection.list_id, f"paused:{connection.id}")
    _mark(world, session, connection, "resumed")


def _mark(world: World, session: Session, connection: ConnectionRow, cause: str) -> None:
    ticket = leases.draw(session)
    due.mark_connection(session, connection.id, Cause(cause, f"{cause}:{ticket}", ticket, world.clock.now()))
