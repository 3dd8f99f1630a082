"""One address, everything known about it, one decision."""

from collections.abc import Mapping
from dataclasses import replace

from core.decide.again import meet_again
from core.decide.case import Case, look
from core.decide.echo import CLOCKS, judge, stale
from core.decide.entry import Entries, enter
from core.decide.facts import Decision, Facts, Missing, Outcome, Policy, Seen, Terms, Unknown, Verb
from core.decide.leaving import forbidden, last_left, leaving, left_lines
from core.decide.lost import ours_after_all
from core.decide.meeting import adopt, meet_absent, newcomer
from core.decide.rules import Rule
from core.decide.tagging import put_back
from core.decide.undo import without_contact
from core.decide.values import tag_key


def plan(facts: Facts, policies: Mapping[int, Policy], terms: Terms) -> Decision:
    """What shall become of one address. Pure; the order of records and bindings makes no difference.

    On knowledge older than the reason for deciding only what changes nothing is decided; else it is looked up (R104).
    """
    decision = newcomer(facts, policies, terms) or plan_at_length(facts, policies, terms)
    if facts.takebacks and not decision.taken:
        decision = without_contact(decision, facts)
    return look(facts, decision.rule) if facts.old and not _is_quiet(decision, facts) else decision


def _is_quiet(decision: Decision, facts: Facts) -> bool:
    """Whether nothing is written, here or there, but that this address was looked at."""
    if decision.verb in (Verb.LOOK, Verb.LATER):
        return True
    if facts.pending or decision.taken or decision.verb not in (Verb.KEEP, Verb.SKIP):
        return False
    if not _known_edits(decision, facts):
        return False
    same = decision.agreed is None or decision.agreed == facts.agreed
    whose = (decision.ours, decision.ruling) == (facts.ours, facts.ruling) or decision.verb is Verb.SKIP
    return same and whose and not (decision.ties or decision.lines or decision.parked or decision.again_after)


def _known_edits(decision: Decision, facts: Facts) -> bool:
    """Whether what the decision wants written into records waits there already."""
    waits = {(edit.key, edit.field, edit.value) for edit in facts.edits}
    return all((edit.key, edit.field, edit.value) in waits for edit in decision.edits)


def plan_at_length(facts: Facts, policies: Mapping[int, Policy], terms: Terms) -> Decision:
    """The same, whatever is known of the address."""
    facts = _in_order(facts, policies)
    entries = enter(facts.records, policies)
    if isinstance(facts.sight, Unknown):
        return _blind(facts, entries, policies)
    if _rests(facts, policies) and not entries.flagged:
        return _later(facts)
    if facts.pending and stale(facts):
        return look(facts, Rule.R29)
    case = _case(facts, entries, policies, terms)
    if entries.flagged:
        return put_back(case, forbidden(case))
    decision = _decide(case)
    return decision if decision.verb in (Verb.LOOK, Verb.PARK) else _completed(decision, case, entries)


def _case(facts: Facts, entries: Entries, policies: Mapping[int, Policy], terms: Terms) -> Case:
    """Nothing is written for a paused connection; its records keep their place (R82)."""
    working = entries.candidates
    if any(policies[record.connection].paused for record in working):
        working = tuple(record for record in working if not policies[record.connection].paused)
    anew = isinstance(facts.sight, Seen) and _made_anew(facts, facts.sight, policies)
    # What the former profile confirmed is over with it; a call without an answer may still arrive at this one (R28).
    mine = replace(facts, pending=tuple(call for call in facts.pending if not call.ended)) if anew else facts
    judged = judge(mine, policies, terms)
    bound = {bound.key: bound for bound in facts.bindings}
    return Case(facts, judged, working, entries.candidates, policies, terms, bound, anew)


def _decide(case: Case) -> Decision:
    if not case.candidates:
        return put_back(case, last_left(case, leaving(case)))
    if isinstance(case.facts.sight, Missing):
        return meet_absent(case, case.facts.sight)
    if case.judged.created is not None:
        return ours_after_all(case)
    if case.anew:
        return adopt(case)
    if any(bound.open for bound in case.facts.bindings):
        return meet_again(case)
    if not {bound.connection for bound in case.facts.bindings} & {record.connection for record in case.candidates}:
        return adopt(case)
    return _taken_up(case)


def _completed(decision: Decision, case: Case, entries: Entries) -> Decision:
    """With the bindings that close beside it, and the connections that are passed over."""
    named = {tie.key for tie in decision.ties}
    closing = tuple(tie for tie in leaving(case) if tie.key not in named) if case.facts.bindings else ()
    counted = {number for number, _, _ in decision.outcomes}
    skipped = tuple(entry for entry in _skipped(entries) if entry[0] not in counted)
    if not closing and not skipped:
        return decision
    return replace(
        decision,
        ties=(*decision.ties, *closing),
        lines=(*decision.lines, *left_lines(case, closing)),
        outcomes=(*decision.outcomes, *skipped),
    )


def _skipped(entries: Entries) -> tuple[tuple[int, Outcome, str], ...]:
    return tuple((number, Outcome.SKIPPED, why) for number, why in sorted(entries.reasons.items()) if why)


def _in_order(facts: Facts, policies: Mapping[int, Policy]) -> Facts:
    """In the order of rank, whatever order they were read in, and without connections that were removed (R83)."""
    records, bindings, pending = facts.records, facts.bindings, facts.pending
    known = all(record.connection in policies for record in records) and all(b.connection in policies for b in bindings)
    if known and len(records) < 2 and len(bindings) < 2 and len(pending) < 2:
        return facts if facts.ruling is None or facts.ruling in policies else replace(facts, ruling=None)
    known_records = [record for record in records if record.connection in policies]
    known_bindings = [bound for bound in bindings if bound.connection in policies]
    return replace(
        facts,
        records=tuple(sorted(known_records, key=lambda record: (record.rank, record.connection))),
        bindings=tuple(sorted(known_bindings, key=lambda bound: (bound.rank, bound.connection))),
        pending=tuple(sorted(pending, key=lambda call: call.ticket)),
        ruling=facts.ruling if facts.ruling in policies else None,
    )


def _rests(facts: Facts, policies: Mapping[int, Policy]) -> bool:
    """The profiles that a paused connection rules stay its own (R82)."""
    if facts.ruling is None or not policies[facts.ruling].paused:
        return False
    return any(bound.open and bound.connection == facts.ruling for bound in facts.bindings)


def _later(facts: Facts) -> Decision:
    return replace(look(facts, Rule.R20), verb=Verb.LATER, parked="")


def _blind(facts: Facts, entries: Entries, policies: Mapping[int, Policy]) -> Decision:
    """Nobody has looked. A record without a place needs no look, unless something of ours may be there."""
    if _rests(facts, policies) and not entries.flagged:
        return _later(facts)
    wanted = entries.candidates and not entries.flagged
    if wanted or facts.pending or any(bound.open for bound in facts.bindings):
        return look(facts, Rule.R20)
    forbidden_for = dict.fromkeys(sorted({record.connection for record in facts.records}), "do_not_send")
    reasons = forbidden_for if entries.flagged else entries.reasons
    return replace(
        look(facts, Rule.R10 if entries.flagged else Rule.R9),
        verb=Verb.SKIP,
        parked="",
        outcomes=tuple((number, Outcome.SKIPPED, why) for number, why in sorted(reasons.items()) if why),
    )


def _made_anew(facts: Facts, seen: Seen, policies: Mapping[int, Policy]) -> bool:
    """Another profile under the same address: told by the vendor's id, else by a later beginning (R28).

    Until a reading has told the id of one that we made, one that bears neither our source nor our tag is another.
    """
    if not facts.known:
        return False
    tied = any(bound.open for bound in facts.bindings)
    if not tied and any(bound.why == "deleted_from_list" for bound in facts.bindings):
        return True
    if facts.uid and seen.uid:
        return facts.uid != seen.uid
    if facts.ours and tied and not facts.uid and seen.uid and _is_strangers(seen, policies):
        return True
    return facts.since is not None and seen.since is not None and seen.since - facts.since > CLOCKS


def _is_strangers(seen: Seen, policies: Mapping[int, Policy]) -> bool:
    if seen.tags is None or not seen.sources:
        return False
    there = {tag_key(tag) for tag in seen.tags}
    return not any(policy.source in seen.sources or tag_key(policy.tag) in there for policy in policies.values())


def _taken_up(case: Case) -> Decision:
    """Tied before and closed since: taken up as it was, both snapshots as they stand, no field written (R12a)."""
    judged = replace(case.judged, agreed=case.seen.fields, crm={}, waiting=frozenset(), again=frozenset(), failed={})
    decision = meet_again(replace(case, judged=judged))
    if decision.verb in (Verb.LOOK, Verb.PARK):
        return decision
    return replace(decision, rule=Rule.R12A, stands=True)
