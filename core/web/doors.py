"""Where vendors knock, perhaps many times a second: plain WSGI, without sessions and limits by address."""

from collections.abc import Callable, Iterable, Mapping
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound
from werkzeug.wrappers import Request, Response

from core.web import problems

log = structlog.get_logger(__name__)
Door = Callable[[Request, str], Response]
"""Answers a request to `/<name>/<token>`, given the token; may raise werkzeug's HTTPException."""


class Doors:
    """Calls of `/<name>/<token>` go to the door of that name, all others to the pages."""

    def __init__(self, doors: Mapping[str, Door], pages: WSGIApplication) -> None:
        self._doors, self._pages = doors, pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """See WSGI."""
        name, _, token = environ.get("PATH_INFO", "")[1:].partition("/")
        door = self._doors.get(name)
        if door is None:
            return self._pages(environ, start_response)
        return _answer(door, name, token, Request(environ))(environ, start_response)


def _answer(door: Door, name: str, token: str, request: Request) -> Response:
    try:
        if not token or "/" in token:
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
