"""Errors outside the pages: `problem+json` for programs, a short page for people."""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    Unauthorized,
    UnprocessableEntity,
)

log = structlog.get_logger(__name__)
MACHINES = ("/hooks/", "/automation/", "/campaign-events/", "/api/", "/healthz", "/readyz", "/metrics")

WORDS = {
    400: ("Tomuto požadavku nerozumíme.", "This request can't be understood."),
    401: ("Chybí platné přihlášení.", "Valid credentials are missing."),
    403: ("Na tohle nemáte oprávnění.", "You may not do this."),
    404: ("Na této adrese nic není.", "There is nothing at this address."),
    405: ("Na této adrese se takto ptát nedá.", "This address does not answer such a request."),
    413: ("Požadavek je příliš velký.", "The request is too large."),
    415: ("Požadavek musí být JSON.", "The request has to be JSON (Content-Type: application/json)."),
    422: ("Něco v požadavku není v pořádku.", "Something in the request is wrong; errors names each field."),
    429: ("Příliš mnoho pokusů. Počkejte pár minut.", "Too many attempts. Wait a few minutes."),
    500: (
        "U nás se něco pokazilo. Nic se neztratilo; zkuste to znovu.",
        "Something broke here. Nothing is lost; try again.",
    ),
    503: ("Teď to nejde. Zkuste to za chvíli znovu.", "This is not possible right now. Try again in a moment."),
}


class Explained(BadRequest):
    """A request that can't be carried out, with a sentence that says why; it repeats nothing personal."""


class Invalid(UnprocessableEntity):
    """A request of the right form that says something wrong: field -> sentences."""

    def __init__(self, errors: Mapping[str, Any]) -> None:
        super().__init__()
        self.errors = errors


def init(app: Flask) -> None:
    """Answer every error of `app` that no page of its own answers."""
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(500, broken)


def answer(error: HTTPException) -> Response | HTTPException:
    """The error's status with a sentence."""
    if error.code is None or error.code < 400:
        return error
    return as_problem(error) if _is_machine() else _as_page(error.code)


def broken(error: InternalServerError) -> Response | HTTPException:
    """A bug: loud in the log, calm on the page."""
    log.error("web.broken", path=_pattern(), error=type(error.original_exception).__name__)
    return answer(error)


def _is_machine() -> bool:
    return request.path.startswith(MACHINES) or request.accept_mimetypes.best == "application/json"


def _pattern() -> str:
    """The route, not the address: addresses hold tokens."""
    return request.url_rule.rule if request.url_rule else ""


def as_problem(error: HTTPException) -> Response:
    """The error as a document for programs."""
    status = error.code or 500
    _, english = WORDS.get(status, ("", error.name))
    if isinstance(error, Explained) and error.description:
        english = error.description
    document: dict[str, Any] = {"type": "about:blank", "title": error.name, "status": status, "detail": english}
    if isinstance(error, Invalid):
        document["errors"] = error.errors
    answered = Response(orjson.dumps(document), status, content_type="application/problem+json")
    if isinstance(error, MethodNotAllowed):
        answered.allow.update(error.valid_methods or ())
    if isinstance(error, Unauthorized) and error.www_authenticate:
        answered.headers["WWW-Authenticate"] = ", ".join(map(str, error.www_authenticate))
    return answered


def _as_page(status: int) -> Response:
    czech, english = WORDS.get(status, WORDS[400 if status < 500 else 500])
    return Response(render_template("problem/problem.html", status=status, czech=czech, english=english), status)
