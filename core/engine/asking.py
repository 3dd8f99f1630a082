"""What one live reading asks the CRM, and the commit that makes its answers true (R70, R72, R80, R81)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core.decide import pacing
from core.engine import pace
from core.engine.job import Job
from core.engine.phases import OVERLAP
from core.engine.reading import enter
from core.policy_settings import ConnectionSettings
from core.store import cursors, due, inbox, leases, schedule, tombstones
from core.store.base import look, transact
from core.store.connections import ConnectionRow
from core.store.due import Cause
from core.store.inbox import Bell
from core.store.schedule import READING
from spojka import Kind, Page, Record

CATCH_UP_AFTER = timedelta(hours=1)
"""A reading that reaches further back: nothing that it brings was found live (R16)."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One answer: records of a kind, and the ticket drawn before it was asked for."""

    kind: Kind
    items: Sequence[Record]
    ticket: int


class Asking:
    """One live reading: of the kinds that rang, or `whole`, of every kind."""

    def __init__(self, job: Job, bells: Sequence[Bell], *, whole: bool = True) -> None:
        self.job, self.bells, self.whole = job, bells, whole
        self.since = look(job.world.sessions, lambda session: cursors.of(session, job.row.id))
        self.asked_at: datetime | None = None
        self.brought: set[tuple[Kind, str]] = set()
        self.ticket = job.ticket
        self.held_back: Sheet | None = None
        self.gone: dict[Kind, list[str]] = {}
        self.gone_ticket = 0
        self.waits = f"reading:{job.row.id}"

    def carry_through(self) -> None:
        """Ask everything, then the last commit. Raises what the CRM raises, and LostLease."""
        kinds, named, left = self._rung()
        self.job.found = self._found(kinds)
        for kind in kinds:
            self._changed(kind)
        for kind, ids in named.items():
            self._by_ids(kind, sorted(ids), left.get(kind, set()))
        if self.gone:
            # Merged records leave like deleted ones: where their address went is known before it is acted on (R81).
            for kind in self._known_kinds():
                self._changed(kind)
        self._finish(kinds)

    def _rung(self) -> tuple[list[Kind], dict[Kind, set[str]], dict[Kind, set[str]]]:
        """The kinds to read, the records that rang, and which of them are said to be gone."""
        kinds = self._known_kinds()
        if self.whole or any(not bell.rings for bell in self.bells):
            wanted = set(kinds)
        else:
            wanted = {Kind(kind) for bell in self.bells for kind, _, _ in bell.rings}
        named: dict[Kind, set[str]] = {}
        left: dict[Kind, set[str]] = {}
        for bell in self.bells:
            for kind, record_id, gone in bell.rings:
                if record_id is not None:
                    named.setdefault(Kind(kind), set()).add(record_id)
                if record_id is not None and gone:
                    left.setdefault(Kind(kind), set()).add(record_id)
        return [kind for kind in kinds if kind in wanted], named, left

    def _known_kinds(self) -> list[Kind]:
        """Kinds that were read once; the others wait for their first reading."""
        return [kind for kind in self.job.crm.manifest.kinds if self.since.get(kind.value) is not None]

    def _found(self, kinds: Sequence[Kind]) -> str:
        since = [moment for kind in kinds if (moment := self.since[kind.value]) is not None]
        resumed, now = self.job.row.resumed_at, self.job.now()
        if since and (now - min(since) > CATCH_UP_AFTER or (resumed is not None and min(since) < resumed)):
            return "catch_up"
        return "live"

    def _changed(self, kind: Kind) -> None:
        for page in self._pages(kind):
            self._took(kind, page)

    def _pages(self, kind: Kind) -> Iterator[Page[Record]]:
        after: str | None = None
        while True:
            before = self.job.now()
            page = self.job.crm.adapter.changed(kind, self.since[kind.value], after)
            self.job.world.crash.point("page.read")
            if self.asked_at is None:
                offset = page.vendor_time - self.job.now() if page.vendor_time is not None else timedelta(0)
                self.asked_at = before + offset
            yield page
            after = page.after
            if after is None:
                return

    def _by_ids(self, kind: Kind, ids: Sequence[str], left: set[str]) -> None:
        """Records that rang and were not among what changed; a missing one is gone if its bell said so, too (R80)."""
        missing = [record_id for record_id in ids if (kind, record_id) not in self.brought]
        most = self.job.crm.manifest.limits.ids
        for start in range(0, len(missing), most):
            part = missing[start : start + most]
            page = self.job.crm.adapter.read(kind, part)
            self.job.world.crash.point("page.read")
            there = {record.id for record in page.items}
            gone = [record_id for record_id in part if record_id in left and record_id not in there]
            if gone:
                self.gone.setdefault(kind, []).extend(gone)
                self.gone_ticket = self.gone_ticket or self.ticket
            self._took(kind, page)

    def _took(self, kind: Kind, page: Page[Record]) -> None:
        """Hold an answer back until it is known whether it is the last one, whose commit ends the reading."""
        if self.held_back is not None:
            self.job.waits = self.waits
            enter(self.job, self.held_back.kind, self.held_back.items, self.held_back.ticket)
        self.held_back = Sheet(kind, page.items, self.ticket)
        self.brought |= {(kind, record.id) for record in page.items}
        self.ticket = transact(self.job.world.sessions, leases.draw)

    def _finish(self, kinds: Sequence[Kind]) -> None:
        sheet = self.held_back or Sheet(Kind.PERSON, (), self.ticket)
        enter(self.job, sheet.kind, sheet.items, sheet.ticket, also=self._closing(kinds))

    def _closing(self, kinds: Sequence[Kind]) -> Callable[[Session], None]:
        job, now = self.job, self.job.now()
        since = (self.asked_at or now) - OVERLAP

        def also(session: Session) -> None:
            self._bury(session)
            due.release_waits(session, job.list_id, self.waits)
            if kinds:
                cursors.move(session, job.row.id, [kind.value for kind in kinds], since)
            inbox.close(session, [bell.id for bell in self.bells], now)
            pace.spend(job.world, session, job.row, job.crm.counted.requests)
            self._schedule(session, whole=kinds == self._known_kinds())
            connection = session.get_one(ConnectionRow, job.row.id)
            connection.problem, connection.problem_text, connection.problem_at = "", "", None

        return also

    def _bury(self, session: Session) -> None:
        for kind, ids in self.gone.items():
            ids = [record_id for record_id in ids if (kind, record_id) not in self.brought]
            cause = Cause(self.job.cause, self.job.by, self.gone_ticket, self.job.now(), lane=self.job.lane_name)
            due.mark_records(session, self.job.row.id, self.job.list_id, kind.value, ids, (), cause)
            tombstones.bury(session, self.job.row.id, kind.value, ids, self.gone_ticket)

    def _schedule(self, session: Session, *, whole: bool) -> None:
        """The minute reading counts from the last one that read every kind."""
        job, now = self.job, self.job.now()
        default = ConnectionSettings().fields["read_every_seconds"].load_default
        every = float(job.row.settings.get("read_every_seconds", default))
        pause = pacing.minute(every, len(self.since), pace.share_of(job.world, job.row))
        next_at = now + timedelta(seconds=pause)
        planned = schedule.next_at(session, job.row.id, READING)
        if not whole and planned is not None:
            next_at = min(next_at, planned)
        schedule.put(session, job.row.id, READING, next_at, done_at=now)
