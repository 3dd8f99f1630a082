"""Where vendors knock, perhaps many times a second: plain WSGI, without sessions and limits by address."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import orjson
import structlog
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound, abort
from werkzeug.wrappers import Request

from core.web import problems
from spojka import Json

log = structlog.get_logger(__name__)
LARGEST = 1024 * 1024
Door = Callable[[Request, str], WSGIApplication]
"""Answers a request to `/<name>/<token>/<rest>`, given the token; may raise werkzeug's HTTPException."""


class Doors:
    """Calls of `/<name>/<token>/<rest>` go to the door of that name and rest, all others to the pages."""

    def __init__(self, doors: Mapping[str, Mapping[str, Door]], pages: WSGIApplication) -> None:
        self._doors, self._pages = doors, pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """See WSGI."""
        name, _, path = environ.get("PATH_INFO", "")[1:].partition("/")
        doors = self._doors.get(name)
        if doors is None:
            return self._pages(environ, start_response)
        token, _, rest = path.partition("/")
        return _answer(doors.get(rest), name, token, Request(environ))(environ, start_response)


def _answer(door: Door | None, name: str, token: str, request: Request) -> WSGIApplication:
    try:
        if door is None or not token:
            raise NotFound
        if request.method != "POST":
            raise MethodNotAllowed(["POST"])
        return door(request, token)
    except HTTPException as error:
        return problems.as_problem(error)
    except Exception as error:
        # The last stop: what gets by here would be logged by the server with its address, which holds the token.
        log.error("web.broken", path=f"/{name}/<token>", error=type(error).__name__)
        return problems.as_problem(InternalServerError())


def json_body(request: Request) -> Json:
    """The body. Aborts with 413 and 400.

    A chunked one is cut at the limit without an error, so the limit is put where a cut shows.
    """
    request.max_content_length = LARGEST + 1
    body = request.get_data()
    if len(body) > LARGEST:
        abort(413)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        abort(400)


@lru_cache(maxsize=1000)
def accepted(number: int) -> WSGIApplication:
    """What is accepted is kept. Nearly every answer of a door is one of a few, made once."""
    body = orjson.dumps({"accepted": number})
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("202 ACCEPTED", list(headers))
        return [body]

    return answer
