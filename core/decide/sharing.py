"""Who rules a profile that several records or connections share (R7, R34)."""

from collections.abc import Mapping

from core.decide.case import Case
from core.decide.facts import Bound, Standpoint
from core.decide.frozen import dataclass
from core.decide.outward import SILENCE, Echo, listen
from core.decide.rules import Rule
from core.decide.values import equal, forms_of


@dataclass(frozen=True, slots=True)
class Ruler:
    """The record that rules the profile, and the snapshots its edits are told from.

    `crm` and `audience` are both sides' snapshots; a field that is missing has none. `rule` is R7 where the record has
    only now taken over. `echo`: what our own writes into the record came to.
    """

    record: Standpoint
    crm: Mapping[str, str]
    audience: Mapping[str, str]
    rule: Rule
    echo: Echo = SILENCE


def ruling_of(case: Case) -> int:
    """Which connection rules: the one that did, while it has a record here; else whoever is next (R34)."""
    with_records = sorted({record.connection for record in case.candidates})
    if case.facts.ruling in with_records and not case.anew:
        return case.facts.ruling
    tied = [bound.connection for bound in case.facts.bindings if bound.open and bound.connection in with_records]
    return min(tied) if tied else with_records[0]


def ruler_of(case: Case) -> Ruler:
    """The ruling record. A successor writes nothing; one that ranks before the primary takes over what is ours (R7)."""
    connection = ruling_of(case)
    mine = [record for record in case.candidates if record.connection == connection]
    first, former = mine[0], _former(case, connection)
    if former is None or case.facts.ruling not in (None, connection):
        return _as_they_stand(first, case)
    if former.key == first.key:
        return _as_before(first, former, case)
    if case.ours and any(record.key == former.key for record in mine):
        return _takes_over(first, case)
    return _as_they_stand(first, case)


def _as_before(record: Standpoint, bound: Bound, case: Case) -> Ruler:
    crm, audience = {**bound.agreed, **case.judged.crm}, case.judged.agreed
    if not bound.pending:
        return Ruler(record, crm, audience, Rule.R21)
    echo = listen(bound, record, case.seen.fields, audience, forms_of(case.policies), case.facts.now)
    return Ruler(record, {**crm, **echo.crm}, {**audience, **echo.audience}, Rule.R21, echo)


def _former(case: Case, connection: int) -> Bound | None:
    mine = [bound for bound in case.facts.bindings if bound.open and bound.connection == connection]
    return min(mine, key=lambda bound: bound.rank, default=None)


def _as_they_stand(record: Standpoint, case: Case) -> Ruler:
    return Ruler(record, dict(record.fields), dict(case.seen.fields), Rule.R7)


def _takes_over(record: Standpoint, case: Case) -> Ruler:
    """Fields nobody touched in the list become its values; touched ones stay as they stand."""
    agreed, forms = case.judged.agreed, forms_of(case.policies)
    crm = dict(record.fields)
    for key in record.fields:
        then = agreed.get(key)
        now = case.seen.fields.get(key, then)
        if then is not None and now is not None and equal(forms, key, now, then):
            crm[key] = then
    return Ruler(record, crm, {**agreed, **case.seen.fields}, Rule.R7)
