"""An `Http` without a network: requests go straight into a WSGI application, such as a vendor's emulator."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import orjson
from werkzeug.test import Client, TestResponse

from spojka import Answer, Busy, Malformed, Purpose, Refused, Request, Unreachable

TRIES = 3


T = TypeVar("T")


class WsgiHttp:
    """Sends like the host: repeats what may be repeated (without pauses), stops for good after refused credentials.

    `asked` holds every request a plugin made, in order, repeats not counted; what really arrived is in the emulator's
    own log.
    """

    def __init__(self, base_url: str, app: WSGIApplication) -> None:
        self.base_path = urlsplit(base_url).path.rstrip("/")
        self.client = Client(app)
        self.asked: list[Request] = []
        self.refused = False

    def send(self, request: Request) -> Answer:
        """One answer below 500, or 500 with a JSON body; else the errors that `spojka.Http` names."""
        self.asked.append(request)
        for _ in range(TRIES - 1):
            try:
                return self._once(request)
            except Busy:
                continue
            except Unreachable:
                if request.purpose is Purpose.WRITE:
                    raise
        return self._once(request)

    def each(self, calls: Sequence[Callable[[], T]]) -> Sequence[T]:
        """One after the other, so that nothing depends on threads."""
        return [call() for call in calls]

    def _once(self, request: Request) -> Answer:
        if self.refused:
            raise Refused("The vendor refused these credentials before. Nothing was sent.")
        try:
            response = self._open(request)
        except ConnectionError as error:
            raise Unreachable("The connection broke before an answer came.", sent=True) from error
        return self._judged(response)

    def _open(self, request: Request) -> TestResponse:
        body = None if request.json is None else orjson.dumps(request.json)
        return self.client.open(
            f"{self.base_path}/{request.path}",
            method=request.method,
            query_string=dict(request.params),
            headers=dict(request.headers),
            data=body,
            content_type=None if body is None else "application/json",
        )

    def _judged(self, response: TestResponse) -> Answer:
        if response.status_code == 401:
            self.refused = True
            raise Refused("The vendor refused these credentials.")
        if response.status_code == 429:
            raise Busy("The vendor's limit is used up.")
        if 300 <= response.status_code < 400:
            raise Malformed("The vendor redirects elsewhere.")
        if response.status_code > 500 or (response.status_code == 500 and not _is_json(response.data)):
            raise Unreachable("The vendor gave no usable answer.", sent=True)
        return Answer(response.status_code, dict(response.headers), response.data, _date(response))


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _date(response: TestResponse) -> datetime | None:
    said = response.headers.get("Date")
    return None if said is None else parsedate_to_datetime(said)
