"""The CRM's doorbell: keep that it rang, answer, wake a worker. Nothing else is done in the request (R70, R94)."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from wsgiref.types import WSGIApplication

import structlog
from sqlalchemy import Connection as Connected
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import abort
from werkzeug.wrappers import Request

from core.outgoing import Sealed
from core.ports import World
from core.registry import PluginFault, UnknownPlugin
from core.store import inbox
from core.store.connections import digest
from core.store.inbox import Door, Told
from core.web.desk import Desk
from core.web.doors import accepted, json_body
from spojka import Connection, Json, Ring, SpojkaError

log = structlog.get_logger(__name__)
QUEUE, TASK = "realtime", "live_now"
MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """What an address led to when it was last looked up, and the secret that its CRM repeats, opened."""

    door: Door
    header: str = ""
    secret: str = field(default="", repr=False)


class Porter:
    """Answers bells. Addresses that were seen before cost one statement.

    Nothing is answered out of memory alone: a bell is kept by a statement that proves the address, its secret and its
    settings to be what they were, and every other answer is given after looking again.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, Known] = {}
        self._desk = Desk(world.engine)

    def __call__(self, request: Request, token: str) -> WSGIApplication:
        """202 once what rang is kept; `accepted` counts the records named. Aborts with 404, 401, 413, 400, 503."""
        try:
            number = self._ring(request, digest(token))
        except (DBAPIError, Sealed) as error:
            log.error("bell.not_kept", error=type(error).__name__)
            abort(503)
        return accepted(number)

    def _ring(self, request: Request, address: str) -> int:
        known = self._known.get(address)
        if known is not None and _is_proven(known, request):
            kept = self._keep(known.door, request)
            if kept:
                return kept
        while True:
            known = self._looked_up(address)
            if not _is_proven(known, request):
                abort(401)
            kept = self._keep(known.door, request)
            if kept is not None:
                return kept

    def _looked_up(self, address: str) -> Known:
        with self._world.engine.connect().execution_options(reading=True) as connection:
            door = inbox.find_door(connection, address)
        if door is None:
            self._known.pop(address, None)
            abort(404)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[address] = known = self._opened(door)
        return known

    def _opened(self, door: Door) -> Known:
        """The bell of a plugin that is not there is let in: nobody knows its header, and all it says is: look."""
        try:
            bell = self._world.registry.manifest(door.plugin).bell
        except UnknownPlugin:
            bell = None
        if bell is None or not door.bell_sealed:
            return Known(door)
        secret = self._world.vault.open(door.bell_sealed).get("bell", "")
        return Known(door, bell.header if secret else "", secret)

    def _keep(self, door: Door, request: Request) -> int | None:
        """Commit, then wake; None where the address leads elsewhere by now."""
        rings, why = self._rings(door, json_body(request))
        if not rings and not why:
            return 0
        told = Told({"rings": rings}, self._world.clock.now(), why)

        def keep(connection: Connected) -> int | None:
            bell = inbox.put_look(connection, door, told) if why else inbox.put_bell(connection, door, told)
            self._world.crash.point("bell.before_commit")
            return bell

        bell = self._desk.keep(keep)
        if bell is None:
            return None
        self._world.crash.point("bell.after_commit")
        log.info("bell.accepted", connection=door.connection, bell=bell or None, rings=len(rings))
        self._world.wake.ring(QUEUE, TASK, door.connection)
        return len(rings) or 1

    def _rings(self, door: Door, body: Json) -> tuple[Sequence[tuple[str, str | None, bool]], str]:
        """What is named of the kinds we carry; where the plugin can't say, why, without a word of the body."""
        seen = Connection(door.connection, door.settings, {}, self._world.settings.locale)
        try:
            caller = self._world.registry.caller(door.plugin)
            rings = caller.on_bell(connection=seen, body=body)
        except SpojkaError as error:
            log.warning("bell.not_understood", connection=door.connection, error=type(error).__name__)
            return (), str(error) if isinstance(error, PluginFault | UnknownPlugin) else type(error).__name__
        return [_named(ring) for ring in rings if ring.kind in caller.manifest.kinds], ""


def _is_proven(known: Known, request: Request) -> bool:
    """Whether the CRM repeats the secret we gave it; where we gave none the address alone is proof."""
    said = request.headers.get(known.header, "") if known.header else ""
    return hmac.compare_digest(said.encode(), known.secret.encode())


def _named(ring: Ring) -> tuple[str, str | None, bool]:
    return ring.kind.value, ring.id, ring.gone
