"""One way out: sends a plugin's requests through the gate, judges what comes back, repeats what may be repeated."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import orjson
import requests
import structlog
import urllib3
from requests.exceptions import ConnectTimeout, InvalidHeader, SSLError

from core.outgoing.gate import Gate
from core.outgoing.guard import Base
from core.outgoing.redact import masked
from core.outgoing.refusals import Refusals
from core.outgoing.verdict import Again, Deliver, Stop, Verdict, http_date, judge, no_answer
from core.ports import Clock, Crew, Dice, Tally
from spojka import Answer, Limits, Malformed, Purpose, Refused, Request, Unreachable

T = TypeVar("T")
TRIES, TRIES_TESTING = 5, 2
MOST_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
CONNECT_SECONDS = 10.0
READ_PATIENCE_SECONDS = 300.0
NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.SSLError,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """What all ways to one vendor account share in one process."""

    plugin: str
    base: Base
    limits: Limits
    http: requests.Session
    gate: Gate
    refusals: Refusals
    tally: Tally


class HttpOut:
    """A way out for one piece of work. Safe for threads.

    A READ is repeated on any passing failure. A WRITE is repeated only where it was not carried out (429, 503, no
    connection), and only within its own time limit; else its end is unknown, and the caller looks (R63, R101).
    After refused credentials nothing more is sent (R91).
    """

    def __init__(self, line: Line, clock: Clock, dice: Dice, crew: Crew, *, lane: str, testing: bool) -> None:
        self._line, self._clock, self._dice, self._crew = line, clock, dice, crew
        self._lane, self._testing = lane, testing
        self._lock = threading.Lock()
        self._refused = False
        self.requests = 0

    def send(self, request: Request) -> Answer:
        """See `spojka.Http.send`. Raises also ForbiddenHost and TooManyRefused, both Refused."""
        url = self._line.base.url_of(request.path)
        deadline = self._clock.now() + timedelta(seconds=_patience(request))
        tries, sent = 1, False
        while True:
            self._check_credentials()
            verdict, answer = self._try(url, request, tries, deadline)
            if isinstance(verdict, Stop):
                raise self._stopped(verdict)
            if isinstance(verdict, Deliver) and answer is not None:
                return answer
            if isinstance(verdict, Again):
                sent = sent or verdict.sent
                self._pause(request, verdict, tries, deadline, sent)
            tries += 1

    def each(self, calls: Sequence[Callable[[], T]]) -> Sequence[T]:
        """See `spojka.Http.each`. The gate holds the limit across processes; more threads would only wait there."""
        return self._crew.each(calls, max(1, self._line.limits.at_once))

    def _check_credentials(self) -> None:
        if self._refused:
            raise Refused("The vendor refused these credentials before. Nothing was sent; enter new ones.")
        if self._testing:
            self._line.refusals.check()

    def _try(self, url: str, request: Request, tries: int, deadline: datetime) -> tuple[Verdict, Answer | None]:
        began = time.monotonic()
        answer: Answer | None = None
        verdict: Verdict = Deliver()
        with self._line.gate.passage(self._lane, _longest(request), deadline, testing=self._testing):
            self._count()
            try:
                answer = self._exchange(url, request)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                verdict = no_answer(tries, sent=_may_have_arrived(error))
        if answer is not None:
            verdict = self._judged(answer, tries)
        self._trace(url, request, answer, tries, began)
        return verdict, answer

    def _judged(self, answer: Answer, tries: int) -> Verdict:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        self._line.gate.learn(self._lane, headers)
        is_json = answer.status == 500 and _is_json(answer.body)
        return judge(answer.status, headers, is_json, self._line.limits.allowance, tries, self._clock.now())

    def _exchange(self, url: str, request: Request) -> Answer:
        body = None if request.json is None else orjson.dumps(request.json)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        asked = requests.Request(
            request.method, url, params=dict(request.params), data=body, headers={**headers, **request.headers}
        )
        try:
            response = self._line.http.send(
                self._line.http.prepare_request(asked),
                stream=True,
                allow_redirects=False,
                timeout=(min(CONNECT_SECONDS, request.timeout_seconds), request.timeout_seconds),
            )
        except (InvalidHeader, UnicodeEncodeError):
            raise Refused("The credentials hold characters that can't be sent. Enter them again.") from None
        with closing(response):
            content = _content(response, request.timeout_seconds)
        said = response.headers.get("Date")
        return Answer(response.status_code, response.headers, content, None if said is None else http_date(said))

    def _pause(self, request: Request, verdict: Again, tries: int, deadline: datetime, sent: bool) -> None:
        """Wait before the next try; raises the verdict's error where there is to be none."""
        seconds = self._dice.between(*verdict.pause)
        unknown = request.purpose is Purpose.WRITE and verdict.sent
        late = self._clock.now() + timedelta(seconds=seconds) > deadline
        if unknown or late or tries >= (TRIES_TESTING if self._testing else TRIES):
            if isinstance(verdict.error, Unreachable):
                verdict.error.sent = sent
            raise verdict.error
        self._clock.sleep(seconds)

    def _stopped(self, verdict: Stop) -> Exception:
        if isinstance(verdict.error, Refused):
            self._refused = True
            self._line.refusals.note()
        return verdict.error

    def _count(self) -> None:
        with self._lock:
            self.requests += 1

    def _trace(self, url: str, request: Request, answer: Answer | None, tries: int, began: float) -> None:
        status = "none" if answer is None else f"{answer.status // 100}xx"
        self._line.tally.add("requests", self._line.plugin, self._lane, status)
        log.debug(
            "asked",
            plugin=self._line.plugin,
            lane=self._lane,
            method=request.method,
            path=masked(urlsplit(url).path),
            status=0 if answer is None else answer.status,
            tries=tries,
            ms=int((time.monotonic() - began) * 1000),
        )


def _patience(request: Request) -> float:
    """How long after the first try another may begin: a lease that covers twice a WRITE's limit covers all of it."""
    return request.timeout_seconds if request.purpose is Purpose.WRITE else READ_PATIENCE_SECONDS


def _longest(request: Request) -> float:
    """Connecting, waiting and reading together, at most."""
    return 2 * request.timeout_seconds + CONNECT_SECONDS


def _content(response: requests.Response, seconds: float) -> bytes:
    """The whole body, within a size and a time; what drips in slowly is given up."""
    parts: list[bytes] = []
    size, end = 0, time.monotonic() + seconds
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        size += len(chunk)
        if size > MOST_BYTES:
            raise Malformed("The vendor's answer is larger than 64 MiB. Nothing was changed; it is asked again later.")
        if time.monotonic() > end:
            raise requests.ReadTimeout("the answer drips in too slowly")
        parts.append(chunk)
    return b"".join(parts)


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _may_have_arrived(error: Exception) -> bool:
    """Whether the vendor may have got the request; not where no connection came about."""
    if isinstance(error, ConnectTimeout | SSLError):
        return False
    cause = error.args[0] if error.args else None
    return not isinstance(getattr(cause, "reason", cause), NEVER_SENT)
