"""From rows to facts: everything known about a batch of addresses, one query a table."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.facts import (
    NOT_THERE,
    Bound,
    Edit,
    Facts,
    Missing,
    Origin,
    Seen,
    Sight,
    Standpoint,
    Unknown,
)
from core.decide.frozen import dataclass
from core.store import outbox, takebacks
from core.store.base import among
from core.store.bindings import BindingKey, BindingRow
from core.store.connections import ListRow
from core.store.due import Claimed, DueRow
from core.store.mirror import ProfileRow, SubscriberRow
from core.store.pending import call_of, put_of
from core.store.records import RecordAddressRow, RecordLinkRow, RecordRow
from core.store.sharing import ruled_elsewhere
from spojka import Kind, Standing, Status

Row = Any
"""A row of a table's columns, as SQLAlchemy gives it."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Facts of a batch, and the mirror's rows they were made of (a settle merges into them).

    `marked` are addresses marked again since the claim: they are given back unplanned. `revisions` are those of the
    bindings that the facts show.
    """

    facts: dict[str, Facts]
    profiles: dict[str, Row]
    subscribers: dict[str, Row]
    marked: frozenset[str]
    revisions: Mapping[BindingKey, int] = field(default_factory=dict)


def load(
    session: Session,
    contact_list: ListRow,
    claimed: Sequence[Claimed],
    now: datetime,
    seen_by: int,
    unsaid: frozenset[str] = frozenset(),
    looked: frozenset[str] = frozenset(),
) -> Loaded:
    """Everything known about these addresses. Six queries, whatever their number, and at most two more.

    `seen_by` is the ticket of the pass that these addresses were looked for in; one without a row was absent then. An
    address that was marked after everything known of it is unknown, or `old`. Fields that pages leave out (`unsaid`)
    count as not said, but for those addresses that were `looked` up for this plan (R21, part C).
    """
    emails = [one.email for one in claimed]
    marks = _marks(session, contact_list.id, emails)
    records = _records(session, contact_list.id, emails)
    bindings, revisions = _bindings(session, contact_list.id, emails)
    profiles = _rows(session, ProfileRow, ProfileRow.list_id == contact_list.id, emails)
    subscribers = _rows(session, SubscriberRow, SubscriberRow.account_id == contact_list.account_id, emails)
    facts = {
        one.email: _facts(
            one,
            (tuple(records.get(one.email, ())), tuple(bindings.get(one.email, ()))),
            (profiles.get(one.email), subscribers.get(one.email), contact_list.contact_list),
            max(contact_list.pass_ticket, seen_by),
            contact_list.pass_ticket,
            now,
            frozenset() if one.email in looked else unsaid,
            one.email in looked,
        )
        for one in claimed
    }
    _complete(session, contact_list, facts, subscribers, bindings)
    again = frozenset(one.email for one in claimed if marks.get(one.email) != one.mark)
    return Loaded(facts, profiles, subscribers, again, revisions)


def _complete(
    session: Session,
    contact_list: ListRow,
    facts: dict[str, Facts],
    subscribers: Mapping[str, Row],
    bindings: Mapping[str, list[Bound]],
) -> None:
    """What is known of those alone who are tied: who rules elsewhere, what waits for the CRM, what is taken back."""
    emails = list(facts)
    for email, (ruling, elsewhere) in ruled_elsewhere(session, contact_list, facts, subscribers).items():
        facts[email] = replace(facts[email], shared_ruling=ruling, shared_elsewhere=elsewhere)
    for email, waiting in _edits(session, bindings, emails).items():
        facts[email] = replace(facts[email], edits=waiting)
    for email, back in takebacks.open_of(session, contact_list.id, emails).items() if bindings else ():
        facts[email] = replace(facts[email], takebacks=back)


def _facts(
    one: Claimed,
    crm: tuple[tuple[Standpoint, ...], tuple[Bound, ...]],
    audience: tuple[Row | None, Row | None, str],
    seen_by: int,
    pass_ticket: int,
    now: datetime,
    unsaid: frozenset[str],
    looked: bool,
) -> Facts:
    (records, bindings), (profile, subscriber, own) = crm, audience
    ticket = profile.ticket if profile is not None else 0
    fresh = max(ticket, seen_by) >= one.ticket
    sight = _sight(profile, subscriber, unsaid, own) if fresh or profile is not None else Unknown()
    agreed: dict[str, str] = subscriber.agreed if subscriber is not None else {}
    if profile is None:
        nothing = ((), False, False, None, "", None)
        return Facts(
            one.email, records, sight, bindings, agreed, *nothing, seen_by, pass_ticket, now, looked, not fresh
        )
    return Facts(
        one.email,
        records,
        sight,
        bindings,
        {**agreed, **profile.agreed},
        tuple(call_of(row) for row in profile.pending),
        profile.ours,
        profile.known,
        profile.ruling,
        profile.agreed_uid,
        profile.agreed_since,
        ticket,
        pass_ticket,
        now,
        looked,
        not fresh,
    )


def _sight(profile: Row | None, subscriber: Row | None, unsaid: frozenset[str], own: str) -> Sight:
    if profile is not None and profile.present:
        shared = subscriber.fields if subscriber is not None else {}
        tags = profile.tags
        if tags is None and subscriber is not None:
            tags = subscriber.tags
        return Seen(
            Status(profile.status),
            profile.uid,
            profile.since,
            _said({**shared, **profile.fields}, unsaid),
            None if tags is None else tuple(tags),
            tuple(profile.sources),
        )
    # What another list's connection learned of this list is older than what this list says.
    elsewhere = {} if subscriber is None else {key: said for key, said in subscriber.elsewhere.items() if key != own}
    if subscriber is None or not elsewhere:
        return NOT_THERE
    statuses = tuple(Status(status) for _, status in sorted(elsewhere.items()))
    tags = None if subscriber.tags is None else tuple(subscriber.tags)
    return Missing(statuses, Seen(statuses[0], "", None, _said(subscriber.fields, unsaid), tags))


def _said(fields: Mapping[str, str], unsaid: frozenset[str]) -> Mapping[str, str]:
    return {key: value for key, value in fields.items() if key not in unsaid} if unsaid else fields


def _marks(session: Session, list_id: int, emails: Sequence[str]) -> dict[str, int]:
    chosen = select(DueRow.email, DueRow.mark).where(DueRow.list_id == list_id, among(session, DueRow.email, emails))
    return {row[0]: row[1] for row in session.connection().execute(chosen).all()}


def _rows(session: Session, table: type[Any], of: Any, emails: Sequence[str]) -> dict[str, Row]:
    columns = table.__table__.c
    chosen = select(*columns).where(of, among(session, table.email, emails))
    return {row.email: row for row in session.connection().execute(chosen).all()}


_KEY = (RecordAddressRow.connection_id, RecordAddressRow.kind, RecordAddressRow.record_id)
_SAME_RECORD = (
    (RecordAddressRow.connection_id == RecordRow.connection_id)
    & (RecordAddressRow.kind == RecordRow.kind)
    & (RecordAddressRow.record_id == RecordRow.record_id)
)
_LENDER = (RecordLinkRow.kind, RecordLinkRow.record_id)
_SAME_LINK = (
    (RecordAddressRow.connection_id == RecordLinkRow.connection_id)
    & (RecordAddressRow.kind == RecordLinkRow.to_kind)
    & (RecordAddressRow.record_id == RecordLinkRow.to_id)
)


_KINDS, _STANDINGS = {kind.value: kind for kind in Kind}, {standing.value: standing for standing in Standing}


def _records(session: Session, list_id: int, emails: Sequence[str]) -> dict[str, list[Standpoint]]:
    lent = _loans(session, list_id, emails)
    chosen = (
        select(
            RecordAddressRow.email,
            *_KEY,
            RecordRow.sort_key,
            RecordAddressRow.slot,
            RecordRow.fields,
            RecordRow.tags,
            RecordRow.one_way,
            RecordRow.standing,
            RecordRow.mailable,
            RecordRow.created_at,
            RecordRow.found,
            RecordAddressRow.note,
            RecordRow.ticket,
        )
        .join(RecordRow, _SAME_RECORD)
        .where(RecordAddressRow.list_id == list_id, among(session, RecordAddressRow.email, emails))
    )
    found: dict[str, list[Standpoint]] = {}
    rows = session.connection().execute(chosen).all()
    for email, connection, kind, record_id, sort_key, slot, fields, tags, one_way, standing, *rest in rows:
        borrowed = lent.get((connection, kind, record_id))
        point = Standpoint(
            connection,
            _KINDS[kind],
            record_id,
            sort_key,
            slot,
            fields if borrowed is None else {**borrowed, **{key: value for key, value in fields.items() if value}},
            tuple(tags),
            frozenset(one_way),
            _STANDINGS[standing],
            *rest,
        )
        found.setdefault(email, []).append(point)
    return found


def _loans(session: Session, list_id: int, emails: Sequence[str]) -> dict[tuple[int, str, str], dict[str, str]]:
    """What others lend to the records of these addresses (R45): the lowest rank, if only one lends at it."""
    chosen = (
        select(*_KEY, RecordLinkRow.field, *_LENDER, RecordLinkRow.rank, RecordLinkRow.value)
        .join(RecordLinkRow, _SAME_LINK)
        .where(
            RecordAddressRow.list_id == list_id,
            among(session, RecordAddressRow.email, emails),
            RecordLinkRow.field != "",
        )
    )
    offers: dict[tuple[int, str, str], dict[str, dict[tuple[str, str], tuple[int, str]]]] = {}
    for connection, kind, record_id, name, *lender, rank, value in session.connection().execute(chosen).all():
        # A record with two addresses here is found twice; each lender counts once.
        of_field = offers.setdefault((connection, kind, record_id), {}).setdefault(name, {})
        of_field[lender[0], lender[1]] = rank, value
    return {key: {field: _lent(said.values()) for field, said in fields.items()} for key, fields in offers.items()}


def _lent(values: Collection[tuple[int, str]]) -> str:
    best = min(rank for rank, _ in values)
    at_best = [value for rank, value in values if rank == best]
    return at_best[0] if len(at_best) == 1 else ""


_OF_BINDING = (
    BindingRow.email,
    BindingRow.connection_id,
    BindingRow.kind,
    BindingRow.record_id,
    BindingRow.slot,
    BindingRow.origin,
    BindingRow.state,
    BindingRow.why,
    BindingRow.agreed,
    BindingRow.agreed_tags,
    BindingRow.pending,
    BindingRow.revision,
    RecordRow.sort_key,
    RecordRow.standing,
)
_BOUND_RECORD = (
    (BindingRow.connection_id == RecordRow.connection_id)
    & (BindingRow.kind == RecordRow.kind)
    & (BindingRow.record_id == RecordRow.record_id)
)


def _bindings(
    session: Session, list_id: int, emails: Sequence[str]
) -> tuple[dict[str, list[Bound]], dict[BindingKey, int]]:
    chosen = (
        select(*_OF_BINDING)
        .join(RecordRow, _BOUND_RECORD, isouter=True)
        .where(BindingRow.list_id == list_id, among(session, BindingRow.email, emails))
    )
    found: dict[str, list[Bound]] = {}
    revisions: dict[BindingKey, int] = {}
    for row in session.connection().execute(chosen).all():
        found.setdefault(row.email, []).append(_bound(row))
        revisions[row.email, row.connection_id, row.kind, row.record_id] = row.revision
    return found, revisions


def _bound(row: Row) -> Bound:
    return Bound(
        row.connection_id,
        Kind(row.kind),
        row.record_id,
        row.sort_key or row.record_id,
        row.slot,
        Origin(row.origin),
        row.state == "open",
        row.why,
        row.agreed,
        tuple(row.agreed_tags),
        Standing(row.standing) if row.standing else Standing.GONE,
        tuple([put_of(put) for put in row.pending]) if row.pending else (),
    )


def _edits(session: Session, bindings: Mapping[str, list[Bound]], emails: Sequence[str]) -> dict[str, tuple[Edit, ...]]:
    """What waits to be written into the records of these addresses; nothing waits where nothing is tied."""
    connections = {bound.connection for bounds in bindings.values() for bound in bounds}
    if not connections:
        return {}
    found: dict[str, list[Edit]] = {}
    for row in outbox.fields_of(session, connections, emails):
        found.setdefault(row.email, []).append(outbox.edit_of(row))
    return {email: tuple(edits) for email, edits in found.items()}
