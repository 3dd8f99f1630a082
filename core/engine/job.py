"""One piece of work in our hands: its leases, its progress, both sides open, and the commits that carry them along."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Executable, select, update
from sqlalchemy.orm import Session

from core.engine.leasing import Lease, all_held, lost, renew
from core.engine.opening import Ground, Opened, ground_of
from core.ports import Gauge, World
from core.registry.calling import Caller
from core.store import leases
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState
from core.store.journal import ErasureRow
from core.store.runs import RunRow
from spojka import Audience, Connection, Crm

if TYPE_CHECKING:
    from core.engine.helping import Mate

T = TypeVar("T")
SURE = timedelta(seconds=30)
"""For so long after a commit its leases are taken for ours; they last much longer."""


class Paused(Exception):
    """The connection has been paused, refused or removed: the run stops where it is."""


class NoGauge:
    """Nobody watches."""

    def show(self, progress: dict[str, Any]) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Job:
    """Everything that a run, a live reading, a pass or a night needs.

    A run's `progress` and `checkpoint` are written with each commit; without a run (`run_id` is None) nobody reads
    them. `by` says in marks who made them, `cause` why, and `lane_name` which lane they are for: `live` or `bulk`.
    `held` are the leases whose fences every commit demands. `ticket` was drawn by the last commit for the next request.
    `keys` is what the list calls our custom fields (R40). `offset` is the vendor's clock less ours (R101).
    `erasures` says whether anybody was ever erased here (R14); `found` how new records are found (R16); `waits` what
    marks wait for until the reading has ended (R10).
    `lost` counts calls in a row without an answer, `refused` rows refused one after the other; `counts_bytes`: the list
    counts the length of a tag in bytes (R54).
    `unproven` counts rows whose call proved nothing; `writes_left` is what `--limit` leaves.
    `mate` is a second process in our service; `helps`: this is the job of one, which leaves the run's row alone.
    """

    world: World
    run_id: int | None
    row: ConnectionRow
    ground: Ground
    caller: Caller
    side: Connection
    crm: Opened[Crm]
    audience: Opened[Audience]
    held: list[Lease]
    gauge: Gauge
    progress: dict[str, Any]
    checkpoint: dict[str, Any]
    options: dict[str, Any]
    dry_run: bool
    ticket: int = 0
    keys: dict[str, str] = field(default_factory=dict)
    keys_tried: bool = False
    offset: timedelta = timedelta(0)
    unproven: int = 0
    writes_left: int | None = None
    lost: int = 0
    refused: int = 0
    counts_bytes: bool = False
    counted: tuple[int, int] = (0, 0)
    erasures: bool = False
    found: str = "backfill"
    waits: str = ""
    by: str = ""
    within: int | None = None
    cause: str = "crm"
    lane_name: str = "bulk"
    mate: "Mate | None" = None
    helps: bool = False
    sure_at: datetime | None = None

    @property
    def contact_list(self) -> str:
        """The list's name at the vendor."""
        return self.ground.contact_list.contact_list

    @property
    def list_id(self) -> int:
        """The list's id here."""
        return self.ground.contact_list.id

    @property
    def lane(self) -> Lease:
        """The lease under which addresses are claimed: the last one taken."""
        return self.held[-1]

    def now(self) -> datetime:
        """The moment."""
        return self.world.clock.now()

    def vendor_now(self) -> datetime:
        """The moment by the audience's clock."""
        return self.now() + self.offset

    def hear(self, vendor_time: datetime | None, at: datetime) -> None:
        """Take the vendor's clock from an answer that came at a moment."""
        if vendor_time is not None:
            self.offset = vendor_time - at

    def reload(self) -> None:
        """Settings have changed: decide on the new ones from here on. Raises Paused if the connection stopped."""
        with self.world.sessions() as session:
            session.connection(execution_options={"reading": True})
            self.row = session.get_one(ConnectionRow, self.row.id)
            self.ground = ground_of(self.world, session, self.row.list_id)
        if self.row.state != ConnectionState.RUNNING:
            raise Paused(self.row.state)

    def count(self, **numbers: int) -> None:
        """Add to the progress."""
        for name, number in numbers.items():
            self.progress[name] = self.progress.get(name, 0) + number

    def commit(self, work: Callable[[Session], T], *, draw: bool = True) -> T:
        """One transaction that demands every fence, writes the progress, and draws the next ticket. Raises LostLease.

        Three queries beside those of `work`, and one to renew a lease once a minute.
        """
        self.count_requests()
        self._estimate()

        def whole(session: Session) -> tuple[T, int]:
            self._fenced(session)
            done = work(session)
            return done, leases.draw(session) if draw else self.ticket

        begun = self.now()
        done, self.ticket = transact(self.world.sessions, whole)
        self.sure_at = begun
        self.gauge.show(self.progress)
        return done

    def _fenced(self, session: Session) -> None:
        for lease in self.held:
            renew(self.world, session, lease)
        erased, ours = select(ErasureRow.hash).exists(), all_held(session, self.held)
        if self.run_id is None or self.helps:
            demanded: Executable = select(erased).where(ours)
        else:
            demanded = (
                update(RunRow)
                .where(RunRow.id == self.run_id, ours)
                .values(progress=dict(self.progress), checkpoint=dict(self.checkpoint))
                .returning(erased)
                .execution_options(synchronize_session=False)
            )
        erasures = session.execute(demanded).scalar_one_or_none()
        if erasures is None:
            raise lost(self.world, *(lease.name for lease in self.held))
        self.erasures = bool(erasures)

    def still_ours(self) -> None:
        """Right before something is sent: look whether every lease is still ours, if that is long known. LostLease.

        Who was frozen since the last commit finds here that somebody else has gone on (R97). One query, or none.
        """
        if self.sure_at is not None and self.now() - self.sure_at < SURE:
            return
        held = look(self.world.sessions, lambda session: session.scalar(select(all_held(session, self.held))))
        if not held:
            raise lost(self.world, *(lease.name for lease in self.held))
        self.sure_at = self.now()

    def phase(self, name: str, total: int) -> None:
        """A new phase begins, with so many things to do."""
        self.progress |= {"phase": name, "done": 0, "of": total, "phase_at": self.now().isoformat()}

    def _estimate(self) -> None:
        """How fast this phase goes, and how long still."""
        begun, done = self.progress.get("phase_at"), self.progress.get("done", 0)
        if not begun or not done:
            return
        seconds = max((self.now() - datetime.fromisoformat(begun)).total_seconds(), 0.001)
        rate = done / seconds
        left = max(self.progress.get("of", 0) - done, 0)
        self.progress |= {"rate": round(rate, 1), "seconds_left": round(left / rate)}

    def count_requests(self) -> None:
        """Bring the progress up to what has been sent."""
        crm, audience = self.crm.counted.requests, self.audience.counted.requests
        requests = self.progress.setdefault("requests", {"crm": 0, "audience": 0})
        requests["crm"] += crm - self.counted[0]
        requests["audience"] += audience - self.counted[1]
        self.counted = (crm, audience)

    def lent(self, crm: int, audience: int) -> None:
        """Requests that a mate sent in our name."""
        self.count_requests()
        self.progress["requests"]["crm"] += crm
        self.progress["requests"]["audience"] += audience
