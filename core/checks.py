"""What `doctor` looks at in an installation that works: who is alive, what waits too long, what a person has to do."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.engine.quotas import left_of
from core.engine.watching import UNABLE
from core.jobs import alive, redis
from core.ports import World
from core.registry import UnknownPlugin
from core.store import leases, runs
from core.store.base import look
from core.store.connections import AccountRow, ConnectionRow, ConnectionState
from core.store.counting import PARKED, Counts, count
from core.store.runs import RunState

LATE = timedelta(minutes=5)
"""How long something may wait before it is said that nobody sees to it."""
APART_SECONDS, VENDOR_APART_SECONDS = 10.0, 60.0
"""How far the database's clock and a vendor's may be off ours."""
WRITERS = 4
"""Workers that SQLite's single writer serves well."""
SCARCE_PERCENT = 10
"""Of the CRM's day; below it people should know."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, whether it is right, and what there is to say."""

    check: str
    ok: bool
    says: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at the tables brought: `oldest` is since when the longest waiting piece of work waits."""

    counts: Counts
    oldest: datetime | None
    database_apart: float
    vendors_apart: dict[str, float]


def running(here: World) -> list[Check]:
    """Everything that needs tables. A database that does not answer is said by another check."""
    try:
        seen = look(here.sessions, lambda session: _see(here, session))
    except DBAPIError:
        return []
    return [
        *_processes(here, seen),
        _clocks(seen),
        *_people(seen),
        *(found for row in seen.counts.connections for found in _connection(here, row)),
    ]


def _see(here: World, session: Session) -> Seen:
    now = here.clock.now()
    counts = count(session, now)
    working = {row.id: row for row in counts.connections if row.state == ConnectionState.RUNNING}
    # Until a connection's first reading has ended its bells have to wait.
    read = {key for key, row in working.items() if row.first_read_at is not None}
    waiting = [at for connection, at in counts.oldest_bell.items() if connection in read]
    waiting += [at for lane, at in counts.oldest_due.items() if lane == "live" and working]
    waiting += [
        row.not_before or row.requested_at
        for row in runs.open_all(session)
        if row.connection_id in working and row.state == RunState.QUEUED and row.requested_by != "cli"
    ]
    apart = session.execute(select(leases.database_now(session))).scalar_one() - here.clock.now()
    accounts = session.execute(select(AccountRow.audience, AccountRow.clock_offset_ms)).all()
    vendors = {audience: offset / 1000 for audience, offset in accounts}
    return Seen(counts, min(waiting, default=None), apart.total_seconds(), vendors)


def _processes(here: World, seen: Seen) -> list[Check]:
    waited = here.clock.now() - seen.oldest if seen.oldest is not None else timedelta(0)
    late = waited > LATE
    minutes = int(waited.total_seconds() // 60)
    living = _living(here)
    if living is None:
        words = f"Something has waited for {minutes} minutes and no Redis answers. Start: spojka up"
        return [Check("work", False, words)] if late else []
    workers, schedulers = living
    if not workers and late:
        words = f"No worker is alive; something has waited for {minutes} minutes. Start: spojka up"
        found = Check("workers", False, words)
    elif workers and not schedulers:
        found = Check(
            "workers", False, "No scheduler is alive, so nothing is done by the clock. Start: spojka scheduler"
        )
    elif workers > WRITERS and here.engine.dialect.name == "sqlite":
        words = f"{workers} workers share SQLite's one writer. Use PostgreSQL (DATABASE_URL), or {WRITERS} at the most."
        found = Check("workers", False, words)
    elif late:
        words = f"Something has waited for {minutes} minutes though {workers} workers are alive. Their log says why."
        found = Check("workers", False, words)
    else:
        found = Check("workers", True, f"Alive: {workers} workers, {schedulers} schedulers; nothing waits for long.")
    return [found]


def _living(here: World) -> tuple[int, int] | None:
    with closing(redis.connect(redis.address(here.settings), wait_seconds=1.0)) as client:
        try:
            return alive.count(client, alive.WORKER), alive.count(client, alive.SCHEDULER)
        except (RedisError, OSError):
            return None


def _clocks(seen: Seen) -> Check:
    mend = "Let NTP set the clocks (timedatectl set-ntp true)."
    if abs(seen.database_apart) > APART_SECONDS:
        words = f"The database's clock is {seen.database_apart:+.0f} s off this machine's. {mend}"
        return Check("clocks", False, words)
    for vendor, apart in sorted(seen.vendors_apart.items()):
        if abs(apart) > VENDOR_APART_SECONDS:
            return Check("clocks", False, f"The clock of {vendor} is {apart:+.0f} s off ours. {mend}")
    return Check("clocks", True, "This machine, the database and the vendors agree on the time.")


def _people(seen: Seen) -> list[Check]:
    """What waits for a person."""
    asked, parked = sum(seen.counts.questions.values()), seen.counts.due.get(PARKED, 0)
    failed = parked + seen.counts.faults
    questions = Check("questions", True, "Nothing waits for a person's decision.")
    if asked:
        questions = Check("questions", False, f"{asked} questions wait for a person. See: spojka questions list")
    failures = Check("failures", True, "No record and no address has failed.")
    if failed:
        words = f"{parked} addresses and {seen.counts.faults} records failed. The connection's page says why."
        failures = Check("failures", False, words)
    return [questions, failures]


def _connection(here: World, row: ConnectionRow) -> list[Check]:
    """What keeps a connection that works from working well."""
    if row.state != ConnectionState.RUNNING:
        return []
    found = []
    if row.webhook_state == UNABLE and _may_ring(here, row):
        found.append(Check(f"webhook {row.id}", False, row.webhook_text))
    quota = left_of(here, row)
    if quota is not None and quota.left * 100 < quota.limit * SCARCE_PERCENT:
        words = (
            f"{quota.left} of today's {quota.limit} requests to the CRM are left. What waits goes on after its reset."
        )
        found.append(Check(f"quota {row.id}", False, words))
    return found


def _may_ring(here: World, row: ConnectionRow) -> bool:
    """Whether its CRM has webhooks at all."""
    try:
        return here.registry.manifest(row.plugin).bell is not None
    except UnknownPlugin:
        return False
