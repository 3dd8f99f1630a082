"""The brake: what would close or unsubscribe too many at once waits for a person; so do too many edits (R96)."""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from core.decide.case import tie_of
from core.decide.facts import Bound, Decision, Facts, Policy, Verb
from core.decide.rules import Rule

RELEASED = "released"
"""The cause of an address that the brake, or a person, let go."""
SETTINGS = "settings"
"""The cause of an address that a changed setting marked."""
KEPT = "kept"
"""Why an open binding stays open though its record has left: a person decided against closing it."""
REFUSED = "A person decided against it."
"""Why such an address is parked."""
PERCENT = 5

COUNTED = frozenset(
    {"gone", "invalid_record", "colleague", "own_company", "email_changed", "do_not_send", "deleted_from_list"}
)
"""Reasons for closing a binding that are counted: all that come from somebody's deed in the CRM or in the list."""
BY_SETTING = frozenset({"colleague", "own_company", "do_not_send"})
"""Those that a changed setting can be behind; then they are not counted."""


class Brake(Enum):
    """What is counted together, and how many of it never ask."""

    CLOSINGS = 5
    EDITS = 50


def allowed(brake: Brake, bindings: int, setting: int = 0) -> int:
    """How many go without asking: what the setting says, else five in a hundred open bindings, at least the floor."""
    return setting or max(brake.value, bindings * PERCENT // 100)


def asks(waiting: int, let_through: int, limit: int) -> bool:
    """Whether a person is asked. `let_through`: what the brake let go in the hour before, which counts as well."""
    return waiting + let_through > limit


def braked(decision: Decision, facts: Facts, cause: str, policies: Mapping[int, Policy]) -> Decision:
    """The decision, or in its place that the address is held for a connection, or refused by a person (R96).

    Held are unsubscribes (R10, R27, R80) and counted closings. A first sync is exempt; so is what was released.
    """
    if not facts.bindings and decision.verb is not Verb.UNSUBSCRIBE:
        return decision
    refused = [bound for bound in facts.bindings if bound.open and bound.why == KEPT]
    if refused and decision.verb not in (Verb.LOOK, Verb.LATER, Verb.PARK):
        return _after_refusal(decision, refused)
    if cause == RELEASED:
        return decision
    held = [number for number in _concerned(decision, cause, policies) if not policies[number].first_sync]
    return replace(decision, verb=Verb.HOLD, held_for=held[0]) if held else decision


def _concerned(decision: Decision, cause: str, policies: Mapping[int, Policy]) -> list[int]:
    """The connections whose brake the decision concerns, the lowest first."""
    counted = COUNTED - BY_SETTING if cause == SETTINGS else COUNTED
    closing = [tie for tie in decision.ties if not tie.open]
    if decision.verb is not Verb.UNSUBSCRIBE:
        return sorted({tie.key[0] for tie in closing if tie.why in counted})
    return sorted({tie.key[0] for tie in closing} or {line.connection for line in decision.lines} or set(policies))


def _after_refusal(decision: Decision, refused: list[Bound]) -> Decision:
    """Parked while it would still close what a person kept; a record that is back is like any other."""
    closing = {tie.key for tie in decision.ties if not tie.open}
    if any(bound.key in closing for bound in refused):
        return replace(decision, verb=Verb.HOLD, rule=Rule.R96, parked=REFUSED)
    named = {tie.key for tie in decision.ties}
    back = [bound for bound in refused if bound.key not in named]
    again = tuple(tie_of(bound) for bound in back)
    return replace(decision, ties=(*decision.ties, *again)) if again else decision
