"""What a line of the history says, merged from every way of telling, and in which order lines go (R60-R67)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from string import Formatter
from urllib.parse import urlsplit

import orjson

from core.decide.frozen import dataclass
from spojka import Deed

COUNTS = "counts"
"""The way of telling that knows no times."""
MOST_LINKS = 20
RANKS: Mapping[str, int] = {Deed.CLICKED: 0, Deed.OPENED: 1}
"""Clicked before opened before everything else (R66)."""
LAST_RANK = 2
PLACES = frozenset({"account", "id"})


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, as one way of telling has it."""

    way: str
    deed: str
    at: datetime | None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What one mailing did for one address. `numbers`: way -> deed -> how often; `first`: deed -> when first."""

    numbers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    first: Mapping[str, datetime] = field(default_factory=dict)
    links: tuple[str, ...] = ()

    @property
    def merged(self) -> dict[str, int]:
        """By deed, the most that any way knows of: each way misses some, none invents any (R107)."""
        most: dict[str, int] = {}
        for said in self.numbers.values():
            for deed, number in said.items():
                most[deed] = max(most.get(deed, 0), number)
        return {deed: most[deed] for deed in sorted(most) if most[deed]}

    @property
    def rank(self) -> int:
        """In which order lines go out where not all of them can (R66)."""
        return min((RANKS.get(deed, LAST_RANK) for deed in self.merged), default=LAST_RANK)

    @property
    def digest(self) -> str:
        """The same for the same content: what has not changed since it was written costs nothing (R62)."""
        said = [self.merged, {deed: at.isoformat() for deed, at in sorted(self.first.items())}, sorted(self.links)]
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def fold(line: Line, told: Iterable[Told]) -> Line:
    """A line with what happened since; whoever told it before must not tell it again."""
    numbers = {way: dict(said) for way, said in line.numbers.items()}
    first, links = dict(line.first), dict.fromkeys(line.links)
    for one in told:
        said = numbers.setdefault(one.way, {})
        said[one.deed] = said.get(one.deed, 0) + 1
        if one.at is not None:
            first[one.deed] = min(first.get(one.deed, one.at), one.at)
        if one.link and len(links) < MOST_LINKS:
            links[one.link] = None
    return Line(numbers, first, tuple(links))


def recount(line: Line, numbers: Mapping[str, int], seen: datetime) -> Line:
    """A line with new totals. What was not there before is said to have happened when it was first seen (R107)."""
    known = line.numbers.get(COUNTS, {})
    most = {deed: max(known.get(deed, 0), numbers.get(deed, 0)) for deed in {*known, *numbers}}
    news = {deed: seen for deed, number in most.items() if number and deed not in line.first}
    return replace(line, numbers={**line.numbers, COUNTS: most}, first={**line.first, **news})


def report_url(template: str, key: str, account: str) -> str:
    """Where a mailing's results are; `""` where the template, or what it needs, is missing (R67)."""
    number = key.partition(":")[2]
    if not template or template_problem(template) or ("{account}" in template and not account):
        return ""
    return template.format(account=account, id=number)


def template_problem(template: str) -> str:
    """What is wrong with a template for results, or `""`."""
    try:
        names = {name for _, name, spec, turn in Formatter().parse(template) if name is not None or spec or turn}
    except ValueError:
        return "braces"
    if not names <= PLACES:
        return "names"
    parts = urlsplit(template)
    return "" if parts.scheme in ("http", "https") and parts.netloc else "address"


def in_order(lines: Sequence[tuple[int, datetime | None, str, str]]) -> list[tuple[int, datetime | None, str, str]]:
    """(rank, when the mailing was sent, its key, address): by rank, then the newest mailing first (R66)."""
    return sorted(lines, key=lambda one: (one[0], -(one[1].timestamp() if one[1] else 0), one[2], one[3]))
