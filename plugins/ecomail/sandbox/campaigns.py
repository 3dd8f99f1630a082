"""Reading campaigns, automations and logs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from plugins.ecomail.sandbox.account import Account
from plugins.ecomail.sandbox.asking import Asked, Wrong, invalid, missing
from plugins.ecomail.sandbox.figures import DETAIL_EVENTS, campaign_stats, detail_stats, per_person, pipeline_stats
from plugins.ecomail.sandbox.mailings import SENT, Event, Mailing
from plugins.ecomail.sandbox.store import State
from spojka.contact import Json

T = TypeVar("T")
LOOK_BACK = timedelta(days=365)
_FILTERS = ("title", "subject", "status", "updated_at", "id")


def campaigns(account: Account, asked: Asked) -> Json:
    """GET /campaigns: a bare array, at most 50 a page, newest first, no total."""
    per_page, page = asked.per_page(20, 50), asked.page()
    found = [each for each in account.mailings.campaigns.values() if _matches(each, asked)]
    found.sort(key=lambda each: int(each["id"]), reverse=True)
    return found[(page - 1) * per_page : page * per_page]


def all_stats(account: Account, _asked: Asked) -> Json:
    """GET /campaigns/all-stats: sent ones by id; the time of sending is 14 digits here."""
    stats = {}
    for number, campaign in account.mailings.campaigns.items():
        if campaign["status"] == SENT:
            sent_at = "".join(char for char in campaign["sent_at"] or "" if char.isdigit()) or None
            said = campaign_stats(account.mailings.of_campaign[number])
            stats[str(number)] = {"title": campaign["title"], "sent_at": sent_at, **said}
    return {"stats": stats or []}


def one_campaign(account: Account, asked: Asked) -> Json:
    """GET /campaigns/{id}: with totals once it was sent."""
    campaign = _campaign(account, asked)
    if campaign["status"] != SENT:
        return campaign
    return {**campaign, "stats": detail_stats(account.mailings.of_campaign[campaign["id"]])}


def stats(account: Account, asked: Asked) -> Json:
    """GET /campaigns/{id}/stats: lifetime numbers; dates in the query change nothing."""
    campaign = _campaign(account, asked)
    return {"stats": campaign_stats(account.mailings.of_campaign[campaign["id"]])}


def stats_detail(account: Account, asked: Asked) -> Json:
    """GET /campaigns/{id}/stats-detail: an object keyed by address, at most 100 a page."""
    campaign = _campaign(account, asked)
    return _detail(account, asked, account.mailings.of_campaign[campaign["id"]], 100)


def log(account: Account, asked: Asked) -> Json:
    """GET /campaigns/{id}/log: single events with stable ids; what happened when and which link was clicked."""
    campaign = _campaign(account, asked)
    _refuse_without_logs(account)
    wanted = set(asked.query.getlist("events[]") or asked.query.getlist("events"))
    email, first, last = asked.query.get("email", "").lower(), asked.day("date_from"), asked.day("date_to")
    events = [
        event
        for event in account.mailings.of_campaign[campaign["id"]].events
        if (not wanted or event.event in wanted)
        and (not email or event.email == email)
        and (not first or event.at[:10] >= first)
        and (not last or event.at[:10] <= last)
    ]
    return _log_page(asked, "campaign_log", events, EVENTS)


def pipelines(account: Account, _asked: Asked) -> Json:
    """GET /pipelines: the automations, without saying what starts them."""
    names = ("id", "name", "list_id", "created_at", "updated_at")
    return [{name: each[name] for name in names} for each in account.mailings.pipelines.values()]


def one_pipeline_stats(account: Account, asked: Asked) -> Json:
    """GET /pipelines/{id}/stats: lifetime numbers, wrapped or bare."""
    said = pipeline_stats(_pipeline(account, asked))
    return {"stats": said} if account.switches["stats_wrapped"] else said


def pipeline_detail(account: Account, asked: Asked) -> Json:
    """GET /pipelines/{id}/stats-detail: like a campaign's, up to 5000 a page."""
    return _detail(account, asked, _pipeline(account, asked), 5000)


def pipeline_actions(account: Account, asked: Asked) -> Json:
    """GET /pipelines/{id}/actions: the steps. What the properties of a webhook step say is not documented."""
    _pipeline(account, asked)
    if account.switches["step_properties"] == "no_route":
        raise missing("Not found")
    steps = account.mailings.actions.get(asked.path["pipeline_id"], [])
    if account.switches["step_properties"] == "empty":
        return [{**step, "properties": {}} for step in steps]
    return [dict(step) for step in steps]


def email_log(account: Account, asked: Asked) -> Json:
    """GET /subscribers/{email}/email-log: 404 for somebody without records."""
    _refuse_without_logs(account)
    events = account.mailings.by_email.get(asked.path["email"].lower())
    if not events:
        raise missing("No records found")
    return _log_page(asked, "data", events, EVENTS)


def automation_log(account: Account, asked: Asked) -> Json:
    """GET /subscribers/{email}/automation-log."""
    _refuse_without_logs(account)
    steps = account.mailings.steps.get(asked.path["email"].lower())
    if not steps:
        raise missing("No records found")
    return _log_page(asked, "automation_log", steps, STEPS)


def _campaign(account: Account, asked: Asked) -> dict[str, Any]:
    number = asked.path["campaign_id"]
    if not number.isascii() or not number.isdigit():
        raise invalid("id", "The id must be a number.")
    campaign = account.mailings.campaigns.get(int(number))
    if campaign is None:
        raise missing("Campaign not found")
    return campaign


def _pipeline(account: Account, asked: Asked) -> Mailing:
    number = asked.path["pipeline_id"]
    found = account.mailings.of_pipeline.get(int(number)) if number.isascii() and number.isdigit() else None
    if found is None:
        raise missing("Pipeline not found")
    return found


def _matches(campaign: dict[str, Any], asked: Asked) -> bool:
    for name in _FILTERS:
        wanted = asked.query.get(f"filters[{name}]", "")
        if wanted and wanted not in str(campaign[name] if campaign[name] is not None else ""):
            return False
    first, last = asked.day("filters[date_from]"), asked.day("filters[date_to]")
    day = (campaign["sent_at"] or "")[:10]
    return (not first or day >= first) and (not last or bool(day) and day <= last)


def _detail(account: Account, asked: Asked, mailing: Mailing, most: int) -> Json:
    first, last, wanted = asked.day("from_date"), asked.day("to_date"), asked.query.get("event", "")
    earliest = (account.clock() - LOOK_BACK).date().isoformat()
    if first and first < earliest:
        raise invalid("from_date", f"The from date must be a date after or equal to {earliest}.")
    per_page, page = asked.per_page(100, most), asked.page()
    if wanted and wanted not in DETAIL_EVENTS:
        return {"subscribers": [], "total": None, "per_page": per_page, "next_page_url": None}
    people = per_person(mailing, wanted, first, last)
    email = asked.query.get("email", "").lower()
    chosen = [(each, counts) for each, counts in people.items() if not email or each == email]
    shown = chosen[(page - 1) * per_page : page * per_page]
    more = page * per_page < len(chosen)
    return {
        "subscribers": dict(shown) or [],
        "total": len(chosen),
        "per_page": per_page,
        "next_page_url": f"{asked.url}?page={page + 1}&per_page={per_page}" if more else None,
    }


def _log_row(event: Event) -> dict[str, Json]:
    return {
        "id": event.id,
        "campaign_id": event.campaign,
        "autoresponder_id": event.pipeline,
        "action_id": event.action,
        "event": event.event,
        "msg": event.msg,
        "url": event.url,
        "email": event.email,
        "occured_at": event.at,
        "mail_name": event.mail_name,
    }


@dataclass(frozen=True, slots=True)
class _Log(Generic[T]):
    """One kind of log: its rows, what it is sorted by unless somebody says otherwise, and the key of that."""

    row_of: Callable[[T], dict[str, Json]]
    when: str
    order: Callable[[T], tuple[str, int]]


EVENTS: _Log[Event] = _Log(_log_row, "occured_at", lambda event: (event.at, event.id))
STEPS: _Log[State] = _Log(dict, "timestamp", lambda step: (str(step["timestamp"]), int(step["id"])))


def _log_page(asked: Asked, name: str, found: Sequence[T], kind: _Log[T]) -> Json:
    """A page of a log; only its own rows are drawn."""
    row_of, when = kind.row_of, kind.when
    per_page, page = asked.per_page(20, 100), asked.page()
    key = asked.query.get("sort_by") or when
    if found and key not in row_of(found[0]):
        raise invalid("sort_by", "The selected sort by is invalid.")
    down = asked.query.get("sort_dir", "asc") == "desc"
    order = kind.order if key == when else lambda one: (str(row_of(one)[key] or ""), int(str(row_of(one)["id"])))
    found = sorted(found, key=order, reverse=down)
    return {
        name: [row_of(one) for one in found[(page - 1) * per_page : page * per_page]],
        "current_page": page,
        "per_page": per_page,
        "total": len(found),
        "last_page": max(-(-len(found) // per_page), 1),
    }


def _refuse_without_logs(account: Account) -> None:
    if not account.switches["logs"]:
        raise Wrong(403, {"errors": "This feature is not available in your plan."})
