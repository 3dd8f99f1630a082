"""An Ecomail account as an audience: every call says explicitly what it wants (R100), `answers` what was proved."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from plugins.ecomail.answers import (
    checked,
    complaint_of,
    invited,
    is_missing,
    leaf_of,
    number_of,
    opened,
    results,
)
from plugins.ecomail.manifest import LIMITS, MANIFEST
from plugins.ecomail.results import Results
from plugins.ecomail.rows import UNSUBSCRIBED_CODE, absent_of, map_of, members_of, merged_of, rows_of, wanted_of
from spojka import (
    Absent,
    Answer,
    AudienceCheck,
    Counts,
    CustomField,
    Done,
    Happening,
    Http,
    Json,
    ListInfo,
    Look,
    Mailing,
    Malformed,
    Page,
    Passed,
    Profile,
    Purpose,
    Rejected,
    Request,
    Result,
    Status,
    Step,
    Write,
)

FILTERS = (
    ("subscribed", Status.SUBSCRIBED),
    ("unsubscribed", Status.UNSUBSCRIBED),
    ("not_confirmed", Status.UNCONFIRMED),
    ("bounced", Status.BOUNCED),
    ("complained", Status.COMPLAINED),
)
"""The values of a listing's `status`, in the order of a pass (R104); without one it shows the subscribed alone."""
READ_SECONDS = 60.0
WRITE_SECONDS = 120.0


class EcomailAudience:
    """`spojka.Audience` over Ecomail's API, version 2."""

    def __init__(self, http: Http, api_key: str) -> None:
        self._http = http
        self._headers = {"key": api_key, "Content-Type": "application/json"}
        self._results = Results(self._get)
        self._account = f"{MANIFEST.name}:{hashlib.sha256(api_key.encode()).hexdigest()[:16]}"

    def check(self) -> AudienceCheck:
        """Prove the key by reading the lists, one request. The account is named by a fingerprint of its key."""
        return AudienceCheck(self._account, tuple(self.lists()))

    def lists(self) -> Sequence[ListInfo]:
        """All lists of the account, one request."""
        body = opened(self._get("lists"), "Lists")
        if not isinstance(body, list):
            raise Malformed("Lists: Ecomail's answer is no list of lists. It is asked again later.")
        return tuple(_list_of(each) for each in body)

    def create_list(self, name: str) -> ListInfo:
        """Make a list, one request."""
        body = opened(self._write("POST", "lists", {"name": name}), "A new list")
        said = complaint_of(body)
        if said is not None:
            raise Rejected(f"A new list: Ecomail refused it: {said}")
        return _list_of(body)

    def fields(self, contact_list: str) -> Sequence[CustomField]:
        """The list's custom fields, one request. Raises Rejected(key="list") where there is no such list."""
        place = f"List {contact_list}"
        body = map_of(opened(self._get(_list_path(contact_list)), place))
        if not isinstance(body.get("list"), dict):
            raise Malformed(f"{place}: Ecomail's answer describes no list. It is asked again later.")
        return tuple(_field_of(key, said) for key, said in map_of(body["list"].get("custom_fields")).items())

    def rows(self, contact_list: str, after: str | None, keys: Mapping[str, str]) -> Page[Profile]:
        """One page of a pass over all five statuses, one request; `total` is that of the status being read."""
        step, number = _place_of(after)
        name, status = FILTERS[step]
        asked = {"status": name, "page": str(number), "per_page": str(LIMITS.page)}
        place = f"List {contact_list}, {name}, page {number}"
        answer = self._get(_list_path(contact_list, "subscribers"), asked)
        leaf = leaf_of(opened(answer, place), number, LIMITS.page, place)
        members = members_of(leaf.rows, status, wanted_of(keys))
        return Page(members, _after(step, number, leaf.last), leaf.total, answer.vendor_time)

    def look(self, contact_list: str, emails: Sequence[str], keys: Mapping[str, str]) -> Sequence[Look]:
        """One request an address, two for one that is not in the list (R17), and then one more for the list itself.

        A list that is gone answers for its members as if they alone were missing, so their absence is believed only
        beside a list that is there (R15, R109). Raises Rejected(key="list") otherwise.
        """
        looks = tuple([self._look(contact_list, email, keys) for email in emails])
        if any(isinstance(look, Absent) for look in looks):
            self.fields(contact_list)
        return looks

    def add(
        self, contact_list: str, rows: Sequence[Write], keys: Mapping[str, str], *, start_automations: bool
    ) -> Sequence[Result]:
        """One `subscribe-bulk`; who is there already stays untouched, and its count then proves nothing (R101)."""
        flags = {"update_existing": False, "resubscribe": False, "trigger_autoresponders": start_automations}
        body = {"subscriber_data": rows_of(rows, keys), **flags}
        return self._bulk("POST", contact_list, "subscribe-bulk", body, "inserts", _emails_of(rows), Done.ADDED)

    def invite(
        self, contact_list: str, row: Write, keys: Mapping[str, str], *, start_automations: bool
    ) -> Sequence[Result]:
        """One single `subscribe`, the only call after which Ecomail asks the person to confirm (R101)."""
        flags = {"update_existing": False, "resubscribe": False, "trigger_autoresponders": start_automations}
        asking = {"trigger_notification": False, "skip_confirmation": False}
        (data,) = rows_of([row], keys)
        answer = self._write(
            "POST", _list_path(contact_list, "subscribe"), {"subscriber_data": data, **flags, **asking}
        )
        return invited(answer, f"List {contact_list}, subscribe", row.email)

    def change(self, contact_list: str, rows: Sequence[Write], keys: Mapping[str, str]) -> Sequence[Result]:
        """One `update-subscriber-bulk`; it changes members alone (R102)."""
        return self._update(contact_list, rows_of(rows, keys), _emails_of(rows))

    def unsubscribe(self, contact_list: str, emails: Sequence[str]) -> Sequence[Result]:
        """One `update-subscriber-bulk` that names the status and nothing else, as no other call ever does (R100)."""
        rows: list[dict[str, Json]] = [{"email": email, "status": UNSUBSCRIBED_CODE} for email in emails]
        return self._update(contact_list, rows, emails)

    def mailings(self, contact_list: str, since: datetime) -> Sequence[Mailing]:
        """See `spojka.Results`."""
        return self._results.mailings(contact_list, since)

    def log(self, mailing: str, since: datetime | None, after: str | None) -> Page[Happening]:
        """See `spojka.Results`."""
        return self._results.log(mailing, since, after)

    def counts(self, mailing: str, after: str | None) -> Page[Counts]:
        """See `spojka.Results`."""
        return self._results.counts(mailing, after)

    def steps(self, mailing: str) -> Sequence[Step]:
        """See `spojka.Results`."""
        return self._results.steps(mailing)

    def passed(self, email: str) -> Sequence[Passed]:
        """See `spojka.Results`."""
        return self._results.passed(email)

    def _update(self, contact_list: str, rows: list[dict[str, Json]], emails: Sequence[str]) -> Sequence[Result]:
        body = {"subscriber_data": rows, "allow_resubscribe": False}
        return self._bulk("PUT", contact_list, "update-subscriber-bulk", body, "updates", emails, Done.CHANGED)

    def _bulk(
        self, method: str, contact_list: str, call: str, body: Json, counter: str, emails: Sequence[str], done: Done
    ) -> Sequence[Result]:
        checked(emails, LIMITS.rows)
        if not emails:
            return ()
        answer = self._write(method, _list_path(contact_list, call), body)
        return results(answer, f"List {contact_list}, {call}", counter, emails, done)

    def _look(self, contact_list: str, email: str, keys: Mapping[str, str]) -> Look:
        answer = self._get(_list_path(contact_list, "subscriber", email))
        found: Look
        if is_missing(answer):
            found = self._look_elsewhere(contact_list, email, keys)
        else:
            found = merged_of(_subscriber_in(answer), wanted_of(keys))
        if found.email != email.strip().lower():
            raise Malformed("Ecomail answered a look-up with another contact. Nothing was concluded from it.")
        return found

    def _look_elsewhere(self, contact_list: str, email: str, keys: Mapping[str, str]) -> Look:
        answer = self._get(_path("subscribers", email))
        if is_missing(answer):
            return Absent(email.strip().lower())
        return absent_of(_subscriber_in(answer), contact_list, wanted_of(keys))

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        return self._http.send(
            Request("GET", path, params=params or {}, headers=self._headers, timeout_seconds=READ_SECONDS)
        )

    def _write(self, method: str, path: str, body: Json) -> Answer:
        return self._http.send(
            Request(
                method,
                path,
                json=body,
                headers=self._headers,
                purpose=Purpose.WRITE,
                timeout_seconds=WRITE_SECONDS,
            )
        )


def _emails_of(rows: Sequence[Write]) -> list[str]:
    return [row.email for row in rows]


def _path(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


def _list_path(contact_list: str, *parts: str) -> str:
    return _path("lists", contact_list, *parts)


def _subscriber_in(answer: Answer) -> Mapping[str, Json]:
    contact = map_of(opened(answer, "A look-up")).get("subscriber")
    if not isinstance(contact, dict):
        raise Malformed("A look-up: Ecomail's answer holds no contact. Nothing was concluded; it is asked again later.")
    return contact


def _list_of(said: Json) -> ListInfo:
    if not isinstance(said, dict) or not str(said.get("id") or ""):
        raise Malformed("Lists: Ecomail sent a list without an id. It is asked again later.")
    double = str(said.get("double_optin")).lower() in ("1", "true")
    return ListInfo(str(said["id"]), str(said.get("name") or ""), number_of(said.get("active_subscribers")), double)


def _field_of(key: str, said: Json) -> CustomField:
    label = said.get("name") if isinstance(said, dict) else None
    return CustomField(key, str(label or key))


def _place_of(after: str | None) -> tuple[int, int]:
    """The step of the pass and the page in it. Raises ValueError for an `after` that is not ours."""
    name, _, page = (f"{FILTERS[0][0]}:1" if after is None else after).partition(":")
    names = [each for each, _ in FILTERS]
    if name not in names or not page.isdecimal():
        raise ValueError(f"{after!r} is no place in a pass over an Ecomail list.")
    return names.index(name), int(page)


def _after(step: int, page: int, is_last: bool) -> str | None:
    if not is_last:
        return f"{FILTERS[step][0]}:{page + 1}"
    return f"{FILTERS[step + 1][0]}:1" if step + 1 < len(FILTERS) else None
