"""What campaigns and automations did since the last look, into lines of the history (R64, R107).

Each page is committed with the place to go on from, so that who dies reads the rest. A log's rows have stable ids and
count once; where there is no log, totals are taken, whose times are the day on which they were first seen.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy.orm import Session

from core.decide.addresses import canonical
from core.decide.history import fold, recount
from core.engine import erasing, repairing
from core.engine.job import Job
from core.store import lines
from core.store.activities import MailingRow
from spojka import Counts, Happening, Mailing, Page, Rejected, Results

OVERLAP = timedelta(hours=1)
"""What happened shortly before the last look may have been logged after it. A log is asked for by whole days."""
AT_ONCE = 3000
KEPT_AT_ONCE = 1000
"""How much of a log is kept with one commit, or more by a page."""
LOG, EVENTS = "log", "events"


def collect(job: Job) -> None:
    """Bring the connection's lines up to what its audience says now. Raises what the audience raises."""
    if job.ground.manifest.results:
        results = cast(Results, job.audience.adapter)
        _find(job, results)
        watched = _watched(job)
        job.phase("collecting", len(watched))
        for mailing in watched:
            _read(job, results, mailing)
            job.count(done=1)
    fold_all(job)


def _find(job: Job, results: Results) -> None:
    """Which mailings there are now; those whose totals moved are to be read."""
    since = job.now() - timedelta(days=days_of(job))
    found = results.mailings(job.contact_list, since)
    before = _known(job)
    still = [one.key for one in found if _stands_still(before.get(one.key), one)]

    def work(session: Session) -> None:
        lines.save_mailings(session, job.row.id, found, job.now())
        for key in still:
            lines.mailings(session, job.row.id)[key].read_at = job.now()

    job.commit(work)


def _stands_still(known: MailingRow | None, found: Mailing) -> bool:
    """Whether totals of a mailing that only has totals say that nothing happened since they were last read."""
    if known is None or known.read_at is None or known.after:
        return False
    same = dict(known.totals) == dict(found.totals) and known.entered == found.entered
    return known.log_refused and bool(found.totals) and same


def days_of(job: Job) -> int:
    """For how long a campaign is watched (R64)."""
    return int(job.row.settings["campaign_days"])


def _known(job: Job) -> dict[str, MailingRow]:
    with job.world.sessions() as session:
        session.connection(execution_options={"reading": True})
        return lines.mailings(session, job.row.id)


def _watched(job: Job) -> list[MailingRow]:
    """Mailings that are read now: all automations, and campaigns that are not settled yet."""
    oldest, now = job.now() - timedelta(days=days_of(job)), job.now()
    found = []
    for row in _known(job).values():
        settled = row.key.startswith("campaign:") and (row.sent_at or row.seen_at) < oldest
        if not (settled or row.gone or row.read_at == now):
            found.append(row)
    return found


def _read(job: Job, results: Results, row: MailingRow) -> None:
    try:
        if not row.log_refused:
            try:
                _read_log(job, results, row)
                return
            except Rejected as error:
                if error.key != LOG:
                    raise
                _note(job, row.key, log_refused=True, after="")
                row.after = ""
        _read_counts(job, results, row)
        if row.key.startswith("automation:"):
            _note(job, row.key, steps=repairing.tagging_steps(job, results.steps(row.key)))
    except Rejected as error:
        if error.key != "mailing":
            raise
        _note(job, row.key, gone=True, after="")


def _note(job: Job, key: str, **values: Any) -> None:
    def work(session: Session) -> None:
        row = lines.mailings(session, job.row.id)[key]
        for name, value in values.items():
            setattr(row, name, value)

    job.commit(work)


def _read_log(job: Job, results: Results, row: MailingRow) -> None:
    """Some pages are kept and counted while the vendor is asked for those that follow."""
    begun = job.now()
    since = row.read_at - OVERLAP if row.read_at is not None else None
    ask = partial(_some_pages, results, row.key, since)
    asked = job.world.crew.begin(partial(ask, row.after or None))
    while True:
        job.world.go_on()
        told, after = asked.result()
        if after is not None:
            asked = job.world.crew.begin(partial(ask, after))
        _keep_pages(job, row.key, told, after, begun)
        job.world.crash.point("morning.collected")
        fold_all(job)
        if after is None:
            return


def _some_pages(
    results: Results, key: str, since: datetime | None, after: str | None
) -> tuple[list[Happening], str | None]:
    """Pages from a place on, until they hold enough; with the place that follows them."""
    told = list[Happening]()
    while True:
        page = results.log(key, since, after)
        told += page.items
        after = page.after
        if after is None or len(told) >= KEPT_AT_ONCE:
            return told, after


def _keep_pages(job: Job, key: str, told: Sequence[Happening], after: str | None, begun: datetime) -> None:
    def work(session: Session) -> None:
        keep(job, session, LOG, told)
        row = lines.mailings(session, job.row.id)[key]
        row.after = after or ""
        row.read_at = begun if after is None else row.read_at

    job.commit(work)


def keep(job: Job, session: Session, way: str, told: Sequence[Happening]) -> int:
    """Keep what was told, each once, nothing of who was erased; how many."""
    rows = happening_rows(job.row.id, way, told, job.now())
    gone = erasing.among(session, job.world, sorted({row["email"] for row in rows}))
    kept = [row for row in rows if row["email"] not in gone]
    lines.keep(session, kept)
    return len(kept)


def happening_rows(connection: int, way: str, told: Iterable[Happening], now: datetime) -> list[dict[str, Any]]:
    """Rows of happenings, one for each name."""
    rows = {}
    for one in told:
        email = canonical(one.email)
        # Ids of a log are its own; an event's id is the account's.
        name = f"{way}:{one.mailing}:{one.id}" if way == LOG else f"{way}:{one.id}"
        if email:
            rows[name] = {
                "connection_id": connection,
                "id": name,
                "source": one.mailing,
                "email": email,
                "deed": one.deed.value,
                "at": one.at,
                "link": one.link,
                "folded": 0,
                "told_at": now,
            }
    return list(rows.values())


def _read_counts(job: Job, results: Results, row: MailingRow) -> None:
    begun, after = job.now(), row.after or None
    while True:
        job.world.go_on()
        page = results.counts(row.key, after)
        after = page.after
        _keep_counts(job, row.key, page, begun)
        job.world.crash.point("morning.collected")
        if after is None:
            return


def _keep_counts(job: Job, key: str, page: Page[Counts], begun: datetime) -> None:
    counted = {email: one.numbers for one in page.items if (email := canonical(one.email))}

    def work(session: Session) -> None:
        gone = erasing.among(session, job.world, sorted(counted))
        wanted = [(key, email) for email in sorted(counted) if email not in gone]
        known = lines.of(session, job.row.id, wanted)
        now = {one: recount(lines.line_of(known.get(one)), counted[one[1]], _day(job)) for one in wanted}
        news = {one: line for one, line in now.items() if one not in known or known[one].digest != line.digest}
        lines.save(session, job.row.id, news)
        row = lines.mailings(session, job.row.id)[key]
        row.after = page.after or ""
        row.read_at = begun if page.after is None else row.read_at

    job.commit(work)


def _day(job: Job) -> datetime:
    """The local day, as the moment when it began."""
    zone = job.world.settings.timezone
    return job.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def fold_all(job: Job) -> None:
    """Count in their lines all happenings that are not counted yet, 3000 a commit."""
    while job.commit(lambda session: _fold(job, session)):
        job.world.go_on()


def _fold(job: Job, session: Session) -> int:
    rows = lines.unfolded(session, job.row.id, AT_ONCE)
    by_line: dict[lines.Key, list[lines.Columns]] = {}
    for row in rows:
        by_line.setdefault((row.source, row.email), []).append(row)
    known = lines.of(session, job.row.id, by_line)
    now = {key: fold(lines.line_of(known.get(key)), map(lines.told_of, told)) for key, told in by_line.items()}
    lines.save(session, job.row.id, now)
    lines.folded(session, job.row.id, [row.id for row in rows])
    return len(rows)
