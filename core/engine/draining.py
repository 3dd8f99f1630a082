"""Is anything due? What the machine could do now, apart from what waits for a time, a person, a contact or a resume."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.engine import home
from core.ports import World
from core.real import is_dead
from core.store import leases, questions, runs
from core.store.base import look
from core.store.connections import ConnectionRow, ConnectionState
from core.store.due import DueRow
from core.store.inbox import BELL, OPEN, InboxRow
from core.store.leases import LeaseRow
from core.store.outbox import OVER, OutboxRow
from core.store.runs import RunRow

LOOK_SECONDS = 0.25
WORKING = ("run:", "reading:", "account:", "night:", "morning:", "watch:", "outbox:")
"""Names of leases under which somebody works; a seat at a vendor is kept while idle, so it says nothing."""
TIME, PERSON, CONTACT, RESUME = "time", "person", "contact", "resume"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not due, and why: so many bells, addresses, runs, outbox rows or questions that wait `for_` something.

    `for_`: `time` (until about `until`), `person`, `contact`, `resume`. `connection` is None where a list's connections
    share the addresses; then `contact_list` says which list.
    """

    what: str
    for_: str
    count: int
    connection: int | None = None
    contact_list: int | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Found:
    """One look around: how much of each kind is due, and everything that waits."""

    bells: int = 0
    runs: int = 0
    addresses: int = 0
    outbox: int = 0
    jobs: int = 0
    waiting: list[Waiting] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether nothing at all is due."""
        return not (self.bells or self.runs or self.addresses or self.outbox or self.jobs)


def wait(world: World, seconds: float, queued: Callable[[], int]) -> Found:
    """Look until nothing is due twice in a row, or `seconds` are over; the last look. `queued` counts waiting jobs."""
    until = world.clock.now().timestamp() + seconds
    quiet = False
    while True:
        found = look_around(world, queued())
        late = world.clock.now().timestamp() >= until
        # What moves on between two questions of one look is seen by the next.
        if (found.nothing and quiet) or late:
            return found
        quiet = found.nothing
        world.clock.sleep(LOOK_SECONDS)


def look_around(world: World, queued: int = 0) -> Found:
    """What is due and what waits, right now. At most nine queries, in the direction in which work moves."""

    def work(session: Session) -> Found:
        found = Found(jobs=queued)
        known = _connections(world, session)
        _bells(session, known, found)
        started = runs.open_all(session)
        _runs(started, known, world.clock.now(), found)
        _addresses(session, known, {row.id for row in started}, world.clock.now(), found)
        _outbox(session, known, world.clock.now(), found)
        found.jobs += _at_work(session)
        return found

    return look(world.sessions, work)


@dataclass(frozen=True, slots=True)
class Known:
    """Connections that are not removed, and which of them work; in a copy of the installation none does (R110)."""

    rows: Mapping[int, ConnectionRow]
    working: frozenset[int]


def _connections(world: World, session: Session) -> Known:
    kept = ConnectionRow.state != ConnectionState.REMOVED.value
    rows = {row.id: row for row in session.scalars(select(ConnectionRow).where(kept).order_by(ConnectionRow.id))}
    if home.is_elsewhere(session, world.settings):
        return Known(rows, frozenset())
    return Known(rows, frozenset(key for key, row in rows.items() if row.state == ConnectionState.RUNNING.value))


def _bells(session: Session, known: Known, found: Found) -> None:
    counted = select(InboxRow.connection_id, func.count()).where(InboxRow.state == OPEN, InboxRow.kind == BELL)
    for connection, count in session.execute(counted.group_by(InboxRow.connection_id)).all():
        if connection in known.working:
            found.bells += count
        elif connection in known.rows:
            found.waiting.append(Waiting("bells", RESUME, count, connection))


def _runs(started: Sequence[RunRow], known: Known, now: datetime, found: Found) -> None:
    for row in started:
        connection = known.rows.get(row.connection_id)
        if connection is None or (row.requested_by == "cli" and row.started_at is None):
            continue
        later = row.not_before is not None and row.not_before > now
        if connection.id not in known.working:
            found.waiting.append(Waiting("runs", RESUME, 1, connection.id))
        elif later and connection.first_run_at is not None:
            found.waiting.append(Waiting("runs", TIME, 1, connection.id, until=row.not_before))
        else:
            found.runs += 1


def _addresses(session: Session, known: Known, open_runs: set[int], now: datetime, found: Found) -> None:
    lists = {row.list_id for row in known.rows.values()}
    working = {known.rows[key].list_id for key in known.working}
    asked = questions.open_ones(session)
    stopped = {f"held:{row.connection_id}" for row in asked}
    gone = DueRow.parked != ""
    ripe = DueRow.due_at <= now
    counted = select(DueRow.list_id, DueRow.waits, gone, ripe, func.count(), func.min(DueRow.due_at))
    for list_id, waits, parked, is_ripe, count, first in session.execute(
        counted.group_by(DueRow.list_id, DueRow.waits, gone, ripe).order_by(DueRow.list_id, DueRow.waits)
    ):
        why = PERSON if parked or waits in stopped else _reason(waits, bool(is_ripe), open_runs)
        if list_id in working and not why:
            found.addresses += count
        elif list_id in lists:
            until = first if why == TIME and not is_ripe else None
            found.waiting.append(Waiting("addresses", why or RESUME, count, contact_list=list_id, until=until))
    found.waiting += [Waiting("questions", PERSON, 1, row.connection_id) for row in asked]


def _reason(waits: str, ripe: bool, open_runs: set[int]) -> str:
    """What an address that is not parked waits for; `""`: for us."""
    kind, _, key = waits.partition(":")
    if kind == "person":
        return PERSON
    if kind == "paused":
        return RESUME
    if kind == "dry":
        return TIME
    if kind == "run" and int(key) not in open_runs:
        return TIME
    return "" if waits or ripe else TIME


def _outbox(session: Session, known: Known, now: datetime, found: Found) -> None:
    ripe = OutboxRow.next_try <= now
    counted = select(OutboxRow.connection_id, OutboxRow.state, ripe, func.count(), func.min(OutboxRow.next_try))
    counted = counted.where(OutboxRow.state.not_in(OVER)).group_by(OutboxRow.connection_id, OutboxRow.state, ripe)
    for connection, state, is_ripe, count, first in session.execute(counted):
        going = state in ("waiting", "sending")
        if going and is_ripe and connection in known.working:
            found.outbox += count
        elif connection in known.rows:
            why = _outbox_reason(state, working=connection in known.working)
            until = first if why == TIME else None
            found.waiting.append(Waiting("outbox", why, count, connection, until=until))


def _outbox_reason(state: str, *, working: bool) -> str:
    if state == "contact":
        return CONTACT
    if state not in ("waiting", "sending"):
        return PERSON
    return TIME if working else RESUME


def _at_work(session: Session) -> int:
    """How many pieces of work somebody alive has in hand."""
    held = select(LeaseRow.name, LeaseRow.holder).where(LeaseRow.until > leases.database_now(session))
    return sum(1 for name, holder in session.execute(held) if name.startswith(WORKING) and not is_dead(holder))
