"""What has been kept long enough goes, in sets (R95)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ports import World
from core.store import inbox, lines, outbox, takebacks, timeline
from core.store.activities import MailingRow
from core.store.base import look, transact
from core.store.connections import ConnectionRow

AT_ONCE = 5000
"""Rows that one commit deletes, so that nobody waits for it."""
INBOX_KEPT = timedelta(days=7)
OUTBOX_KEPT = timedelta(days=7)
EVENTS_KEPT = timedelta(days=7)
READ_AGAIN = timedelta(days=3)


def prune(world: World) -> int:
    """Delete what is older than it is kept: timelines and what was taken back by `timeline_days`, what is done with in
    the inbox and the outbox a week, single events once their mailing was read after them; how many rows.
    """
    return _timelines(world) + _inbox(world) + _outbox(world) + _happenings(world)


def _timelines(world: World) -> int:
    now = world.clock.now()
    kept = look(world.sessions, lambda session: session.execute(select(ConnectionRow.id, ConnectionRow.settings)).all())
    gone = 0
    for number, settings in kept:
        old = partial(_lines, connection=number, before=now - timedelta(days=settings["timeline_days"]))
        gone += _in_sets(world, old)
    return gone


def _lines(session: Session, connection: int, before: datetime) -> int:
    return timeline.prune(session, connection, before, AT_ONCE) + takebacks.prune(session, connection, before, AT_ONCE)


def _inbox(world: World) -> int:
    before = world.clock.now() - INBOX_KEPT
    done = _in_sets(world, lambda session: inbox.prune(session, before, AT_ONCE))
    return done + _in_sets(world, lambda session: inbox.forget_removed(session, AT_ONCE))


def _outbox(world: World) -> int:
    before = world.clock.now() - OUTBOX_KEPT
    return _in_sets(world, lambda session: outbox.prune(session, before, AT_ONCE))


def _happenings(world: World) -> int:
    """A log that is read again begins a day before its last reading: what was told before that is not told again."""
    now, gone = world.clock.now(), 0
    for row in look(world.sessions, lambda session: session.scalars(select(MailingRow)).all()):
        before = min(now - EVENTS_KEPT, (row.read_at or now) - READ_AGAIN)
        old = partial(lines.prune, connection=row.connection_id, source=row.key, before=before, limit=AT_ONCE)
        gone += _in_sets(world, old)
    return gone


def _in_sets(world: World, delete: Callable[[Session], int]) -> int:
    gone = 0
    while number := transact(world.sessions, delete):
        gone += number
    return gone
