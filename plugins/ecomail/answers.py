"""What Ecomail's answers mean: refusals as our errors, counters as results, pages as where to go on. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from plugins.ecomail.rows import map_of
from spojka import Answer, Done, Json, Malformed, Rejected, Result, SpojkaError, Unreachable

FORBIDDEN = "Ecomail says this is not available in this account. Ask Ecomail's support to open it for the API key."
_ADDRESS = re.compile(r"\S+@\S+")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a listing: its rows, whether it is provably the last one, and how many match in all."""

    rows: Sequence[Json]
    last: bool
    total: int | None


def opened(answer: Answer, place: str) -> Json:
    """The JSON of a good answer. Raises Rejected, Unreachable or Malformed; `place` says what was asked, in words."""
    if is_good(answer):
        return answer.json()
    raise refusal(answer, place)


def is_good(answer: Answer) -> bool:
    """Whether Ecomail says that it did what was asked."""
    return 200 <= answer.status < 300


def refusal(answer: Answer, place: str) -> SpojkaError:
    """What an answer that is not good means for who asked."""
    said = errors_of(answer)
    if answer.status == 403:
        return Rejected(f"{place}: {FORBIDDEN}", key="account")
    if answer.status >= 500:
        return Unreachable(f"{place}: Ecomail answered {answer.status}. It is tried again later.", sent=True)
    if said is None:
        return Malformed(f"{place}: Ecomail answered {answer.status} in a form that it does not document.")
    if answer.status == 404:
        return Rejected(f"{place}: Ecomail does not know this list ({said}). Choose another one.", key="list")
    return Rejected(f"{place}: Ecomail refused it: {said}", key=_blamed(answer))


def is_missing(answer: Answer) -> bool:
    """Whether Ecomail says in its own form that there is no such thing; a bare 404 of a proxy proves nothing (R106)."""
    if answer.status != 404:
        return False
    if errors_of(answer) is None:
        raise Malformed("A 404 came in a form that is not Ecomail's. Nothing was concluded; it is asked again later.")
    return True


def errors_of(answer: Answer) -> str | None:
    """Ecomail's own words as one line, whichever of its three shapes they came in; None: not its form."""
    try:
        body = answer.json()
    except Malformed:
        return None
    return complaint_of(body)


def complaint_of(body: Json) -> str | None:
    """The `errors` of a decoded answer as one line without addresses; None where it has none."""
    if not isinstance(body, dict) or not body.get("errors"):
        return None
    line = " ".join("; ".join(_sentences(body["errors"])).split())
    return _ADDRESS.sub("…", line)[:_LONGEST] or None


def results(answer: Answer, place: str, counter: str, emails: Sequence[str], done: Done) -> tuple[Result, ...]:
    """One result a row: `done` where the counter names exactly these rows, else UNKNOWN (R101, R102).

    An answer of another shape proves nothing either, as the rows may well be stored. Raises as `opened`.
    """
    if not is_good(answer):
        raise refusal(answer, place)
    proved = _counter(answer, counter) == len(emails)
    return tuple([Result(email, done if proved else Done.UNKNOWN) for email in emails])


def invited(answer: Answer, place: str, email: str) -> tuple[Result, ...]:
    """A single subscribe says itself whether the address was in the list already. Raises as `opened`."""
    body = opened(answer, place)
    fresh = isinstance(body, dict) and not body.get("already_subscribed")
    return (Result(email, Done.ADDED if fresh else Done.UNKNOWN),)


def leaf_of(body: Json, page: int, per_page: int, place: str) -> Leaf:
    """A page of a listing, checked. Raises Malformed, so that a pass ends without conclusions (R106).

    Last is what says so: no next address, the last number, or else fewer rows than asked. A page that holds fewer rows
    than its own total demands was cut off on the way.
    """
    answer = map_of(body)
    rows = answer.get("data")
    if not isinstance(rows, list) or number_of(answer.get("current_page")) not in (None, page):
        raise Malformed(f"{place}: Ecomail's answer is not the page that was asked for. The pass ended early.")
    size = number_of(answer.get("per_page")) or per_page
    total = number_of(answer.get("total"))
    last = _is_last(answer, page, len(rows) < size)
    missing = total is not None and len(rows) < min(size, total - (page - 1) * size)
    unfinished = last and total is not None and rows and total > (page - 1) * size + len(rows)
    if missing or unfinished or (not last and not rows):
        raise Malformed(f"{place}: Ecomail's page holds fewer contacts than it says. The pass ended early.")
    return Leaf(rows, last, total)


def number_of(value: Json) -> int | None:
    """A whole number, also where it is written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else None


def checked(emails: Sequence[str], most: int) -> None:
    """Refuse what the vendor would swallow in silence: too many rows, or one address twice. Raises ValueError."""
    if len(emails) > most:
        raise ValueError(f"{len(emails)} rows for one call; Ecomail stores {most} and drops the rest in silence.")
    if len({email.strip().lower() for email in emails}) != len(emails):
        raise ValueError("One address stands twice in a call; which of its rows counts is not defined.")


def _is_last(answer: Json, page: int, is_short: bool) -> bool:
    if "next_page_url" in answer:
        return answer["next_page_url"] is None
    last = number_of(answer.get("last_page"))
    return is_short if last is None else page >= last


def _counter(answer: Answer, name: str) -> int | None:
    try:
        body = answer.json()
    except Malformed:
        return None
    return number_of(body.get(name)) if isinstance(body, dict) else None


def _sentences(errors: Json) -> list[str]:
    if isinstance(errors, dict):
        return [f"{name}: {'; '.join(_sentences(said))}" for name, said in errors.items()]
    if isinstance(errors, list):
        return [sentence for said in errors for sentence in _sentences(said)]
    return [str(errors)]


def _blamed(answer: Answer) -> str:
    row = answer.json().get("data")
    email = row.get("email") if isinstance(row, dict) else None
    return email.strip().lower() if isinstance(email, str) else ""
