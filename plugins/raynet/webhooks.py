"""Raynet's webhooks: what is sent to register one, and what its answers mean. Pure.

The list repeats every secret in clear (Raynet API, Webhooks); nothing but ids and addresses leaves this module.
"""

from collections.abc import Mapping

from plugins.raynet.answers import opened, says_absent
from plugins.raynet.paging import unusable
from spojka import Answer, Json, Rejected, Watched

PATH = "webhook/"
EVENTS = ("record.created", "record.updated", "record.deleted")
FORBIDDEN = (
    "Raynet does not let the user of this API key set up webhooks. "
    "Give the user the right to, or have an administrator's key; until then changes are read once a minute."
)


def wanted(url: str, secret: str) -> Mapping[str, Json]:
    """The body that registers an address for all that happens."""
    return {"url": url, "events": list(EVENTS), "secretToken": secret}


def registered(answer: Answer) -> str:
    """The id of a webhook just made. Raises Rejected, Refused, Malformed."""
    made = _opened(answer, "a webhook of ours").get("data")
    return _text(made, "uuid")


def listed(answer: Answer) -> tuple[Watched, ...]:
    """All webhooks of the instance. Raises Rejected, Refused, Malformed."""
    data = _opened(answer, "the list of webhooks").get("data")
    rows = data.get("webhooks") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise unusable("Raynet sent no list of webhooks")
    return tuple(Watched(_text(row, "webhookId"), _text(row, "url")) for row in rows)


def removed(answer: Answer) -> None:
    """Whether one is gone, now or before. Raises Rejected, Refused, Malformed."""
    if not says_absent(answer):
        _opened(answer, "the removal of a webhook")


def _opened(answer: Answer, asked: str) -> Mapping[str, Json]:
    """A right that is missing here says nothing about the key as a whole, so it stops no connection."""
    if answer.status == 403:
        raise Rejected(FORBIDDEN)
    return opened(answer, asked)


def _text(row: Json, name: str) -> str:
    found = row.get(name) if isinstance(row, dict) else None
    if not isinstance(found, str) or not found:
        raise unusable(f"Raynet sent a webhook without its {name}")
    return found
