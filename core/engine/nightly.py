"""The night: what bells and readings can't tell is found by comparing (R45, R73, R75, R98).

  walk over all ids > look for the missing by id > read everything changed > bury > read the unseen > compare

The walk writes nothing, so live readings go on beside it. From there on their lease is held, a few requests long, so
that a difference is one: nothing else moves the mirror meanwhile.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from core.decide.absence import Doubt, too_many_differ
from core.decide.nights import next_night
from core.engine import comparing
from core.engine.asking import Asking
from core.engine.comparing import Walk
from core.engine.job import Job, Paused
from core.engine.leasing import Lease, LostLease, release, take
from core.engine.openjob import open_job
from core.engine.stopping import refuse
from core.errors import Stopping
from core.ports import World
from core.store import cursors, due, leases, nights, questions, schedule
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState
from core.store.nights import NightRow
from core.store.questions import QuestionRow
from core.store.schedule import NIGHT, WATCH
from spojka import Busy, Kind, Refused, SpojkaError

log = structlog.get_logger(__name__)
TRIES = 3
"""How often a night is begun before a person is told that it can't be finished."""
AGAIN_AFTER = timedelta(minutes=15)
WAIT_SECONDS = 1.0
WAITS_AT_MOST = 120
ABSENCE, VALUES = "R98", "R75"
"""The kinds of the night's questions."""
AGREEABLE = frozenset({Doubt.EMPTY, Doubt.HALF})
EXAMPLES = 10


class Occupied(Exception):
    """The connection is being read, and goes on being read."""


@dataclass(slots=True)
class Night:
    """What one night has found so far.

    `kinds` were read before; another waits for its first reading. `said` are a person's answers since the last night.
    `ticket` was drawn before the missing were looked for by id.
    """

    turn: int
    kinds: list[Kind]
    eyes: str
    same_eyes: bool
    said: dict[str, str]
    ticket: int = 0
    walks: list[Walk] = field(default_factory=list)
    doubts: dict[Kind, Doubt] = field(default_factory=dict)
    gone: dict[Kind, list[str]] = field(default_factory=dict)
    unseen: int = 0
    renamed: int = 0
    compared: int = 0
    differ: dict[Kind, list[str]] = field(default_factory=dict)
    repaired: int = 0

    @property
    def differed(self) -> int:
        """How many records say something else than the mirror."""
        return sum(map(len, self.differ.values()))

    @property
    def found(self) -> dict[str, int]:
        """How many records were found to be what."""
        return {
            "unseen": self.unseen,
            "gone": sum(map(len, self.gone.values())),
            "renamed": self.renamed,
            "compared": self.compared,
            "differed": self.differed,
            "repaired": self.repaired,
        }

    @property
    def agreed(self) -> frozenset[Doubt]:
        """Doubts of which a person has said that they are groundless."""
        return frozenset(one for one in AGREEABLE if self.said.get(f"night:{one.value}") == "yes")


def night_now(world: World, connection_id: int) -> None:
    """The nightly compare of one connection, if it is due and nobody else is at it. Safe to lose, double or delay.

    Raises Stopping where this process was asked to stop.
    """
    lease = take(world, f"night:{connection_id}")
    if lease is None:
        return
    held = [lease]
    try:
        world.crash.point("night.leased")
        if transact(world.sessions, lambda session: _begin(world, session, connection_id)):
            _work(world, connection_id, held)
    except LostLease:
        log.warning("night.lost_lease", connection=connection_id)
    except (Occupied, Paused):
        _leave(world, connection_id, world.clock.now() + AGAIN_AFTER)
    except Stopping:
        _leave(world, connection_id, world.clock.now())
        raise
    except Refused as error:
        _leave(world, connection_id, world.clock.now())
        refuse(world, connection_id, error)
    except SpojkaError as error:
        _failed(world, connection_id, error)
    finally:
        world.crash.point("night.before_release")
        for one in reversed(held):
            release(world, one)


def _begin(world: World, session: Session, connection_id: int) -> bool:
    """Whether the night is due. It is noted as begun, and to be begun again should nobody bring it to its end."""
    row, now = session.get(ConnectionRow, connection_id), world.clock.now()
    if row is None or row.state != ConnectionState.RUNNING:
        return False
    plan = schedule.of(session, connection_id).get(NIGHT)
    if plan is not None and plan.next_at > now:
        return False
    if plan is None or row.first_read_at is None:
        schedule.put(session, connection_id, NIGHT, next_night(now, world.settings.timezone, connection_id))
        return False
    if plan.tries >= TRIES:
        _give_up(world, session, connection_id, {"why": "crashed"})
        return False
    schedule.put(session, connection_id, NIGHT, now + AGAIN_AFTER, tries=plan.tries + 1)
    return True


def _give_up(world: World, session: Session, connection_id: int, facts: dict[str, Any]) -> None:
    """Tell a person that this night came to no end; the next one tries again."""
    now = world.clock.now()
    questions.ask(session, connection_id, ABSENCE, "night:unread", facts, now)
    schedule.put(session, connection_id, NIGHT, next_night(now, world.settings.timezone, connection_id))


def _failed(world: World, connection_id: int, error: SpojkaError) -> None:
    log.warning("night.put_off", connection=connection_id, code=error.code)
    if isinstance(error, Busy):
        _leave(world, connection_id, max(error.until or world.clock.now(), world.clock.now() + AGAIN_AFTER))
        return

    def work(session: Session) -> None:
        if schedule.of(session, connection_id)[NIGHT].tries >= TRIES:
            _give_up(world, session, connection_id, {"why": error.code, "text": str(error)})

    transact(world.sessions, work)


def _leave(world: World, connection_id: int, until: datetime) -> None:
    """Nobody's fault: the night is begun anew from a moment on, and this try does not count."""

    def work(session: Session) -> None:
        plan = schedule.of(session, connection_id)[NIGHT]
        schedule.put(session, connection_id, NIGHT, until, tries=max(plan.tries - 1, 0))

    transact(world.sessions, work)


def _work(world: World, connection_id: int, held: list[Lease]) -> None:
    job = _open(world, connection_id, held)
    night = _night(job)
    for kind in night.kinds:
        night.walks.append(comparing.walk_over(job, kind, night.turn))
    night.ticket = job.commit(leases.draw)
    world.crash.point("night.walked")
    for walk in night.walks:
        _judge(job, night, walk)
    held.append(_reading(world, connection_id))
    # A job of its own, so that real time's share of the quota does not pay for the walk (R74).
    reading = Asking(_open(world, connection_id, held), ())
    reading.gone = {kind: ids for kind, ids in night.gone.items() if ids}
    reading.gone_ticket = night.ticket
    reading.carry_through()
    job = _open(world, connection_id, held)
    job.found, job.waits = "catch_up", reading.waits
    _compare(job, night)
    job.commit(lambda session: _end(job, session, night))
    world.crash.point("night.after_commit")
    world.tally.add("readings", "night")
    for found, number in night.found.items():
        world.tally.add("night_records", found, by=number)
    log.info("night.done", connection=connection_id, night=job.by, **night.found)


def _open(world: World, connection_id: int, held: list[Lease]) -> Job:
    return open_job(world, connection_id, held, by=f"night:{held[0].fence}", cause="night", lane="bulk")


def _night(job: Job) -> Night:
    """Who reads tonight, whose turn it is, and what a person has said meanwhile. One request."""
    eyes = job.crm.adapter.check().eyes

    def load(session: Session) -> Night:
        number, read = job.row.id, cursors.of(session, job.row.id)
        before = nights.last(session, number)
        said = nights.answers(session, number, before.at if before is not None else None)
        kinds = [kind for kind in job.crm.manifest.kinds if read.get(kind.value) is not None]
        return Night(_turn(before, said), kinds, eyes, job.row.eyes in ("", eyes), said)

    return look(job.world.sessions, load)


def _turn(before: NightRow | None, said: dict[str, str]) -> int:
    """The next thirtieth; the same one where it differed too much, until a person has said to leave it."""
    if before is None:
        return 0
    waits = before.differed > before.repaired and said.get("night:values") != "no"
    return before.turn if waits else before.turn + 1


def _judge(job: Job, night: Night, walk: Walk) -> None:
    """What is missing is gone where the walk is believed and a reading by id does not show it either (R80, R98)."""
    found = comparing.believed(walk, same_eyes=night.same_eyes, agreed=night.agreed)
    gone = comparing.prove_gone(job, walk) if found is None else found
    if isinstance(gone, Doubt):
        night.doubts[walk.kind] = gone
    else:
        night.gone[walk.kind] = gone


def _reading(world: World, connection_id: int) -> Lease:
    """The lease of this connection's readings, waited for. Raises Occupied."""
    for _ in range(WAITS_AT_MOST):
        world.go_on()
        lease = take(world, f"reading:{connection_id}")
        if lease is not None:
            return lease
        world.clock.sleep(WAIT_SECONDS)
    raise Occupied


def _compare(job: Job, night: Night) -> None:
    """Records never seen, renamed owners, and a thirtieth by value; too many differences are a person's (R75)."""
    for walk in night.walks:
        night.unseen += comparing.read_unseen(job, walk)
    if Doubt.EYES in night.doubts.values():
        return  # Other eyes may see less of each record, too.
    for walk in night.walks:
        night.renamed += comparing.read_renamed(job, walk.kind)
    for walk in night.walks:
        found = comparing.compare(job, walk)
        night.compared += found.count
        night.differ[walk.kind] = found.differ
    if too_many_differ(night.compared, night.differed) and night.said.get("night:values") != "yes":
        return
    for kind, ids in night.differ.items():
        night.repaired += comparing.read_by_ids(job, kind, ids)


def _end(job: Job, session: Session, night: Night) -> None:
    """The last commit: what was found, what a person has to know, and when the next night is."""
    now, zone, number = job.now(), job.world.settings.timezone, job.row.id
    due.release_waits(session, job.list_id, job.waits)
    nights.save(session, _row(job, night))
    asked = [*_ask_absence(job, session, night), *_ask_values(job, session, night)]
    nights.withdraw(session, number, asked)
    if not night.doubts:
        session.get_one(ConnectionRow, number).eyes = night.eyes
    schedule.put(session, number, NIGHT, next_night(now, zone, number), done_at=now)
    if job.crm.manifest.bell is not None:
        schedule.put(session, number, WATCH, now)
    job.world.crash.point("night.before_commit")


def _row(job: Job, night: Night) -> dict[str, Any]:
    return {
        "connection_id": job.row.id,
        "at": job.now(),
        "turn": night.turn,
        "listed": sum(walk.listed for walk in night.walks),
        **night.found,
        "doubts": {kind.value: found.value for kind, found in night.doubts.items()},
    }


def _ask_absence(job: Job, session: Session, night: Night) -> list[str]:
    """One question for each doubt; the keys of those that stand. Who may see less is asked about once (R98)."""
    asked: list[str] = []
    for found in sorted(set(night.doubts.values())):
        key = f"night:{found.value}" + (f":{night.eyes}" if found is Doubt.EYES else "")
        if found is Doubt.EYES and nights.answers(session, job.row.id, None).get(key) == "no":
            continue
        walks = [walk for walk in night.walks if night.doubts.get(walk.kind) is found]
        missing = [f"{walk.kind.value}:{one}" for walk in walks for one in walk.missing]
        facts = {
            "why": found.value,
            "eyes": night.eyes,
            "kinds": {walk.kind.value: {"listed": walk.listed, "held": walk.held} for walk in walks},
            "missing": len(missing),
            "examples": missing[:EXAMPLES],
        }
        questions.ask(session, job.row.id, ABSENCE, key, facts, job.now())
        asked.append(key)
    return asked


def _ask_values(job: Job, session: Session, night: Night) -> list[str]:
    if night.repaired == night.differed:
        return []
    differ = [f"{kind.value}:{one}" for kind, ids in night.differ.items() for one in ids]
    facts = {"compared": night.compared, "differed": night.differed, "examples": differ[:EXAMPLES]}
    questions.ask(session, job.row.id, VALUES, "night:values", facts, job.now())
    return ["night:values"]


def answered(world: World, session: Session, question: QuestionRow, *, yes: bool) -> None:
    """A person has answered one of the night's questions.

    Yes: what the key does not see is gone, or the size of the list is right, or the values are to be taken over; the
    night is made again at once and proves each record anew. No: everything stays as it is.
    """
    if not yes:
        return
    if question.facts.get("why") == Doubt.EYES.value:
        session.get_one(ConnectionRow, question.connection_id).eyes = question.facts["eyes"]
    schedule.put(session, question.connection_id, NIGHT, world.clock.now())
