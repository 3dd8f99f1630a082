"""Is the process alive, and could it work?"""

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import schema
from core.jobs import redis
from core.ports import World

blueprint = Blueprint("health", __name__)

WORDS = {
    schema.Schema.EMPTY: "The database has no tables yet. Run: spojka db upgrade",
    schema.Schema.OLDER: "The database is older than this program. Run: spojka db upgrade",
    schema.Schema.UNKNOWN: "The database was made by a newer version of Spojka. Install that version.",
}


@blueprint.get("/healthz")
def alive() -> Response:
    """200 while the process lives."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 only when database, migrations and Redis are right, else 503 with the reason."""
    reasons = problems(current_app.extensions["spojka"])
    if reasons:
        return jsonify(status="not ready", reason=" ".join(reasons.values()), problems=reasons), 503
    return jsonify(status="ok"), 200


def problems(world: World) -> dict[str, str]:
    """What is not right: part -> a sentence."""
    found = {"database": database_problem(world), "redis": redis_problem(world)}
    if not found["database"]:
        found["migrations"] = WORDS.get(schema.state(world.engine), "")
    return {part: words for part, words in found.items() if words}


def database_problem(world: World) -> str:
    """`""` where the database answers."""
    try:
        with world.sessions() as session:
            session.connection(execution_options={"reading": True})
            session.execute(text("SELECT 1"))
    except DBAPIError:
        return "The database does not answer. Check DATABASE_URL and that its server runs."
    return ""


def redis_problem(world: World) -> str:
    """`""` where Redis answers."""
    if redis.answers(redis.address(world.settings)):
        return ""
    return "Redis does not answer. Check REDIS_URL, or start the embedded one with spojka up."
