"""Values and tags: the form they are compared in, and what a list takes of them (R32, R42, R54)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from core.decide.facts import Policy
from core.decide.frozen import dataclass
from spojka import Normal

Forms = Mapping[str, Normal]
"""Field -> the form in which its values are compared."""

_NO_DIGITS = re.compile(r"[^0-9+]")


def normal(form: Normal, value: str) -> str:
    """The form in which two values of a field are equal; never what is sent (R43)."""
    if not value or (form is Normal.TEXT and is_plain(value)):
        return value
    text = (value if value.isascii() else unicodedata.normalize("NFC", value)).strip()
    if form is Normal.PHONE:
        return _phone(text)
    if form in (Normal.GENDER, Normal.CODE):
        return text.casefold()
    return " ".join(text.split())


def is_plain(value: str) -> bool:
    """Whether a text is its own normal form, told cheaply: most are."""
    return value.isascii() and "  " not in value and value[0] > " " and value[-1] > " "


def _phone(text: str) -> str:
    digits = text.replace(" ", "")
    if not (digits.isascii() and digits.removeprefix("+").isdigit()):
        digits = _NO_DIGITS.sub("", text)
    if not digits:
        return text
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def forms_of(policies: Mapping[int, Policy]) -> Forms:
    """The forms of all fields that some connection maps."""
    return {key: field.normal for policy in policies.values() for key, field in policy.fields.items()}


def equal(forms: Forms, key: str, one: str, other: str) -> bool:
    """Whether two values of a field say the same."""
    return one == other or same(forms.get(key, Normal.TEXT), one, other)


def same(form: Normal, one: str, other: str) -> bool:
    """Whether two values say the same in a form."""
    return one == other or normal(form, one) == normal(form, other)


def cut(value: str, length: int) -> str:
    """At most `length` characters, never through a combined character."""
    if len(value) <= length:
        return value
    end = length
    while end > 0 and unicodedata.combining(value[end]):
        end -= 1
    return value[:end]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Values as the list takes them, and which were cut (R42)."""

    fields: Mapping[str, str]
    cut: tuple[str, ...]


def fit(fields: Mapping[str, str], field_length: int, custom_length: int) -> Fitted:
    """Cut what is too long; of custom fields the longest give way until all fit together."""
    lengths = list(map(len, fields.values()))
    if sum(lengths) <= custom_length and max(lengths, default=0) <= field_length:
        return Fitted(fields, ())
    taken = {key: cut(value, field_length) for key, value in fields.items()}
    custom = [key for key in taken if key.startswith("custom:")]
    over = sum([len(taken[key]) for key in custom]) - custom_length
    for key in sorted(custom, key=lambda key: (-len(taken[key]), key)) if over > 0 else ():
        if over <= 0:
            break
        short = cut(taken[key], max(0, len(taken[key]) - over))
        over -= len(taken[key]) - len(short)
        taken[key] = short
    return Fitted(taken, tuple([key for key in sorted(taken) if taken[key] != fields[key]]))


@lru_cache(maxsize=20_000)
def tag_key(tag: str) -> str:
    """Tags that differ only by case and outer space are the same tag (R54)."""
    return (tag if tag.isascii() else unicodedata.normalize("NFC", tag)).strip().casefold()


@dataclass(frozen=True, slots=True)
class Tags:
    """A complete set, and which of the wanted tags a list does not take (R54)."""

    all: tuple[str, ...]
    added: tuple[str, ...]
    left_out: tuple[str, ...]


def with_tags(there: Sequence[str], wanted: Iterable[str], length: int, together: int) -> Tags:
    """What is there, in its own spelling and order, and whatever of `wanted` is new and fits."""
    kept = list(there)
    seen = set(map(tag_key, there))
    room = together - sum(map(len, kept))
    added: list[str] = []
    left_out: list[str] = []
    for raw in wanted:
        tag = unicodedata.normalize("NFC", raw).strip()
        key = tag_key(tag)
        if key in seen:
            continue
        seen.add(key)
        if not tag or "," in tag or len(tag) > length or len(tag) > room:
            left_out.append(raw)
            continue
        room -= len(tag)
        added.append(tag)
    return Tags((*kept, *added), tuple(added), tuple(left_out))
