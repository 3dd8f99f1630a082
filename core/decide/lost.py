"""A call whose answer was lost made the profile: ours, and what has changed since is written (R101)."""

from dataclasses import replace

from core.decide.again import meet_again
from core.decide.case import Case, tie_of
from core.decide.facts import Bound, Decision, Line, Origin, Outcome, Standpoint, Verb
from core.decide.meeting import first_tags
from core.decide.rules import Rule


def ours_after_all(case: Case) -> Decision:
    """As if the answer had come: the bindings are those that its settle would have opened, and then they meet again."""
    bindings = {record.key: _bound_by(record, case) for record in reversed(case.candidates)}
    facts = replace(
        case.facts,
        ours=True,
        known=True,
        bindings=tuple(bindings.values()),
        ruling=case.candidates[0].connection,
    )
    missing = (*case.judged.missing_tags, *first_tags(case.seen.tags or (), case).added)
    decision = meet_again(replace(case, facts=facts, bound=bindings, judged=replace(case.judged, missing_tags=missing)))
    if decision.verb in (Verb.LOOK, Verb.PARK):
        return decision
    opened = {key: tie_of(bound) for key, bound in bindings.items()}
    changed = {tie.key: tie for tie in decision.ties}
    return replace(
        decision,
        rule=Rule.R101,
        ties=tuple({**opened, **changed}[key] for key in sorted(opened)),
        outcomes=case.outcomes(Outcome.CREATED),
        lines=(Line(case.candidates[0].connection, Rule.R101, "created"), *decision.lines),
    )


def _bound_by(record: Standpoint, case: Case) -> Bound:
    """The CRM's snapshot of the primary is what the call sent; a sibling's is as it stands.

    So is what a call that joined found there already (R17).
    """
    crm = case.judged.crm
    primary = record.key == case.candidates[0].key
    missing = record.fields if case.judged.created is not None and case.judged.created.joins else {}
    return Bound(
        record.connection,
        record.kind,
        record.id,
        record.sort_key,
        record.slot,
        Origin.CREATED,
        open=True,
        why="",
        agreed={key: crm.get(key, missing.get(key, "")) for key in record.fields} if primary else record.fields,
        agreed_tags=record.tags,
    )
