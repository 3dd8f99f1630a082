"""A profile in normal form, in a few bytes: what tells a page that says nothing new from one that does."""

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b

from core.decide.values import normal, tag_key
from spojka import Normal

BETWEEN = "\0"
"""Stands between values; no value that is kept holds it (R93)."""


_FORMS: Mapping[Normal, Callable[[str], str]] = {
    form: lru_cache(maxsize=10_000)(partial(normal, form)) for form in Normal if form is not Normal.TEXT
}
"""How values are brought into the forms that are no text; few countries and genders make many profiles."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some mapped fields in their order, and at which places stand those that are compared otherwise than as a text."""

    keys: tuple[str, ...]
    forms: tuple[tuple[int, Callable[[str], str]], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """All mapped fields: what pages always say, and what they may leave out (`unsaid`, the audience's whole set)."""

    said: Part
    rest: Part
    unsaid: frozenset[str]


def order_of(forms: Mapping[str, Normal], unsaid: frozenset[str]) -> Order:
    """The order in which the fields of these forms go into a digest."""
    return Order(_part(forms, forms.keys() - unsaid), _part(forms, forms.keys() & unsaid), unsaid)


def _part(forms: Mapping[str, Normal], keys: Collection[str]) -> Part:
    ordered = tuple(sorted(keys))
    special = [(place, _FORMS[forms[key]]) for place, key in enumerate(ordered) if forms[key] in _FORMS]
    return Part(ordered, tuple(special))


def digest(order: Order, status: str, fields: Mapping[str, str], tags: Sequence[str] | None) -> str:
    """Three parts: what pages always say, the tags, and the fields that pages may leave out; `-` where not said."""
    said = _hash(f"{status}{BETWEEN}{_line(order.said, fields)}")
    marks = "-" if tags is None else _marks(tuple(tags))
    return f"{said} {marks} {_hash(_line(order.rest, fields)) if order.unsaid <= fields.keys() else '-'}"


def differs(known: str, now: str) -> bool:
    """Whether a reading says something else than the mirror, in the parts that it says."""
    if known == now or (now.endswith(" -") and known.startswith(now[:-1])):
        return False
    return any(then != part and part != "-" for then, part in zip(known.split(" "), now.split(" "), strict=True))


def _line(part: Part, fields: Mapping[str, str]) -> str:
    """The values in normal form; most are as they came, which is told of all of them at once."""
    values = [fields.get(key) or "" for key in part.keys]
    for place, form in part.forms:
        if values[place]:
            values[place] = form(values[place])
    line = BETWEEN.join(values)
    if _is_even(line):
        return line
    return BETWEEN.join([normal(Normal.TEXT, value) for value in values])


def _is_even(line: str) -> bool:
    """Whether every value in a line is its own normal form as a text."""
    if " ".join(line.split()) != line or f" {BETWEEN}" in line or f"{BETWEEN} " in line:
        return False
    return line.isascii() or unicodedata.is_normalized("NFC", line)


@lru_cache(maxsize=10_000)
def _marks(tags: tuple[str, ...]) -> str:
    return _hash(BETWEEN.join(sorted(set(map(tag_key, tags)))))


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
