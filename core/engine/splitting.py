"""One call, and what a refusal makes of it: the batch is split until the one bad row stands alone (R102)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.engine.columns import open_columns, plain
from core.engine.job import Job
from core.errors import Stopping
from spojka import Custom, Done, Malformed, Rejected, Result, Unreachable, Write

NAMED_AT_MOST = 8
"""How often a batch is sent again without the row its refusal named, before it is halved."""
REFUSED_AT_MOST = 25
"""Single rows refused one after the other after which no row is to blame, and the run stops."""
NOBODY = ("list", "account")
"""`Rejected.key` where the refusal is about no row."""

Call = Callable[[Sequence[Write]], Sequence[Result]]


def send(
    job: Job,
    rows: Sequence[Write],
    call: Call,
    results: dict[str, Result],
    left_out: dict[str, tuple[str, ...]],
    named: int = 0,
) -> None:
    """Send rows; `results` gets one for each that was sent, `left_out` the tags that the list refused.

    Raises Busy and Refused where nothing more can be sent now, Rejected where no row is to blame, and Stopping where a
    call waited while this process was asked to stop: part of it may have been sent.
    """
    rows = _shortened(job, rows, left_out)
    if not rows:
        return
    job.world.crash.point("list.before_call")
    job.still_ours()
    try:
        answer = call(rows)
    except Rejected as error:
        job.world.crash.point("list.after_call")
        _split(job, rows, call, results, left_out, error, named)
        return
    except (Malformed, Unreachable) as error:
        job.world.crash.point("list.answer_lost")
        answer = [Result(row.email, Done.UNKNOWN, str(error)) for row in rows]
    except Stopping:
        results.update({row.email: Result(row.email, Done.UNKNOWN) for row in rows})
        raise
    else:
        job.refused = 0
    job.world.crash.point("list.after_call")
    results.update({result.email: result for result in answer})


def _split(
    job: Job,
    rows: Sequence[Write],
    call: Call,
    results: dict[str, Result],
    left_out: dict[str, tuple[str, ...]],
    error: Rejected,
    named: int,
) -> None:
    if error.key in NOBODY:
        raise error
    if len(rows) == 1:
        _alone(job, rows[0], call, results, left_out, error)
        return
    bad = [row for row in rows if row.email == error.key] if named < NAMED_AT_MOST else []
    parts = (bad, [row for row in rows if row.email != error.key]) if bad else _halves(rows)
    for part in parts:
        send(job, part, call, results, left_out, named + 1)


def _halves(rows: Sequence[Write]) -> tuple[Sequence[Write], Sequence[Write]]:
    middle = len(rows) // 2
    return rows[:middle], rows[middle:]


def _alone(
    job: Job,
    row: Write,
    call: Call,
    results: dict[str, Result],
    left_out: dict[str, tuple[str, ...]],
    error: Rejected,
) -> None:
    """A single row was refused: perhaps for the names of our columns (R40) or for a tag of too many bytes (R54)."""
    if _goes_plain(job, row, call, results) or _goes_shorter(job, row, call, results, left_out):
        return
    results[row.email] = Result(row.email, Done.FAILED, str(error))
    job.refused += 1
    if job.refused >= REFUSED_AT_MOST:
        raise Rejected(f"{job.refused} rows were refused one after the other. The last one: {error}", key="account")


def _goes_plain(job: Job, row: Write, call: Call, results: dict[str, Result]) -> bool:
    missing = open_columns(job)
    if not missing or job.keys_tried:
        return False
    before = dict(job.keys)
    job.keys.update({Custom(name).key: plain(name) for name in missing})
    try:
        results.update({result.email: result for result in call([row])})
    except Rejected:
        job.keys = before
        return False
    return True


def _goes_shorter(
    job: Job, row: Write, call: Call, results: dict[str, Result], left_out: dict[str, tuple[str, ...]]
) -> bool:
    """Whether the list counts bytes is known by its refusing a tag of few characters and many bytes."""
    if job.counts_bytes or not _long(job, row):
        return False
    job.counts_bytes = True
    (short,) = _shortened(job, [row], left_out)
    try:
        results.update({result.email: result for result in call([short])})
    except Rejected:
        job.counts_bytes = False
        left_out.pop(row.email, None)
        return False
    return True


def _long(job: Job, row: Write) -> tuple[str, ...]:
    most = job.ground.manifest.limits.tag_length
    return tuple(tag for tag in row.tags or () if len(tag.encode()) > most)


def _shortened(job: Job, rows: Sequence[Write], left_out: dict[str, tuple[str, ...]]) -> Sequence[Write]:
    """Rows without the tags that a list counting bytes would refuse."""
    if not job.counts_bytes:
        return rows
    kept: list[Write] = []
    for row in rows:
        long = _long(job, row)
        if long:
            left_out[row.email] = long
        kept.append(replace(row, tags=tuple(tag for tag in row.tags or () if tag not in long)) if long else row)
    return kept
