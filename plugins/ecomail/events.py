"""Message events of the whole account, as Ecomail posts them (R107; Ecomail API: webhooks).

The class under `msys` differs from type to type, so that only the type counts. A sample that Ecomail sends when the
address is set names no mailing and tells nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import orjson

from plugins.ecomail.answers import number_of
from plugins.ecomail.results import AUTOMATION, CAMPAIGN, text_of
from plugins.ecomail.rows import map_of
from spojka import Deed, Happening, Json

TYPES: Mapping[str, Deed] = {
    "injection": Deed.SENT,
    "delivery": Deed.DELIVERED,
    "open": Deed.OPENED,
    "initial_open": Deed.OPENED,
    "amp_open": Deed.OPENED,
    "amp_initial_open": Deed.OPENED,
    "click": Deed.CLICKED,
    "amp_click": Deed.CLICKED,
    "bounce": Deed.BOUNCED,
    "out_of_band": Deed.BOUNCED,
    "policy_rejection": Deed.BOUNCED,
    "spam_complaint": Deed.COMPLAINED,
    "list_unsubscribe": Deed.UNSUBSCRIBED,
    "link_unsubscribe": Deed.UNSUBSCRIBED,
}


def happenings(body: Json) -> tuple[Happening, ...]:
    """What a body tells; what it does not say of a mailing and an address is left out."""
    return tuple(one for event in _events(body) if (one := _happening(event)) is not None)


def _events(body: Json) -> Iterator[Mapping[str, Json]]:
    for one in body if isinstance(body, list) else [body]:
        said = one.get("msys") if isinstance(one, dict) else None
        for event in said.values() if isinstance(said, dict) else ():
            if isinstance(event, dict):
                yield event


def _happening(event: Mapping[str, Json]) -> Happening | None:
    meta = map_of(event.get("rcpt_meta"))
    campaign, pipeline = number_of(meta.get("campaign_id")), number_of(meta.get("pipeline_id"))
    deed, email = TYPES.get(text_of(event.get("type"))), text_of(event.get("rcpt_to")).strip().lower()
    if deed is None or "@" not in email or not (pipeline or campaign):
        return None
    mailing = f"{AUTOMATION}:{pipeline}" if pipeline else f"{CAMPAIGN}:{campaign}"
    link = text_of(event.get("target_link_url")) if deed is Deed.CLICKED else ""
    subject = text_of(event.get("subject"))
    return Happening(_name(event), mailing, email, deed, _moment(event.get("timestamp")), link, subject=subject)


def _name(event: Mapping[str, Json]) -> str:
    """The vendor's name of the event, else one made of all it says: the same event told again is the same."""
    given = event.get("event_id")
    if isinstance(given, str | int) and str(given):
        return str(given)
    return hashlib.sha256(orjson.dumps(event, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _moment(value: Json) -> datetime | None:
    """Unix seconds, as a number or as text."""
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
