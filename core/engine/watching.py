"""Our webhook at the CRM: registered, looked after every night, moved with our address, taken away (R71, R73, R83).

Raynet repeats a webhook's secret to everybody who may list webhooks, so it is ours only while we know that we gave it:
one at our address that we have no record of is taken away and registered anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.engine import home
from core.engine.leasing import Lease, LostLease, all_held, release, renew, take
from core.engine.opening import crm_of
from core.engine.stopping import LIST_GONE, refuse
from core.outgoing import Sealed
from core.ports import World
from core.registry import PluginFault, UnknownPlugin
from core.store import schedule
from core.store.base import look, transact
from core.store.connections import ConnectionRow, ConnectionState
from spojka import Bells, Busy, Malformed, Manifest, Refused, Rejected, SpojkaError, Unreachable, Watched

log = structlog.get_logger(__name__)
PATH = "/hooks/"
REGISTERED, UNABLE = "registered", "unable"
PASSING = (Busy, Unreachable, Malformed)
LASTING = (Rejected, PluginFault, UnknownPlugin, Sealed)
AGAIN_SECONDS = (60, 300, 900, 3600, 4 * 3600)
LOOK_EVERY = timedelta(days=1)
LOOPBACK = (
    "SPOJKA_PUBLIC_URL is an address of this machine alone, which the CRM can't reach. "
    "Set it to one that is reached from outside; until then changes are read regularly."
)
ELSEWHERE = (
    "It leads to another address than this process has; run the command where Spojka runs, or set SPOJKA_PUBLIC_URL."
)
NO_BELLS = "The plugin of this CRM has no webhooks; changes are read regularly."


@dataclass(frozen=True, slots=True)
class Mine:
    """What we know of our own webhook: the address it belongs to, and every token that ever led to this connection."""

    row: ConnectionRow
    url: str
    token: str
    former: tuple[str, ...]

    def among(self, found: Sequence[Watched]) -> list[Watched]:
        """Those that lead to this connection.

        A process on a loopback address can't know whether it is the original, so it leaves those that lead outside.
        """
        near = home.is_loopback(self.url)
        return [each for each in self._ours(found) if not near or home.is_loopback(each.url)]

    def left_among(self, found: Sequence[Watched]) -> list[Watched]:
        """Those that are left to the original."""
        taken = self.among(found)
        return [each for each in self._ours(found) if each not in taken]

    def _ours(self, found: Sequence[Watched]) -> list[Watched]:
        tokens = {self.token, *self.former}
        return [each for each in found if each.url.rpartition(PATH)[2] in tokens]

    def is_known(self, hook: Watched) -> bool:
        """Whether it leads where it should, with a secret that we gave it."""
        return bool(self.row.bell_sealed) and (hook.id, hook.url) == (self.row.webhook_id, self.url)

    def without_secrets(self, words: str, secret: str = "") -> str:
        """A sentence that may quote what was sent."""
        for each in (self.token, *self.former, secret):
            words = words.replace(each, "…") if each else words
        return words


def url_of(public_url: str, token: str) -> str:
    """Where a connection's bells go."""
    return f"{public_url}{PATH}{token}"


def watch_now(world: World, connection_id: int) -> None:
    """See to a connection's webhook, if that is due; whoever comes second finds it done."""
    if home.keeps_away(world) or not _is_due(world, connection_id):
        return
    lease = take(world, f"watch:{connection_id}")
    if lease is None:
        return
    try:
        if _is_due(world, connection_id):
            _see_to(world, connection_id, lease)
    except LostLease:
        log.info("webhook.left_to_another", connection=connection_id)
    finally:
        release(world, lease)


def take_away(world: World, row: ConnectionRow) -> str:
    """Take the webhook of a connection that ends away, if that can be done now; `""`, or why it is still there.

    Raises nothing for what a vendor does: the connection ends all the same (R83).
    """
    if not row.webhook_state and not row.bell_sealed:
        return ""
    if row.state == ConnectionState.REFUSED and row.problem != LIST_GONE:
        return "The credentials were refused, so the CRM is not asked."
    if look(world.sessions, lambda session: home.is_elsewhere(session, world.settings)):
        return home.AWAY
    lease = take(world, f"watch:{row.id}")
    try:
        return _farewell(world, row)
    except SpojkaError as error:
        return str(error)
    finally:
        if lease is not None:
            release(world, lease)


def _farewell(world: World, row: ConnectionRow) -> str:
    if _obstacle(world, row):
        return ELSEWHERE if row.webhook_id else ""
    mine, crm = _mine(world, row), _bells(world, row, testing=True)
    found = crm.watched()
    for hook in mine.among(found):
        crm.unwatch(hook.id)
    return ELSEWHERE if mine.left_among(found) else ""


def _is_due(world: World, connection_id: int) -> bool:
    def judge(session: Session) -> bool:
        row = session.get_one(ConnectionRow, connection_id)
        when = schedule.next_at(session, connection_id, schedule.WATCH)
        return row.state == ConnectionState.RUNNING and (when is None or when <= world.clock.now())

    return look(world.sessions, judge)


def _see_to(world: World, connection_id: int, lease: Lease) -> None:
    """One attempt; whatever stops it is said on the connection's page and tried again later."""
    row = look(world.sessions, lambda session: session.get_one(ConnectionRow, connection_id))
    try:
        unable = _obstacle(world, row)
        if unable:
            _settle(world, row, lease, {"webhook_state": UNABLE, "webhook_text": unable})
        else:
            _register(world, row, lease)
    except Refused as error:
        refuse(world, connection_id, error)
        _later(world, row, lease, error)
    except (*PASSING, *LASTING) as error:
        _later(world, row, lease, error)


def _obstacle(world: World, row: ConnectionRow) -> str:
    """Why no webhook is tried at all."""
    if world.registry.manifest(row.plugin).bell is None:
        return NO_BELLS
    return "" if _can_be_reached(world, row) else LOOPBACK


def _can_be_reached(world: World, row: ConnectionRow) -> bool:
    return not home.is_loopback(world.settings.public_url) or _is_near(world, world.registry.manifest(row.plugin))


def _is_near(world: World, manifest: Manifest) -> bool:
    """Whether the vendor is an emulator beside us, for which our loopback address is good enough."""
    base = world.settings.base_urls.get(manifest.base_url_env, manifest.base_url)
    moved = urlsplit(base).hostname not in manifest.hosts
    return home.is_loopback(base) or (world.settings.allow_private_hosts and moved)


def _mine(world: World, row: ConnectionRow) -> Mine:
    kept = world.vault.open(row.token_sealed)
    token = kept["token"]
    return Mine(row, url_of(world.settings.public_url, token), token, tuple(kept.get("former", "").split()))


def _bells(world: World, row: ConnectionRow, *, testing: bool = False) -> Bells:
    """The CRM of a plugin that declares `bell`. Raises PluginFault, Rejected where it lacks the methods."""
    adapter = crm_of(world, row, "live", testing=testing).adapter
    if not all(hasattr(adapter, name) for name in ("watch", "watched", "unwatch")):
        raise Rejected(f"The plugin {row.plugin} declares webhooks and can't register any. Its author has to mend it.")
    return cast(Bells, adapter)


def _register(world: World, row: ConnectionRow, lease: Lease) -> None:
    mine, crm = _mine(world, row), _bells(world, row)
    ours = mine.among(crm.watched())
    known = next((hook for hook in ours if mine.is_known(hook)), None)
    for hook in ours:
        if hook is not known:
            world.crash.point("watch.before_removal")
            crm.unwatch(hook.id)
    if known is None:
        _anew(world, mine, crm, lease)
    else:
        _settle(world, row, lease, _registered(world, mine, known.id))


def _anew(world: World, mine: Mine, crm: Bells, lease: Lease) -> None:
    """The secret is stored before the vendor knows it: a bell that comes at once is recognised, whoever dies when."""
    secret = world.ids.new() + world.ids.new()
    sealed = world.vault.seal({"bell": secret})
    _commit(world, mine.row, lease, {"bell_sealed": sealed, "webhook_id": "", "webhook_state": ""}, _nothing_more)
    world.crash.point("watch.before_call")
    try:
        made = crm.watch(mine.url, secret)
    except Rejected as error:
        raise Rejected(mine.without_secrets(str(error), secret), error.key) from None
    world.crash.point("watch.after_call")
    try:
        _settle(world, mine.row, lease, _registered(world, mine, made), catch_up=True)
    except LostLease:
        # The connection was removed meanwhile, or got another token: nobody would ever find this webhook again.
        crm.unwatch(made)
        raise
    world.crash.point("watch.after_commit")
    log.info("webhook.registered", connection=mine.row.id)


def _registered(world: World, mine: Mine, hook: str) -> dict[str, str]:
    """What is remembered then; nothing leads to former tokens any more."""
    told = {"webhook_id": hook, "webhook_state": REGISTERED, "webhook_text": ""}
    return told | ({"token_sealed": world.vault.seal({"token": mine.token})} if mine.former else {})


def _later(world: World, row: ConnectionRow, lease: Lease, error: SpojkaError) -> None:
    """A webhook that we know of is still believed in while the vendor only can't be asked."""
    now = world.clock.now()

    def known(session: Session) -> tuple[bool, int]:
        last = schedule.of(session, row.id).get(schedule.WATCH)
        return bool(session.get_one(ConnectionRow, row.id).webhook_id), last.tries if last else 0

    registered, tries = look(world.sessions, known)
    pause = now + timedelta(seconds=AGAIN_SECONDS[min(tries, len(AGAIN_SECONDS) - 1)])
    until = error.until if isinstance(error, Busy) and error.until else pause
    again = min(max(until, pause), now + LOOK_EVERY)
    believed = registered and isinstance(error, PASSING)
    said = {} if believed else {"webhook_state": UNABLE, "webhook_text": str(error)}

    def put(session: Session) -> None:
        schedule.put(session, row.id, schedule.WATCH, again, tries=tries + 1)

    _commit(world, row, lease, said, put)


def _settle(
    world: World, row: ConnectionRow, lease: Lease, values: Mapping[str, str], *, catch_up: bool = False
) -> None:
    """An attempt has come to its end; with `catch_up` what happened before the webhook rang is read now."""
    now = world.clock.now()

    def put(session: Session) -> None:
        home.move_in(session, world.settings)
        schedule.put(session, row.id, schedule.WATCH, now + LOOK_EVERY, done_at=now)
        if catch_up:
            schedule.put(session, row.id, schedule.READING, now)

    world.crash.point("watch.before_commit")
    _commit(world, row, lease, values, put)


def _commit(
    world: World, row: ConnectionRow, lease: Lease, values: Mapping[str, str], more: Callable[[Session], None]
) -> None:
    """One transaction of the lease's holder. Raises LostLease, also where the token is another one by now."""

    def whole(session: Session) -> None:
        renew(world, session, lease)
        same = (ConnectionRow.id == row.id, ConnectionRow.token_hash == row.token_hash, all_held(session, [lease]))
        now = world.clock.now()
        changed = update(ConnectionRow).where(*same).values(webhook_at=now, **values).returning(ConnectionRow.id)
        found = session.execute(changed.execution_options(synchronize_session=False)).scalar_one_or_none()
        if found is None:
            raise LostLease(lease.name)
        more(session)

    transact(world.sessions, whole)


def _nothing_more(_: Session) -> None:
    """The columns are all."""
