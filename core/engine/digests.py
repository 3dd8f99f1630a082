"""A profile in normal form, in a few bytes: what tells a page that says nothing new from one that does."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from core.decide.values import is_plain, normal, tag_key
from core.engine.opening import Ground
from spojka import Normal


def digest(ground: Ground, status: str, fields: Mapping[str, str], tags: Sequence[str] | None) -> str:
    """Three parts: what pages always say, the tags, and the fields that pages may leave out; `-` where not said."""
    said, rest = [status], [""]
    for key, form, is_unsaid in ground.order:
        if value := fields.get(key):
            text = value if form is Normal.TEXT and is_plain(value) else normal(form, value)
            (rest if is_unsaid else said).append(f"{key}={text}")
    marks = "-" if tags is None else _hash(sorted(set(map(tag_key, tags))))
    return f"{_hash(said)} {marks} {_hash(rest) if ground.terms.unsaid <= fields.keys() else '-'}"


def differs(known: str, now: str) -> bool:
    """Whether a reading says something else than the mirror, in the parts that it says."""
    if known == now:
        return False
    return any(then != part and part != "-" for then, part in zip(known.split(" "), now.split(" "), strict=True))


def _hash(lines: Sequence[str]) -> str:
    return blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
