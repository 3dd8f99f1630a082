"""One Raynet account: what is asked of it, and in which pages the answers come.

Limits, retries and the breaker are the host's (`Http`); here are Raynet's addresses, filters and error forms.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from plugins.raynet import webhooks
from plugins.raynet.answers import header_number, opened, refuses_filter, says_absent
from plugins.raynet.manifest import RAYNET
from plugins.raynet.paging import (
    LIMIT,
    OVERLAP,
    Place,
    Sheet,
    id_of,
    joins,
    natural,
    next_by_id,
    next_by_offset,
    sheet,
    unread,
    unusable,
)
from plugins.raynet.row import Row
from spojka import Answer, Connection, CrmCheck, Http, Json, Kind, Page, Purpose, Record, Request, Watched

T = TypeVar("T")
PATHS: Mapping[Kind, str] = {Kind.PERSON: "person/", Kind.COMPANY: "company/"}
ORDER = {"limit": str(LIMIT), "sortColumn": "id", "sortDirection": "ASC"}
ISO_DATES = {"dateFormat": "ISO8601"}
STATUS_ONLY = {"view": "rowInfo"}
AFTER_ID = "id[GT]"
THESE_IDS = "id[IN]"
MODIFIED_SINCE = "rowInfo.lastModifiedAt[GE]"


class RaynetCrm:
    """The `Crm` of Raynet. Besides the errors of the protocol, Rejected where Raynet refuses the question for good."""

    def __init__(self, connection: Connection, http: Http) -> None:
        self._http = http
        self._user = str(connection.settings["username"])
        self._headers = _headers(self._user, connection.secrets["api_key"], str(connection.settings["instance"]))

    def check(self) -> CrmCheck:
        """Ask who we are: a bare object, without envelope (Raynet API, Authentication)."""
        answer = self.get("security/info", {})
        account = opened(answer, "the question who this key belongs to").get("userAccountId")
        if natural(account) is None:
            raise unusable("Raynet did not say whose key this is")
        allowance = RAYNET.limits.allowance
        left, limit = (allowance.remaining, allowance.limit) if allowance else ("", "")
        return CrmCheck(self._user, str(account), header_number(answer, left), header_number(answer, limit))

    def changed(self, kind: Kind, since: datetime | None, after: str | None) -> Page[Record]:
        """Records changed since a moment (None: all), one request, ascending by id.

        Raynet keeps minutes only, so `since` is rounded down and its minute comes again (R72). It goes out with a
        numeric offset: `Z` is refused. Source: Raynet API, "Filtering", GE on rowInfo.lastModifiedAt.
        """
        changes = {} if since is None else {MODIFIED_SINCE: _minute(since)}
        page = self._walk(kind, {**ORDER, **ISO_DATES, **changes}, after, counted=since is None)
        return Page(tuple([_record(kind, row) for row in page.items]), page.after, page.total, page.vendor_time)

    def ids(self, kind: Kind, after: str | None) -> Page[tuple[str, int]]:
        """Every id with its version, invalid records included; the rows carry status data alone."""
        page = self._walk(kind, {**ORDER, **STATUS_ONLY}, after, counted=True)
        return Page(
            tuple((str(id_of(row)), _version(row)) for row in page.items), page.after, page.total, page.vendor_time
        )

    def read(self, kind: Kind, ids: Sequence[str]) -> Page[Record]:
        """These records in one request; one by one where the filter is refused. A missing one is just not there."""
        wanted = sorted({number for number in map(natural, ids) if number is not None})
        if not wanted:
            return Page(())
        params = {**ORDER, **ISO_DATES, THESE_IDS: ",".join(map(str, wanted))}
        answer = self.get(PATHS[kind], params)
        if refuses_filter(answer):
            return self._read_singly(kind, wanted)
        found = sheet(opened(answer, f"{kind} records by their ids"))
        if not set(found.ids) <= set(wanted) or (found.total or 0) > len(found.ids):
            raise unusable("Raynet sent other records than asked for")
        return Page(
            tuple(_record(kind, row) for row in found.rows), total=len(found.ids), vendor_time=answer.vendor_time
        )

    def watch(self, url: str, secret: str) -> str:
        """Register a webhook for all events of all kinds; Raynet can't tell kinds apart (Raynet API, Webhooks)."""
        return webhooks.registered(self.write("PUT", webhooks.PATH, webhooks.wanted(url, secret)))

    def watched(self) -> Sequence[Watched]:
        """All webhooks of the instance."""
        return webhooks.listed(self.get(webhooks.PATH, {}))

    def unwatch(self, id: str) -> None:
        """Take a webhook away."""
        webhooks.removed(self.write("DELETE", f"{webhooks.PATH}{quote(id, safe='')}/"))

    def get(self, path: str, params: Mapping[str, str]) -> Answer:
        """Ask for something below the base address; the answer unopened."""
        return self._http.send(Request("GET", path, params=params, headers=self._headers))

    def write(self, method: str, path: str, body: Json = None) -> Answer:
        """Ask for a change below the base address; never repeated blindly."""
        return self._http.send(Request(method, path, json=body, headers=self._headers, purpose=Purpose.WRITE))

    def each(self, calls: Sequence[Callable[[], T]]) -> Sequence[T]:
        """Make calls that ask or write, a few at a time; see `spojka.Http.each`."""
        return self._http.each(calls)

    def _read_singly(self, kind: Kind, ids: Sequence[int]) -> Page[Record]:
        asked = self.each([partial(self.get, f"{PATHS[kind]}{number}/", ISO_DATES) for number in ids])
        answers = dict(zip(ids, asked, strict=True))
        there = {number: answer for number, answer in answers.items() if not says_absent(answer)}
        rows = [opened(answer, f"{kind}:{number}").get("data") for number, answer in there.items()]
        if [id_of(row) for row in rows] != list(there):
            raise unusable("Raynet sent another record than asked for")
        records = tuple(_record(kind, row) for row in rows)
        return Page(records, total=len(records), vendor_time=answers[ids[0]].vendor_time)

    def _walk(self, kind: Kind, params: Mapping[str, str], after: str | None, *, counted: bool) -> Page[Row]:
        """One page of a list: by id, and from the page on where Raynet refuses that filter, by offset."""
        place = Place.parse(after)
        if place.offset is not None:
            return self._walk_by_offset(kind, params, place, counted=counted)
        beyond = {AFTER_ID: str(place.last)} if place.seen else {}
        answer = self.get(PATHS[kind], {**params, **beyond})
        if beyond and refuses_filter(answer):
            return self._walk_by_offset(kind, params, place, counted=counted)
        found = sheet(opened(answer, f"the list of {kind} records"))
        going_on = next_by_id(place, found)
        total = None if found.total is None else place.seen + found.total
        return Page(found.rows, going_on.token if going_on else None, total, answer.vendor_time)

    def _walk_by_offset(self, kind: Kind, params: Mapping[str, str], place: Place, *, counted: bool) -> Page[Row]:
        """One page by offset; records that went meanwhile have moved the rest, so it may have to start earlier.

        With `counted` the last page is believed only if as many records were read as Raynet counts; among changes alone
        a record may rightly have joined behind our back, and the next reading brings it (R72).
        """
        start = place.start
        answer, found = self._page_from(kind, params, start)
        while not joins(place, start, found):
            start = max(0, start - LIMIT + OVERLAP)
            answer, found = self._page_from(kind, params, start)
        new = unread(place, found)
        going_on = next_by_offset(place, start, found)
        if going_on is None and counted and found.total is not None and place.seen + len(new) < found.total:
            raise unusable("Raynet counts more records than it sent")
        rows = found.rows[len(found.rows) - len(new) :]
        return Page(rows, going_on.token if going_on else None, found.total, answer.vendor_time)

    def _page_from(self, kind: Kind, params: Mapping[str, str], start: int) -> tuple[Answer, Sheet]:
        answer = self.get(PATHS[kind], {**params, "offset": str(start)})
        return answer, sheet(opened(answer, f"the list of {kind} records"))


def _headers(user: str, key: str, instance: str) -> Mapping[str, str]:
    """Basic login with the key as password; the instance quoted, so that a mistyped one is refused like any other."""
    login = b64encode(f"{user}:{key}".encode()).decode("ascii")
    return {"Authorization": f"Basic {login}", "X-Instance-Name": quote(instance), "Accept": "application/json"}


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(second=0, microsecond=0).isoformat(timespec="milliseconds")


def _record(kind: Kind, row: Json) -> Record:
    return Record(kind, str(id_of(row)), _version(row), row)


def _version(row: Row) -> int:
    return natural(row.get("_version")) or 0
