"""A profile in normal form, in a few bytes: what tells a page that says nothing new from one that does."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from core.decide.values import normal, tag_key
from core.engine.opening import Ground
from spojka import Normal


def digest(ground: Ground, status: str, fields: Mapping[str, str], tags: Sequence[str] | None) -> str:
    """Three parts: what pages always say, the tags, and the fields that pages may leave out; `-` where not said."""
    forms, unsaid = ground.forms, ground.terms.unsaid
    said, rest = [status], [""]
    for key in sorted(fields):
        if value := fields[key]:
            part = rest if key in unsaid else said
            part.append(f"{key}={normal(forms.get(key, Normal.TEXT), value)}")
    marks = "-" if tags is None else _hash(sorted({tag_key(tag) for tag in tags}))
    return f"{_hash(said)} {marks} {_hash(rest) if unsaid <= fields.keys() else '-'}"


def differs(known: str, now: str) -> bool:
    """Whether a reading says something else than the mirror, in the parts that it says."""
    if known == now:
        return False
    return any(then != part and part != "-" for then, part in zip(known.split(" "), now.split(" "), strict=True))


def _hash(lines: Sequence[str]) -> str:
    return blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
