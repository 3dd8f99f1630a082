"""The door of the emulator: key, allowance, routes, and the refusals in the vendor's shapes."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson
import requests
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from plugins.ecomail.sandbox import bulk, campaigns, pages, reading, single
from plugins.ecomail.sandbox.account import Account, Delivery
from plugins.ecomail.sandbox.asking import Asked, Wrong
from plugins.ecomail.sandbox.hands import Hands
from plugins.ecomail.sandbox.store import State
from spojka.contact import Json
from spojka.emulator import Call, Clock, Emulator, reply, utc_now

Route = Callable[[Account, Asked], Json | Response]

SWITCHES: Mapping[str, Any] = MappingProxyType(
    {
        "tags": "replace",  # or merge: what a bulk call does to the tags that are there
        "custom_fields": "merge",  # or replace: custom fields that a row does not mention
        "nulls": "mixed",  # or unchanged, clears; mixed: basic fields unchanged, custom fields cleared
        "empty_string": "clears",  # or ignored
        "cleared_fields": "empty",  # or dropped: how a cleared custom field reads
        "empty_fields": "null",  # or text: how a basic field without a value reads
        "bad_row": "refuse_batch",  # or store_good_rows
        "duplicates": "last",  # or first
        "email_case": "lower",  # or kept
        "tag_length": "reject",  # or cut, bytes
        "over_length": "reject",  # or ignored
        "diacritic_keys": "kept",  # or ascii, refused
        "wrong_type": "stored",  # or refused: a value that does not fit its custom field
        "formats": "refused",  # or stored: gender, birthday, nameday, country of a wrong form
        "unknown_keys": "refused",  # or ignored: keys of a body that are not documented
        "visible": "at_once",  # or seconds until a reading shows a write
        "unauthorised_body": "map",  # or text, string
        "source_lands": "membership",  # or contact, both
        "source_changes": False,  # whether a later write changes the source
        "join_overwrites": False,  # whether joining a list without update_existing overwrites account-wide values
        "page_fields": "documented",  # or all: whether pages say titles, street, zip, birthday
        "tags_in_pages": True,
        "long_pages": "cut",  # or refused: per_page beyond 5000
        "order": "oldest_first",  # or newest_first
        "list_ids": "number",  # or text, in GET /lists
        "ignore_rows": 0,  # the last n rows of each bulk call are answered well, not stored and not counted
        "stores_nothing": False,  # everything is answered well and nothing stored
        "delete_missing": "404",  # or false: 200 with deleted false
        "logs": True,
        "phone_format": "kept",  # or spaces
        "step_properties": "url",  # what a webhook step says of itself: url, empty, or no_route
        "stats_wrapped": True,  # totals of automations inside `stats`, or bare
        "per_minute": 1000,  # requests a minute; 0: no limit
        "retry_after": True,
    }
)


Poster = Callable[[str, Mapping[str, str], Json], None]


def post_over_http(url: str, headers: Mapping[str, str], body: Json) -> None:
    """The poster that really sends; nobody learns whether somebody answered."""
    with suppress(requests.RequestException):
        requests.post(url, json=body, headers=dict(headers), timeout=(5, 20), allow_redirects=False)


def _forbidden(_account: Account, _asked: Asked) -> Json:
    raise Wrong(403, {"errors": "This account never sends anything."})


ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", "/lists", reading.lists),
    ("POST", "/lists", reading.create_list),
    ("GET", "/lists/<list_id>", reading.one_list),
    ("PUT", "/lists/<list_id>", reading.change_list),
    ("GET", "/lists/<list_id>/subscribers", reading.subscribers),
    ("GET", "/lists/<list_id>/subscriber/<email>", reading.one_subscriber),
    ("POST", "/lists/<list_id>/subscribe", single.subscribe),
    ("POST", "/lists/<list_id>/subscribe-bulk", bulk.subscribe_bulk),
    ("PUT", "/lists/<list_id>/update-subscriber", single.update),
    ("PUT", "/lists/<list_id>/update-subscriber-bulk", bulk.update_bulk),
    ("DELETE", "/lists/<list_id>/unsubscribe", single.unsubscribe),
    ("GET", "/subscribers/<email>", reading.one_contact),
    ("DELETE", "/subscribers/<email>/delete", single.delete),
    ("GET", "/subscribers/<email>/email-log", campaigns.email_log),
    ("GET", "/subscribers/<email>/automation-log", campaigns.automation_log),
    ("GET", "/campaigns", campaigns.campaigns),
    ("POST", "/campaigns", _forbidden),
    ("GET", "/campaigns/all-stats", campaigns.all_stats),
    ("GET", "/campaigns/<campaign_id>", campaigns.one_campaign),
    ("PUT", "/campaigns/<campaign_id>", _forbidden),
    ("GET", "/campaigns/<campaign_id>/stats", campaigns.stats),
    ("GET", "/campaigns/<campaign_id>/stats-detail", campaigns.stats_detail),
    ("GET", "/campaigns/<campaign_id>/log", campaigns.log),
    ("GET", "/campaign/<campaign_id>/send", _forbidden),
    ("GET", "/pipelines", campaigns.pipelines),
    ("GET", "/pipelines/<pipeline_id>/stats", campaigns.one_pipeline_stats),
    ("GET", "/pipelines/<pipeline_id>/stats-detail", campaigns.pipeline_detail),
    ("GET", "/pipelines/<pipeline_id>/actions", campaigns.pipeline_actions),
    ("POST", "/pipelines/<pipeline_id>/trigger", _forbidden),
    ("GET", "/account/settings/webhook", reading.show_events_url),
    ("POST", "/account/settings/webhook", reading.set_events_url),
    ("DELETE", "/account/settings/webhook", reading.clear_events_url),
)
_MAP = Map([Rule(path, methods=[method], endpoint=route) for method, path, route in ROUTES])


class EcomailEmulator(Hands, Emulator):
    """One Ecomail account. Source: the vendor's API v2 reference; what it leaves open is a switch."""

    name = "ecomail"
    SWITCHES = SWITCHES

    def __init__(
        self, clock: Clock = utc_now, *, account: str = "demo", key: str = "test-key", poster: Poster = post_over_http
    ) -> None:
        super().__init__(clock)
        self.poster = poster
        self.account = Account(clock, self.switches, account, key)
        self.forbidden_calls: list[Call] = []
        self._minute: datetime | None = None
        self._asked = 0

    def answer(self, request: Request) -> Response:
        """Key, allowance, route, in this order; the human pages need neither key nor allowance."""
        if request.path == "/ui" or request.path.startswith("/ui/"):
            return pages.answer(self, request)
        with self.lock:
            try:
                self._check_key(request)
                self._check_allowance()
                return self._route(request)
            except Wrong as wrong:
                return self._refusal(wrong)

    def deliver(self) -> Sequence[Delivery]:
        """Call foreign addresses; a step of an automation is called once, whatever comes back."""
        sent = self.take_deliveries()
        for each in sent:
            self.poster(each.url, each.headers, each.body)
        return sent

    def dump(self) -> State:
        """The account as JSON."""
        with self.lock:
            return self.account.dump()

    def load(self, state: State) -> None:
        """Take an account that `dump` gave."""
        with self.lock:
            self.account.load(state)

    def _check_key(self, request: Request) -> None:
        if request.headers.get("key") == self.account.key:
            return
        bodies = {"text": "Wrong api key", "string": {"errors": "Wrong api key"}}
        said = {"errors": {"key": ["Wrong api key"]}}
        raise Wrong(401, bodies.get(self.switches["unauthorised_body"], said))

    def _check_allowance(self) -> None:
        now, most = self.clock(), int(self.switches["per_minute"])
        if self._minute is None or (now - self._minute).total_seconds() >= 60:
            self._minute, self._asked = now, 0
        self._asked += 1
        if most and self._asked > most:
            raise Wrong(429, {"errors": ["Too Many Requests"]})

    def _route(self, request: Request) -> Response:
        route, parts = self._match(request)
        if route is _forbidden:
            self.forbidden_calls.append(
                Call(len(self.calls) + 1, request.method, request.path, request.args.to_dict(), b"", 403, self.clock())
            )
        body = _body(request) if request.method != "GET" else None
        answer = route(self.account, Asked(parts, request.args, body, request.host_url, request.base_url))
        return answer if isinstance(answer, Response) else reply(answer)

    def _match(self, request: Request) -> tuple[Route, Mapping[str, str]]:
        try:
            return _MAP.bind("").match(_path(request), method=request.method)
        except MethodNotAllowed as refused:
            raise Wrong(405, {"errors": ["Method Not Allowed"]}) from refused
        except HTTPException as refused:
            raise Wrong(404, {"errors": ["Not Found"]}) from refused

    def _refusal(self, wrong: Wrong) -> Response:
        if isinstance(wrong.body, str):
            return Response(wrong.body, status=wrong.status, content_type="text/plain; charset=utf-8")
        response = reply(wrong.body, wrong.status)
        if wrong.status == 429 and self.switches["retry_after"] and self._minute is not None:
            passed = (self.clock() - self._minute).total_seconds()
            response.headers["Retry-After"] = str(max(math.ceil(60 - passed), 1))
        return response


def _path(request: Request) -> str:
    """The decoded path. A plus sign that was not encoded is a space, so that such an address is not found."""
    raw = str(request.environ.get("RAW_URI", "")).split("?")[0]
    return request.path.replace("+", " ") if "+" in raw else request.path


def _body(request: Request) -> Json:
    """The decoded body; None where it is missing, not JSON or not declared as JSON."""
    raw = request.get_data()
    if not raw or request.mimetype != "application/json":
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
