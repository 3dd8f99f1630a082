"""Calls of automations' steps that were lost: their vendor never calls twice, so its log is looked at (R52).

Who entered an automation with a step of ours, and of whom no call of that step came, is looked up in the vendor's log,
some of them every morning. Who passed the step lately gets the tag, unless somebody has asked for something else since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import structlog
from sqlalchemy.orm import Session

from core.decide.values import tag_key
from core.engine import actions, erasing
from core.engine.actions import Asked
from core.engine.job import Job
from core.store import lines, outbox, steps, wishes
from core.store.base import look
from core.store.connections import digest
from core.store.outbox import Intent
from spojka import Passed, Rejected, Results, Step

log = structlog.get_logger(__name__)
AT_MOST = 200
"""Contacts whose log is looked at in one morning, a request each."""
AT_ONCE = 25
"""How many of them between two commits."""
SETTLED = timedelta(minutes=10)
"""A call may still be on its way for so long."""
RECENT = timedelta(days=3)
"""Who passed a step longer ago is left: what has happened to the tag since is not known."""
AGAIN = timedelta(hours=20)
"""Nobody is looked at twice a day."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A step that tags in this connection's CRM."""

    source: str
    step: str
    tag: str
    add: bool


def tagging_steps(job: Job, found: Iterable[Step]) -> list[dict[str, Any]]:
    """Those steps that call an address of this connection, as a mailing keeps them."""
    kept = []
    for step in found:
        for url in step.urls:
            asked = _asked(url, job.row.token_hash)
            if asked is not None:
                kept.append({"id": step.id, "tag": asked[0], "add": asked[1]})
                break
    return kept


def _asked(url: str, token_hash: str) -> tuple[str, bool] | None:
    """The tag that an address asks for, and whether to add it; None where it is not an address of ours."""
    parts = urlsplit(url)
    place = parts.path.strip("/").split("/")[-4:]
    if len(place) != 4 or (place[0], place[2]) != ("automation", "tags") or place[3] not in ("add", "remove"):
        return None
    tag = actions.clean(parse_qs(parts.query).get("tag", [""])[0])
    if digest(place[1]) != token_hash or actions.tag_problem(tag):
        return None
    return tag, place[3] == "add"


def repair(job: Job) -> int:
    """Ask for what lost calls asked for; how many tags. Two queries where no automation tags. Raises as `Results`."""
    if not job.ground.manifest.results:
        return 0
    left, repaired = AT_MOST, 0
    try:
        for ours in look(job.world.sessions, partial(_ours, job)):
            while emails := look(job.world.sessions, partial(_to_look_at, job, ours, left)):
                left -= len(emails)
                repaired += _look(job, ours, emails)
    except Rejected as error:
        if error.key != "log":
            raise
    if repaired:
        log.info("action.repaired", connection=job.row.id, tags=repaired)
    return repaired


def _look(job: Job, ours: Ours, emails: Sequence[str]) -> int:
    results = cast(Results, job.audience.adapter)
    passed = [(email, results.passed(email)) for email in emails]
    return job.commit(partial(_settle, job, ours, passed))


def _ours(job: Job, session: Session) -> list[Ours]:
    """The steps that automations say to have, and those that called."""
    known = lines.mailings(session, job.row.id)
    said = {
        (row.key, step["id"]): Ours(row.key, step["id"], step["tag"], step["add"])
        for row in known.values()
        for step in row.steps
        if not row.gone
    }
    called = {
        (source, step): Ours(source, step, tag, add) for source, step, tag, add in steps.known(session, job.row.id)
    }
    there = {key for key, row in known.items() if not row.gone}
    return [ours for (source, _), ours in sorted({**called, **said}.items()) if source in there]


def _to_look_at(job: Job, ours: Ours, left: int, session: Session) -> list[str]:
    before = job.now() - AGAIN
    return steps.to_look_at(session, job.row.id, ours.source, ours.step, before, min(left, AT_ONCE))


def _settle(job: Job, ours: Ours, said: Sequence[tuple[str, Sequence[Passed]]], session: Session) -> int:
    """What the log says of these contacts is kept, and what was lost is asked for. A query and one for each of them."""
    now, looked, called, wanted = job.now(), [], [], []
    erased = erasing.among(session, job.world, [email for email, _ in said])
    for email, passed in said:
        one = Asked(email, ours.tag, ours.add, "", ours.source, ours.step)
        at = _last(passed, ours)
        if at is None or at > now - SETTLED:
            looked.append({**actions.step_of(job.row.id, one, None), "looked_at": now})
            continue
        called.append(actions.step_of(job.row.id, one, at))
        if email not in erased and at > now - RECENT and not _asked_since(job, session, one, at):
            wanted.append(replace(one, key=f"repair:{ours.source}:{ours.step}:{email}:{at.isoformat()}"))
    steps.looked(session, looked)
    steps.called(session, called)
    wishes.accept(session, [actions.row_of(job.world, job.row.id, one, now) for one in wanted])
    return len(wanted)


def _last(passed: Sequence[Passed], ours: Ours) -> datetime | None:
    """When a contact last passed a step."""
    moments = [one.at for one in passed if (one.mailing, one.step) == (ours.source, ours.step)]
    return max((at for at in moments if at is not None), default=None)


def _asked_since(job: Job, session: Session, one: Asked, at: datetime) -> bool:
    """Whether somebody has asked for this tag of this address since; the last one wins (R53)."""
    return any(
        row.connection_id == job.row.id
        and row.kind == Intent.TAG.value
        and row.created_at > at
        and tag_key(row.payload["tag"]) == tag_key(one.tag)
        for row in outbox.of_address(session, one.email)
    )
