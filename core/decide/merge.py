"""One field, four values, one verdict (R20-R26)."""

from enum import StrEnum

from core.decide.facts import Policy
from core.decide.frozen import dataclass
from core.decide.rules import Rule
from core.decide.values import cut, same
from spojka import Custom, Field, Std, Way


class Move(StrEnum):
    """What becomes of a field."""

    NOTHING = "nothing"
    TO_LIST = "to_list"
    AGREED = "agreed"
    LOOK = "look"
    TO_CRM = "to_crm"
    ASKS = "asks"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Side:
    """A field on one side: what was agreed (None: no snapshot), and what is said now (None: not said)."""

    then: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What should become of one field; `sent` is the value for the side it moves to."""

    move: Move
    rule: Rule
    sent: str = ""


@dataclass(frozen=True, slots=True)
class Merging:
    """What a merge depends on beside the values.

    `inward`: the field only flows into the list for this record. `ours`: we created the profile. `length` is what the
    list takes (R42). `looked`: what the list does not say can't be found by looking. `choice` is what a person chose of
    both values of this field (`crm`, `list`), `""` where nobody did.
    """

    policy: Policy
    length: int
    inward: bool = False
    ours: bool = False
    looked: bool = False
    choice: str = ""


_QUIET = Verdict(Move.NOTHING, Rule.R20)
_UNSAID = Verdict(Move.NOTHING, Rule.R25)
_AGREED = Verdict(Move.AGREED, Rule.R20)


def merge(crm: Side, audience: Side, field: Field, how: Merging) -> Verdict:
    """What should become of one field (R20-R26)."""
    if crm.now is None:
        return _UNSAID
    if crm.then is None:
        return _first_said(crm.now, audience, how)
    inward = how.inward or field.way is Way.IN or _was_cut(crm.then, audience.then, field, how.length)
    if crm.now == crm.then:
        return _QUIET if inward else _unmoved_crm(audience, field, how)
    if field.to is Std.GENDER and crm.now == "":
        # A gender is never emptied in the list (R105).
        return _AGREED
    if audience.now is None and not how.looked:
        return Verdict(Move.LOOK, Rule.R21)
    wanted, there = cut(crm.now, how.length), audience.now
    if there is not None and same(field.normal, wanted, there):
        return Verdict(Move.AGREED, Rule.R23)
    moved = _moved(audience, field)
    if inward or not moved:
        return Verdict(Move.TO_LIST, _rule_of(wanted, restores=inward and moved), wanted)
    return _conflict(wanted, there or "", field, how)


def _conflict(wanted: str, there: str, field: Field, how: Merging) -> Verdict:
    """Both sides were edited: the setting decides, or a person (R24). A connection that writes nothing can't ask."""
    wins = how.choice or how.policy.conflicts
    if wins == "crm" or not how.policy.write_fields:
        return Verdict(Move.TO_LIST, Rule.R24, wanted)
    return _to_crm(there, Rule.R24, field) if wins == "list" else Verdict(Move.ASKS, Rule.R24, there)


def _first_said(now: str, audience: Side, how: Merging) -> Verdict:
    """A value that the CRM had not said before fills what is empty on a profile of ours, and overwrites nothing."""
    if now == "" or not how.ours or audience.then not in (None, ""):
        return _AGREED
    if audience.now is None and not how.looked:
        return Verdict(Move.LOOK, Rule.R21)
    return _AGREED if audience.now else Verdict(Move.TO_LIST, Rule.R21, cut(now, how.length))


def _to_crm(value: str, rule: Rule, field: Field) -> Verdict:
    if value == "" and not field.empties:
        return Verdict(Move.REFUSED, Rule.R25, value)
    return Verdict(Move.TO_CRM, rule, value)


def _unmoved_crm(audience: Side, field: Field, how: Merging) -> Verdict:
    if audience.now is None or audience.now == audience.then:
        return _QUIET
    if field.to is Std.GENDER and not audience.then:
        # Ecomail fills gender by itself: the snapshot moves and nothing else (R105).
        return _AGREED
    return _to_crm(audience.now, Rule.R22, field) if _moved(audience, field) and how.policy.write_fields else _QUIET


def _moved(audience: Side, field: Field) -> bool:
    """Whether somebody edited the list's side. A field without a snapshot, or a gender filled in, is no edit."""
    if audience.then is None or audience.now is None or (field.to is Std.GENDER and audience.then == ""):
        return False
    return not same(field.normal, audience.then, audience.now)


def _was_cut(crm: str, audience: str | None, field: Field, length: int) -> bool:
    """A field that was cut is one-way until it fits: the short copy never comes home (R42)."""
    if len(crm) > length:
        return True
    return isinstance(field.to, Custom) and bool(audience) and crm != audience and crm.startswith(audience or "")


def _rule_of(wanted: str, *, restores: bool) -> Rule:
    if wanted == "":
        return Rule.R25
    return Rule.R26 if restores else Rule.R21
