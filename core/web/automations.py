"""The steps of automations that tag contacts in the CRM: kept, then answered; the vendor never asks twice (R52, R54).

Which record stands on an address is found out when the tag is sent, not here.
"""

from collections.abc import Iterator, Mapping
from wsgiref.types import WSGIApplication

import structlog
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import abort
from werkzeug.wrappers import Request

from core.decide.addresses import canonical
from core.engine import actions
from core.engine.actions import Asked
from core.ports import World
from core.store import inbox
from core.store.connections import digest
from core.web.doors import Door, accepted, json_body
from core.web.problems import Explained
from spojka import Json

log = structlog.get_logger(__name__)
LONGEST_NAME = 100
"""Characters of a step's name; a longer one is none."""


def door(world: World, *, add: bool) -> Door:
    """The door of one action."""

    def answer(request: Request, token: str) -> WSGIApplication:
        """202 once what is asked is kept; `accepted` counts addresses. Aborts with 404, 413, 400, 503."""
        try:
            return accepted(_keep(world, request, token, add=add))
        except DBAPIError as error:
            log.error("action.not_kept", error=type(error).__name__)
            abort(503)

    return answer


def _keep(world: World, request: Request, token: str, *, add: bool) -> int:
    with world.engine.connect().execution_options(reading=True) as connection:
        found = inbox.find_door(connection, digest(token))
    if found is None:
        abort(404)
    tag = actions.clean(request.args.get("tag", ""))
    problem = actions.tag_problem(tag)
    if problem:
        raise Explained(problem)
    body = json_body(request)
    emails, (source, step) = dict.fromkeys(filter(None, map(canonical, _said(body)))), _step(body)
    if not emails:
        return 0
    ids = actions.accept(world, found.connection, [Asked(email, tag, add, "", source, step) for email in emails])
    kept = sum(1 for number in ids if number)
    log.info("action.accepted", connection=found.connection, addresses=kept, add=add)
    return kept


def _said(body: Json) -> Iterator[str]:
    """The addresses that a step names: its subscriber, or several; both generations of its body."""
    if not isinstance(body, Mapping):
        return
    named = body.get("subscribers")
    for one in (body, body.get("subscriber"), *(named if isinstance(named, list) else ())):
        email = one.get("email") if isinstance(one, Mapping) else None
        if isinstance(email, str):
            yield email


def _step(body: Json) -> tuple[str, str]:
    """The automation and its step, where the body names both; numbers and texts are the same."""
    if not isinstance(body, Mapping):
        return "", ""
    pipeline, step = (str(body.get(name) or "") for name in ("pipeline", "action"))
    return (f"automation:{pipeline}", step) if pipeline.isdecimal() and 0 < len(step) <= LONGEST_NAME else ("", "")
