"""Which records make a profile, and why others do not (R4, R8-R10)."""

from collections.abc import Mapping, Sequence

from core.decide.facts import Policy, Standpoint
from core.decide.frozen import dataclass
from spojka import Standing


@dataclass(frozen=True, slots=True)
class Entries:
    """The records of one address, sorted: who may have the profile, who forbids it, and why others may not."""

    candidates: tuple[Standpoint, ...]
    flagged: bool
    reasons: Mapping[int, str]
    """connection -> why none of its records may have the profile; `""` where the address is simply not looked at."""


def enter(records: Sequence[Standpoint], policies: Mapping[int, Policy]) -> Entries:
    """Sort the records of an address by the rules of entry, in the order in which they come."""
    may: list[Standpoint] = []
    flagged = False
    reasons: dict[int, str] = {}
    for record in records:
        policy = policies[record.connection]
        flagged = flagged or forbids(record, policy)
        reason = why_not(record.standing, record.slot, policy)
        if reason is None:
            may.append(record)
        elif reason:
            reasons.setdefault(record.connection, reason)
    for record in may:
        reasons.pop(record.connection, None)
    return Entries(tuple(may), flagged, reasons)


def why_not(standing: Standing, slot: int, policy: Policy) -> str | None:
    """Why a record makes no profile of an address; None: it may. `""`: slot 2 is not looked at (R4)."""
    if slot > 1 and not policy.both_emails:
        return ""
    if standing is Standing.COLLEAGUE and not policy.include_colleagues:
        return "colleague"
    if standing is Standing.OWN_COMPANY and not policy.include_own_company:
        return "own_company"
    if standing is Standing.INVALID or standing is Standing.GONE:
        return "invalid_record"
    return None


def forbids(record: Standpoint, policy: Policy) -> bool:
    """The flag counts for every address of a valid record, also in a slot that is not looked at (R10)."""
    if record.mailable or not policy.respect_do_not_send:
        return False
    return record.standing is not Standing.INVALID and record.standing is not Standing.GONE
