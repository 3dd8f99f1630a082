"""An e-mail activity for each record and mailing: the form for lists that are not Ecomail's (R61, Raynet API 5.3)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from threading import Lock
from urllib.parse import quote, urlsplit

import orjson

from plugins.raynet.answers import opened, says_absent
from plugins.raynet.client import RaynetCrm
from plugins.raynet.doing import accepted, carried_out
from plugins.raynet.paging import natural, unusable
from spojka import Activity, Connection, Deed, Json, Mailing, Outcome, Text

PATH = "email/"
DONE = "COMPLETED"
WORDS: Mapping[Deed, Text] = {
    Deed.SENT: Text(cs="odesláno", en="sent"),
    Deed.DELIVERED: Text(cs="doručeno", en="delivered"),
    Deed.OPENED: Text(cs="otevřeno", en="opened"),
    Deed.CLICKED: Text(cs="prokliknuto", en="clicked"),
    Deed.BOUNCED: Text(cs="nedoručeno", en="bounced"),
    Deed.UNSUBSCRIBED: Text(cs="odhlášeno", en="unsubscribed"),
    Deed.COMPLAINED: Text(cs="označeno jako spam", en="marked as spam"),
}
REPORT = Text(cs="Výsledky", en="Results")
MOST_LINKS = 20


def write_activities(connection: Connection, crm: RaynetCrm, activities: Sequence[Activity]) -> tuple[Outcome, ...]:
    """One entry a record; see `carried_out`."""
    shared = _Shared(crm)
    return carried_out(
        crm, activities, lambda activity: activity.key, lambda activity: _write(connection, crm, shared, activity)
    )


def _write(connection: Connection, crm: RaynetCrm, shared: "_Shared", activity: Activity) -> Outcome:
    before = _numbers(activity.handle)
    known: dict[str, int] = {}
    created = False
    for kind, record_id in activity.records:
        name = f"{kind}:{record_id}"
        # Two addresses of a record may come at the same time, and share one entry.
        with shared.locks.setdefault(name, Lock()):
            known[name], new = _entry(connection, crm, shared, activity, name, before.get(name))
        created = created or new
    handle = orjson.dumps(known, option=orjson.OPT_SORT_KEYS).decode()
    return Outcome(activity.key, True, handle=handle, created=created)


def _entry(
    connection: Connection, crm: RaynetCrm, shared: "_Shared", activity: Activity, name: str, number: int | None
) -> tuple[int, bool]:
    """The entry of one record, brought up to date; whether it was made now."""
    ext_id = f"spojka:{activity.mailing.key}:{name}"
    body, created = _body(activity, connection.locale), False
    number = number or _found(crm, ext_id)
    if number is None:
        kind, _, record_id = name.partition(":")
        made = {**body, "priority": "DEFAULT", "owner": shared.person(), kind: int(record_id), "extId": ext_id}
        answer = accepted(crm.write("PUT", PATH, made), f"the history of {name}")
        number, created = _id(answer), True
    # Only together with its status does the date take effect, at creation not everywhere (Raynet API, 5.3).
    accepted(crm.write("POST", f"{PATH}{number}/", {**body, "status": DONE}), f"the history of {name}")
    return number, created


class _Shared:
    """What the writes of one call have in common: a lock for each record, and the person behind the key, asked for
    once, where an entry is made.
    """

    def __init__(self, crm: RaynetCrm) -> None:
        self._crm = crm
        self._person: int | None = None
        self._lock = Lock()
        self.locks: dict[str, Lock] = {}

    def person(self) -> int:
        """The id of the person record of the key's user."""
        with self._lock:
            return self._asked()

    def _asked(self) -> int:
        if self._person is None:
            account = natural(opened(self._crm.get("security/info", {}), "whose key this is").get("userAccountId"))
            said = opened(self._crm.get(f"userAccount/{account}/", {}), "the user of the key").get("data")
            person = said.get("person") if isinstance(said, dict) else None
            self._person = natural(person.get("id") if isinstance(person, dict) else None)
        if self._person is None:
            raise unusable("Raynet did not say which person the user of the key is")
        return self._person


def _numbers(handle: str) -> dict[str, int]:
    """Record -> the id of its entry."""
    try:
        known = orjson.loads(handle) if handle else {}
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(known, dict):
        return {}
    return {str(name): number for name, number in known.items() if isinstance(number, int)}


def _found(crm: RaynetCrm, ext_id: str) -> int | None:
    answer = crm.get(f"{PATH}ext/{quote(ext_id, safe=':')}/", {})
    return None if says_absent(answer) else _id(opened(answer, "an e-mail activity"))


def _id(body: Json) -> int:
    data = body.get("data") if isinstance(body, dict) else None
    number = natural(data.get("id") if isinstance(data, dict) else None)
    if number is None:
        raise unusable("Raynet did not say the id of an e-mail activity")
    return number


def _body(activity: Activity, locale: str) -> dict[str, Json]:
    body: dict[str, Json] = {"title": title(activity, locale), "description": description(activity, locale)}
    at = activity.mailing.sent_at or min(activity.first.values(), default=None)
    return body if at is None else {**body, "completed": at.astimezone(UTC).isoformat(timespec="milliseconds")}


def title(activity: Activity, locale: str) -> str:
    """The mailing's name and the furthest that the contact went."""
    furthest = (Deed.CLICKED, Deed.OPENED, Deed.DELIVERED, Deed.SENT)
    deed = next((deed for deed in furthest if activity.numbers.get(deed)), None)
    return activity.mailing.title if deed is None else f"{activity.mailing.title}: {WORDS[deed].get(locale)}"


def description(activity: Activity, locale: str) -> str:
    """What happened, in safe HTML: nothing that was typed by people is taken for markup."""
    lines = [activity.mailing.subject] if activity.mailing.subject else []
    for deed, word in WORDS.items():
        count = activity.numbers.get(deed, 0)
        if count:
            times = f" ({count}×)" if count > 1 else ""
            lines.append(f"{word.get(locale)}{times}{_since(activity.first.get(deed))}")
    html = "".join(f"<p>{escape(line)}</p>" for line in lines)
    html += "".join(_link(link, link) for link in activity.links[:MOST_LINKS])
    return html + _link(_report(activity.mailing), REPORT.get(locale))


def _since(at: datetime | None) -> str:
    return "" if at is None else f", {at.day}. {at.month}. {at.year}"


def _report(mailing: Mailing) -> str:
    return mailing.report_url or mailing.archive_url


def _link(url: str, words: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return f'<p><a href="{escape(url, quote=True)}">{escape(words)}</a></p>'
