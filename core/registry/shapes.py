"""Whether what a plugin answered is what its hook promises. Each function returns what is wrong, or `""`.

A value that the store could not keep is caught here, while it can still be laid to one record (R93).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from spojka import (
    Absent,
    Contact,
    Deed,
    Happening,
    Json,
    Kind,
    Loan,
    Outcome,
    Page,
    Profile,
    Record,
    Ring,
    Standing,
    Status,
    Watched,
)

LONGEST = 1_000_000
LONGEST_ID = 1000
MOST_ADDRESSES = 20
MOST_TAGS = 10_000
MOST_RINGS = 10_000
MOST_WEBHOOKS = 10_000
MOST_EVENTS = 100_000

Check = Callable[[Any], str]


def a(kind: type) -> Check:
    """One value of a type."""
    return lambda value: "" if isinstance(value, kind) else _answered(value)


def many(kind: type | tuple[type, ...], most: int | None = None) -> Check:
    """A list of values of a type."""

    def check(values: Json) -> str:
        if not isinstance(values, Sequence) or isinstance(values, str | bytes):
            return f"{_answered(values)}, not a list"
        if most is not None and len(values) > most:
            return f"answered {len(values)} values, more than {most}"
        wrong = [value for value in values if not isinstance(value, kind)]
        return f"{_answered(wrong[0])} inside a list" if wrong else ""

    return check


def one_each(kind: type | tuple[type, ...], count: int) -> Check:
    """Exactly `count` values of a type."""

    def check(values: Json) -> str:
        return many(kind)(values) or ("" if len(values) == count else f"answered {len(values)} of {count}")

    return check


def a_page(kind: type) -> Check:
    """A page of values of a type; `after` is text or nothing."""

    def check(page: Json) -> str:
        if not isinstance(page, Page):
            return f"{_answered(page)}, not a Page"
        if page.after is not None and not isinstance(page.after, str):
            return "answered a Page whose after is not text"
        return many(kind)(page.items)

    return check


def profiles(page: Json) -> str:
    """A page of profiles."""
    return a_page(Profile)(page) or next((wrong for wrong in map(_profile, page.items) if wrong), "")


def looks(count: int) -> Check:
    """One look each for `count` addresses."""

    def check(values: Json) -> str:
        wrong = one_each((Profile, Absent), count)(values)
        seen = () if wrong else (value for value in values if isinstance(value, Profile))
        return wrong or next((wrong for wrong in map(_profile, seen) if wrong), "")

    return check


def rings(values: Json) -> str:
    """What a bell's body may ask to look at."""
    return many(Ring, MOST_RINGS)(values) or next((wrong for wrong in map(_ring, values) if wrong), "")


def _ring(value: Ring) -> str:
    if not isinstance(value.kind, Kind) or not isinstance(value.gone, bool):
        return "answered a Ring whose kind or gone is of another type"
    if value.id is None or (_can_be_kept((value.id,)) and len(value.id) <= LONGEST_ID and value.id.isprintable()):
        return ""
    return "answered a Ring whose id is not text, or none that can be kept"


def happenings(values: Json) -> str:
    """What happened in mailings, in values that can be kept."""
    return many(Happening, MOST_EVENTS)(values) or next((wrong for wrong in map(_happening, values) if wrong), "")


def told(page: Json) -> str:
    """A page of what happened."""
    return a_page(Happening)(page) or happenings(page.items)


def _happening(value: Happening) -> str:
    if not isinstance(value.deed, Deed) or not _is_aware(value.at):
        return "answered a Happening whose deed or time is of another type"
    texts = (value.id, value.mailing, value.email, value.link, value.title, value.subject)
    if not (_can_be_kept(texts) and value.id and value.mailing):
        return "answered a Happening without id or mailing, or with values that can't be kept"
    return ""


def a_name(value: Json) -> str:
    """Text by which the vendor knows something; never empty."""
    if not isinstance(value, str):
        return _answered(value)
    return "" if value and _can_be_kept((value,)) else "answered an id that is empty or can't be kept"


def watched(values: Json) -> str:
    """The webhooks of an account."""
    wrong = many(Watched, MOST_WEBHOOKS)(values)
    if wrong:
        return wrong
    return next((wrong for each in values if (wrong := a_name(each.id) or _address(each.url))), "")


def outcomes(keys: Collection[str]) -> Check:
    """Exactly one outcome for each key asked."""

    def check(values: Json) -> str:
        wrong = many(Outcome)(values)
        if wrong:
            return wrong
        answered = [outcome.key for outcome in values]
        if len(answered) != len(set(answered)) or set(answered) != set(keys):
            return f"answered {len(answered)} outcomes for {len(keys)} keys, not one each"
        return ""

    return check


def contact(record: Record) -> Check:
    """A contact that is this record, in values that can be kept."""

    def check(value: Json) -> str:
        if not isinstance(value, Contact):
            return f"{_answered(value)}, not a Contact"
        if (value.kind, value.id) != (record.kind, record.id):
            return "answered another record"
        return (
            _texts(value.addresses, MOST_ADDRESSES, "addresses")
            or _texts(value.tags, MOST_TAGS, "tags")
            or _fields(value.fields)
            or _rest(value)
        )

    return check


def _address(value: Json) -> str:
    return "" if isinstance(value, str) else f"{_answered(value)} as a webhook's address"


def _rest(value: Contact) -> str:
    if not isinstance(value.standing, Standing) or not isinstance(value.mailable, bool):
        return "answered a standing or mailable of another type"
    if not isinstance(value.version, int) or not isinstance(value.one_way, frozenset):
        return "answered a version or one_way of another type"
    if not _is_aware(value.created_at):
        return "answered a created_at without a time zone"
    if not all(isinstance(loan, Loan) and _can_be_kept((loan.id, loan.field, loan.value)) for loan in value.lends):
        return "answered lends that are no loans of text"
    if not all(isinstance(kind, Kind) and _can_be_kept((id,)) for kind, id in value.shows):
        return "answered shows that name no records"
    return ""


def _profile(value: Profile) -> str:
    if not _can_be_kept((value.email, value.uid)) or not isinstance(value.status, Status):
        return "answered a profile with an e-mail, uid or status of another type"
    if not _is_aware(value.since):
        return "answered a since without a time zone"
    if value.tags is not None and (wrong := _texts(value.tags, MOST_TAGS, "tags")):
        return wrong
    return _fields(value.fields) or _texts(value.sources, MOST_TAGS, "sources")


def _fields(fields: Json) -> str:
    if not isinstance(fields, Mapping):
        return "answered fields that are no mapping"
    if _can_be_kept(fields) and _can_be_kept(fields.values()):
        return ""
    wrong = next((key for key, said in fields.items() if not _can_be_kept((key, said))), "")
    return f"answered {str(wrong)[:50]} that is not text, or none that can be kept"


def _texts(values: Json, most: int, name: str) -> str:
    if not isinstance(values, tuple) or len(values) > most:
        return f"answered {name} that are no tuple, or too many"
    return "" if _can_be_kept(values) else f"answered {name} that are not text, or none that can be kept"


def _can_be_kept(values: Iterable[Json]) -> bool:
    """Whether all are text that databases keep: no NUL, no megabytes. Joined, because 100 000 contacts pass here."""
    try:
        joined = "".join(values)
    except TypeError:
        return False
    return len(joined) <= LONGEST and "\x00" not in joined


def _is_aware(value: datetime | None) -> bool:
    return value is None or (isinstance(value, datetime) and value.tzinfo is not None)


def _answered(value: Json) -> str:
    return f"answered {type(value).__name__}"
