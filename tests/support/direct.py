"""Ways out that lead straight into the emulators: judged and repeated like the host's, on the virtual clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from wsgiref.types import WSGIApplication

import orjson
from werkzeug.test import Client

from core.outgoing.allowance import Known, Said, learned, said
from core.outgoing.verdict import Again, Deliver, Verdict, http_date, judge, no_answer
from core.ports import Clock
from spojka import Allowance, Answer, Purpose, Refused, Request

TRIES = 5


T = TypeVar("T")


class DirectHttp:
    """`core.ports.Counted` without a network; `requests` counts every try that was sent."""

    def __init__(
        self,
        base_path: str,
        app: WSGIApplication,
        clock: Clock,
        allowance: Allowance | None,
        learn: Callable[[Said], None] = lambda news: None,
    ) -> None:
        self.base_path, self.clock, self.allowance, self.learn = base_path, clock, allowance, learn
        self.client = Client(app)
        self.refused = False
        self.requests = 0

    def send(self, request: Request) -> Answer:
        """See `spojka.Http.send`."""
        if self.refused:
            raise Refused("The vendor refused these credentials before. Nothing was sent.")
        tries = 1
        while True:
            self.requests += 1
            answer, verdict = self._once(request, tries)
            if answer is not None and isinstance(verdict, Deliver):
                return answer
            self._wait_or_raise(request, verdict, tries)
            tries += 1

    def each(self, calls: Sequence[Callable[[], T]]) -> Sequence[T]:
        """One after the other, so that nothing depends on threads."""
        return [call() for call in calls]

    def _once(self, request: Request, tries: int) -> tuple[Answer | None, Verdict]:
        body = None if request.json is None else orjson.dumps(request.json)
        try:
            response = self.client.open(
                f"{self.base_path}/{request.path}",
                method=request.method,
                query_string=dict(request.params),
                headers=dict(request.headers),
                data=body,
                content_type=None if body is None else "application/json",
            )
        except ConnectionError:
            return None, no_answer(tries, sent=True)
        headers = {name.lower(): value for name, value in response.headers.items()}
        if (news := said(headers, self.allowance)) is not None:
            self.learn(news)
        answer = Answer(response.status_code, headers, response.data, http_date(headers["date"]))
        is_json = response.is_json and response.status_code == 500
        return answer, judge(answer.status, headers, is_json, self.allowance, tries, self.clock.now())

    def _wait_or_raise(self, request: Request, verdict: Verdict, tries: int) -> None:
        if not isinstance(verdict, Again):
            self.refused = isinstance(verdict.error, Refused) if not isinstance(verdict, Deliver) else False
            raise AssertionError if isinstance(verdict, Deliver) else verdict.error
        if tries == TRIES or (request.purpose is Purpose.WRITE and verdict.sent):
            raise verdict.error
        self.clock.sleep(sum(verdict.pause) / 2)


@dataclass
class Roads:
    """`core.ports.Outgoing`: each vendor's name with its application, the path of its API, and its allowance."""

    clock: Clock
    vendors: Mapping[str, tuple[WSGIApplication, str, Allowance | None]]
    opened: list[DirectHttp] = field(default_factory=list)
    quotas: dict[tuple[str, str], Known] = field(default_factory=dict)

    def open(self, plugin: str, account: str, *, lane: str, testing: bool = False) -> Any:
        """See `core.ports.Outgoing.open`. A vendor nobody named is one that sends nothing."""
        app, path, allowance = self.vendors.get(plugin, (_nobody, "", None))
        self.opened.append(DirectHttp(path, app, self.clock, allowance, partial(self._learn, (plugin, account), lane)))
        return self.opened[-1]

    def allowance(self, plugin: str, account: str) -> Known | None:
        """See `core.ports.Outgoing.allowance`."""
        return self.quotas.get((plugin, account))

    def _learn(self, whose: tuple[str, str], lane: str, news: Said) -> None:
        self.quotas[whose] = learned(self.quotas.get(whose), news, lane)

    def close(self) -> None:
        """See `core.ports.Outgoing.close`."""


def _nobody(environ: Any, start_response: Any) -> Any:
    raise AssertionError("A plugin without a vendor sent a request.")
