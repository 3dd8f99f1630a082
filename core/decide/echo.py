"""What is nobody's edit: our own writes on their way, lost, late or not stored (R29, R32, R101, R103)."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import timedelta

from core.decide.facts import Call, Facts, Policy, Seen, Terms
from core.decide.frozen import dataclass
from core.decide.values import Forms, equal, forms_of, tag_key
from core.decide.weighing import Weighed, weigh

CLOCKS = timedelta(minutes=5)
"""How far a membership may begin before our call by the vendor's clock (R101)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Facts as they are once our own writes are told from people's edits.

    `agreed` is the list's snapshot put right, `crm` overrides the CRM's. `created`: the profile is ours by R101.
    `arrived`: field -> (old, sent) of calls whose answer never came. `waiting` fields are pending still; `again` are
    written once more; `failed` were not stored twice: field -> what was sent. `missing_tags` were written and are not
    there; `put_back` were there until a late call replaced them.
    `unsaid`: the reading must say more before anything is decided.
    """

    agreed: Mapping[str, str]
    crm: Mapping[str, str]
    pending: tuple[Call, ...]
    created: Call | None = None
    arrived: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    missing_tags: tuple[str, ...] = ()
    put_back: tuple[str, ...] = ()
    tags_failed: tuple[str, ...] = ()
    unsaid: bool = False


def judge(facts: Facts, policies: Mapping[int, Policy], terms: Terms) -> Judged:
    """Tell our own writes from edits. Pure; what is not decided by this reading stays pending."""
    if not facts.pending:
        return Judged(facts.agreed, {}, ())
    if not isinstance(facts.sight, Seen):
        return Judged(facts.agreed, {}, tuple(call for call in facts.pending if not call.ended))
    forms = forms_of(policies)
    tied = facts.known or any(bound.open for bound in facts.bindings)
    created = None if tied else _created(facts.sight, facts.pending, policies, forms)
    if created is None:
        return _judged(facts.agreed, {}, weigh(facts, facts.sight, facts.pending, facts.agreed, forms, terms))
    adds = tuple(call for call in facts.pending if call.add)
    agreed, crm, unsaid = _made(facts.sight, adds, created, forms)
    changes = tuple(call for call in facts.pending if not call.add)
    judged = _judged(agreed, crm, weigh(facts, facts.sight, changes, agreed, forms, terms))
    return replace(judged, created=created, unsaid=unsaid)


def stale(facts: Facts) -> bool:
    """A call of unknown end is judged on a reading made after it, before anything else is decided (R29)."""
    as_of = max(facts.ticket, facts.pass_ticket)
    return any(not call.ended and call.ticket >= as_of for call in facts.pending)


def _judged(agreed: Mapping[str, str], crm: Mapping[str, str], weighed: Weighed) -> Judged:
    return Judged(
        {**agreed, **weighed.agreed},
        {**crm, **weighed.crm},
        weighed.left,
        arrived=weighed.arrived,
        waiting=weighed.waiting,
        again=weighed.again,
        failed=weighed.failed,
        missing_tags=weighed.missing_tags,
        put_back=weighed.put_back,
        tags_failed=weighed.tags_failed,
    )


def _created(seen: Seen, calls: Sequence[Call], policies: Mapping[int, Policy], forms: Forms) -> Call | None:
    """The newest of our calls that may have made this profile, if one did (R101)."""
    own = {tag_key(policy.tag) for policy in policies.values()}
    there = {tag_key(tag) for tag in seen.tags or ()}
    for call in reversed(calls):
        if not call.add or (seen.since is not None and seen.since < call.vendor_time - CLOCKS):
            continue
        if call.source and call.source in seen.sources:
            return call
        marked = (own & there & {tag_key(tag) for tag in call.tags or ()}) - _tagged_since(call, calls)
        if (
            marked
            and call.later is None
            and all(_shows(seen, key, sent, forms) for key, (_, sent) in call.fields.items())
        ):
            return call
    return None


def _tagged_since(call: Call, calls: Sequence[Call]) -> set[str]:
    """Tags that prove nothing, because a later call to a profile that was there may have brought them."""
    later = [other for other in calls if not other.add and other.ticket > call.ticket]
    return {tag_key(tag) for other in later for tag in other.tags or ()}


def _shows(seen: Seen, key: str, sent: str, forms: Forms) -> bool:
    return key not in seen.fields or equal(forms, key, seen.fields[key], sent)


def _made(seen: Seen, adds: Sequence[Call], created: Call, forms: Forms) -> tuple[dict[str, str], dict[str, str], bool]:
    """Both snapshots of a profile that a call without an answer made, and whether the reading lacks what it needs.

    They are what was sent, but for what was not stored. Of several calls nobody knows which one arrived: the list's
    snapshot is what the reading shows, the CRM's is what was sent by the one that the reading shows. A call that joined
    may have died before the one that fills what is empty, so that what pages leave out is looked up.
    """
    agreed, crm, unsaid = {}, {}, False
    for key, (_, newest) in created.fields.items():
        now = seen.fields.get(key)
        sent = [call.fields[key][1] for call in adds if key in call.fields]
        if now is None:
            unsaid = unsaid or created.joins or len(set(sent)) > 1
            agreed[key] = crm[key] = newest
            continue
        if now == "" and newest != "":
            agreed[key] = crm[key] = ""
            continue
        crm[key] = next((value for value in reversed(sent) if equal(forms, key, value, now)), newest)
        agreed[key] = now if len(adds) > 1 else newest
    for key, now in seen.fields.items():
        agreed.setdefault(key, now)
    return agreed, crm, unsaid
