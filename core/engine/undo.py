"""What was written is taken back: of one entry of the timeline, of one contact, or of a whole run (R35).

  the lines > what each field said before > take-backs, and their addresses due > the same reconcile as always

A take-back is a wish: the plan decides on a fresh reading whether what we left still stands. Tags in the CRM go there
as the opposite action.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from core.decide.undo import BETWEEN, TAGS
from core.decide.values import equal, tag_key
from core.engine import columns
from core.engine.job import Job
from core.engine.phases import brake, bring_home, check, count_due
from core.engine.reconcile import reconcile_rest
from core.errors import WrongInput
from core.ports import World
from core.store import due, runs, takebacks, timeline, wishes
from core.store.base import look, transact
from core.store.due import Cause
from core.store.journal import TimelineRow
from core.store.outbox import Intent, OutboxRow, State
from core.store.runs import OPEN, UNDO, RunRow

VALUES, TAGGED, WRITTEN, CRM_TAGS = ("updated",), ("tagged", "adopted"), ("written",), ("tagged_crm", "untagged_crm")
"""What the timeline calls what can be taken back."""
UNDOABLE = (*VALUES, *TAGGED, *WRITTEN, *CRM_TAGS)
BATCH = 3000
LOOKED = 50
"""Up to so many contacts are looked up one by one; for more the list is read."""
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Scope:
    """What is taken back: one of a run, a contact by its canonical address, and an entry of the timeline."""

    run: int | None = None
    email: str = ""
    line: int | None = None

    @property
    def named(self) -> tuple[str, str]:
        """As a form names it."""
        if self.run is not None:
            return "run", str(self.run)
        return ("email", self.email) if self.email else ("entry", str(self.line))

    def options(self) -> dict[str, Any]:
        """As a run keeps it."""
        said = {"run": self.run, "email": self.email or None, "line": self.line}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Survey:
    """What would be taken back, and what stays, in contacts; said before anything happens.

    `values`, `tags` in the list; `crm_values`, `crm_tags` in the CRM. `created`, `unsubscribed`, `history`: what can't
    be taken back.
    """

    values: int
    tags: int
    crm_values: int
    crm_tags: int
    created: int
    unsubscribed: int
    history: int
    examples: tuple[TimelineRow, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take back."""
        return not (self.values or self.tags or self.crm_values or self.crm_tags)


def survey(session: Session, connection_id: int, scope: Scope) -> Survey:
    """What an undo would do. At most four queries. Raises WrongInput where there is no such thing."""
    if scope.run is None:
        lines = _lines_of(session, connection_id, scope)
        deeds = {what: len({one.email for one in lines if one.what == what}) for what in {one.what for one in lines}}
        return _survey(deeds, deeds.get("created", 0), [one for one in lines if one.what in UNDOABLE])
    run = session.get(RunRow, scope.run)
    if run is None or run.connection_id != connection_id:
        raise WrongInput(f"Connection {connection_id} has no run {scope.run}. Its page names those it had.", "run")
    if run.state in OPEN:
        raise WrongInput(f"Run {run.id} is still going on. Wait for its end, or pause the connection.", "run")
    emails = timeline.addresses_of_run(session, run.id, UNDOABLE, "", EXAMPLES)
    examples = timeline.of_run(session, run.id, emails, UNDOABLE)
    created = (run.result or {}).get("profiles", {}).get("created", 0)
    return _survey(timeline.deeds_of_run(session, run.id), created, examples)


def _survey(deeds: Mapping[str, int], created: int, examples: Sequence[TimelineRow]) -> Survey:
    def number(names: Iterable[str]) -> int:
        return sum(deeds.get(name, 0) for name in names)

    of_list, of_crm = (number(VALUES), number(TAGGED)), (number(WRITTEN), number(CRM_TAGS))
    stays = (created, number(("unsubscribed",)), number(("history",)))
    return Survey(*of_list, *of_crm, *stays, tuple(one for one in examples if one.changes)[:EXAMPLES])


def _lines_of(session: Session, connection_id: int, scope: Scope) -> list[TimelineRow]:
    """The lines of a contact, or the one line, newest first."""
    if scope.line is None:
        return timeline.of(session, connection_id, scope.email)[::-1]
    row = session.get(TimelineRow, scope.line)
    if row is None or row.connection_id != connection_id:
        raise WrongInput(f"Connection {connection_id} has no entry {scope.line}. spojka explain numbers them.", "entry")
    return [row]


def request(world: World, connection_id: int, scope: Scope, by: str) -> int:
    """A run that takes it back, and whoever carries it out is woken; its id. Raises WrongInput."""

    def work(session: Session) -> int:
        if survey(session, connection_id, scope).is_empty:
            raise WrongInput("There is nothing in this that can be taken back.")
        now = world.clock.now()
        row = runs.request(session, connection_id, UNDO, options=scope.options(), dry_run=False, by=by, now=now)
        return row.id

    run_id = transact(world.sessions, work)
    world.wake.ring("bulk", "run_now", run_id)
    return run_id


def carry_through(job: Job, lane: Callable[[], None]) -> bool:
    """All of an undo but what goes to the CRM, which leaves like all edits; whether the brake waits for a person."""
    check(job)
    lane()
    columns.find(job)
    asked = _ask(job)
    job.world.crash.point("run.between_phases")
    if asked > LOOKED:
        return brake(job, bring_home(job))
    job.phase("writing", look(job.world.sessions, lambda session: count_due(job)))
    reconcile_rest(job, 0)
    return brake(job, 0)


def _ask(job: Job) -> int:
    """Every wish becomes a row, and its address due; how many addresses. One commit for each 3000."""
    scope = Scope(job.options.get("run"), job.options.get("email", ""), job.options.get("line"))
    if not job.checkpoint.get("asked"):
        job.phase("reading", 0)
    while not job.checkpoint.get("asked"):
        lines = look(job.world.sessions, lambda session: _page(job, session, scope))
        job.checkpoint["after"] = max((line.email for line in lines), default="")
        job.checkpoint["asked"] = scope.run is None or not lines
        job.checkpoint["addresses"] = job.checkpoint.get("addresses", 0) + len({line.email for line in lines})
        found = _wishes(job, lines)
        job.count(crm_tags=len(found.actions))
        job.commit(partial(_keep, job, found))
    return int(job.checkpoint["addresses"])


def _page(job: Job, session: Session, scope: Scope) -> list[TimelineRow]:
    if scope.run is None:
        return [line for line in _lines_of(session, job.row.id, scope) if line.what in UNDOABLE]
    emails = timeline.addresses_of_run(session, scope.run, UNDOABLE, job.checkpoint.get("after", ""), BATCH)
    return timeline.of_run(session, scope.run, emails, UNDOABLE) if emails else []


@dataclass(slots=True)
class Wishes:
    """What is to be as it was: (connection, address, goes to the CRM, field) -> (what we left, what was before)."""

    values: dict[tuple[int, str, bool, str], tuple[str, str]] = field(default_factory=dict)
    broken: set[tuple[int, str, bool, str]] = field(default_factory=set)
    tags: dict[tuple[int, str], dict[str, tuple[str, bool]]] = field(default_factory=dict)
    actions: list[tuple[TimelineRow, str, bool]] = field(default_factory=list)

    def value(self, key: tuple[int, str, bool, str], before: str, after: str, same: Callable[[str, str], bool]) -> None:
        """An older write of a field: it goes on to where that began, unless somebody edited it in between."""
        if key not in self.values:
            self.values[key] = (after, before)
        elif key not in self.broken and same(self.values[key][1], after):
            self.values[key] = (self.values[key][0], before)
        else:
            self.broken.add(key)


def _wishes(job: Job, lines: Sequence[TimelineRow]) -> Wishes:
    """What these lines, newest first, come to."""
    found = Wishes()
    for line in lines:
        if line.what in CRM_TAGS:
            before, after = line.changes[TAGS]
            found.actions.append((line, after or before, after == ""))
        elif line.what in TAGGED:
            _tags(job, found, line)
        else:
            for name, (before, after) in line.changes.items():
                key = (line.connection_id, line.email, line.what in WRITTEN, name)
                found.value(key, before, after, partial(equal, job.ground.forms, name))
    return found


def _tags(job: Job, found: Wishes, line: TimelineRow) -> None:
    """The oldest line says what of a tag was before. Of an adoption only the connection's own tag is its deed."""
    went, came = (text.split(BETWEEN) for text in line.changes.get(TAGS, ("", "")))
    policy = job.ground.policies.get(line.connection_id)
    if line.what == "adopted":
        came = [tag for tag in came if policy is not None and tag_key(tag) == tag_key(policy.tag)]
    mine = found.tags.setdefault((line.connection_id, line.email), {})
    mine |= {tag_key(tag): (tag, True) for tag in came if tag}
    mine |= {tag_key(tag): (tag, False) for tag in went if tag}


def _keep(job: Job, found: Wishes, session: Session) -> None:
    rows = [_row(job, *key, *pair) for key, pair in found.values.items() if pair[0] != pair[1]]
    for (connection, email), tags in found.tags.items():
        came = BETWEEN.join(tag for tag, is_new in tags.values() if is_new)
        went = BETWEEN.join(tag for tag, is_new in tags.values() if not is_new)
        rows.append(_row(job, connection, email, False, TAGS, came, went))
    takebacks.save(session, rows)
    cause = Cause(UNDO, job.by, job.ticket, job.now())
    due.mark(session, job.list_id, sorted({row["email"] for row in rows}), cause)
    wishes.accept(session, [_action(job, *one) for one in found.actions])


def _row(job: Job, connection: int, email: str, to_crm: bool, name: str, was: str, value: str) -> dict[str, Any]:
    return {
        "run_id": job.run_id,
        "connection_id": connection,
        "list_id": job.list_id,
        "email": email,
        "to_crm": to_crm,
        "field": name,
        "was": was,
        "value": value,
        "state": takebacks.OPEN,
        "at": job.now(),
    }


def _action(job: Job, line: TimelineRow, tag: str, add: bool) -> OutboxRow:
    """The opposite of what an automation did (R52)."""
    now = job.now()
    return OutboxRow(
        connection_id=line.connection_id,
        kind=Intent.TAG.value,
        key=f"undo:{job.run_id}:{line.id}",
        email=line.email,
        payload={"tag": tag, "add": add, "first": now.isoformat(), "stage": ""},
        state=State.WAITING.value,
        claim="",
        attempts=0,
        next_try=now,
        last_error="",
        created_at=now,
        closed_at=None,
    )
