"""What campaigns and automations did, read from Ecomail (R107; Ecomail API: campaigns, automations).

Campaigns have a log with times and links, unless the account refuses it; automations have counts alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import orjson

from plugins.ecomail.answers import is_missing, number_of, opened
from plugins.ecomail.rows import map_of
from spojka import Answer, Counts, Deed, Happening, Json, Mailing, Malformed, Page, Passed, Rejected, Step

Get = Callable[[str, Mapping[str, str]], Answer]
SENT = 3
"""The status of a campaign that was sent."""
TYPES = ("email", "ab")
"""An `ab` holds the totals of its `variation` arms."""
CAMPAIGN, AUTOMATION = "campaign", "automation"
PATHS = {CAMPAIGN: "campaigns", AUTOMATION: "pipelines"}
PAGE, LOG_PAGE, LOG_PAGES = 50, 100, 10
DETAIL_PAGE = {CAMPAIGN: 100, AUTOMATION: 5000}
HOSTS = (".ecomailapp.cz", ".ecomailapp.com")
PRAGUE = ZoneInfo("Europe/Prague")
EVENTS: Mapping[str, Deed] = {
    "send": Deed.SENT,
    "open": Deed.OPENED,
    "click": Deed.CLICKED,
    "bounce": Deed.BOUNCED,
    "hard_bounce": Deed.BOUNCED,
    "soft_bounce": Deed.BOUNCED,
    "out_of_band": Deed.BOUNCED,
    "unsub": Deed.UNSUBSCRIBED,
    "spam": Deed.COMPLAINED,
    "spam_complaint": Deed.COMPLAINED,
}
"""Names of the log and of the counts of a person."""
TOTALS: Mapping[Deed, tuple[str, ...]] = {
    Deed.SENT: ("send", "inject"),
    Deed.DELIVERED: ("delivery", "delivered"),
    Deed.OPENED: ("open",),
    Deed.CLICKED: ("click",),
    Deed.BOUNCED: ("bounce", "hard_bounce"),
    Deed.UNSUBSCRIBED: ("unsub",),
    Deed.COMPLAINED: ("spam",),
}
"""The calls name the same totals otherwise; of several the first that is there."""


class Results:
    """`spojka.Results` over Ecomail's API, version 2."""

    def __init__(self, get: Get) -> None:
        self._get = get

    def mailings(self, contact_list: str, since: datetime) -> tuple[Mailing, ...]:
        """A request for 50 campaigns, one for the automations, and one for the totals of each that is taken."""
        found = [*self._campaigns(contact_list, since), *self._automations(contact_list)]
        return tuple(mailing for each in found if (mailing := self._with_totals(each)) is not None)

    def log(self, mailing: str, since: datetime | None, after: str | None) -> Page[Happening]:
        """One page of a campaign's log. An automation has none; that costs no request."""
        kind, number = parts_of(mailing)
        if kind == AUTOMATION:
            raise Rejected("An automation has no log at Ecomail.", key="log")
        page = page_of(after)
        asked = {"page": str(page), "per_page": str(LOG_PAGE)}
        if since is not None:
            asked["date_from"] = since.astimezone(UTC).date().isoformat()
        place = f"The log of {mailing}"
        answer = self._get(f"campaigns/{number}/log", asked)
        if answer.status == 403:
            raise Rejected("This Ecomail account has no logs; numbers without times are taken.", key="log")
        body = self._found(answer, place)
        rows = body.get("campaign_log")
        if not isinstance(rows, list):
            raise Malformed(f"{place}: Ecomail sent no log. It is asked again later.")
        last = number_of(body.get("last_page"))
        more = bool(rows) and (len(rows) >= LOG_PAGE if last is None else page < last)
        happenings = tuple(one for row in rows if (one := _happening(mailing, row)) is not None)
        return Page(happenings, str(page + 1) if more else None, number_of(body.get("total")), answer.vendor_time)

    def counts(self, mailing: str, after: str | None) -> Page[Counts]:
        """One page of a mailing's numbers by person."""
        kind, number = parts_of(mailing)
        page, size = page_of(after), DETAIL_PAGE[kind]
        place = f"The numbers of {mailing}"
        answer = self._get(f"{PATHS[kind]}/{number}/stats-detail", {"page": str(page), "per_page": str(size)})
        body = self._found(answer, place)
        people = body.get("subscribers")
        if not isinstance(people, dict | list):
            raise Malformed(f"{place}: Ecomail sent no people. It is asked again later.")
        rows = tuple(_counts(email, said) for email, said in map_of(people).items())
        more = bool(rows) and body.get("next_page_url") is not None
        return Page(rows, str(page + 1) if more else None, number_of(body.get("total")), answer.vendor_time)

    def steps(self, mailing: str) -> tuple[Step, ...]:
        """The webhook steps of an automation. Their properties are not documented, so all are looked through."""
        kind, number = parts_of(mailing)
        if kind != AUTOMATION:
            return ()
        answer = self._get(f"pipelines/{number}/actions", {})
        if is_missing(answer):
            # Some accounts do not have the route; that the automation is gone is said by its numbers.
            return ()
        rows = opened(answer, f"The steps of {mailing}")
        hooks = [row for row in map(map_of, rows if isinstance(rows, list) else ()) if row.get("type") == "webhook"]
        return tuple(Step(str(row.get("id")), tuple(_urls(row.get("properties")))) for row in hooks)

    def passed(self, email: str) -> tuple[Passed, ...]:
        """A contact's automation log, at most ten pages of it, the newest first."""
        found: list[Passed] = []
        for page in range(1, LOG_PAGES + 1):
            asked = {"page": str(page), "per_page": str(LOG_PAGE)}
            answer = self._get(f"subscribers/{quote(email, safe='')}/automation-log", asked)
            if answer.status == 403:
                raise Rejected("This Ecomail account has no logs.", key="log")
            if is_missing(answer):
                break
            rows = map_of(opened(answer, "An automation log")).get("automation_log")
            if not isinstance(rows, list):
                raise Malformed("An automation log: Ecomail sent no log. It is asked again later.")
            found += [one for row in rows if (one := _passed(row)) is not None]
            if len(rows) < LOG_PAGE:
                break
        return tuple(found)

    def _campaigns(self, contact_list: str, since: datetime) -> Iterator[Mailing]:
        page = 1
        while True:
            rows = opened(self._get("campaigns", {"page": str(page), "per_page": str(PAGE)}), "Campaigns")
            if not isinstance(rows, list):
                raise Malformed("Campaigns: Ecomail's answer is no list of campaigns. It is asked again later.")
            for row in rows:
                mailing = _campaign(map_of(row), contact_list)
                if mailing is not None and (mailing.sent_at is None or mailing.sent_at >= since):
                    yield mailing
            if len(rows) < PAGE:
                return
            page += 1

    def _automations(self, contact_list: str) -> Iterator[Mailing]:
        rows = opened(self._get("pipelines", {}), "Automations")
        if not isinstance(rows, list):
            raise Malformed("Automations: Ecomail's answer is no list of automations. It is asked again later.")
        for row in map(map_of, rows):
            number = number_of(row.get("id"))
            if number is not None and str(row.get("list_id")) == contact_list:
                yield Mailing(f"{AUTOMATION}:{number}", text_of(row.get("name")))

    def _with_totals(self, mailing: Mailing) -> Mailing | None:
        """None where it has been deleted meanwhile."""
        kind, number = parts_of(mailing.key)
        answer = self._get(f"{PATHS[kind]}/{number}/stats", {})
        if is_missing(answer):
            return None
        body = map_of(opened(answer, f"The totals of {mailing.key}"))
        said = map_of(body["stats"]) if isinstance(body.get("stats"), dict) else body
        return Mailing(
            mailing.key,
            mailing.title,
            mailing.subject,
            mailing.sent_at,
            mailing.archive_url,
            mailing.account,
            {deed.value: total for deed, names in TOTALS.items() if (total := _first(said, names)) is not None},
            entered=number_of(said.get("triggered")) if kind == AUTOMATION else None,
        )

    def _found(self, answer: Answer, place: str) -> Mapping[str, Json]:
        if is_missing(answer):
            raise Rejected(f"{place}: Ecomail does not know it any more.", key="mailing")
        return map_of(opened(answer, place))


def parts_of(key: str) -> tuple[str, str]:
    """Kind and number of a mailing's key. Raises ValueError for one that is not Ecomail's."""
    kind, _, number = key.partition(":")
    if kind not in PATHS or not number.isdecimal():
        raise ValueError(f"{key!r} is no mailing of Ecomail's.")
    return kind, number


def page_of(after: str | None) -> int:
    """The page of a place. Raises ValueError for one that is not ours."""
    if after is None:
        return 1
    if not after.isdecimal():
        raise ValueError(f"{after!r} is no place in a result of Ecomail's.")
    return int(after)


def text_of(value: Json) -> str:
    """A text, `""` where the vendor sends none."""
    return value if isinstance(value, str) else ""


def _campaign(row: Mapping[str, Json], contact_list: str) -> Mailing | None:
    number = number_of(row.get("id"))
    kind = row.get("campaign_type") or "email"
    if number is None or number_of(row.get("status")) != SENT or kind not in TYPES or row.get("parent_id"):
        return None
    lists = _lists(row.get("recepient_lists"))
    if lists and contact_list not in lists:
        return None
    archive = text_of(row.get("archive_url"))
    title, subject = text_of(row.get("title")), text_of(row.get("subject"))
    sent = local_moment(row.get("sent_at"))
    return Mailing(f"{CAMPAIGN}:{number}", title or subject, subject, sent, archive, account_of(archive))


def _lists(value: Json) -> set[str]:
    """Ids of the lists that a campaign went to; a segment names its list beside its own id."""
    found = set()
    for one in value if isinstance(value, list) else ():
        named = one.get("list", one.get("list_id", one.get("id"))) if isinstance(one, dict) else one
        if isinstance(named, int | str) and str(named):
            found.add(str(named))
    return found


def account_of(archive_url: str) -> str:
    """The account's name, as the address of a public copy tells it."""
    host = urlsplit(archive_url).hostname or ""
    end = next((end for end in HOSTS if host.endswith(end)), "")
    return host.removesuffix(end) if end else ""


def local_moment(value: Json) -> datetime | None:
    """A time without a zone, which is Prague's (Ecomail API, dates)."""
    try:
        return datetime.fromisoformat(text_of(value)).replace(tzinfo=PRAGUE).astimezone(UTC)
    except ValueError:
        return None


def _moment(value: Json) -> datetime | None:
    """A time of a log: UTC."""
    try:
        at = datetime.fromisoformat(text_of(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _happening(mailing: str, said: Json) -> Happening | None:
    row = map_of(said)
    number, deed = number_of(row.get("id")), EVENTS.get(text_of(row.get("event")))
    email = text_of(row.get("email")).strip().lower()
    if number is None or deed is None or not email:
        return None
    link = text_of(row.get("url")) if deed is Deed.CLICKED else ""
    return Happening(f"log:{number}", mailing, email, deed, _moment(row.get("occured_at")), link)


def _passed(said: Json) -> Passed | None:
    row = map_of(said)
    number, step = number_of(row.get("pipeline_id")), row.get("action_id")
    if number is None or step is None:
        return None
    return Passed(f"{AUTOMATION}:{number}", str(step), _moment(row.get("timestamp")))


def _urls(said: Json) -> Iterator[str]:
    """Every address that stands anywhere in it."""
    if isinstance(said, str):
        if said.startswith(("http://", "https://")):
            yield said
        elif said.startswith(("{", "[")):
            # Some properties are a document in a text.
            with suppress(ValueError):
                yield from _urls(orjson.loads(said))
    elif isinstance(said, Mapping):
        for value in said.values():
            yield from _urls(value)
    elif isinstance(said, list):
        for value in said:
            yield from _urls(value)


def _counts(email: str, said: Json) -> Counts:
    """The most of each deed: one person's bounces come under several names."""
    numbers: dict[str, int] = {}
    for name, value in map_of(said).items():
        deed, number = EVENTS.get(name), number_of(value)
        if deed is not None and number:
            numbers[deed.value] = max(numbers.get(deed.value, 0), number)
    return Counts(email.strip().lower(), numbers)


def _first(said: Mapping[str, Json], names: Sequence[str]) -> int | None:
    return next((number for name in names if (number := number_of(said.get(name))) is not None), None)
