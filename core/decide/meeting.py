"""A record meets an address for the first time: created, adopted, joined, or left alone (R11-R17, R50)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from core.decide.case import Case, closed, outcomes, tie_of
from core.decide.entry import forbids, why_not
from core.decide.facts import (
    NOT_THERE,
    Call,
    Decision,
    Facts,
    Line,
    Missing,
    Origin,
    Outcome,
    Policy,
    RecordKey,
    Seen,
    Standpoint,
    Terms,
    Tie,
    Verb,
)
from core.decide.frozen import dataclass
from core.decide.rules import Rule
from core.decide.sharing import ruling_of
from core.decide.values import Tags, fit, with_tags
from spojka import Limits, Status, Write

BAD_ELSEWHERE = (Status.COMPLAINED, Status.BOUNCED)


def first_tags(there: Sequence[str], case: Case) -> Tags:
    """The connections' own tags and all tags of the records (R7, R50, R54)."""
    limits = case.terms.limits
    return with_tags(there, _wanted_tags(case.candidates, case.policies), limits.tag_length, limits.tags_length)


def _wanted_tags(records: Sequence[Standpoint], policies: Mapping[int, Policy]) -> tuple[str, ...]:
    own = [policies[record.connection].tag for record in records]
    return (*own, *[tag for record in records for tag in record.tags])


@lru_cache(maxsize=1000)
def _new_tags(wanted: tuple[str, ...], length: int, together: int) -> Tags:
    """Of a profile that has none yet; few combinations make many profiles."""
    return with_tags((), wanted, length, together)


def meet_absent(case: Case, sight: Missing) -> Decision:
    """The address is not in the list: why it stays out (R15, R17), or how it comes in (R11, R17)."""
    if case.facts.known:
        return _stays_out(case, Rule.R15, "deleted_from_list")
    if any(status in BAD_ELSEWHERE for status in sight.elsewhere):
        return _stays_out(case, Rule.R17, "refused_elsewhere")
    policy = case.policies[case.candidates[0].connection]
    if Status.UNSUBSCRIBED in sight.elsewhere and not policy.join_who_left_elsewhere:
        return _stays_out(case, Rule.R17, "left_elsewhere")
    return create(case) if sight.account is None else join(case, sight.account)


def _stays_out(case: Case, rule: Rule, why: str) -> Decision:
    """Counted each time; the timeline hears of a deletion once, when the bindings close."""
    facts = case.facts
    open_ones = [bound for bound in facts.bindings if bound.open]
    ties = tuple(closed(tie_of(bound), why) for bound in open_ones)
    told = sorted({record.connection for record in case.candidates}) if ties or rule is not Rule.R15 else []
    return Decision(
        facts.email,
        Verb.SKIP,
        rule,
        agreed=facts.agreed,
        pending=case.judged.pending,
        ours=facts.ours,
        known=facts.known,
        ruling=facts.ruling,
        ties=ties,
        outcomes=case.outcomes(Outcome.SKIPPED, why),
        lines=tuple(Line(number, rule, "skipped") for number in told),
    )


def open_ties(candidates: Sequence[Standpoint], origin: Origin) -> tuple[Tie, ...]:
    """Bindings with the CRM's snapshot as it stands, one a record (R5: a record's two equal slots are one)."""
    ties: dict[RecordKey, Tie] = {}
    for record in candidates:
        if record.key not in ties:
            ties[record.key] = Tie(record.key, record.slot, origin, record.fields, record.tags)
    return tuple(ties.values())


@dataclass(frozen=True, slots=True)
class _Values:
    """What a new profile says: all mapped fields as the list takes them, and which were cut (R42)."""

    all: Mapping[str, str]
    cut: tuple[str, ...]

    @property
    def said(self) -> dict[str, str]:
        """Without the empty ones, which a new profile has anyway."""
        return {key: value for key, value in self.all.items() if value != ""}


def _values(primary: Standpoint, policy: Policy, limits: Limits) -> _Values:
    fields, own = primary.fields, policy.fields
    mapped = fields if fields.keys() <= own.keys() else {key: fields[key] for key in fields if key in own}
    fitted = fit(mapped, limits.field_length, limits.custom_length)
    return _Values(fitted.fields, fitted.cut)


def newcomer(facts: Facts, policies: Mapping[int, Policy], terms: Terms) -> Decision | None:
    """Nearly every address of a first run: one record that may have a profile, and nothing else known (R11).

    A short way to what the long one says, too; None where more has to be weighed.
    """
    if len(facts.records) != 1 or facts.bindings or facts.pending or facts.known or facts.sight != NOT_THERE:
        return None
    (record,) = facts.records
    policy = policies.get(record.connection)
    if policy is None or policy.paused or why_not(record.standing, record.slot, policy) is not None:
        return None
    return None if forbids(record, policy) else _new_profile(facts, facts.records, policies, terms.limits, ())


def create(case: Case) -> Decision:
    """A new profile with all mapped fields (R11)."""
    return _new_profile(case.facts, case.candidates, case.policies, case.terms.limits, case.judged.pending)


def _new_profile(
    facts: Facts,
    records: Sequence[Standpoint],
    policies: Mapping[int, Policy],
    limits: Limits,
    pending: tuple[Call, ...],
) -> Decision:
    primary = records[0]
    policy = policies[primary.connection]
    values = _values(primary, policy, limits)
    tags = _new_tags(_wanted_tags(records, policies), limits.tag_length, limits.tags_length)
    return Decision(
        facts.email,
        Verb.ADD,
        Rule.R11,
        write=Write(facts.email, values.said, tags.all, policy.source),
        start_automations=_starts(facts, primary, policy),
        agreed=values.all,
        pending=pending,
        ours=True,
        ruling=primary.connection,
        ties=open_ties(records, Origin.CREATED),
        outcomes=outcomes(records, Outcome.CREATED),
        lines=(Line(primary.connection, Rule.R11, "created"), *_notes(primary, tags, values)),
    )


def _starts(facts: Facts, primary: Standpoint, policy: Policy) -> bool:
    """Only a record that is young and was first found live starts the list's automations (R16)."""
    now = facts.now
    if not policy.start_automations or primary.found != "live" or primary.created_at is None or now is None:
        return False
    return (now - primary.created_at).total_seconds() < policy.automation_max_age_hours * 3600


def _notes(primary: Standpoint, tags: Tags, values: _Values) -> tuple[Line, ...]:
    """What did not fit, for the timeline (R3, R42, R54)."""
    lines = [Line(primary.connection, Rule.R54, "left_out", {"tags": (tag, "")}) for tag in tags.left_out]
    for key in values.cut:
        lines.append(Line(primary.connection, Rule.R42, "cut", {key: (primary.fields[key], values.all[key])}))
    if primary.note:
        lines.append(Line(primary.connection, Rule.R3, "others", {"email": (primary.note, "")}))
    return tuple(lines)


def join(case: Case, account: Seen) -> Decision:
    """The account knows the person: join the list, fill only what is empty, unite the tags (R17)."""
    policy = case.policies[case.candidates[0].connection]
    made, values = create(case), _values(case.candidates[0], policy, case.terms.limits)
    shared_tags = case.terms.shared_tags
    shared = {key: value for key, value in values.said.items() if key in case.terms.shared}
    if not case.facts.looked and any(key not in account.fields for key in shared):
        return case.look(Rule.R17)
    if shared_tags and account.tags is None:
        return case.look(Rule.R17)
    stand = {key: value for key, value in account.fields.items() if key in case.terms.shared}
    filled = {key: value for key, value in shared.items() if stand.get(key) == ""}
    own = {key: value for key, value in values.said.items() if key not in shared}
    tags = first_tags((account.tags or ()) if shared_tags else (), case)
    primary, email = case.candidates[0], case.facts.email
    agreed = {key: value for key, value in values.all.items() if key not in case.terms.shared}
    return replace(
        made,
        verb=Verb.JOIN,
        rule=Rule.R17,
        write=Write(email, own, None, policy.source),
        then=Write(email, filled, tags.all) if filled or tags.added else None,
        agreed={**agreed, **stand, **filled},
        lines=(Line(primary.connection, Rule.R17, "created"), *_notes(primary, tags, values)),
    )


def adopt(case: Case) -> Decision:
    """It was there: the connection's tag and nothing else; both snapshots as they stand (R12, R13, R28)."""
    rule = Rule.R28 if case.anew else Rule.R12
    seen, limits = case.seen, case.terms.limits
    if seen.tags is None:
        return case.look(rule)
    numbers = sorted({record.connection for record in case.candidates})
    own = [*(case.policies[number].tag for number in numbers), *case.judged.put_back]
    tags = with_tags(seen.tags, own, limits.tag_length, limits.tags_length)
    added = {"tags": ("", ", ".join(tags.added))} if tags.added else {}
    return Decision(
        case.facts.email,
        Verb.ADOPT,
        rule,
        write=Write(case.facts.email, {}, tags.all) if tags.added else None,
        agreed=seen.fields,
        pending=tuple(replace(call, later=tags.all) if call.tags is not None else call for call in case.judged.pending),
        ours=case.ours,
        ruling=ruling_of(case),
        ties=open_ties(case.candidates, Origin.ADOPTED),
        outcomes=case.outcomes(Outcome.ADOPTED),
        lines=tuple(Line(number, rule, "adopted", added) for number in numbers),
        stands=True,
    )
