"""Facts in few words: defaults for everything that does not matter in a test."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from core.decide.facts import (
    Bound,
    Call,
    Decision,
    Facts,
    Missing,
    Origin,
    Outcome,
    Policy,
    Seen,
    Standpoint,
    Terms,
    Tie,
    Unknown,
)
from core.decide.plan import plan
from spojka import Custom, Field, Kind, Limits, Normal, Status, Std, Text, Way

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EMAIL = "eva@firma.cz"
T = TypeVar("T")


def _field(to: Std | Custom, way: Way = Way.BOTH, normal: Normal = Normal.TEXT) -> Field:
    return Field(to, way, Text(cs=str(to), en=str(to)), normal)


OWNER = "custom:Vlastník"
FIELDS: Mapping[str, Field] = {
    field.key: field
    for field in (
        _field(Std.NAME),
        _field(Std.SURNAME),
        _field(Std.PHONE, normal=Normal.PHONE),
        _field(Std.GENDER, normal=Normal.GENDER),
        _field(Std.ZIP),
        _field(Std.COMPANY),
        _field(Custom("Vlastník"), Way.IN),
    )
}


def a_record(id: str = "1", *, kind: Kind = Kind.PERSON, connection: int = 1, **values: Any) -> Standpoint:
    """A record at the address; names of fields (`phone="1"`) go into its fields, the rest are its attributes."""
    attributes = {name: values.pop(name) for name in list(values) if name in _STANDPOINT}
    return Standpoint(
        connection,
        kind,
        id,
        attributes.pop("sort_key", f"{int(id):020d}"),
        attributes.pop("slot", 1),
        _fields(values),
        **attributes,
    )


_STANDPOINT = frozenset(Standpoint.__dataclass_fields__)


def a_company(id: str = "1", **values: Any) -> Standpoint:
    """A client at the address."""
    return a_record(id, kind=Kind.COMPANY, **values)


def a_profile(*, tags: Sequence[str] | None = (), status: Status = Status.SUBSCRIBED, **values: Any) -> Seen:
    """The profile as the list shows it; names of fields go into its fields."""
    attributes = {name: values.pop(name) for name in ("uid", "since", "sources") if name in values}
    seen = Seen(status, "u1", NOW - timedelta(days=400), _fields(values), None if tags is None else tuple(tags))
    return replace(seen, **attributes)


def absent(*elsewhere: Status, account: Seen | None = None) -> Missing:
    """The address is not in the list."""
    return Missing(elsewhere, account)


def a_binding(record: Standpoint, **changes: Any) -> Bound:
    """The binding of a record that agreed on what it says now; names of fields say what it had agreed on instead."""
    attributes = {name: changes.pop(name) for name in list(changes) if name in Bound.__dataclass_fields__}
    bound = Bound(
        record.connection,
        record.kind,
        record.id,
        record.sort_key,
        record.slot,
        Origin.CREATED,
        open=True,
        why="",
        agreed={**record.fields, **_fields(changes)},
        agreed_tags=record.tags,
        standing=record.standing,
    )
    return replace(bound, **attributes)


def a_call(fields: Mapping[str, tuple[str, str]] | None = None, **changes: Any) -> Call:
    """A call that was noted with ticket 5, an hour ago, and whose end is unknown."""
    at = changes.pop("at", NOW - timedelta(hours=1))
    call = Call(False, _pairs(fields or {}), None, "raynet", 5, 0, at, changes.pop("vendor_time", at))
    return replace(call, **changes)


def an_answered_call(fields: Mapping[str, tuple[str, str]] | None = None, **changes: Any) -> Call:
    """A call that the list confirmed, an hour ago, in ticket 6."""
    return a_call(fields, **{"ended": 6, **changes})


def a_policy(connection: int = 1, **changes: Any) -> Policy:
    """A connection's settings, all at their defaults."""
    policy = Policy(connection, "raynet", "raynet", FIELDS)
    return replace(policy, **changes)


def policies(*given: Policy) -> dict[int, Policy]:
    """By connection."""
    return {policy.connection: policy for policy in given or (a_policy(),)}


def terms(limits: Limits | None = None, **changes: Any) -> Terms:
    """An audience like Ecomail's, but for what its pages leave out."""
    return replace(Terms(limits or Limits()), **changes)


def facts(
    *records: Standpoint, sight: Seen | Missing | Unknown, bindings: Iterable[Bound] = (), **changes: Any
) -> Facts:
    """Everything known about the address; the reading of the list has ticket 10."""
    return replace(Facts(EMAIL, records, sight, tuple(bindings), ticket=10, now=NOW), **changes)


def tied(*records: Standpoint, sight: Seen, agreed: Mapping[str, str] | None = None, **changes: Any) -> Facts:
    """A profile that is ours and tied to these records; `agreed` is the list's snapshot where it is another."""
    bindings = changes.pop("bindings", None) or tuple(a_binding(record) for record in records)
    snapshot = {**sight.fields, **(agreed or {})}
    base = facts(*records, sight=sight, bindings=bindings, agreed=snapshot, ours=True, known=True, ruling=1)
    return replace(base, **{"uid": sight.uid, "since": sight.since, **changes})


def decided(given: Facts, *given_policies: Policy, on: Terms | None = None) -> Decision:
    """The plan, under the default settings unless others are given."""
    return plan(given, policies(*given_policies), on or terms())


def only(things: Iterable[T]) -> T:
    """The one thing there is."""
    (thing,) = things
    return thing


def closings(decision: Decision) -> dict[str, str]:
    """The bindings that close: record id -> why."""
    return {tie.key[2]: tie.why for tie in decision.ties if not tie.open}


def openings(decision: Decision) -> dict[str, Tie]:
    """The bindings that open or change: record id -> the binding."""
    return {tie.key[2]: tie for tie in decision.ties if tie.open}


def outcomes(decision: Decision) -> dict[int, tuple[Outcome, str]]:
    """Connection -> outcome and reason."""
    return {number: (outcome, why) for number, outcome, why in decision.outcomes}


def cited(decision: Decision) -> list[str]:
    """The timeline's lines: rule and what was done."""
    return [f"{line.rule} {line.what}" for line in decision.lines]


def _fields(values: Mapping[str, str]) -> dict[str, str]:
    return {OWNER if name == "owner" else name: value for name, value in values.items()}


def _pairs(values: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {OWNER if name == "owner" else name: pair for name, pair in values.items()}
