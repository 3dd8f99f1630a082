"""What a decision's call is noted as before it is sent, and how it is remembered when its answer is lost (R29, R32)."""

from collections.abc import Sequence
from datetime import datetime

from core.decide.facts import Call, Decision, Facts, Missing, Seen, Verb

ADDS = (Verb.ADD, Verb.JOIN)
KEPT = 4
"""Calls that are remembered for one address."""


def call_of(
    facts: Facts, decision: Decision, *, ticket: int, at: datetime, vendor_time: datetime, ended: int = 0
) -> Call | None:
    """The call that carries this decision out; None where it writes nothing that a reading could show.

    Noted with `ended` 0. A success is remembered with the ticket that its settle drew, so that only a later reading
    confirms it; an answer that was lost is remembered as it was noted. Who joins from another list is sent what is
    empty there; what stands is not ours (R17).
    """
    write, then = decision.write, decision.then
    if write is None:
        return None
    there, joins = _there(facts), decision.verb is Verb.JOIN
    values = dict(decision.agreed or {}) if decision.verb in ADDS else dict(write.fields)
    if joins:
        filled = then.fields if then is not None else {}
        values = {key: value for key, value in values.items() if key in filled or key not in there}
    return Call(
        decision.verb in ADDS,
        {key: (there.get(key, ""), value) for key, value in values.items()},
        then.tags if then is not None else write.tags,
        write.source or "",
        ticket,
        ended,
        at,
        vendor_time,
        joins=joins,
        back=decision.back,
    )


def newest(calls: Sequence[Call]) -> tuple[Call, ...]:
    """At most `KEPT` of them, in order: the oldest answered ones go first, as a reading confirms them soon."""
    over = len(calls) - KEPT
    for answered in (True, False):
        for call in [one for one in calls if bool(one.ended) is answered][: max(over, 0)]:
            calls = [one for one in calls if one is not call]
            over -= 1
    return tuple(calls)


def _there(facts: Facts) -> dict[str, str]:
    if isinstance(facts.sight, Seen):
        return dict(facts.sight.fields)
    if isinstance(facts.sight, Missing) and facts.sight.account is not None:
        return dict(facts.sight.account.fields)
    return {}
