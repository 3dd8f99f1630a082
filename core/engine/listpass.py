"""The list's door: pages of every status and look-ups -> PROFILES (R104-R106); a page is reconciled before the next.

Strangers, addresses that no record names, leave nothing here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from core.engine import erasing
from core.engine.ahead import Ahead
from core.engine.columns import open_columns
from core.engine.digests import differs, digest
from core.engine.job import Job
from core.store import due, mirror
from core.store.due import Cause, Claim, Claimed
from core.store.mirror import Known
from spojka import Absent, Page, Profile, Scope, Status

BITS = 1 << 26
"""Places of the bitmap that says which addresses a pass has seen: 8 MiB, whatever the list's size."""
LOOK_AT_MOST = 50
"""Absent addresses that are looked up singly; more than these need a second pass (R106)."""

Reconcile = Callable[[Job, Sequence[Claimed], int], None]


@dataclass(slots=True)
class Pass:
    """One walk over the list. `ticket` was drawn when it began; `count` and `total` prove that it saw all of ours."""

    ticket: int
    count: int = 0
    total: int = 0
    members: int = 0
    seen: bytearray = field(default_factory=lambda: bytearray(BITS // 8))

    def note(self, emails: Sequence[str]) -> None:
        """These addresses of ours are there."""
        for email in emails:
            number = mirror.number_of(email)
            place = number % BITS
            bit = 1 << (place & 7)
            if self.seen[place >> 3] & bit:
                continue
            self.seen[place >> 3] |= bit
            self.count += 1
            self.total += number

    def saw(self, email: str) -> bool:
        """Whether the address was (almost certainly) seen."""
        place = mirror.number_of(email) % BITS
        return bool(self.seen[place >> 3] & (1 << (place & 7)))


def pass_over(job: Job, reconcile: Reconcile) -> Pass:
    """Every page of the connected list; what is due of a page is reconciled before the next one is read (R103)."""
    walk = Pass(job.ticket)
    job.commit(lambda session: due.release_waits(session, job.list_id, "pass"))
    pages: Ahead[Page[Profile]] = Ahead(job)

    def ask(after: str | None) -> None:
        pages.ask(lambda: job.audience.adapter.rows(job.contact_list, after, job.keys))

    ask(None)
    quiet = True
    while True:
        ticket, page, at = pages.take()
        if quiet and page.after is not None and not open_columns(job):
            # Not where there is something to write: that is decided on pages that have just come, with all columns.
            ask(page.after)
        job.hear(page.vendor_time, at)
        job.world.crash.point("pass.read")
        walk.members += len(page.items)
        job.count(looked=len(page.items), done=len(page.items))
        claimed = _enter(job, page.items, ticket, walk)
        quiet = not claimed
        if claimed:
            pages.wait()
            reconcile(job, claimed, ticket)
        if page.after is None:
            return walk
        if not pages.on_its_way:
            ask(page.after)


def _enter(job: Job, items: Sequence[Profile], ticket: int, walk: Pass) -> list[Claimed]:
    emails = [profile.email for profile in items]

    def work(session: Session) -> list[Claimed]:
        known = mirror.known(session, job.list_id, emails)
        walk.note([email for email, before in known.items() if before.digest is not None])
        asked = [email for email, before in known.items() if before.open]
        # What a call did has to be judged once on a reading of its own, or it would excuse a later edit (R29).
        fresh = mirror.unconfirmed(session, job.list_id, asked) if asked else set[str]()
        moved = [p for p in items if p.email in known and (p.email in fresh or _news(job, p, known[p.email]))]
        save(job, session, moved, ticket)
        tied = [p.email for p in moved if known[p.email].ticket > 0]
        due.mark(session, job.list_id, tied, _cause(job, ticket))
        walk.note([p.email for p in moved if known[p.email].digest is None])
        mine = list(known)
        claimed = [] if job.dry_run or not mine else due.claim(session, _claim(job, mine))
        job.world.crash.point("pass.before_commit")
        return claimed

    claimed = job.commit(work)
    job.world.crash.point("pass.after_commit")
    return claimed


def _cause(job: Job, ticket: int) -> Cause:
    return Cause("list", job.by, ticket, job.now(), waits=job.waits)


def _claim(job: Job, emails: Sequence[str]) -> Claim:
    return Claim(job.list_id, job.lane.claim, job.now(), len(emails), emails, job.options.get("kind") or "", job.row.id)


def _news(job: Job, profile: Profile, known: Known) -> bool:
    if known.digest is None:
        return True
    return differs(known.digest, digest(job.ground.order, profile.status.value, profile.fields, profile.tags))


def save(job: Job, session: Session, profiles: Sequence[Profile], ticket: int) -> None:
    """What a reading says of these addresses enters the mirror. Two queries."""
    shared, shares_tags = job.ground.terms.shared, job.ground.manifest.tags_scope is Scope.ACCOUNT
    mirror.save_sights(session, [_profile_row(job, profile, ticket) for profile in profiles])
    if not shared and not shares_tags:
        return
    rows = [
        {
            "account_id": job.ground.account.id,
            "email": profile.email,
            "ticket": ticket,
            "fields": {key: value for key, value in profile.fields.items() if key in shared},
            "tags": list(profile.tags) if shares_tags and profile.tags is not None else None,
            "agreed": {},
            "elsewhere": {},
            "ruling": None,
        }
        for profile in profiles
    ]
    mirror.save_subscribers(session, rows, snapshots=False)


def _profile_row(job: Job, profile: Profile, ticket: int) -> dict[str, Any]:
    shared = job.ground.terms.shared
    shares_tags = job.ground.manifest.tags_scope is Scope.ACCOUNT
    return {
        **blank_profile(job.list_id, profile.email),
        "present": True,
        "status": profile.status.value,
        "uid": profile.uid,
        "since": profile.since,
        "sources": list(profile.sources),
        "ticket": ticket,
        "fields": {key: value for key, value in profile.fields.items() if key not in shared},
        "tags": None if shares_tags or profile.tags is None else list(profile.tags),
        "digest": digest(job.ground.order, profile.status.value, profile.fields, profile.tags),
    }


def blank_profile(list_id: int, email: str) -> dict[str, Any]:
    """A profile's row about which nothing is known."""
    return {
        "list_id": list_id,
        "email": email,
        "hash": mirror.number_of(email),
        "present": False,
        "status": Status.UNCONFIRMED.value,
        "uid": "",
        "since": None,
        "agreed_uid": "",
        "agreed_since": None,
        "sources": [],
        "ticket": 0,
        "fields": {},
        "tags": None,
        "agreed": {},
        "pending": [],
        "digest": "- - -",
        "ours": False,
        "known": False,
        "ruling": None,
    }


def close_pass(job: Job, walk: Pass, reconcile: Reconcile) -> None:
    """The pass is complete: what was there and was not seen is looked for, and only then believed gone (R106)."""
    gone = _unseen(job, walk)
    if gone:
        # Due before it is believed: who dies in between leaves a look to be made, not a belief that nobody acts on.
        cause = _cause(job, job.ticket)
        job.commit(lambda session: due.mark(session, job.list_id, gone, cause))
    if len(gone) > LOOK_AT_MOST:
        second = pass_over(job, reconcile)
        gone = [email for email in gone if not second.saw(email)]
        _believe(job, [Absent(email) for email in gone], job.ticket)
    elif gone:
        look_up(job, gone)

    def work(session: Session) -> None:
        mirror.complete(session, job.list_id, walk.ticket, job.now(), walk.members)

    job.commit(work)
    job.ground.contact_list.pass_ticket = walk.ticket


def _unseen(job: Job, walk: Pass) -> list[str]:
    with job.world.sessions() as session:
        session.connection(execution_options={"reading": True})
        if mirror.present_sum(session, job.list_id) == (walk.count, walk.total):
            return []
        gone: list[str] = []
        after = ""
        while page := mirror.present_after(session, job.list_id, after, 5000):
            gone.extend(email for email in page if not walk.saw(email))
            after = page[-1]
    return gone


def look_up(job: Job, emails: Sequence[str]) -> None:
    """Look at single addresses, 50 at a time, each time with a commit, at the vendor's pace (R104)."""
    for start in range(0, len(emails), LOOK_AT_MOST):
        ticket = job.ticket
        job.progress["looking"] = {"done": start, "of": len(emails)}
        looks = job.audience.adapter.look(job.contact_list, emails[start : start + LOOK_AT_MOST], job.keys)
        found = [look for look in looks if isinstance(look, Profile)]
        absent = [look for look in looks if isinstance(look, Absent)]

        def work(session: Session, found: list[Profile] = found, ticket: int = ticket) -> None:
            gone = _erased(job, session, [profile.email for profile in found])
            save(job, session, [profile for profile in found if profile.email not in gone], ticket)

        job.commit(work)
        _believe(job, absent, ticket, whole=True)
    job.progress.pop("looking", None)
    job.world.crash.point("due.looked")


def _believe(job: Job, absent: Sequence[Absent], ticket: int, *, whole: bool = False) -> None:
    """These addresses are not in the list; what the account knows of them elsewhere is kept (R17).

    `whole`: they were looked up, so that this is all that the account knows of them.
    """
    if not absent:
        return
    rows = [{**blank_profile(job.list_id, look.email), "ticket": ticket, "digest": "gone - -"} for look in absent]
    known = [elsewhere_row(job, look, ticket) for look in absent if look.elsewhere and look.profile is not None]

    def work(session: Session) -> None:
        gone = _erased(job, session, [look.email for look in absent])
        mirror.save_sights(session, [row for row in rows if row["email"] not in gone])
        if whole:
            mirror.forget_elsewhere(session, job.ground.account.id, [look.email for look in absent])
        mirror.save_elsewhere(session, [row for row in known if row["email"] not in gone])

    job.commit(work)


def _erased(job: Job, session: Session, emails: Sequence[str]) -> frozenset[str]:
    return erasing.among(session, job.world, emails) if job.erasures else frozenset()


def elsewhere_row(job: Job, look: Absent, ticket: int) -> dict[str, Any]:
    """What the account says of an address that is in other lists alone."""
    profile = look.profile
    return {
        "account_id": job.ground.account.id,
        "email": look.email,
        "ticket": ticket,
        "fields": dict(profile.fields) if profile is not None else {},
        "tags": list(profile.tags) if profile is not None and profile.tags is not None else None,
        "agreed": {},
        "elsewhere": {entry.contact_list: entry.status.value for entry in look.elsewhere},
        "ruling": None,
    }


def pass_elsewhere(job: Job) -> None:
    """Pass over the account's other lists, for what they say of addresses that are due and not in this list (R17)."""
    if job.ground.manifest.tags_scope is not Scope.ACCOUNT:
        return
    for other in job.audience.adapter.lists():
        if other.id == job.contact_list:
            continue
        after: str | None = None
        while True:
            ticket = job.ticket
            page = job.audience.adapter.rows(other.id, after, {})
            _enter_elsewhere(job, other.id, page.items, ticket)
            after = page.after
            if after is None:
                break


def _enter_elsewhere(job: Job, contact_list: str, items: Sequence[Profile], ticket: int) -> None:
    shared = job.ground.terms.shared

    def work(session: Session) -> None:
        wanted = due.wanted(session, job.list_id, [profile.email for profile in items])
        rows = [
            {
                "account_id": job.ground.account.id,
                "email": profile.email,
                "ticket": ticket,
                "fields": {key: value for key, value in profile.fields.items() if key in shared},
                "tags": None if profile.tags is None else list(profile.tags),
                "agreed": {},
                "elsewhere": {contact_list: profile.status.value},
                "ruling": None,
            }
            for profile in items
            if profile.email in wanted
        ]
        mirror.save_elsewhere(session, rows)

    job.commit(work)
