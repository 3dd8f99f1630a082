"""From decisions to bulk calls. A refused batch is split until the one bad row stands alone (R102)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from core.decide.facts import Decision, Verb
from core.engine.columns import open_columns, plain, with_columns
from core.engine.job import Job
from spojka import Busy, Custom, Done, Malformed, Refused, Rejected, Result, SpojkaError, Unreachable, Write

NAMED_AT_MOST = 8
"""How often a batch is sent again without the row its refusal named, before it is halved."""

Call = Callable[[Sequence[Write]], Sequence[Result]]


@dataclass(frozen=True, slots=True)
class Sent:
    """Address -> what came of its call; an address without one was not sent. `stopped` is why no more could be sent."""

    results: dict[str, Result]
    stopped: SpojkaError | None = None


def apply(job: Job, decisions: Iterable[Decision]) -> Sent:
    """Send a batch's writes, one kind of call after the other, each at most as many rows as the list takes."""
    ordered = sorted(decisions, key=lambda one: one.email)
    results: dict[str, Result] = {}
    try:
        for index, (rows, call) in enumerate(_calls(job, ordered)):
            if index:
                job.world.crash.point("list.between_calls")
            _send(job, rows, call, results)
        joined = [one for one in ordered if one.verb is Verb.JOIN and _added(results, one.email)]
        _unite(job, joined, results)
    except (Busy, Refused) as error:
        return Sent(results, error)
    return Sent(results)


def _added(results: dict[str, Result], email: str) -> bool:
    return email in results and results[email].done is Done.ADDED


def _calls(job: Job, decisions: Sequence[Decision]) -> list[tuple[list[Write], Call]]:
    audience, name = job.audience.adapter, job.contact_list
    leaving = [Write(one.email, {}) for one in decisions if one.verb is Verb.UNSUBSCRIBE]
    adding = [one for one in decisions if one.verb in (Verb.ADD, Verb.JOIN)]
    changing = [_row(job, one.write) for one in decisions if one.verb in (Verb.ADOPT, Verb.CHANGE) and one.write]
    calls: list[tuple[list[Write], Call]] = [
        (leaving, lambda rows: audience.unsubscribe(name, [row.email for row in rows])),
        *(
            (
                [_row(job, one.write) for one in adding if one.start_automations is starts and one.write],
                lambda rows, starts=starts: audience.add(name, rows, job.keys, start_automations=starts),
            )
            for starts in (False, True)
        ),
        (changing, lambda rows: audience.change(name, rows, job.keys)),
    ]
    most = job.ground.manifest.limits.rows
    return [(rows[start : start + most], call) for rows, call in calls for start in range(0, len(rows), most)]


def _row(job: Job, write: Write) -> Write:
    return with_columns(job, write) if open_columns(job) and not job.keys_tried else write


def _unite(job: Job, joined: Sequence[Decision], results: dict[str, Result]) -> None:
    """Who joined from another list gets what was empty, and the union of the tags (R17)."""
    rows = [one.then for one in joined if one.then is not None]
    if not rows:
        return
    job.world.crash.point("list.between_calls")
    united: dict[str, Result] = {}
    _send(job, rows, lambda part: job.audience.adapter.change(job.contact_list, part, job.keys), united)
    for email, result in united.items():
        if result.done is not Done.CHANGED:
            # The membership is there; the next reading finds it ours and writes what is missing.
            results[email] = replace(result, done=Done.UNKNOWN)


def _send(job: Job, rows: Sequence[Write], call: Call, results: dict[str, Result], named: int = 0) -> None:
    """One call, and what a refusal makes of it. Raises Busy, Refused: nothing more can be sent now."""
    if not rows:
        return
    job.world.crash.point("list.before_call")
    try:
        answer = call(rows)
    except Rejected as error:
        job.world.crash.point("list.after_call")
        _split(job, rows, call, results, error, named)
        return
    except (Malformed, Unreachable) as error:
        answer = [Result(row.email, Done.UNKNOWN, str(error)) for row in rows]
    job.world.crash.point("list.after_call")
    results.update({result.email: result for result in answer})


def _split(
    job: Job, rows: Sequence[Write], call: Call, results: dict[str, Result], error: Rejected, named: int
) -> None:
    if error.key == "list":
        raise error
    if len(rows) == 1:
        if not _retry_plain(job, rows, call, results):
            results[rows[0].email] = Result(rows[0].email, Done.FAILED, str(error))
        return
    bad = [row for row in rows if row.email == error.key] if named < NAMED_AT_MOST else []
    parts = (bad, [row for row in rows if row.email != error.key]) if bad else _halves(rows)
    for part in parts:
        _send(job, part, call, results, named + 1)


def _halves(rows: Sequence[Write]) -> tuple[Sequence[Write], Sequence[Write]]:
    middle = len(rows) // 2
    return rows[:middle], rows[middle:]


def _retry_plain(job: Job, rows: Sequence[Write], call: Call, results: dict[str, Result]) -> bool:
    """The row that makes our columns was refused: perhaps for their names, so once more without diacritics (R40)."""
    missing = open_columns(job)
    if not missing or job.keys_tried:
        return False
    before = dict(job.keys)
    job.keys.update({Custom(name).key: plain(name) for name in missing})
    try:
        results.update({result.email: result for result in call(rows)})
    except Rejected:
        job.keys = before
        return False
    return True
