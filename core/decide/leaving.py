"""Who leaves an address: bindings close, profiles stay (R8, R10, R27, R80)."""

from collections.abc import Sequence
from dataclasses import replace

from core.decide.case import Case, closed, tie_of
from core.decide.entry import why_not
from core.decide.facts import Bound, Decision, Line, Outcome, Policy, Seen, Tie, Verb
from core.decide.rules import Rule
from core.decide.values import with_tags
from spojka import Standing, Status, Write

LEFT_TAG = "{source}-left"
"""The tag that `on_delete: tag` and `on_email_change: tag` put on a profile of ours whose last binding closed."""


def leaving(case: Case) -> tuple[Tie, ...]:
    """The open bindings whose record has no place at this address any more, closed with the reason."""
    stay = {record.key for record in case.standing}
    gone = [bound for bound in case.facts.bindings if bound.open and bound.key not in stay]
    return tuple(_closed(bound, _why(bound, case)[0]) for bound in gone if not case.policies[bound.connection].paused)


def _closed(bound: Bound, why: str) -> Tie:
    return closed(tie_of(bound), why)


def _why(bound: Bound, case: Case) -> tuple[str, Rule]:
    if bound.standing is Standing.GONE:
        return "gone", Rule.R80
    here = any(record.key == bound.key for record in case.facts.records)
    reason = why_not(bound.standing, 1, case.policies[bound.connection])
    if reason:
        return reason, Rule.R80
    return ("slot_off", Rule.R8) if here else ("email_changed", Rule.R27)


def left_lines(case: Case, ties: Sequence[Tie]) -> tuple[Line, ...]:
    """One line a closed binding."""
    return tuple(
        Line(
            tie.key[0],
            _why(case.bound[tie.key], case)[1],
            "closed",
            {"binding": (f"{tie.key[1]}:{tie.key[2]}", tie.why)},
        )
        for tie in ties
    )


def forbidden(case: Case) -> Decision:
    """A record says that no mail may be sent: every binding closes, and what is ours is unsubscribed once (R10)."""
    facts, judged = case.facts, case.judged
    ties = tuple(_closed(bound, "do_not_send") for bound in facts.bindings if bound.open)
    found = judged.created is not None
    subscribed = isinstance(facts.sight, Seen) and facts.sight.status is Status.SUBSCRIBED
    leaves = case.ours and subscribed and (bool(ties) or found)
    connections = sorted({record.connection for record in facts.records})
    told = connections if leaves or ties else []
    return Decision(
        facts.email,
        Verb.UNSUBSCRIBE if leaves else Verb.SKIP,
        Rule.R10,
        agreed=judged.agreed,
        pending=judged.pending,
        ours=case.ours,
        known=facts.known or found,
        ruling=facts.ruling,
        ties=ties,
        outcomes=tuple((number, Outcome.SKIPPED, "do_not_send") for number in connections),
        lines=tuple(Line(number, Rule.R10, "unsubscribed" if leaves else "skipped") for number in told),
    )


def last_left(case: Case, ties: Sequence[Tie]) -> Decision:
    """No record stands here any more: the profile stays, unless the setting says otherwise (R27, R80)."""
    facts, judged = case.facts, case.judged
    base = Decision(
        facts.email,
        Verb.KEEP,
        _why(case.bound[ties[0].key], case)[1] if ties else Rule.R20,
        agreed=judged.agreed,
        pending=judged.pending,
        ours=case.ours,
        known=facts.known or judged.created is not None,
        ruling=facts.ruling,
        ties=tuple(ties),
        lines=left_lines(case, ties),
    )
    wish = _wish(case, ties)
    if wish is None or not case.ours or not isinstance(facts.sight, Seen):
        return base
    choice, policy = wish
    if choice == "unsubscribe" and facts.sight.status is Status.SUBSCRIBED:
        return replace(base, verb=Verb.UNSUBSCRIBE)
    return _tagged(case, base, facts.sight, policy) if choice == "tag" else base


def _wish(case: Case, ties: Sequence[Tie]) -> tuple[str, Policy] | None:
    """What the settings want done, once, when the last binding closes and no record stands here, paused or not.

    While a connection of the list has not read its records, one of them may stand here.
    A profile that a call without an answer made (R101) was never bound; whoever may have sent that call decides.
    """
    closing = {tie.key for tie in ties}
    if any(policy.unread for policy in case.policies.values()):
        return None
    if case.standing or any(bound.open and bound.key not in closing for bound in case.facts.bindings):
        return None
    if ties:
        policy = case.policies[ties[0].key[0]]
        return {"email_changed": policy.on_email_change, "slot_off": "keep"}.get(ties[0].why, policy.on_delete), policy
    created = case.judged.created
    if created is None:
        return None
    senders = [policy for policy in case.policies.values() if policy.source == created.source]
    here = {record.connection for record in case.facts.records}
    wishes = [(policy.on_delete if policy.connection in here else policy.on_email_change, policy) for policy in senders]
    choices = {choice for choice, _ in wishes}
    return wishes[0] if len(choices) == 1 else None


def _tagged(case: Case, base: Decision, seen: Seen, policy: Policy) -> Decision:
    if seen.tags is None:
        return case.look(base.rule)
    limits = case.terms.limits
    tags = with_tags(seen.tags, [LEFT_TAG.format(source=policy.source)], limits.tag_length, limits.tags_length)
    if not tags.added:
        return base
    return replace(base, verb=Verb.CHANGE, write=Write(case.facts.email, {}, tags.all))
