"""What every view starts from: the world, a session of the right kind, and a note in the audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask, abort, current_app
from sqlalchemy.orm import Session

from core.ports import World
from core.store.connections import ConnectionRow, ConnectionState
from core.store.people import AuditRow

_KEY = "spojka"


def keep_world(app: Flask, world: World) -> None:
    """Make `world()` answer inside requests of `app`."""
    app.extensions[_KEY] = world


def world() -> World:
    """The process's world."""
    return cast(World, current_app.extensions[_KEY])


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only looks; it never waits for a writer."""
    with world().sessions() as session:
        session.connection(execution_options={"reading": True})
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """A session that commits at its end."""
    with world().sessions.begin() as session:
        yield session


def connection_or_404(session: Session, connection_id: int) -> ConnectionRow:
    """The connection, unless it was never there or has been removed."""
    row = session.get(ConnectionRow, connection_id)
    if row is None or row.state == ConnectionState.REMOVED:
        abort(404)
    return row


def note(session: Session, user_id: int | None, what: str, **details: Any) -> None:
    """Write down what was clicked. `details` never holds a secret or an e-mail."""
    session.add(AuditRow(at=world().clock.now(), user_id=user_id, what=what, details=details))
