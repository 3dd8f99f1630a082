"""The embedded list as an audience: the same interface as a vendor's, in sets of SQL.

Unlike a vendor it can say exactly what it did: an address that it did not write is UNKNOWN, so it is read again and
decided on as it then stands. Every call is one transaction of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from core.embedded.events import happenings
from core.embedded.manifest import MANIFEST
from core.embedded.rows import (
    CUSTOM,
    by_address,
    canonical,
    changed,
    custom_keys_of,
    fold,
    kept,
    profile_of,
    results,
    wanted_of,
)
from core.embedded.tables import LocalList, LocalProfile
from core.store.base import among, upsert
from spojka import (
    Absent,
    Audience,
    AudienceCheck,
    Connection,
    CustomField,
    Done,
    Happening,
    Http,
    Json,
    ListInfo,
    Look,
    Manifest,
    Page,
    Profile,
    Rejected,
    Result,
    Status,
    Write,
    hookimpl,
)

ACCOUNT = "local"
LEAVING = (Status.SUBSCRIBED, Status.UNCONFIRMED, Status.SOFT_BOUNCED, Status.UNSUBSCRIBED)
"""Who can leave. A hard bounce or a complaint says more than a leaving and stays."""

_SEEN = (
    LocalProfile.email,
    LocalProfile.uid,
    LocalProfile.status,
    LocalProfile.since,
    LocalProfile.fields,
    LocalProfile.tags,
    LocalProfile.source,
)
_TABLE = cast(Table, LocalProfile.__table__)
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.list_id == bindparam("at_list"), _TABLE.c.email == bindparam("at_email"))
    .values({name: bindparam(name) for name in ("fields", "tags", "source", "updated_at")})
)


class LocalPlugin:
    """The embedded list's hooks. The host makes it, as it needs the database where others need a way out."""

    def __init__(self, sessions: Callable[[], Session], clock: Callable[[], datetime], ids: Callable[[], str]) -> None:
        self._audience = LocalAudience(sessions, clock, ids)

    @hookimpl
    def describe(self) -> Manifest:
        """What this plugin is."""
        return MANIFEST

    @hookimpl
    def open_audience(self, connection: Connection, http: Http) -> Audience:
        """The one account there is, whatever the connection."""
        return self._audience

    @hookimpl
    def on_events(self, connection: Connection, body: Json) -> Sequence[Happening]:
        """What another mailing tool tells in the simple form."""
        return happenings(body)


class LocalAudience:
    """`spojka.Audience` over two tables."""

    def __init__(self, sessions: Callable[[], Session], clock: Callable[[], datetime], ids: Callable[[], str]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._ids = ids

    def check(self) -> AudienceCheck:
        """There is nothing to refuse."""
        return AudienceCheck(ACCOUNT, tuple(self.lists()))

    def lists(self) -> Sequence[ListInfo]:
        """All lists, oldest first, with how many are subscribed."""
        count = func.count(LocalProfile.email).filter(LocalProfile.status == Status.SUBSCRIBED)
        asked = (
            select(LocalList.id, LocalList.name, count)
            .outerjoin(LocalProfile, LocalProfile.list_id == LocalList.id)
            .group_by(LocalList.id, LocalList.name, LocalList.created_at)
            .order_by(LocalList.created_at, LocalList.id)
        )
        with self._reading() as session:
            return tuple(ListInfo(name_id, name, counted) for name_id, name, counted in session.execute(asked))

    def create_list(self, name: str) -> ListInfo:
        """Make a list."""
        made = ListInfo(self._ids(), name, 0)
        with self._sessions() as session, session.begin():
            session.execute(
                insert(LocalList), [{"id": made.id, "name": name, "fields": [], "created_at": self._clock()}]
            )
        return made

    def fields(self, contact_list: str) -> Sequence[CustomField]:
        """The list's custom fields, in the order they came into being."""
        with self._reading() as session:
            return tuple(CustomField(name, name) for name in _names_of(session, contact_list))

    def rows(self, contact_list: str, after: str | None, keys: Mapping[str, str]) -> Page[Profile]:
        """One page of all statuses, by address; `after` is the last address of the page before. Two statements."""
        size = MANIFEST.limits.page
        mine = LocalProfile.list_id == contact_list
        asked = select(*_SEEN).where(mine, LocalProfile.email > (after or "")).order_by(LocalProfile.email).limit(size)
        with self._reading() as session:
            total = session.scalar(select(func.count()).select_from(LocalProfile).where(mine))
            if not total:
                _names_of(session, contact_list)
            found = session.execute(asked).all()
        last = found[-1].email if len(found) == size else None
        wanted = wanted_of(keys)
        return Page(tuple(profile_of(row, wanted) for row in found), last, total, self._clock())

    def look(self, contact_list: str, emails: Sequence[str], keys: Mapping[str, str]) -> Sequence[Look]:
        """Read addresses, two statements whatever their number."""
        them, wanted = [canonical(email) for email in emails], wanted_of(keys)
        with self._reading() as session:
            _names_of(session, contact_list)
            asked = _among(session, contact_list, sorted(set(them)), *_SEEN)
            found = {row.email: profile_of(row, wanted) for row in session.execute(asked)}
        return tuple(found.get(email) or Absent(email) for email in them)

    def add(
        self, contact_list: str, rows: Sequence[Write], keys: Mapping[str, str], *, start_automations: bool
    ) -> Sequence[Result]:
        """Insert who is not there; who is stays untouched and comes back UNKNOWN. At most five statements."""
        writes, now = by_address(rows), self._clock()
        if not writes:
            return ()
        with self._sessions() as session, session.begin():
            names = _named(session, contact_list, rows, keys)
            made = [self._made(contact_list, email, row, names, now) for email, row in writes.items()]
            session.execute(upsert(session, _TABLE).on_conflict_do_nothing(), made)
            found = session.execute(_among(session, contact_list, list(writes), LocalProfile.email, LocalProfile.uid))
            there = {row.email: row.uid for row in found}
        added = {each["email"] for each in made if there.get(each["email"]) == each["uid"]}
        return results([row.email for row in rows], added, Done.ADDED)

    def invite(
        self, contact_list: str, row: Write, keys: Mapping[str, str], *, start_automations: bool
    ) -> Sequence[Result]:
        """As `add`: the embedded list asks nobody to confirm."""
        return self.add(contact_list, [row], keys, start_automations=start_automations)

    def change(self, contact_list: str, rows: Sequence[Write], keys: Mapping[str, str]) -> Sequence[Result]:
        """Write what is named to who is there; at most five statements."""
        writes, now = by_address(rows), self._clock()
        if not writes:
            return ()
        with self._sessions() as session, session.begin():
            names = _named(session, contact_list, rows, keys)
            asked = _among(session, contact_list, list(writes), *_SEEN)
            found = session.execute(asked.order_by(LocalProfile.email).with_for_update()).all()
            changes = [changed(row, writes[row.email], names, now) for row in found]
            if changes:
                session.execute(_CHANGE, [{"at_list": contact_list, **change} for change in changes])
        return results([row.email for row in rows], {row.email for row in found}, Done.CHANGED)

    def unsubscribe(self, contact_list: str, emails: Sequence[str]) -> Sequence[Result]:
        """End memberships that still stand; who left already has left. Two statements."""
        if not emails:
            return ()
        mine = LocalProfile.list_id == contact_list
        with self._sessions() as session, session.begin():
            _names_of(session, contact_list)
            them = among(session, LocalProfile.email, sorted({canonical(email) for email in emails}))
            leaving = update(_TABLE).where(mine, them, LocalProfile.status.in_(LEAVING))
            ended = leaving.values(status=Status.UNSUBSCRIBED.value, updated_at=self._clock())
            left = set(session.execute(ended.returning(LocalProfile.email)).scalars())
        return results(emails, left, Done.CHANGED)

    def _made(
        self, contact_list: str, email: str, row: Write, names: Mapping[str, str], now: datetime
    ) -> dict[str, Any]:
        return {
            "list_id": contact_list,
            "email": email,
            "uid": self._ids(),
            "status": Status.SUBSCRIBED.value,
            "since": now,
            "fields": kept(row.fields, names),
            "tags": list(row.tags or ()),
            "source": row.source or "",
            "updated_at": now,
        }

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """A transaction that only looks, so that it waits for no writer."""
        with self._sessions() as session, session.begin():
            session.connection(execution_options={"reading": True})
            yield session


def _among(session: Session, contact_list: str, emails: Sequence[str], *columns: Any) -> Select[Any]:
    return select(*columns).where(LocalProfile.list_id == contact_list, among(session, LocalProfile.email, emails))


def _names_of(session: Session, contact_list: str, *, lock: bool = False) -> list[str]:
    """The list's custom fields. Raises Rejected(key="list") where there is no such list."""
    asked = select(LocalList.fields).where(LocalList.id == contact_list)
    names = session.scalar(asked.with_for_update() if lock else asked)
    if names is None:
        raise Rejected(f"The embedded list {contact_list} does not exist. Choose another one.", key="list")
    return list(names)


def _named(session: Session, contact_list: str, rows: Sequence[Write], keys: Mapping[str, str]) -> dict[str, str]:
    """Under what name each custom field of `rows` is kept; a name that the list lacks comes into being (R40)."""
    asked = {key: keys.get(key, key.removeprefix(CUSTOM)).strip() for key in custom_keys_of(rows)}
    known = {fold(name): name for name in _names_of(session, contact_list)}
    if any(fold(name) not in known for name in asked.values()):
        known = {fold(name): name for name in _names_of(session, contact_list, lock=True)}
        for name in asked.values():
            known.setdefault(fold(name), name)
        session.execute(update(LocalList).where(LocalList.id == contact_list).values(fields=list(known.values())))
    return {key: CUSTOM + known[fold(name)] for key, name in asked.items()}
