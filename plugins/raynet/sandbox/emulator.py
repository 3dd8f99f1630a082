"""Raynet CRM as an emulator: strict by the reference, unknown behaviour behind switches.

Mounted under `/api/v2/` like the vendor; `/ui/` is a page for people, which needs no key.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from plugins.raynet.sandbox.access import Access
from plugins.raynet.sandbox.browser import Browser
from plugins.raynet.sandbox.calls import COMPANY, PERSON, done, said
from plugins.raynet.sandbox.errors import ApiError, denied
from plugins.raynet.sandbox.listing import print_all
from plugins.raynet.sandbox.pages import Pages
from plugins.raynet.sandbox.routes import PREFIX, paths
from plugins.raynet.sandbox.store import Rec, Store
from plugins.raynet.sandbox.times import Face
from plugins.raynet.sandbox.visit import Actor, Visit
from plugins.raynet.sandbox.webhooks import Delivery, Poster, Webhooks, post_over_http
from spojka import Json
from spojka.emulator import Clock, Emulator, utc_now

STATE_VERSION = 1
HISTORY = ("Email", "MassEmail", "Gdpr")
SWITCHES: Mapping[str, Any] = {
    "contact_info": "merge",
    "tags_touch_record": True,
    "update_tags": "ignored",
    "id_filter": True,
    "ignore_do_not_send_writes": False,
    "empty_value": "clears",
    "invalid_in_lists": True,
    "limit_over_1000": "refused",
    "unsorted": "id",
    "bad_enum_status": 400,
    "blocked_status": 403,
    "unknown_fields": "refused",
    "ext_id_unique": True,
    "email_match": "nocase",
    "empty_contact": "values",
    "gdpr_touches_record": False,
    "history_fires_webhooks": True,
    "webhooks_come_twice": False,
    "time_zone": "Europe/Prague",
    "daily_limit": 24_000,
    "at_once": 4,
}
"""What nobody knows about Raynet, or what differs between instances, with the choice made meanwhile.

Reading: `id_filter` off: filtering by id is refused as by older instances. `invalid_in_lists` off: invalidated records
come only when asked for. `limit_over_1000` refused · cut. `unsorted` id · shuffled: order without `sortColumn`.
`empty_contact` values · null · absent: what a company's address without any value shows. `time_zone`: of the key's
owner. Writing: `contact_info` merge · replace: contact keys that were not sent. `empty_value` clears · ignored: null
and "" in an update. `ignore_do_not_send_writes`: the opt-out flag can't be written. `update_tags` ignored · replace ·
refused: `tags` in an update. `tags_touch_record`: a tag call counts as a change. `gdpr_touches_record`: so does a legal
title. `unknown_fields` refused · ignored. `ext_id_unique` off: duplicates are accepted, the last one is found.
`bad_enum_status` 400 · 500. History: `email_match` nocase · exact: how recipients are found. `history_fires_webhooks`,
`webhooks_come_twice`. Limits: `daily_limit`, `at_once`, `blocked_status` after too many wrong logins.
"""


class RaynetEmulator(Browser, Emulator):
    """One Raynet instance. `store` is its state, `access` its keys and allowance, `webhooks` its bells.

    `rights_missing` holds first path words (`gdpr`) that the key's owner may not see.
    """

    name = "raynet"
    SWITCHES = SWITCHES

    def __init__(self, store: Store, access: Access, clock: Clock = utc_now, poster: Poster = post_over_http) -> None:
        super().__init__(clock)
        self.store = store
        self.access = access
        self.webhooks = Webhooks()
        self.poster = poster
        self.rights_missing: set[str] = set()
        self.paths = paths(
            ("GET", "/security/info", self._who_am_i),
            ("GET", "/webhook/", self._webhooks),
            ("PUT", "/webhook/", self._add_webhook),
            ("DELETE", "/webhook/<id_>/", self._remove_webhook),
            ("POST", "/webhook/technicalContact/", self._technical_contacts),
        )
        self.pages = Pages(self)

    def switch(self, **values: Any) -> None:
        """Turn switches; rows are printed anew, since some switches change what they show."""
        super().switch(**values)
        self.store.persons.forget_all()
        self.store.companies.forget_all()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Whatever is not the API belongs to the page for people: a browser's own requests are no wrong logins."""
        if str(environ.get("PATH_INFO", "")).startswith(f"{PREFIX}/"):
            return super().__call__(environ, start_response)
        return self.pages(environ, start_response)

    def headers(self) -> Mapping[str, str]:
        """The allowance, on every answer."""
        with self.lock:
            return self.access.headers(self.clock(), self.switches)

    def answer(self, request: Request) -> Response:
        """Carry out one request; refusals are answers, too."""
        try:
            with self.lock:
                actor = self.access.enter(request, self.clock(), self.open_now, self.switches)
            raw = request.get_data()
            with self.lock:
                return self._carry(request, actor, raw)
        except ApiError as refusal:
            return said(refusal.body, refusal.status)

    def _carry(self, request: Request, actor: Actor, raw: bytes) -> Response:
        try:
            call, values = self.paths.bind_to_environ(request.environ).match()
        except HTTPException as error:
            wrong_verb = isinstance(error, MethodNotAllowed)
            status, kind = (405, "MethodNotAllowed") if wrong_verb else (404, "NotFound")
            raise ApiError(status, error.name, kind) from error
        if request.path.removeprefix(PREFIX).split("/")[1] in self.rights_missing:
            raise denied()
        answer: Response = call(self.visit(actor, request, raw), **values)
        return answer

    def visit(self, actor: Actor, request: Request | None = None, raw: bytes = b"", **switches: Any) -> Visit:
        """The surroundings of one request or edit; `switches` hold for it alone."""
        rules = {**self.switches, **switches}
        args = MultiDict[str, str]() if request is None else request.args
        levels = self._levels(actor) if actor.source == "api" else None
        return Visit(self.store, actor, self.clock(), rules, self._announce, args, raw, levels)

    def _levels(self, actor: Actor) -> frozenset[int] | None:
        levels = self._account(actor.user).get("levels")
        return None if levels is None else frozenset(levels)

    def _account(self, username: str) -> Rec:
        return next(item for item in self.store.accounts.values() if item["username"] == username)

    def add_level(self, name: str) -> int:
        """A further security level for records that not everybody sees; its id goes into `securityLevel`."""
        id_ = 1 + max(int(level["id"]) for level in self.store.levels)
        self.store.levels.append({"id": id_, "name": name, "locked": False})
        return id_

    def add_user(self, username: str, key: str, key_name: str = "Mailer", levels: Sequence[int] | None = None) -> int:
        """Another user with an API key, who sees records of these security levels (None: all). The account's id."""
        person = self.add_person(lastName=username.partition("@")[0], email=username)
        id_ = int(max(self.store.accounts)) + 1
        account = {"id": id_, "username": username, "person": person, "userRole": "CERTAIN_RESTRICTIONS"}
        seen = {} if levels is None else {"levels": list(levels)}
        self.store.accounts[id_] = {**self.visit(Actor(username, "system")).born(), **account, **seen}
        self.store.index()
        self.store.persons.forget(person)
        self.access.keys[(username, key)] = key_name
        return id_

    def _announce(self, type_: str, entity: str, record: Rec, visit: Visit) -> None:
        if entity in HISTORY and not visit.switches["history_fires_webhooks"]:
            return
        self.webhooks.announce(type_, entity, record, visit)

    def warm(self) -> None:
        """Print all rows in ISO 8601 now: reading 100 000 persons then costs the sandbox next to nothing."""
        visit, face = self.visit(Actor("", "system")), Face(self.switches["time_zone"], iso=True)
        with self.lock:
            for entity in (PERSON, COMPANY):
                print_all(self.store, entity.listing(visit), face)

    def deliver(self) -> list[Delivery]:
        """Send the events that are due: one a second and address. Call it again for more."""
        with self.lock:
            due = self.webhooks.due(self.clock())
        done_now = [self.webhooks.send(hook, event, self.poster) for hook, event in due]
        with self.lock:
            for delivery in done_now:
                self.webhooks.note(delivery, self.clock(), twice=self.switches["webhooks_come_twice"])
        return done_now

    def allow(self, remaining: int) -> None:
        """Leave so many requests of today's allowance."""
        self.access.leave(remaining, self.clock(), self.switches)

    def dump(self) -> Json:
        """The whole state as JSON; switches and faults are not part of it."""
        with self.lock:
            state = {"store": self.store.dump(), "access": self.access.dump(), "webhooks": self.webhooks.dump()}
            return {"version": STATE_VERSION, **state}

    def load(self, state: Json) -> None:
        """Take a state that `dump` gave."""
        with self.lock:
            if state.get("version") != STATE_VERSION:
                raise ValueError("This state was written by another version of the sandbox. Start it afresh.")
            self.store = Store.load(state["store"])
            self.access = Access.load(state["access"])
            self.webhooks.load(state["webhooks"])

    def _who_am_i(self, visit: Visit) -> Response:
        answer = {"X-Instance-Name": self.access.instance, "X-Instance-Id": self.access.instance_id}
        return said({**answer, "userAccountId": self._account(visit.actor.user)["id"]})

    def _webhooks(self, _: Visit) -> Response:
        return said({"success": True, "data": self.webhooks.listed()})

    def _add_webhook(self, visit: Visit) -> Response:
        return said({"success": True, "data": {"uuid": self.webhooks.register(visit.body())}}, 201)

    def _remove_webhook(self, _: Visit, id_: str) -> Response:
        self.webhooks.remove(id_)
        return done()

    def _technical_contacts(self, visit: Visit) -> Response:
        self.webhooks.name_contacts(visit.body())
        return done()
