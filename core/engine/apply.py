"""From decisions to calls, one kind after the other, each at most as many rows as the list takes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from core.decide.facts import Decision, Verb
from core.engine.columns import open_columns, with_columns
from core.engine.job import Job
from core.engine.splitting import Call, send
from core.errors import Stopping
from spojka import Busy, Done, Refused, Rejected, Result, SpojkaError, Unreachable, Write

LOST_AT_MOST = 2
"""Calls in a row without any answer after which the run stops and comes back later."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Address -> what came of its call; an address without one was not sent.

    `left_out` are tags that the list refused (R54). `stopped` is why no more could be sent or, where this process was
    asked to stop, was to be.
    """

    results: dict[str, Result]
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stopped: SpojkaError | Stopping | None = None


def apply(job: Job, decisions: Iterable[Decision]) -> Sent:
    """Send a batch's writes. Why no more can be sent is said in `stopped`, not raised: the rest is settled first."""
    ordered = sorted(decisions, key=lambda one: one.email)
    sent = Sent({})
    try:
        for index, (rows, call) in enumerate(_calls(job, ordered)):
            if index:
                job.world.crash.point("list.between_calls")
                job.world.go_on()
            send(job, rows, call, sent.results, sent.left_out)
            _stop_if_lost(job, rows, sent)
        _unite(job, [one for one in ordered if one.verb is Verb.JOIN and _added(sent, one.email)], sent)
    except (Busy, Refused, Rejected, Unreachable, Stopping) as error:
        return replace(sent, stopped=error)
    return sent


def _stop_if_lost(job: Job, rows: Sequence[Write], sent: Sent) -> None:
    answers = [sent.results[row.email] for row in rows if row.email in sent.results]
    lost = next((one.error for one in answers if one.done is Done.UNKNOWN and one.error), "")
    job.lost = job.lost + 1 if lost else 0
    if job.lost >= LOST_AT_MOST:
        raise Unreachable(lost)


def _added(sent: Sent, email: str) -> bool:
    return email in sent.results and sent.results[email].done is Done.ADDED


def _calls(job: Job, decisions: Sequence[Decision]) -> Iterator[tuple[Sequence[Write], Call]]:
    audience, name = job.audience.adapter, job.contact_list
    leaving = [Write(one.email, {}) for one in decisions if one.verb is Verb.UNSUBSCRIBE]
    yield from _chunks(job, leaving, lambda rows: audience.unsubscribe(name, [row.email for row in rows]))
    for starts in (False, True):
        adding = [one for one in decisions if one.verb in (Verb.ADD, Verb.JOIN) and one.start_automations is starts]
        yield from _additions(job, adding, starts)
    changing = [one for one in decisions if one.verb in (Verb.ADOPT, Verb.CHANGE)]
    yield from _chunks(job, _rows(job, changing), lambda rows: audience.change(name, rows, job.keys))


def _additions(job: Job, adding: Sequence[Decision], starts: bool) -> Iterator[tuple[Sequence[Write], Call]]:
    """In bulk, or one by one where each new contact is to be asked (R101)."""
    audience, name = job.audience.adapter, job.contact_list
    asked = [one for one in adding if asks_first(job, one)]
    silent = [one for one in adding if not asks_first(job, one)]
    yield from _chunks(
        job, _rows(job, silent), lambda rows: audience.add(name, rows, job.keys, start_automations=starts)
    )
    for row in _rows(job, asked):
        yield [row], lambda rows: audience.invite(name, rows[0], job.keys, start_automations=starts)


def asks_first(job: Job, decision: Decision) -> bool:
    """Whether the person is asked to confirm before mail comes (double opt-in, R101)."""
    return decision.ruling is not None and job.ground.policies[decision.ruling].double_opt_in == "ask"


def _chunks(job: Job, rows: Sequence[Write], call: Call) -> Iterator[tuple[Sequence[Write], Call]]:
    most = job.ground.manifest.limits.rows
    for start in range(0, len(rows), most):
        yield rows[start : start + most], call


def _rows(job: Job, decisions: Sequence[Decision]) -> list[Write]:
    rows = [one.write for one in decisions if one.write is not None]
    return [with_columns(job, row) for row in rows] if open_columns(job) and not job.keys_tried else rows


def _unite(job: Job, joined: Sequence[Decision], sent: Sent) -> None:
    """Who joined from another list gets what was empty, and the union of the tags (R17)."""
    rows = [one.then for one in joined if one.then is not None]
    if not rows:
        return
    job.world.crash.point("list.between_calls")
    united: dict[str, Result] = {}
    change = job.audience.adapter.change
    send(job, rows, lambda part: change(job.contact_list, part, job.keys), united, sent.left_out)
    for email, result in united.items():
        if result.done is not Done.CHANGED:
            # The membership is there; the next reading finds it ours and writes what is missing.
            sent.results[email] = replace(result, done=Done.UNKNOWN)
