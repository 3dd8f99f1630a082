"""The door of campaign events: what is told is kept, and counts in the next morning run (R107)."""

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from core.engine import collecting, erasing
from core.ports import World
from core.registry import PluginFault, UnknownPlugin
from core.store import inbox, lines
from core.store.base import look, transact
from core.store.connections import ConnectionRow
from core.store.inbox import InboxRow
from spojka import Connection, Happening, Json, Mailing, SpojkaError

log = structlog.get_logger(__name__)


def tell(world: World, connection_id: int, body: Json) -> int:
    """Keep what a call tells; how many events. What the plugin can't read is kept as it is. One commit."""
    row = look(world.sessions, lambda session: session.get_one(ConnectionRow, connection_id))
    try:
        told = read(world, row, body)
    except SpojkaError as error:
        why = str(error) if isinstance(error, PluginFault | UnknownPlugin) else type(error).__name__
        log.warning("events.not_understood", connection=connection_id, error=type(error).__name__)
        now = world.clock.now()
        transact(world.sessions, lambda session: inbox.put_unread(session, connection_id, body, why, now))
        return 1
    if not told:
        return 0

    def work(session: Session) -> int:
        kept = keep(world, session, connection_id, told)
        world.crash.point("events.before_commit")
        return kept

    kept = transact(world.sessions, work)
    world.crash.point("events.after_commit")
    return kept


def read(world: World, row: ConnectionRow, body: Json) -> Sequence[Happening]:
    """What the audience's plugin makes of a body. Raises PluginFault, UnknownPlugin and what the plugin raises."""
    seen = Connection(row.id, row.audience_settings, {}, world.settings.locale)
    return world.registry.caller(row.audience).on_events(connection=seen, body=body)


def keep(world: World, session: Session, connection_id: int, told: Sequence[Happening]) -> int:
    """Keep events, each once, with the names of their mailings; nothing of who was erased; how many. Four queries."""
    now = world.clock.now()
    rows = collecting.happening_rows(connection_id, collecting.EVENTS, told, now)
    gone = erasing.among(session, world, sorted({row["email"] for row in rows}))
    kept = [row for row in rows if row["email"] not in gone]
    named: dict[str, Mailing] = {}
    for one in told:
        if one.mailing not in named or one.title:
            named[one.mailing] = Mailing(one.mailing, one.title, one.subject)
    lines.name_mailings(session, connection_id, [named[key] for key in sorted(named)], now)
    lines.keep(session, kept)
    return len(kept)


def read_again(world: World, row: ConnectionRow) -> None:
    """Read what could not be read before and was opened again. A commit for each."""
    for told in look(world.sessions, lambda session: inbox.unread(session, row.id)):
        _read_again(world, row, told)


def _read_again(world: World, row: ConnectionRow, told: InboxRow) -> None:
    now = world.clock.now()
    try:
        events = read(world, row, told.payload["body"])
    except SpojkaError as error:
        why = str(error)
        transact(world.sessions, lambda session: inbox.fail(session, [told.id], why, now))
        return

    def work(session: Session) -> None:
        keep(world, session, row.id, events)
        inbox.close(session, [told.id], now)

    transact(world.sessions, work)
