"""Opening both sides of a connection, and the ground that a list's decisions stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.facts import Policy, Terms
from core.engine.digests import Order, order_of
from core.ports import Counted, World
from core.store.connections import AccountRow, ConnectionRow, ConnectionState, ListRow
from spojka import Audience, Connection, Crm, Custom, Manifest, Normal, Scope

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Opened(Generic[S]):
    """One side of a connection, open: the adapter, its way out (which counts requests), and its manifest."""

    adapter: S
    counted: Counted
    manifest: Manifest


def crm_of(world: World, row: ConnectionRow, lane: str, *, testing: bool = False) -> Opened[Crm]:
    """The CRM of a connection. Sends nothing. Raises PluginFault; its readings then raise Stopping."""
    counted = world.outgoing.open(row.plugin, row.crm_account, lane=lane, testing=testing)
    caller = world.registry.caller(row.plugin)
    adapter = caller.open_crm(connection=crm_side(world, row), http=counted, before=world.go_on)
    return Opened(adapter, counted, world.registry.manifest(row.plugin))


def audience_of(world: World, row: ConnectionRow, account: str, lane: str) -> Opened[Audience]:
    """The mail account of a connection. Sends nothing. Raises PluginFault; its readings then raise Stopping."""
    counted = world.outgoing.open(row.audience, account, lane=lane)
    caller = world.registry.caller(row.audience)
    adapter = caller.open_audience(connection=audience_side(world, row), http=counted, before=world.go_on)
    return Opened(adapter, counted, world.registry.manifest(row.audience))


def crm_side(world: World, row: ConnectionRow) -> Connection:
    """What the CRM's plugin may know of a connection."""
    return Connection(row.id, row.settings, world.vault.open(row.crm_sealed), world.settings.locale)


def audience_side(world: World, row: ConnectionRow) -> Connection:
    """What the audience's plugin may know of a connection."""
    return Connection(row.id, row.audience_settings, world.vault.open(row.audience_sealed), world.settings.locale)


@dataclass(frozen=True, slots=True)
class Ground:
    """What decisions about one list stand on: its connections' policies, the audience's terms, the fields' forms.

    `order` is how they go into a digest. `customs` are the names of all custom
    fields that connections map (R40). `versions` says with which settings the policies were made.
    """

    contact_list: ListRow
    account: AccountRow
    manifest: Manifest
    policies: Mapping[int, Policy]
    versions: Mapping[int, int]
    terms: Terms
    forms: Mapping[str, Normal]
    customs: tuple[str, ...]
    order: Order


def ground_of(world: World, session: Session, list_id: int) -> Ground:
    """The ground of a list as it is now. Three queries."""
    contact_list = session.get_one(ListRow, list_id)
    account = session.get_one(AccountRow, contact_list.account_id)
    rows = session.scalars(
        select(ConnectionRow)
        .where(ConnectionRow.list_id == list_id, ConnectionRow.state != ConnectionState.REMOVED)
        .order_by(ConnectionRow.id)
    ).all()
    manifest = world.registry.manifest(account.audience)
    policies = {row.id: policy_of(world, row) for row in rows}
    fields = {key: field for policy in policies.values() for key, field in policy.fields.items()}
    shared = frozenset(key for key, scope in manifest.scopes.items() if scope is Scope.ACCOUNT)
    return Ground(
        contact_list,
        account,
        manifest,
        policies,
        {row.id: row.settings_version for row in rows},
        Terms(manifest.limits, manifest.unsaid, shared, manifest.tags_scope is Scope.ACCOUNT),
        {key: field.normal for key, field in fields.items()},
        tuple(sorted({field.to.name for field in fields.values() if isinstance(field.to, Custom)})),
        order_of({key: field.normal for key, field in fields.items()}, manifest.unsaid),
    )


_OTHERS = {"connection", "tag", "source", "fields", "kind_only", "paused", "unread", "first_sync"}
_SETTINGS = frozenset(Policy.__dataclass_fields__) - _OTHERS


def policy_of(world: World, row: ConnectionRow) -> Policy:
    """A connection's settings as decisions see them."""
    manifest = world.registry.manifest(row.plugin)
    chosen: dict[str, Any] = {name: row.settings[name] for name in _SETTINGS if name in row.settings}
    return Policy(
        row.id,
        manifest.name,
        manifest.name,
        {field.key: field for field in manifest.fields},
        paused=row.state != ConnectionState.RUNNING,
        unread=row.first_read_at is None,
        first_sync=row.first_run_at is None,
        **chosen,
    )
