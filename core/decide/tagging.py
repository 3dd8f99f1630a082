"""Which tags a tied profile gets or loses (R7, R34, R51, R54, R103)."""

from dataclasses import field, replace

from core.decide.case import Case
from core.decide.facts import Bound, Decision, Origin, Standpoint, Verb
from core.decide.frozen import dataclass
from core.decide.rules import Rule
from core.decide.undo import tags_back
from core.decide.values import tag_key, with_tags
from spojka import Write


@dataclass(frozen=True, slots=True)
class Tagging:
    """What is asked of the tags: the complete set, or None where nothing changes."""

    all: tuple[str, ...] | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    rule: Rule = Rule.R20
    looks: bool = False


@dataclass(slots=True)
class _Wish:
    wanted: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    rule: Rule = Rule.R103


def tagging(case: Case) -> Tagging:
    """A newcomer's own tag, a sibling's tags on what is ours, tags that follow the CRM, and lost ones."""
    wish, back = _wish(case), tags_back(case)
    if not (wish.wanted or wish.dropped or back.came or back.went):
        return Tagging()
    if case.seen.tags is None:
        return Tagging(looks=True)
    gone = {tag_key(tag) for tag in wish.dropped} - _still_said(case) | {tag_key(tag) for tag in back.came}
    if back.came or back.went:
        wish.wanted += back.went
        wish.rule = Rule.R35
    kept = tuple(tag for tag in case.seen.tags if tag_key(tag) not in gone)
    limits = case.terms.limits
    tags = with_tags(kept, wish.wanted, limits.tag_length, limits.tags_length)
    removed = tuple(tag for tag in case.seen.tags if tag_key(tag) in gone)
    changes = tags.all if tags.added or removed else None
    return Tagging(changes, tags.added, removed, tags.left_out, wish.rule)


def put_back(case: Case, decision: Decision) -> Decision:
    """Tags that a late call of ours replaced come back, also where no record wants a profile any more (R29)."""
    tags, limits = case.judged.put_back, case.terms.limits
    if not tags:
        return decision
    if decision.verb not in (Verb.KEEP, Verb.SKIP):
        return replace(decision, pending=case.facts.pending)
    there = with_tags(case.seen.tags or (), tags, limits.tag_length, limits.tags_length)
    return replace(decision, verb=Verb.CHANGE, write=Write(case.facts.email, {}, there.all))


def _still_said(case: Case) -> set[str]:
    """Tags that some record here has, or that say which connection was here, are not taken off."""
    said = {tag_key(tag) for record in case.candidates for tag in record.tags}
    return said | {tag_key(case.policies[record.connection].tag) for record in case.candidates}


def _wish(case: Case) -> _Wish:
    tied = {bound.connection for bound in case.facts.bindings}
    wish = _Wish([*case.judged.missing_tags, *case.judged.put_back])
    for record in case.candidates:
        policy = case.policies[record.connection]
        known = case.bound.get(record.key)
        if record.connection not in tied:
            wish.wanted.append(policy.tag)
            wish.rule = Rule.R34
        elif known is None and case.ours:
            wish.wanted.extend(record.tags)
            wish.rule = Rule.R7
        elif known is not None and known.open and policy.follow_tags:
            _follow(wish, known, record)
    return wish


def _follow(wish: _Wish, bound: Bound, record: Standpoint) -> None:
    """Tags of an adopted profile may be a person's own, so that none is taken off there (R51)."""
    before, after = {tag_key(tag) for tag in bound.agreed_tags}, {tag_key(tag) for tag in record.tags}
    come = [tag for tag in record.tags if tag_key(tag) not in before]
    go = [tag for tag in bound.agreed_tags if tag_key(tag) not in after and bound.origin is Origin.CREATED]
    wish.wanted += come
    wish.dropped += go
    if come or go:
        wish.rule = Rule.R51
