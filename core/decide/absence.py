"""What an enumeration of the CRM's ids may conclude about those that it does not hold (R98)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Doubt(StrEnum):
    """Why nothing is concluded from what is missing. BLIND: a reading by id does not even show who was just listed."""

    MOVED = "moved"
    REPEATED = "repeated"
    COUNT = "count"
    EYES = "eyes"
    EMPTY = "empty"
    HALF = "half"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Enumeration:
    """One walk over all ids of one kind, which ended at a page that was provably the last one.

    `listed` rows came, of which `distinct` were different records; `totals` is what each page counted, where it did.
    `held` records stand in the mirror, `missing` of them did not come. `same_eyes`: the account that reads now is the
    one that saw them. `agreed` are doubts that a person has looked at and found groundless.
    """

    listed: int
    distinct: int
    totals: Sequence[int]
    held: int
    missing: int
    same_eyes: bool
    agreed: frozenset[Doubt] = frozenset()


def doubt(walk: Enumeration) -> Doubt | None:
    """Why absence is not believed; None: what is missing may be looked for by id (R98).

    A walk with which something is wrong in itself comes before one that may be explained by who reads, and that before
    a size that nothing explains.
    """
    found = unsound(walk)
    if found is not None or not walk.missing:
        return found
    if not walk.same_eyes:
        return Doubt.EYES
    size = _of_its_size(walk)
    return None if size in walk.agreed else size


def unsound(walk: Enumeration) -> Doubt | None:
    """What is wrong with a walk in itself; another walk may go better.

    A count may grow on the way, since records are made at night, too; where it falls, the list may have ended early.
    """
    if walk.distinct != walk.listed:
        return Doubt.REPEATED
    if any(after < before for before, after in pairwise(walk.totals)):
        return Doubt.MOVED
    return Doubt.COUNT if walk.totals and walk.totals[-1] != walk.distinct else None


def _of_its_size(walk: Enumeration) -> Doubt | None:
    if not walk.listed:
        return Doubt.EMPTY
    return Doubt.HALF if 2 * walk.listed < walk.held else None


def too_many_differ(compared: int, differed: int) -> bool:
    """Whether so many values differ from the mirror that a person should look before they are taken over (R75)."""
    return differed > max(5, compared * 5 // 100)
