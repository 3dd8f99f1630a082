"""A profile in normal form, in a few bytes: what tells a page that says nothing new from one that does."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from core.decide.values import normal, tag_key
from core.engine.opening import Ground
from spojka import Normal


def digest(ground: Ground, status: str, fields: Mapping[str, str], tags: Sequence[str] | None) -> str:
    """Three parts: what pages always say, the tags, and the fields that pages may leave out; `-` where not said."""
    unsaid = ground.terms.unsaid
    said = _part(ground, {key: value for key, value in fields.items() if key not in unsaid}, status)
    marks = "-" if tags is None else _hash("\n".join(sorted({tag_key(tag) for tag in tags})))
    rest = {key: value for key, value in fields.items() if key in unsaid}
    return f"{said} {marks} {_part(ground, rest, '') if unsaid <= rest.keys() else '-'}"


def differs(known: str, now: str) -> bool:
    """Whether a reading says something else than the mirror, in the parts that it says."""
    if known == now:
        return False
    return any(then != part and part != "-" for then, part in zip(known.split(" "), now.split(" "), strict=True))


def _part(ground: Ground, fields: Mapping[str, str], status: str) -> str:
    forms = ground.forms
    said = [f"{key}={normal(forms.get(key, Normal.TEXT), value)}" for key, value in sorted(fields.items()) if value]
    return _hash("\n".join([status, *said]))


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
