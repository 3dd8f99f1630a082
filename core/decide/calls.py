"""What a decision's call is noted as before it is sent, and how it is remembered when its answer is lost (R29, R32)."""

from datetime import datetime

from core.decide.facts import Call, Decision, Facts, Missing, Seen, Verb

ADDS = (Verb.ADD, Verb.JOIN)


def call_of(
    facts: Facts, decision: Decision, *, ticket: int, at: datetime, vendor_time: datetime, ended: int = 0
) -> Call | None:
    """The call that carries this decision out; None where it writes nothing that a reading could show.

    Noted with `ended` 0. A success is remembered with the ticket that its settle drew, so that only a later reading
    confirms it; an answer that was lost is remembered as it was noted.
    """
    write, then = decision.write, decision.then
    if write is None:
        return None
    there = _there(facts)
    values = decision.agreed or {} if decision.verb in ADDS else write.fields
    tags = then.tags if then is not None else write.tags
    return Call(
        decision.verb in ADDS,
        {key: (there.get(key, ""), value) for key, value in values.items()},
        tags,
        write.source or "",
        ticket,
        ended,
        at,
        vendor_time,
    )


def _there(facts: Facts) -> dict[str, str]:
    if isinstance(facts.sight, Seen):
        return dict(facts.sight.fields)
    if isinstance(facts.sight, Missing) and facts.sight.account is not None:
        return dict(facts.sight.account.fields)
    return {}
