"""One address on its way to a decision: the facts, what they mean, and who may have the profile."""

from collections.abc import Mapping, Sequence

from core.decide.echo import Judged
from core.decide.facts import Bound, Decision, Facts, Outcome, Policy, RecordKey, Seen, Standpoint, Terms, Tie, Verb
from core.decide.frozen import dataclass
from core.decide.rules import Rule


@dataclass(frozen=True, slots=True)
class Case:
    """What every part of a plan needs.

    `candidates` are the records that may have the profile and whose connections work, in the order of rank (R7);
    `standing` those of paused connections, too. `bound` holds the bindings by record.
    `anew`: the profile is another one than that of the snapshots (R28).
    """

    facts: Facts
    judged: Judged
    candidates: tuple[Standpoint, ...]
    standing: tuple[Standpoint, ...]
    policies: Mapping[int, Policy]
    terms: Terms
    bound: Mapping[RecordKey, Bound]
    anew: bool = False

    @property
    def ours(self) -> bool:
        """Whether Spojka made this profile."""
        return (self.facts.ours and not self.anew) or self.judged.created is not None

    @property
    def seen(self) -> Seen:
        """The profile; only asked for where the list shows one."""
        assert isinstance(self.facts.sight, Seen)
        return self.facts.sight

    def outcomes(self, outcome: Outcome, why: str = "") -> tuple[tuple[int, Outcome, str], ...]:
        """The same outcome for every connection that has a candidate."""
        return outcomes(self.candidates, outcome, why)

    def look(self, rule: Rule) -> Decision:
        """Not known well enough to decide: look at this address first; after a look it waits for a person."""
        return look(self.facts, rule)


def outcomes(records: Sequence[Standpoint], outcome: Outcome, why: str = "") -> tuple[tuple[int, Outcome, str], ...]:
    """The same outcome for every connection of these records."""
    return tuple([(number, outcome, why) for number in sorted({record.connection for record in records})])


def look(facts: Facts, rule: Rule) -> Decision:
    """As `Case.look`, before there is a case."""
    return Decision(
        facts.email,
        Verb.PARK if facts.looked else Verb.LOOK,
        rule,
        agreed=facts.agreed,
        pending=facts.pending,
        ours=facts.ours,
        known=facts.known,
        ruling=facts.ruling,
        parked="The list does not say what is needed to write safely. Open the contact there." if facts.looked else "",
    )


def tie_of(bound: Bound) -> Tie:
    """A binding that stays as it is, open."""
    return Tie(bound.key, bound.slot, bound.origin, bound.agreed, bound.agreed_tags, pending=bound.pending)


def closed(tie: Tie, why: str) -> Tie:
    """The same binding, ended; nothing more is written for it."""
    return Tie(tie.key, tie.slot, tie.origin, tie.agreed, tie.agreed_tags, open=False, why=why)
