"""A profile that is tied already: what of its fields moves, and what its bindings say then (R7, R12a, R20-R26, R34)."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from core.decide.case import Case
from core.decide.facts import (
    Back,
    Bound,
    Call,
    Decision,
    Edit,
    Line,
    Origin,
    Outcome,
    RecordKey,
    Standpoint,
    TakeBack,
    Tie,
    Verb,
)
from core.decide.frozen import dataclass
from core.decide.merge import Merging, Move, Side, Verdict, merge
from core.decide.rules import Rule
from core.decide.sharing import Ruler, ruler_of
from core.decide.tagging import Tagging, tagging
from core.decide.undo import LEFT, returns_of
from core.decide.values import fit, tag_key
from spojka import Write

NOT_STORED = "The CRM confirmed this value twice and did not store it. Correct it there, or in the list."


@dataclass(slots=True)
class Merged:
    """All fields of one record against one profile; the snapshots move only where something was decided."""

    crm: dict[str, str]
    audience: dict[str, str]
    sent: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    cut: tuple[str, ...] = ()
    edits: dict[str, Edit] = field(default_factory=dict)
    back: frozenset[str] = frozenset()
    taken: tuple[tuple[TakeBack, Back], ...] = ()
    looks: bool = False


def merge_fields(case: Case, ruler: Ruler) -> Merged:
    """Merge field by field."""
    record, seen, judged, crm, audience = ruler.record, case.seen.fields, case.judged, ruler.crm, ruler.audience
    merged = Merged(dict(crm), dict(audience))
    quiet = crm == record.fields and audience == seen and not (ruler.echo.right or ruler.echo.failed)
    if quiet and not case.facts.takebacks:
        return merged
    policy = case.policies[record.connection]
    how = Merging(policy, case.terms.limits.field_length, False, case.ours, case.facts.looked)
    inward, choices, foreign = replace(how, inward=True), _choices(case, record), _foreign(case)
    for key, spec in policy.fields.items():
        then, now, list_then, list_now = crm.get(key), record.fields.get(key), audience.get(key), seen.get(key)
        if then == now and (list_now is None or list_then == list_now):
            # Nobody touched it, as nearly always; `merge` says the same, more slowly.
            continue
        if key in judged.waiting or key in judged.failed or key in ruler.echo.waiting or key in ruler.echo.failed:
            continue
        if key in foreign:
            _let_be(merged, key, now, list_now, case)
            continue
        sides = Side(then, now), Side(list_then, list_now)
        asked = inward if key in record.one_way else replace(how, choice=choices[key]) if key in choices else how
        verdict = merge(*sides, spec, asked)
        if verdict.move is not Move.NOTHING:
            _apply(merged, key, verdict, sides, ruler)
    for key, value in ruler.echo.right.items():
        merged.edits[key] = Edit(record.key, key, record.fields.get(key, ""), value, Rule.R29)
    for key, sent in ruler.echo.failed.items():
        merged.edits[key] = Edit(record.key, key, record.fields.get(key, ""), sent, Rule.R32, refused=NOT_STORED)
    if case.facts.takebacks:
        _take_back(merged, case, ruler)
    return _fitted(merged, case, ruler)


def _take_back(merged: Merged, case: Case, ruler: Ruler) -> None:
    """What a person wants back as it was goes out like any other write, and moves no snapshot of the other side."""
    returns = returns_of(case, ruler, merged.sent.keys() | merged.edits.keys(), _foreign(case))
    merged.sent |= returns.sent
    merged.rules |= dict.fromkeys(returns.sent, Rule.R35)
    merged.edits |= returns.edits
    merged.back, merged.taken, merged.looks = frozenset(returns.sent), returns.taken, merged.looks or returns.looks


def _foreign(case: Case) -> frozenset[str]:
    """Fields of the account that another list's connection rules, or did until now (R34)."""
    ruling = case.facts.shared_ruling
    return case.terms.shared if ruling is not None and ruling not in case.policies else frozenset()


def _let_be(merged: Merged, key: str, crm: str | None, audience: str | None, case: Case) -> None:
    """What another connection rules is no edit here; once it is gone, both snapshots are taken as they stand (R7)."""
    if crm is not None:
        merged.crm[key] = crm
    if audience is not None and not case.facts.shared_elsewhere:
        merged.audience[key] = audience


def _choices(case: Case, record: Standpoint) -> dict[str, str]:
    """What a person chose where both sides were edited (R24), between the values that both still say."""
    seen = case.seen.fields
    return {
        edit.field: edit.choice
        for edit in case.facts.edits
        if edit.choice
        and edit.key == record.key
        and edit.was == record.fields.get(edit.field, "")
        and edit.value == seen.get(edit.field, edit.value)
    }


def _apply(merged: Merged, key: str, verdict: Verdict, sides: tuple[Side, Side], ruler: Ruler) -> None:
    crm, audience = sides
    if verdict.move is Move.TO_LIST:
        merged.sent[key], merged.rules[key] = verdict.sent, verdict.rule
        merged.crm[key] = crm.now or ""
    elif verdict.move is Move.AGREED:
        merged.crm[key] = crm.now or ""
        if audience.now is not None:
            merged.audience[key] = audience.now
    elif verdict.move is Move.LOOK:
        merged.looks = True
    else:
        merged.edits[key] = Edit(
            ruler.record.key,
            key,
            crm.now or "",
            verdict.sent,
            Rule.R32 if key in ruler.echo.again else verdict.rule,
            asks=verdict.move is Move.ASKS,
            refused="The CRM does not let this be empty." if verdict.move is Move.REFUSED else "",
            repeats=1 if key in ruler.echo.again else 0,
        )


def _fitted(merged: Merged, case: Case, ruler: Ruler) -> Merged:
    """Cut what is too long, custom fields together with those that stay (R42), and cite the rule that sends."""
    if not merged.sent:
        return merged
    limits, own = case.terms.limits, case.policies[ruler.record.connection].fields
    stay = sum(
        len(value)
        for key, value in merged.audience.items()
        if key.startswith("custom:") and key in own and key not in merged.sent
    )
    fitted = fit(merged.sent, limits.field_length, max(0, limits.custom_length - stay))
    merged.sent = dict(fitted.fields)
    merged.audience |= merged.sent
    given = merged.sent.keys() - merged.back
    merged.cut = tuple(
        key for key in merged.sent if key in given and merged.sent[key] != ruler.record.fields.get(key, "")
    )
    for key, rule in merged.rules.items():
        if key in case.judged.again:
            merged.rules[key] = Rule.R32
        elif ruler.rule is Rule.R7 and rule is Rule.R21:
            merged.rules[key] = Rule.R7
    return merged


def meet_again(case: Case) -> Decision:
    """The plan for a profile that is tied (parts A, C)."""
    ruler = ruler_of(case)
    merged, tags = merge_fields(case, ruler), tagging(case)
    if merged.looks or tags.looks or (case.judged.unsaid and not case.facts.looked):
        return case.look(Rule.R21)
    connection = ruler.record.connection
    write = Write(case.facts.email, merged.sent, tags.all) if merged.sent or tags.all is not None else None
    parked = _parked(case)
    failed = parked or next((edit.refused for edit in merged.edits.values() if edit.rule is Rule.R32), "")
    changed = bool(merged.sent or case.judged.arrived or merged.taken) or tags.rule not in (Rule.R20, Rule.R34)
    newcomers = {record.connection for record in case.candidates} - {bound.connection for bound in case.facts.bindings}
    return Decision(
        case.facts.email,
        Verb.CHANGE if write is not None else Verb.KEEP,
        _rule(merged, tags),
        write=write,
        agreed=merged.audience,
        pending=_pending(case, merged, tags),
        ours=case.ours,
        ruling=connection,
        ties=_ties(case, ruler, merged),
        outcomes=_outcomes(case, newcomers, connection, changed, failed),
        lines=_lines(case, merged, tags, ruler, newcomers) if changed or newcomers or tags.left_out or parked else (),
        again_after=120 if case.judged.waiting else 0,
        parked=parked,
        stands=ruler.rule is Rule.R7,
        edits=tuple(merged.edits.values()),
        back=merged.back,
        taken=merged.taken,
    )


def _rule(merged: Merged, tags: Tagging) -> Rule:
    if merged.rules:
        return next(iter(merged.rules.values()))
    if tags.all is not None:
        return tags.rule
    return next((edit.rule for edit in merged.edits.values()), Rule.R20)


def _pending(case: Case, merged: Merged, tags: Tagging) -> tuple[Call, ...]:
    """What stays pending: a repetition only if it goes out; calls of unknown end learn of the tags that are written."""
    kept = []
    for call in case.judged.pending:
        if call.repeats:
            over = case.judged.again - merged.sent.keys()
            call = replace(call, fields={key: pair for key, pair in call.fields.items() if key not in over})
        if not call.ended and tags.all is not None and call.tags is not None:
            call = replace(call, later=tags.all)
        if call.fields or call.tags is not None:
            kept.append(call)
    return tuple(kept)


def _parked(case: Case) -> str:
    failed = case.judged.failed
    if failed:
        return f"The list confirmed {', '.join(sorted(failed))} twice and did not store it. Correct it in the CRM."
    if case.judged.tags_failed:
        return "The list confirmed a tag twice and did not store it. Add it in the list, or change the tag."
    return ""


def _ties(case: Case, ruler: Ruler, merged: Merged) -> tuple[Tie, ...]:
    """Only the bindings that change."""
    origin = Origin.CREATED if case.ours else Origin.ADOPTED
    ties: dict[RecordKey, Tie | None] = {}
    for record in case.candidates:
        if record.key in ties:
            continue
        known = case.bound.get(record.key)
        agreed = merged.crm if record.key == ruler.record.key else _sibling(known, record)
        tags = known.agreed_tags if _keeps_tags(case, known) and known is not None else record.tags
        pending = ruler.echo.left if record.key == ruler.record.key else known.pending if known else ()
        tie = Tie(record.key, record.slot, known.origin if known else origin, agreed, tags, pending=pending)
        ties[record.key] = tie if known is None or not known.open or _differs(known, tie) else None
    return tuple(tie for tie in ties.values() if tie is not None)


def _keeps_tags(case: Case, known: Bound | None) -> bool:
    return known is not None and known.open and not case.policies[known.connection].follow_tags


def _sibling(known: Bound | None, record: Standpoint) -> Mapping[str, str]:
    return known.agreed if known is not None and known.open else record.fields


def _differs(known: Bound, tie: Tie) -> bool:
    said = known.agreed != tie.agreed or known.agreed_tags != tie.agreed_tags
    return said or known.slot != tie.slot or known.pending != tie.pending


def _outcomes(
    case: Case, newcomers: set[int], connection: int, writes: bool, failed: str
) -> tuple[tuple[int, Outcome, str], ...]:
    found = []
    for number in sorted({record.connection for record in case.candidates}):
        if number in newcomers:
            found.append((number, Outcome.ADOPTED, ""))
        elif number == connection and failed:
            found.append((number, Outcome.FAILED, failed))
        else:
            found.append((number, Outcome.UPDATED if writes and number == connection else Outcome.UNCHANGED, ""))
    return tuple(found)


def _lines(
    case: Case, merged: Merged, tags: Tagging, ruler: Ruler, newcomers: Sequence[int] | set[int]
) -> tuple[Line, ...]:
    connection, seen = ruler.record.connection, case.seen.fields
    lines: list[Line] = []
    if case.judged.arrived:
        lines.append(Line(connection, Rule.R21, "updated", case.judged.arrived))
    for rule in dict.fromkeys(merged.rules.values()):
        keys = [key for key, cited in merged.rules.items() if cited is rule]
        lines.append(Line(connection, rule, "updated", {key: (seen.get(key, ""), merged.sent[key]) for key in keys}))
    for back, state in merged.taken:
        if state in LEFT:
            lines.append(Line(back.connection, Rule.R35, f"left_{state.value}", {back.field: (back.was, back.value)}))
    for key in merged.cut:
        lines.append(Line(connection, Rule.R42, "cut", {key: (ruler.record.fields.get(key, ""), merged.sent[key])}))
    for key, sent in case.judged.failed.items():
        lines.append(Line(connection, Rule.R32, "failed", {key: (sent, seen.get(key, ""))}))
    for tag in case.judged.tags_failed:
        lines.append(Line(connection, Rule.R103, "failed", {"tags": (tag, "")}))
    if tags.all is not None and tags.rule is not Rule.R34:
        lines.append(Line(connection, tags.rule, "tagged", {"tags": (", ".join(tags.removed), ", ".join(tags.added))}))
    lines.extend(Line(connection, Rule.R54, "left_out", {"tags": (tag, "")}) for tag in tags.left_out)
    come = {tag_key(tag) for tag in tags.added}
    for number in sorted(newcomers):
        tag = case.policies[number].tag
        lines.append(Line(number, Rule.R34, "adopted", {"tags": ("", tag)} if tag_key(tag) in come else {}))
    return tuple(lines)
