"""Numbers out of events: per campaign, per automation, per person."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from plugins.ecomail.sandbox.mailings import Event, Mailing
from spojka.contact import Json

DETAIL_EVENTS = ("open", "send", "unsub", "soft_bounce", "click", "hard_bounce", "out_of_band", "spam")
_BOUNCES = frozenset({"bounce", "hard_bounce", "soft_bounce", "out_of_band"})


def campaign_stats(mailing: Mailing) -> dict[str, Json]:
    """The lifetime totals of the stats call: `open` and `click` are people, `total_*` all events."""
    people, times = _counts(mailing.events)
    sent = people["send"]
    bounced = len({event.email for event in mailing.events if event.event in _BOUNCES})
    delivered = max(sent - bounced, 0)
    return {
        "inject": sent,
        "delivery": delivered,
        "delivery_rate": _rate(delivered, sent),
        "open": people["open"],
        "total_open": times["open"],
        "open_rate": _rate(people["open"], delivered),
        "click": people["click"],
        "total_click": times["click"],
        "click_rate": _rate(people["click"], delivered),
        "bounce": bounced,
        "bounce_rate": _rate(bounced, sent),
        "spam": people["spam"],
        "spam_rate": _rate(people["spam"], delivered),
        "unsub": people["unsub"],
        "unsub_rate": _rate(people["unsub"], delivered),
        "conversions": 0,
        "conversions_value": 0,
    }


def detail_stats(mailing: Mailing) -> dict[str, Json]:
    """The totals inside a campaign's detail, whose names differ."""
    said = campaign_stats(mailing)
    people, _ = _counts(mailing.events)
    return {
        "inject": said["inject"],
        "send": people["send"],
        "delivered": said["delivery"],
        "open": said["open"],
        "total_open": said["total_open"],
        "click": said["click"],
        "total_click": said["total_click"],
        "hard_bounce": people["hard_bounce"],
        "spam": said["spam"],
        "unsub": said["unsub"],
        "openrate": said["open_rate"],
        "clickrate": said["click_rate"],
        "delivery_rate": said["delivery_rate"],
    }


def pipeline_stats(mailing: Mailing) -> dict[str, Json]:
    """The lifetime totals of an automation."""
    said = campaign_stats(mailing)
    people, _ = _counts(mailing.events)
    names = (
        "inject",
        "open",
        "total_open",
        "click",
        "total_click",
        "open_rate",
        "click_rate",
        "bounce",
        "spam",
        "unsub",
        "delivery_rate",
        "conversions",
        "conversions_value",
    )
    return {
        "triggered": len(mailing.targets),
        "active": 0,
        "ended": len(mailing.targets),
        "send": people["send"],
        "not_opened": max(people["send"] - people["open"], 0),
        "ctr": _rate(people["click"], people["open"]),
        "soft_bounce": people["soft_bounce"],
        "hard_bounce": people["hard_bounce"],
        "sms_sent": 0,
        **{name: said[name] for name in names},
    }


def per_person(mailing: Mailing, wanted: str, first_day: str, last_day: str) -> dict[str, Mapping[str, int]]:
    """Counts by address, in the order in which people were targeted.

    Without `wanted` everybody is there; with it, those alone who have such an event in the window of UTC days.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for event in mailing.events:
        if _within(event, first_day, last_day):
            counts[event.email][event.event] += 1
    chosen = [email for email in mailing.targets if not wanted or counts[email][wanted]]
    return {email: {name: counts[email][name] for name in DETAIL_EVENTS} for email in chosen}


def _within(event: Event, first_day: str, last_day: str) -> bool:
    day = event.at[:10]
    return (not first_day or day >= first_day) and (not last_day or day <= last_day)


def _counts(events: Iterable[Event]) -> tuple[Counter[str], Counter[str]]:
    pairs = Counter((event.event, event.email) for event in events)
    people: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for (name, _), count in pairs.items():
        people[name] += 1
        times[name] += count
    return people, times


def _rate(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
