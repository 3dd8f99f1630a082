"""What a person takes back (R35): the old value, where what we left still stands; else it is said why not.

The write moves the snapshot of the side that it goes to and no other: the two sides differ then, and nobody has edited
anything, so that nothing travels until somebody does.
"""

from collections.abc import Collection
from dataclasses import field, replace

from core.decide.case import Case
from core.decide.facts import Back, Decision, Edit, Facts, Line, RecordKey, TakeBack, Verb
from core.decide.frozen import dataclass
from core.decide.rules import Rule
from core.decide.sharing import Ruler
from core.decide.values import equal, forms_of, tag_key
from spojka import Field, Std, Way

TAGS = "tags"
"""What a take-back of tags names as its field."""
BETWEEN = ", "
"""What parts the tags of a take-back; no tag holds a comma (R54)."""
LEFT = (Back.EDITED, Back.GONE, Back.REFUSED)
"""Ends that leave everything as it is, of which the timeline tells."""


@dataclass(slots=True)
class Returns:
    """What goes to the list and to the record, and what became of each take-back. One that goes to the CRM is open
    until a reading shows it.
    """

    sent: dict[str, str] = field(default_factory=dict)
    edits: dict[str, Edit] = field(default_factory=dict)
    taken: tuple[tuple[TakeBack, Back], ...] = ()
    looks: bool = False


@dataclass(frozen=True, slots=True)
class TagsBack:
    """Tags to be taken off again, and to be put back."""

    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


def returns_of(case: Case, ruler: Ruler, moving: Collection[str], foreign: Collection[str]) -> Returns:
    """Judge every take-back. `moving` are fields that somebody has edited just now; `foreign`: see R34."""
    returns, found = Returns(), []
    for back in case.facts.takebacks:
        if back.field == TAGS:
            state = _of_tags(case, back, returns)
        elif back.field in moving or back.field in returns.sent or back.field in returns.edits:
            state = Back.EDITED
        elif back.connection != ruler.record.connection or back.field in foreign:
            state = Back.REFUSED
        elif back.to_crm:
            state = _of_record(case, ruler, back, returns)
        else:
            state = _of_profile(case, back, returns)
        if state is not None:
            found.append((back, state))
    returns.taken = tuple(found)
    return returns


def _of_tags(case: Case, back: TakeBack, returns: Returns) -> Back | None:
    if case.seen.tags is None:
        returns.looks = True
        return None
    came, went = _still(case.seen.tags, back)
    return Back.DONE if came or went else Back.SAME


def tags_back(case: Case) -> TagsBack:
    """The tags of all take-backs, as far as they are not there or gone already."""
    if case.seen.tags is None:
        return TagsBack()
    both = [_still(case.seen.tags, back) for back in case.facts.takebacks if back.field == TAGS]
    return TagsBack(tuple(tag for came, _ in both for tag in came), tuple(tag for _, went in both for tag in went))


def _still(there: Collection[str], back: TakeBack) -> tuple[list[str], list[str]]:
    """Of the tags that came those that are there still, of those that went the ones that are not."""
    keys = {tag_key(tag) for tag in there}
    came = [tag for tag in _parted(back.was) if tag_key(tag) in keys]
    return came, [tag for tag in _parted(back.value) if tag_key(tag) not in keys]


def _parted(tags: str) -> list[str]:
    return [tag for tag in tags.split(BETWEEN) if tag]


def _of_profile(case: Case, back: TakeBack, returns: Returns) -> Back | None:
    spec, now = case.policies[back.connection].fields.get(back.field), case.seen.fields.get(back.field)
    if back.field in case.judged.waiting:
        return None
    if now is None and not case.facts.looked:
        returns.looks = True
        return None
    if spec is None or (spec.to is Std.GENDER and back.value == ""):
        # A gender is never emptied in the list (R105).
        return Back.REFUSED
    state = _judged(case, back, now or "")
    if state is Back.DONE:
        returns.sent[back.field] = back.value
    return state


def _of_record(case: Case, ruler: Ruler, back: TakeBack, returns: Returns) -> Back | None:
    policy, record = case.policies[back.connection], ruler.record
    spec, now = policy.fields.get(back.field), record.fields.get(back.field)
    if back.field in ruler.echo.waiting:
        return None
    if spec is None or now is None or not _may_be_written(spec, back, policy.write_fields and _writable(ruler, back)):
        return Back.REFUSED
    state = _judged(case, back, now)
    if state is not Back.DONE:
        # What stands there already is our own write, seen by a reading, as good as always.
        return Back.DONE if state is Back.SAME else state
    returns.edits[back.field] = Edit(record.key, back.field, now, back.value, Rule.R35)
    return None


def _writable(ruler: Ruler, back: TakeBack) -> bool:
    return back.field not in ruler.record.one_way


def _may_be_written(spec: Field, back: TakeBack, writes: bool) -> bool:
    return writes and spec.way is not Way.IN and (back.value != "" or spec.empties)


def _judged(case: Case, back: TakeBack, now: str) -> Back:
    forms = forms_of(case.policies)
    if now == back.value:
        return Back.SAME
    return Back.DONE if equal(forms, back.field, now, back.was) else Back.EDITED


def without_contact(decision: Decision, facts: Facts) -> Decision:
    """A profile that is not tied any more, or not there, is left as it is."""
    if decision.verb in (Verb.LOOK, Verb.LATER, Verb.PARK) or not _is_over(decision, facts):
        return decision
    left = tuple((back, Back.GONE) for back in facts.takebacks)
    lines = [Line(b.connection, Rule.R35, f"left_{s.value}", {b.field: (b.was, b.value)}) for b, s in left]
    return replace(decision, taken=left, lines=(*decision.lines, *lines))


def _is_over(decision: Decision, facts: Facts) -> bool:
    """Whether nothing of the take-backs is under way: what goes to the CRM is until a reading shows it."""
    wanted = {(edit.key[0], edit.field) for edit in decision.edits if edit.rule is Rule.R35}
    tied: set[RecordKey] = {bound.key for bound in facts.bindings if bound.open}
    return not wanted and (decision.verb not in (Verb.KEEP, Verb.CHANGE) or not tied)
