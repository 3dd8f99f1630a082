"""What a night compares: all ids of the CRM, one record of each owner, a thirtieth by value (R45, R73, R75, R98).

Reads pages and remembers differences alone, beside eight bytes for each record. No order of the ids is assumed.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from core.decide.absence import Doubt, Enumeration, doubt, unsound
from core.decide.addresses import usable
from core.decide.nights import shares
from core.engine.job import Job
from core.engine.leasing import RENEW_AFTER_SECONDS
from core.engine.reading import Understood, enter, understand
from core.store import records
from core.store.base import look
from core.store.records import Known
from spojka import Contact, Kind, Page, Record

HELD_AT_ONCE = 5000
"""Records of the mirror that one query brings."""


@dataclass(slots=True)
class Walk:
    """One walk over all ids of a kind, beside the mirror.

    `unseen` are records that the mirror does not have, or has in an older version; `missing` those that the mirror has
    and the walk did not meet; `share` those whose turn it is to be compared by value. `witness` was met last.
    """

    kind: Kind
    listed: int = 0
    held: int = 0
    witness: str = ""
    totals: list[int] = field(default_factory=list)
    seen: "array[int]" = field(default_factory=lambda: array("Q"))
    unseen: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    share: list[str] = field(default_factory=list)

    def enumeration(self, *, same_eyes: bool, agreed: frozenset[Doubt] = frozenset()) -> Enumeration:
        """The walk in numbers."""
        distinct = bool(self.seen) + sum(one != next_one for one, next_one in pairwise(self.seen))
        return Enumeration(self.listed, distinct, self.totals, self.held, len(self.missing), same_eyes, agreed)

    def met(self, record_id: str) -> bool:
        """Whether the walk met a record."""
        number = _number(record_id)
        place = bisect_left(self.seen, number)
        return place < len(self.seen) and self.seen[place] == number


def walk_over(job: Job, kind: Kind, turn: int) -> Walk:
    """Every id of a kind, once more where something was wrong with the walk itself, then the mirror's (R73, R98)."""
    walk = _listed(job, kind)
    if unsound(walk.enumeration(same_eyes=True)):
        walk = _listed(job, kind)
    _beside_the_mirror(job, walk, turn)
    return walk


def _listed(job: Job, kind: Kind) -> Walk:
    walk, after = Walk(kind), None
    while True:
        page = job.crm.adapter.ids(kind, after)
        _note(job, walk, page)
        if page.after is None:
            walk.seen = array("Q", sorted(walk.seen))
            return walk
        after = page.after


def _note(job: Job, walk: Walk, page: Page[tuple[str, int]]) -> None:
    ids = [record_id for record_id, _ in page.items]
    held = look(job.world.sessions, lambda session: records.versions(session, job.row.id, walk.kind.value, ids))
    walk.unseen.update((one, version) for one, version in page.items if held.get(one, -1) < version)
    walk.listed += len(ids)
    walk.seen.extend(map(_number, ids))
    walk.witness = ids[-1] if ids else walk.witness
    if page.total is not None:
        walk.totals.append(page.total)
    _keep(job)


def _beside_the_mirror(job: Job, walk: Walk, turn: int) -> None:
    for ids in _held(job, walk.kind):
        walk.held += len(ids)
        for record_id in ids:
            if not walk.met(record_id):
                walk.missing.append(record_id)
            elif shares(walk.kind.value, record_id, turn):
                walk.share.append(record_id)


def _held(job: Job, kind: Kind) -> Iterator[list[str]]:
    after = ""
    while True:

        def page(session: Session, start: str = after) -> list[str]:
            return records.page(session, job.row.id, kind.value, start, HELD_AT_ONCE)

        ids = look(job.world.sessions, page)
        yield ids
        if len(ids) < HELD_AT_ONCE:
            return
        after = ids[-1]
        _keep(job)


def _keep(job: Job) -> None:
    """Keep the leases through a long walk that has nothing to commit."""
    if any((job.now() - lease.renewed_at).total_seconds() >= RENEW_AFTER_SECONDS for lease in job.held):
        job.commit(lambda _: None, draw=False)


def _number(record_id: str) -> int:
    return int.from_bytes(blake2b(record_id.encode(), digest_size=8).digest(), "big")


def prove_gone(job: Job, walk: Walk) -> list[str] | Doubt:
    """Which of the missing records a reading by id does not show either (R80).

    It is believed only where it shows the witness, which was listed a moment ago.
    """
    gone: list[str] = []
    for part in _parts(walk.missing, job.crm.manifest.limits.ids - 1):
        page = job.crm.adapter.read(walk.kind, [*part, *filter(None, [walk.witness])])
        there = {record.id for record in page.items}
        if walk.witness and walk.witness not in there:
            return Doubt.BLIND
        gone += [record_id for record_id in part if record_id not in there]
    return gone


def believed(walk: Walk, *, same_eyes: bool, agreed: frozenset[Doubt]) -> Doubt | None:
    """Why what the walk misses is not believed to be gone; None: it may be looked for by id."""
    return doubt(walk.enumeration(same_eyes=same_eyes, agreed=agreed))


def read_unseen(job: Job, walk: Walk) -> int:
    """Read what the mirror does not have in the version that was listed; how many records that were."""

    def held(session: Session) -> Mapping[str, int]:
        return records.versions(session, job.row.id, walk.kind.value, list(walk.unseen))

    versions = look(job.world.sessions, held) if walk.unseen else {}
    return read_by_ids(job, walk.kind, [one for one, listed in walk.unseen.items() if versions.get(one, -1) < listed])


def read_by_ids(job: Job, kind: Kind, ids: Sequence[str]) -> int:
    """Read these records into the mirror, one commit a request; how many there were."""
    for part in _parts(ids, job.crm.manifest.limits.ids):
        ticket = job.ticket
        enter(job, kind, job.crm.adapter.read(kind, part).items, ticket)
    return len(ids)


def read_renamed(job: Job, kind: Kind) -> int:
    """Read one record of each user's name that the mirror shows, and all of those whose name has changed (R45)."""
    return sum(_renamed(job, kind, field.key) for field in job.crm.manifest.fields if field.of_user)


def _renamed(job: Job, kind: Kind, key: str) -> int:
    connection = job.row.id
    said = look(job.world.sessions, lambda session: records.samples(session, connection, kind.value, key))
    ids = sorted(said)
    read_by_ids(job, kind, ids)
    now = look(job.world.sessions, lambda session: records.meanings(session, connection, kind.value, ids))
    renamed = [one for one in ids if one in now and now[one]["fields"].get(key, said[one]) != said[one]]
    if not renamed:
        return 0
    old = sorted({said[one] for one in renamed})
    rest = look(job.world.sessions, lambda session: records.saying(session, connection, kind.value, key, old))
    return len(renamed) + read_by_ids(job, kind, rest)


@dataclass(slots=True)
class Compared:
    """How many records were compared by value, and which of them differ."""

    count: int = 0
    differ: list[str] = field(default_factory=list)


def compare(job: Job, walk: Walk) -> Compared:
    """This night's thirtieth by value, after everything changed was read. Takes nothing over (R75)."""
    found = Compared()
    for part in _parts(walk.share, job.crm.manifest.limits.ids):
        items = job.crm.adapter.read(walk.kind, part).items
        found.count += len(items)
        found.differ += _differing(job, walk.kind, items)
        _keep(job)
    return found


def _differing(job: Job, kind: Kind, items: Sequence[Record]) -> list[str]:
    """The same version with other values; a newer version is an edit that the next reading brings."""
    ids = [record.id for record in items]
    known = look(job.world.sessions, lambda session: records.known(session, job.row.id, kind.value, ids))
    other = [
        one for one in understand(job, items, known) if one.record.version == known.get(one.record.id, _NONE).version
    ]
    if not other:
        return []
    ids = [one.record.id for one in other]
    held = look(job.world.sessions, lambda session: records.meanings(session, job.row.id, kind.value, ids))
    return [one.record.id for one in other if _differs(one, held[one.record.id], known[one.record.id])]


_NONE = Known(-1, 0, "", "", (), {})


def _differs(one: Understood, held: Mapping[str, Any], known: Known) -> bool:
    """Whether a record means something else than the mirror holds; what its answer leaves out is no difference."""
    contact = one.contact
    if contact is None:
        return True
    emails = [email for _, email in sorted(known.emails.items()) if email]
    return (
        emails != _usable(contact)
        or any(held["fields"].get(key, "") != value for key, value in contact.fields.items())
        or (held["standing"], held["mailable"]) != (contact.standing.value, contact.mailable)
        or held["tags"] != list(contact.tags)
    )


def _usable(contact: Contact) -> list[str]:
    return list(dict.fromkeys(email for typed in contact.addresses if (email := usable(typed).email)))


def _parts(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
