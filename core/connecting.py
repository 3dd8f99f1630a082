"""Making, changing and ending connections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import sides
from core.engine import doors, watching
from core.engine.stopping import GONE_KIND
from core.errors import WrongInput
from core.founding import new_row
from core.outgoing import Sealed
from core.ports import World
from core.sides import Side
from core.store import questions, runs, schedule
from core.store.activities import ActivityRow, HappeningRow, MailingRow, MorningRow
from core.store.connections import AccountRow, ConnectionRow, ConnectionState, ListRow, digest
from core.store.inbox import InboxRow
from core.store.outbox import OutboxRow
from core.store.proving import UNTESTED, prove_account
from core.store.questions import QuestionRow
from core.store.runs import RunRow, RunState
from core.store.schedule import ScheduleRow
from core.store.steps import StepRow
from core.store.takebacks import TakeBackRow
from spojka import Audience, AudienceCheck, CrmCheck, ListInfo, Role

LOCAL = "local"
NAME_LENGTH = 100
READ_ANEW = frozenset(
    {"both_emails", "include_colleagues", "include_own_company", "respect_do_not_send", "follow_tags"}
)
"""Settings whose change is worked off by a full run, queued at once (R8)."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the vendors reach a connection; whole addresses, each holds its secret token."""

    webhook_url: str
    automation_add_tag_url: str
    automation_remove_tag_url: str
    campaign_events_url: str


@dataclass(frozen=True, slots=True)
class Created:
    """A new connection."""

    id: int
    webhook_url: str
    automation_add_tag_url: str
    automation_remove_tag_url: str
    campaign_events_url: str


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test of both sides found; numbers are None where the vendor does not say them."""

    user: str
    eyes: str
    contacts: int | None
    left: int | None
    limit: int | None
    account: str
    lists: Sequence[ListInfo]


def test(
    world: World, plugin: str, settings: Mapping[str, Any], audience: str, audience_settings: Mapping[str, Any]
) -> Tested:
    """Prove both sides' credentials; nothing is saved.

    Raises WrongInput, Refused, Busy, Unreachable, Malformed.
    """
    crm_side = sides.side(world, plugin, Role.CRM, _without_own(settings))
    list_side = sides.side(world, audience, Role.AUDIENCE, audience_settings)
    said, found = _checked(world, crm_side, list_side)
    contacts = _count(world, crm_side)
    return Tested(said.user, said.eyes, contacts, said.left, said.limit, found.account, tuple(found.lists))


def retest(world: World, connection_id: int) -> Tested:
    """Prove a saved connection's credentials; an account that was taken untried gets its name. Raises as `test`."""
    with world.sessions() as session:
        session.connection(execution_options={"reading": True})
        row = get(session, connection_id)
        crm_side, list_side = saved_sides(world, row)
    said, found = _checked(world, crm_side, list_side)
    with world.sessions.begin() as session:
        _prove(session, get(session, connection_id), found)
    return Tested(said.user, said.eyes, None, said.left, said.limit, found.account, tuple(found.lists))


def create(
    world: World,
    *,
    plugin: str,
    audience: str,
    contact_list: str,
    settings: Mapping[str, Any],
    audience_settings: Mapping[str, Any],
    paused: bool,
    test: bool,
    by: str,
) -> Created:
    """A new connection, its first run queued unless `paused`. With `test` both sides are proven first.

    `settings` holds the CRM plugin's and Spojka's own. `contact_list` is a list's id or its whole name.
    Raises WrongInput, and with `test` Refused, Busy, Unreachable, Malformed.
    """
    own = sides.own_settings({name: value for name, value in settings.items() if name in sides.own_names()})
    crm_side = sides.side(world, plugin, Role.CRM, _without_own(settings))
    list_side = sides.side(world, audience, Role.AUDIENCE, audience_settings)
    said, found = _checked(world, crm_side, list_side) if test else (None, _unproven(world, list_side, contact_list))
    chosen = _choose(found.lists, contact_list, list_side) or _make_here(world, list_side, contact_list)
    token = world.ids.new() + world.ids.new()
    with world.sessions.begin() as session:
        row = new_row(world, session, crm_side, list_side, own, found.account, chosen, token)
        row.state = ConnectionState.PAUSED if paused else ConnectionState.RUNNING
        if said is not None:
            row.eyes, row.left, row.limit = said.eyes, said.left, said.limit
        session.flush()
        run_id = None if paused else _request(world, session, row, "full", by)
    _ring(world, run_id)
    return Created(row.id, *_whole(world, token))


def rotate(world: World, connection_id: int) -> Addresses:
    """New addresses; the old ones are unknown at once, and the webhook moves by itself. Raises WrongInput.

    The old token is kept, encrypted, until the webhook that may still lead to it is known to be gone (R73).
    """
    token = world.ids.new() + world.ids.new()
    with world.sessions.begin() as session:
        row = get(session, connection_id)
        before = opened(world, row.token_sealed)
        former = f"{before.get('former', '')} {before.get('token', '')}".strip()
        row.token_sealed = world.vault.seal({"token": token, "former": former})
        row.token_hash = digest(token)
        schedule.put(session, row.id, schedule.WATCH, world.clock.now())
    return Addresses(*_whole(world, token))


def addresses(world: World, row: ConnectionRow) -> Addresses:
    """Where the vendors reach this connection. Raises Sealed where no key opens its token."""
    return Addresses(*_whole(world, world.vault.open(row.token_sealed)["token"]))


def get(session: Session, connection_id: int) -> ConnectionRow:
    """A connection that was not removed. Raises WrongInput."""
    row = session.get(ConnectionRow, connection_id)
    if row is None or row.state == ConnectionState.REMOVED:
        raise WrongInput(
            f"There is no connection {connection_id}. spojka connections list shows those there are.", "id"
        )
    return row


def every(session: Session) -> Sequence[ConnectionRow]:
    """All connections that were not removed, oldest first."""
    wanted = ConnectionRow.state != ConnectionState.REMOVED.value
    return session.scalars(select(ConnectionRow).where(wanted).order_by(ConnectionRow.id)).all()


def change(world: World, connection_id: int, values: Mapping[str, Any], *, by: str = "command") -> None:
    """Change settings and secrets, by name; `audience.` before a name means the list's side. Raises WrongInput.

    New credentials take a refused connection back to work.
    """
    theirs = {name.removeprefix("audience."): value for name, value in values.items() if name.startswith("audience.")}
    ours = {name: value for name, value in values.items() if not name.startswith("audience.")}
    with world.sessions.begin() as session:
        row = get(session, connection_id)
        before = dict(row.settings)
        _change_crm(world, row, ours)
        if theirs:
            _change_audience(world, row, theirs)
        row.settings_version += 1
        secrets = {*ours, *theirs} & (_secrets(world, row.plugin) | _secrets(world, row.audience))
        if secrets and row.state == ConnectionState.REFUSED:
            _start_again(world, session, row)
        _forgive(row, secrets)
        if before != row.settings:
            doors.settings_changed(world, session, row)
        if not ours.keys() <= sides.own_names():
            # Another key may be allowed webhooks, another account has none of ours.
            schedule.put(session, row.id, schedule.WATCH, world.clock.now())
        anew = any(before.get(name) != row.settings.get(name) for name in READ_ANEW)
        run_id = _request(world, session, row, "full", by) if anew and row.state == ConnectionState.RUNNING else None
    _ring(world, run_id)


def rename(world: World, connection_id: int, name: str) -> None:
    """Call it otherwise in pages and lists. Raises WrongInput."""
    called = " ".join(name.split())
    if not 0 < len(called) <= NAME_LENGTH:
        raise WrongInput(f"A connection's name has 1 to {NAME_LENGTH} characters.", "name")
    with world.sessions.begin() as session:
        get(session, connection_id).name = called


def opened(world: World, sealed: str) -> dict[str, str]:
    """Saved secrets; none where no key opens them any more, so that they can be entered again."""
    try:
        return world.vault.open(sealed)
    except Sealed:
        return {}


def pause(world: World, connection_id: int) -> None:
    """Nothing is read or written for it until it is resumed, nor sent on a plan made before (R82)."""
    with world.sessions.begin() as session:
        row = get(session, connection_id)
        row.state = ConnectionState.PAUSED
        row.settings_version += 1


def resume(world: World, connection_id: int, *, by: str = "command") -> None:
    """Back to work; it catches up at once (R82)."""
    with world.sessions.begin() as session:
        row = get(session, connection_id)
        row.settings_version += 1
        _start_again(world, session, row)
        _forgive(row, {"resumed"})
        doors.resumed(world, session, row)
        run_id = _request(world, session, row, "full" if row.first_run_at is None else "changes", by)
    _ring(world, run_id)


def remove(world: World, connection_id: int) -> str:
    """End a connection: webhook, credentials and addresses go, profiles stay (R83).

    `""`, or why its webhook at the CRM could not be taken away; the connection ends all the same. Raises WrongInput.
    """
    with world.sessions() as session:
        session.connection(execution_options={"reading": True})
        row = get(session, connection_id)
    left = watching.take_away(world, row)
    with world.sessions.begin() as session:
        row = get(session, connection_id)
        row.state = ConnectionState.REMOVED
        row.settings_version += 1
        _end_waiting(session, row, world.clock.now())
        row.crm_sealed = row.audience_sealed = row.token_sealed = row.bell_sealed = ""
        row.webhook_id = row.webhook_state = row.webhook_text = ""
        row.token_hash = f"removed:{row.id}"
        session.execute(delete(ScheduleRow).where(ScheduleRow.connection_id == row.id))
        for table in (InboxRow, OutboxRow, ActivityRow, HappeningRow, MailingRow, MorningRow, StepRow, TakeBackRow):
            session.execute(delete(table).where(table.connection_id == row.id))
        session.execute(delete(QuestionRow).where(QuestionRow.connection_id == row.id, QuestionRow.answer == ""))
    return left


def _start_again(world: World, session: Session, row: ConnectionRow) -> None:
    """Work again where it had stopped: what happened meanwhile is read, but was not found live (R16)."""
    if row.state == ConnectionState.RUNNING:
        return
    row.state, row.resumed_at = ConnectionState.RUNNING, world.clock.now()
    for task in (schedule.READING, schedule.WATCH):
        schedule.put(session, row.id, task, world.clock.now())
    # Who takes it back to work says by that that the list is there; if it is not, the question is asked anew (R109).
    for question in questions.of_kind(session, [row.id], GONE_KIND):
        session.delete(question)


def _prove(session: Session, row: ConnectionRow, found: AudienceCheck) -> None:
    """A run that goes on holds its account and list by their ids, so merging waits for a test without one."""
    account = session.get_one(AccountRow, session.get_one(ListRow, row.list_id).account_id)
    here = select(ConnectionRow.id).join(ListRow, ListRow.id == ConnectionRow.list_id)
    sharing = session.scalars(here.where(ListRow.account_id == account.id)).all()
    if not any(run.state == RunState.RUNNING for one in sharing if (run := runs.open_of(session, one))):
        prove_account(session, account, found.account, found.lists)


def _end_waiting(session: Session, row: ConnectionRow, now: datetime) -> None:
    """Runs that nobody has begun will never be; one that goes on ends by itself at its next commit."""
    waiting = select(RunRow).where(RunRow.connection_id == row.id, RunRow.state == RunState.QUEUED.value)
    for run in session.scalars(waiting):
        run.state, run.finished_at = RunState.PAUSED.value, now
        run.code, run.error = "paused", "The connection is removed."


def saved_sides(world: World, row: ConnectionRow) -> tuple[Side, Side]:
    """Both sides of a saved connection, secrets opened."""
    crm_manifest, list_manifest = world.registry.manifest(row.plugin), world.registry.manifest(row.audience)
    names = set(crm_manifest.settings().fields)
    plain = {name: value for name, value in row.settings.items() if name in names}
    theirs = world.vault.open(row.audience_sealed)
    account = sides.account_of(world, list_manifest, {**row.audience_settings, **theirs})
    return (
        Side(crm_manifest, plain, row.crm_account, world.vault.open(row.crm_sealed)),
        Side(list_manifest, row.audience_settings, account, theirs),
    )


def _without_own(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in sides.own_names()}


def _checked(world: World, crm_side: Side, list_side: Side) -> tuple[CrmCheck, AudienceCheck]:
    return sides.crm(world, crm_side, testing=True).check(), sides.audience(world, list_side, testing=True).check()


def _count(world: World, given: Side) -> int | None:
    """How many records the CRM says it has; a page that holds all of them counts itself."""
    crm = sides.crm(world, given, testing=True)
    pages = [crm.ids(kind, None) for kind in given.manifest.kinds]
    counts = [page.total if page.total is not None else len(page.items) for page in pages]
    known = all(page.total is not None or page.after is None for page in pages)
    return sum(counts) if known else None


def _unproven(world: World, given: Side, contact_list: str) -> AudienceCheck:
    """Without a test the list is taken as it was named; the embedded one costs nothing to ask."""
    if given.manifest.name == LOCAL:
        return sides.audience(world, given, testing=False).check()
    return AudienceCheck(f"{UNTESTED}{digest(given.account)}", (ListInfo(contact_list, contact_list),))


def _choose(lists: Sequence[ListInfo], wanted: str, given: Side) -> ListInfo | None:
    found = [each for each in lists if each.id == wanted] or [each for each in lists if each.name == wanted]
    if found:
        return found[0]
    if given.manifest.name == LOCAL:
        return None
    known = ", ".join(f"{each.id} ({each.name})" for each in lists) or "none"
    raise WrongInput(f'{given.manifest.label.en} has no list "{wanted}". It has: {known}.', "list")


def _make_here(world: World, given: Side, name: str) -> ListInfo:
    """A list that is not there yet is made where that costs nobody anything: in our own database."""
    audience: Audience = sides.audience(world, given, testing=False)
    return audience.create_list(name)


def _change_crm(world: World, row: ConnectionRow, values: Mapping[str, Any]) -> None:
    own = {name: row.settings[name] for name in sides.own_names() if name in row.settings}
    own |= {name: value for name, value in values.items() if name in sides.own_names()}
    manifest = world.registry.manifest(row.plugin)
    theirs = {name: row.settings[name] for name in manifest.settings().fields if name in row.settings}
    given = {**theirs, **opened(world, row.crm_sealed), **_without_own(values)}
    found = sides.side(world, row.plugin, Role.CRM, given)
    row.settings = {**sides.own_settings(own), **found.settings}
    row.crm_sealed, row.crm_account = world.vault.seal(dict(found.secrets)), found.account


def _change_audience(world: World, row: ConnectionRow, values: Mapping[str, Any]) -> None:
    given = {**row.audience_settings, **opened(world, row.audience_sealed), **values}
    found = sides.side(world, row.audience, Role.AUDIENCE, given)
    row.audience_settings, row.audience_sealed = dict(found.settings), world.vault.seal(dict(found.secrets))


def _secrets(world: World, plugin: str) -> frozenset[str]:
    return sides.secret_names(world.registry.manifest(plugin))


def _forgive(row: ConnectionRow, reasons: set[str]) -> None:
    if not reasons:
        return
    row.problem, row.problem_text, row.problem_at = "", "", None


def _request(world: World, session: Session, row: ConnectionRow, mode: str, by: str) -> int:
    run = runs.request(session, row.id, mode, options={}, dry_run=False, by=by, now=world.clock.now())
    session.flush()
    return run.id


def _ring(world: World, run_id: int | None) -> None:
    if run_id is not None:
        world.wake.ring("bulk", "run_now", run_id)


def _whole(world: World, token: str) -> tuple[str, str, str, str]:
    base, tags = world.settings.public_url, f"/automation/{token}/tags"
    return (
        watching.url_of(base, token),
        f"{base}{tags}/add",
        f"{base}{tags}/remove",
        f"{base}/campaign-events/{token}",
    )
