"""Campaign events of an audience: kept, then answered (contract §4, R107)."""

from wsgiref.types import WSGIApplication

import structlog
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import abort
from werkzeug.wrappers import Request

from core.engine import telling
from core.ports import World
from core.store import inbox
from core.store.connections import digest
from core.web.doors import Door, accepted, json_body

log = structlog.get_logger(__name__)


def door(world: World) -> Door:
    """The door."""

    def answer(request: Request, token: str) -> WSGIApplication:
        """202 once what is told is kept; `accepted` counts events. Aborts with 404, 413, 400, 503."""
        try:
            return accepted(_keep(world, request, token))
        except DBAPIError as error:
            log.error("events.not_kept", error=type(error).__name__)
            abort(503)

    return answer


def _keep(world: World, request: Request, token: str) -> int:
    with world.engine.connect().execution_options(reading=True) as connection:
        found = inbox.find_door(connection, digest(token))
    if found is None:
        abort(404)
    kept = telling.tell(world, found.connection, json_body(request))
    log.info("events.accepted", connection=found.connection, events=kept)
    return kept
