"""The history of contacts: a mass e-mail with its recipients, or an e-mail activity each (R61-R63).

Neither entry can be found by our own name of it in one request, so that Raynet's id of it comes back as a handle. Where
there is none, whatever was made before is looked for first: an answer may have been lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from plugins.raynet.activities import write_activities
from plugins.raynet.answers import opened
from plugins.raynet.client import ISO_DATES, ORDER, RaynetCrm
from plugins.raynet.doing import accepted, carried_out, is_lost, repeated
from plugins.raynet.paging import LIMIT, natural, unusable
from spojka import Activity, Connection, Deed, Json, Mailing, Malformed, Outcome, Rejected, Unreachable

PATH = "massEmail/"
SOURCE, AUDIENCE = "ECOMAIL", "ecomail"
MOST = 1000
"""Recipients a request (Raynet API, 5.2)."""
STATS: Mapping[str, str] = {
    "sent": Deed.SENT,
    "opened": Deed.OPENED,
    "clicked": Deed.CLICKED,
    "unsubscribed": Deed.UNSUBSCRIBED,
}
DAYS: Mapping[str, str] = {"opened": Deed.OPENED, "clicked": Deed.CLICKED, "unsubscribed": Deed.UNSUBSCRIBED}
EARLIER = timedelta(days=1)


def write(connection: Connection, crm: RaynetCrm, activities: Sequence[Activity]) -> tuple[Outcome, ...]:
    """Write what one mailing did. Raises Refused, Busy, Unreachable if that happens before anything was sent."""
    if not activities:
        return ()
    form = connection.settings.get("history_as", "mass_email")
    if form != "mass_email" or activities[0].mailing.audience != AUDIENCE:
        return write_activities(connection, crm, activities)
    return _write_mass_email(crm, activities)


def _write_mass_email(crm: RaynetCrm, activities: Sequence[Activity]) -> tuple[Outcome, ...]:
    try:
        number, created = _entry(crm, activities)
    except Rejected as error:
        return tuple(Outcome(activity.key, False, error=str(error)) for activity in activities)
    except (Unreachable, Malformed) as error:
        if not is_lost(error):
            raise
        return tuple(Outcome(activity.key, False, unknown=True, error=str(error)) for activity in activities)
    parts = [activities[start : start + MOST] for start in range(0, len(activities), MOST)]
    said: dict[str, list[Outcome]] = {}
    ends = carried_out(crm, parts, lambda part: part[0].key, partial(_recipients, crm, number, said))
    outcomes = [
        outcome
        for part, end in zip(parts, ends, strict=True)
        for outcome in (said[end.key] if end.done else repeated(end, [one.key for one in part]))
    ]
    known = {activity.key for activity in activities if activity.handle}
    return tuple(
        replace(outcome, handle=str(number), created=created or outcome.key not in known) for outcome in outcomes
    )


def _entry(crm: RaynetCrm, activities: Sequence[Activity]) -> tuple[int, bool]:
    """The campaign's mass e-mail, brought up to date; whether it was made now."""
    mailing = activities[0].mailing
    wanted = _body(mailing)
    handles = {activity.handle for activity in activities if activity.handle}
    row = _by_handle(crm, handles) or _by_our_name(crm, mailing)
    if row is None:
        answer = crm.write("PUT", PATH, {**wanted, "source": SOURCE, "externalId": mailing.key})
        return _id(accepted(answer, f"the history of {mailing.key}")), True
    number = _id({"data": row})
    changed = {key: value for key, value in wanted.items() if not _says(row.get(key), value)}
    if changed:
        accepted(crm.write("POST", f"{PATH}{number}/", changed), f"the history of {mailing.key}")
    return number, False


def _by_handle(crm: RaynetCrm, handles: set[str]) -> Mapping[str, Json] | None:
    """The entry as it was known; None where nobody knows it, or somebody has deleted it there."""
    for handle in sorted(handles):
        answer = crm.get(f"{PATH}{handle}/", ISO_DATES)
        if answer.status == 404:
            continue
        row = opened(answer, "a mass e-mail").get("data")
        if isinstance(row, dict):
            return row
    return None


def _by_our_name(crm: RaynetCrm, mailing: Mailing) -> Mapping[str, Json] | None:
    """Over all pages, since there is no filter for external ids (Raynet API, 5.2)."""
    params = {**ORDER, **ISO_DATES, "source": SOURCE}
    if mailing.sent_at is not None:
        since = (mailing.sent_at - EARLIER).astimezone(UTC).replace(second=0, microsecond=0)
        params["rowInfo.createdAt[GE]"] = since.isoformat(timespec="milliseconds")
    offset = 0
    while True:
        body = opened(crm.get(PATH, {**params, "offset": str(offset)}), "the list of mass e-mails")
        rows = body.get("data")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise unusable("Raynet sent no list of mass e-mails")
        found: list[Mapping[str, Json]] = [row for row in rows if row.get("externalId") == mailing.key]
        if found:
            return found[0]
        if len(rows) < LIMIT:
            return None
        offset += len(rows)


def _body(mailing: Mailing) -> dict[str, Json]:
    body: dict[str, Json] = {
        "title": mailing.title,
        "campaignName": mailing.title,
        "stats": {name: mailing.totals.get(deed, 0) for name, deed in STATS.items()},
    }
    if mailing.sent_at is not None:
        body["completed"] = moment(mailing.sent_at)
    url = safe(mailing.report_url) or safe(mailing.archive_url)
    return {**body, "externalOverviewUrl": url} if url else body


def safe(url: str) -> str:
    """An address that may stand as a link (R67); anything else becomes `""`."""
    return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc else ""


def moment(at: datetime) -> str:
    """With a numeric offset; `Z` is refused (Raynet API, 1.6)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _says(there: Json, wanted: Json) -> bool:
    """Whether a value is there already; numbers come back as text, moments in another zone."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(str(there.get(key)) == str(value) for key, value in wanted.items())
    if there == wanted:
        return True
    try:
        return datetime.fromisoformat(str(there)) == datetime.fromisoformat(str(wanted))
    except (ValueError, TypeError):
        return False


def _recipients(
    crm: RaynetCrm, number: int, outcomes: dict[str, list[Outcome]], activities: Sequence[Activity]
) -> Outcome:
    """Upsert recipients by address; what became of each stands inside a 200 (Raynet API, 5.2), and in `outcomes`."""
    rows = [_recipient(activity) for activity in activities]
    answer = crm.write("POST", f"{PATH}{number}/recipientBulkUpdate/", rows)
    data = opened(answer, "the recipients of a mass e-mail").get("data")
    rows_said = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    said = {str(one.get("email", "")).lower(): one for one in rows_said}
    key = activities[0].key
    outcomes[key] = [_outcome(activity, said.get(activity.email.lower())) for activity in activities]
    return Outcome(key, True)


def _outcome(activity: Activity, said: Mapping[str, Json] | None) -> Outcome:
    if said is None:
        return Outcome(activity.key, False, unknown=True, error="Raynet did not say what became of this recipient.")
    if said.get("success"):
        return Outcome(activity.key, True)
    why = str(said.get("message") or "refused")[:200]
    return Outcome(activity.key, False, error=f'Raynet did not store this recipient: "{why}".')


def _recipient(activity: Activity) -> dict[str, Json]:
    """Days are whole days (Raynet API, 5.2); a deed whose day nobody knows counts from the day it was sent."""
    numbers = activity.numbers
    row: dict[str, Json] = {"email": activity.email, "status": _status(numbers)}
    for name, deed in DAYS.items():
        at = activity.first.get(deed) or activity.mailing.sent_at
        if numbers.get(deed) and at is not None:
            row[name] = at.date().isoformat()
    return row


def _status(numbers: Mapping[str, int]) -> str:
    if numbers.get(Deed.BOUNCED):
        return "REJECTED"
    if any(numbers.get(deed) for deed in (Deed.DELIVERED, Deed.OPENED, Deed.CLICKED, Deed.UNSUBSCRIBED)):
        return "DELIVERED"
    return "SENT" if numbers.get(Deed.SENT) else "UNKNOWN"


def _id(body: Json) -> int:
    data = body.get("data") if isinstance(body, dict) else None
    number = natural(data.get("id") if isinstance(data, dict) else None)
    if number is None:
        raise unusable("Raynet did not say the id of a mass e-mail")
    return number
