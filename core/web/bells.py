"""The CRM's doorbell: keep that it rang, answer, wake a worker. Nothing else is done in the request (R70, R94)."""

import hmac
from typing import Any

import orjson
import structlog
from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.founding import digest
from core.outgoing import Sealed
from core.ports import World
from core.registry import PluginFault, UnknownPlugin
from core.store import inbox
from core.store.base import look, transact
from core.store.inbox import Door
from spojka import Connection, Json, Ring, SpojkaError

log = structlog.get_logger(__name__)
blueprint = Blueprint("bells", __name__)
QUEUE, TASK = "realtime", "live_now"


@blueprint.post("/hooks/<token>")
def hook(token: str) -> Response:
    """202 once what rang is kept; 404, 401, 413, 400 in this order. `accepted` counts the records named."""
    world: World = current_app.extensions["spojka"]
    try:
        return _accepted(_ring(world, digest(token)))
    except (DBAPIError, Sealed) as error:
        log.error("bell.not_kept", error=type(error).__name__)
        abort(503)


def _ring(world: World, address: str) -> int:
    door = look(world.sessions, lambda session: inbox.find_door(session, address))
    if door is None:
        abort(404)
    if not _is_proven(world, door):
        abort(401)
    body = _body()
    try:
        rings = _carried(world, door, body)
    except SpojkaError as error:
        return _keep(world, door, address, None, _why(door, error))
    return _keep(world, door, address, rings, "") if rings else 0


def _is_proven(world: World, door: Door) -> bool:
    """Whether the CRM repeats the secret we gave it; where we gave none the address alone is proof.

    The bell of a plugin that is not there is let in, too: nobody knows its header, and all it says is: look.
    """
    if not door.bell_sealed:
        return True
    try:
        bell = world.registry.manifest(door.plugin).bell
    except UnknownPlugin:
        return True
    expected = world.vault.open(door.bell_sealed).get("bell", "")
    if bell is None or not expected:
        return True
    return hmac.compare_digest(request.headers.get(bell.header, "").encode(), expected.encode())


def _body() -> Json:
    """The body. A chunked one is cut at the limit without an error, so the limit is put where a cut shows."""
    largest = current_app.config["MAX_CONTENT_LENGTH"]
    request.max_content_length = largest + 1
    body = request.get_data(cache=False)
    if len(body) > largest:
        abort(413)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        abort(400)


def _carried(world: World, door: Door, body: Json) -> list[tuple[str, str | None, bool]]:
    """What of the body is about kinds that we carry. Raises SpojkaError where the plugin can't say."""
    caller = world.registry.caller(door.plugin)
    seen = Connection(door.connection, door.settings, {}, world.settings.locale)
    return [_told(ring) for ring in caller.on_bell(connection=seen, body=body) if ring.kind in caller.manifest.kinds]


def _told(ring: Ring) -> tuple[str, str | None, bool]:
    return ring.kind.value, ring.id, ring.gone


def _why(door: Door, error: SpojkaError) -> str:
    """What a plugin did wrong, without a word of the body."""
    why = str(error) if isinstance(error, PluginFault | UnknownPlugin) else type(error).__name__
    log.warning("bell.not_understood", connection=door.connection, plugin=door.plugin, error=type(error).__name__)
    return why


def _keep(world: World, door: Door, address: str, rings: list[Any] | None, why: str) -> int:
    """Commit, then wake. A bell that nobody understood becomes: look at everything. How many were kept."""
    now = world.clock.now()

    def work(session: Session) -> bool:
        if rings is None:
            kept = inbox.put_look(session, address, why, now)
        else:
            kept = inbox.put_bell(session, address, rings, now)
        world.crash.point("bell.before_commit")
        return kept

    if not transact(world.sessions, work):
        abort(404)
    world.crash.point("bell.after_commit")
    world.wake.ring(QUEUE, TASK, door.connection)
    return len(rings) if rings else 1


def _accepted(number: int) -> Response:
    return Response(orjson.dumps({"accepted": number}), 202, content_type="application/json")
