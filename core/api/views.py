"""The API's addresses. Views are thin: prove the token, validate, one call, answer."""

from hashlib import sha256
from typing import Any, cast

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template, request
from marshmallow import ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Forbidden, NotFound, Unauthorized, UnsupportedMediaType

from core.api import tokens
from core.api.description import document
from core.api.schemas import ADD, AcceptedSchema, TagActionSchema
from core.engine import actions
from core.engine.actions import Asked
from core.ports import World
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState
from core.store.outbox import OutboxRow
from core.web.problems import Invalid

blueprint = Blueprint("api", __name__, url_prefix="/api/v1", template_folder="templates")
LONGEST_KEY = 200
KEY = "Idempotency-Key"
LIMIT = WWWAuthenticate("bearer", {"realm": "spojka"})


def init(app: Flask) -> None:
    """Give `app` the API."""
    app.register_blueprint(blueprint)


def _world() -> World:
    return cast(World, current_app.extensions["spojka"])


@blueprint.post("/connections/<int:connection_id>/automation-tags")
def automation_tags(connection_id: int) -> Response:
    """Keep one tag action. 202; aborts with 401, 403, 404, 415, 400, 413, 422."""
    world = _world()
    _prove(world, tokens.TAGS)
    _known(world, connection_id)
    said = _validated(TagActionSchema(), _body())
    key = _key()
    asked = Asked(said["email"], said["tag"], said["action"] == ADD, key)
    (number,) = actions.accept(world, connection_id, [asked])
    status = _status(world, number, asked) if number else "ignored"
    return _json(AcceptedSchema().dump({"id": number or None, "status": status}), 202)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description, for programs."""
    return _json(document(_world().settings.public_url), 200)


@blueprint.get("/docs")
def docs() -> str:
    """The description, for people."""
    return render_template("api/docs.html", spec=document(_world().settings.public_url))


def _prove(world: World, scope: str) -> None:
    """Who calls may do this. Raises Unauthorized, Forbidden."""
    given = request.authorization
    text = given.token if given is not None and given.type == "bearer" else None

    def work(session: Session) -> str | None:
        row = tokens.find(session, text or "")
        if row is None:
            return None
        tokens.used(row, world.clock.now())
        return row.scope

    known = transact(world.sessions, work) if text else None
    if known is None:
        raise Unauthorized(www_authenticate=LIMIT)
    if known != scope:
        raise Forbidden


def _known(world: World, connection_id: int) -> None:
    row = look(world.sessions, lambda session: session.get(ConnectionRow, connection_id))
    if row is None or row.state == ConnectionState.REMOVED:
        raise NotFound


def _body() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        raise BadRequest from None
    if not isinstance(body, dict):
        raise Invalid({"body": ["This is not a JSON object."]})
    return body


def _validated(schema: TagActionSchema, body: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(schema.load(body))
    except ValidationError as error:
        raise Invalid(cast(dict[str, Any], error.messages)) from None


def _key() -> str:
    """The name of an intention, as the outbox keeps it; the caller's own words are not stored."""
    given = request.headers.get(KEY, "")
    if len(given) > LONGEST_KEY:
        raise Invalid({KEY: [f"At most {LONGEST_KEY} characters."]})
    return f"api:{sha256(given.encode()).hexdigest()}" if given else ""


def _status(world: World, number: int, asked: Asked) -> str:
    """How the row stands. Raises Invalid where the key was given with another body before."""
    row = look(world.sessions, lambda session: session.get_one(OutboxRow, number))
    before = (row.email, row.payload["tag"], row.payload["add"])
    if before != (asked.email, asked.tag, asked.add):
        raise Invalid({KEY: ["This key was used with another body before. Use a new one."]})
    return row.state


def _json(value: Any, status: int) -> Response:
    return Response(orjson.dumps(value), status, content_type="application/json")
