"""Of tags that were asked for, which requests are left: the last wish counts, and only what changes something (R53)."""

from collections.abc import Iterable, Mapping, Sequence

from core.decide.frozen import dataclass
from core.decide.values import tag_key

RecordName = tuple[str, str]
"""Kind and id of a record of one CRM."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One accepted action; the higher its id, the later it was accepted."""

    id: int
    email: str
    tag: str
    add: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """Everything that is asked about one tag of one address, oldest first."""

    email: str
    key: str
    wishes: tuple[Wish, ...]

    @property
    def last(self) -> Wish:
        """The one that counts."""
        return self.wishes[-1]


@dataclass(frozen=True, slots=True)
class Act:
    """One request: a tag of one record, in the spelling that is there already (R54)."""

    record: RecordName
    key: str
    tag: str
    add: bool


def deals(wishes: Iterable[Wish]) -> list[Deal]:
    """Wishes by address and tag."""
    groups: dict[tuple[str, str], list[Wish]] = {}
    for wish in sorted(wishes, key=lambda one: one.id):
        groups.setdefault((wish.email, tag_key(wish.tag)), []).append(wish)
    return [Deal(email, key, tuple(group)) for (email, key), group in groups.items()]


def acts(
    chosen: Sequence[Deal],
    records: Mapping[str, Sequence[RecordName]],
    there: Mapping[RecordName, Sequence[str]],
) -> dict[tuple[RecordName, str], Act]:
    """What is to be sent, by record and tag. `there` are the tags that a reading made for this shows.

    Where two addresses of a record ask for opposites, the later wish counts. A record that the reading did not show is
    left out.
    """
    last: dict[tuple[RecordName, str], Wish] = {}
    for deal in chosen:
        for record in records.get(deal.email, ()):
            place = (record, deal.key)
            if record in there and (place not in last or last[place].id < deal.last.id):
                last[place] = deal.last
    found = {}
    for (record, key), wish in last.items():
        spelt = next((tag for tag in there[record] if tag_key(tag) == key), None)
        if wish.add is (spelt is None):
            found[record, key] = Act(record, key, spelt or wish.tag, wish.add)
    return found
