"""A connection's two sides as a person described them: settings validated, secrets apart, a way to ask the vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError

from core.errors import WrongInput
from core.policy_settings import ConnectionSettings
from core.ports import World
from spojka import Audience, Connection, Crm, Json, Manifest, Role

OWN = "spojka"
UNKNOWN = "Unknown field."
MISSING = "Missing data for required field."


@dataclass(frozen=True, slots=True)
class Side:
    """One plugin's part of a connection. `account` names the vendor account whose limits are shared (R90)."""

    manifest: Manifest
    settings: Mapping[str, Json]
    account: str
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def connection(self) -> Connection:
        """What the plugin may know before the connection has a number."""
        return Connection(id=0, settings=self.settings, secrets=self.secrets)


def side(world: World, name: str, role: Role, values: Mapping[str, Any]) -> Side:
    """Validate what was given for one plugin. Raises WrongInput naming the first setting at fault."""
    if name not in world.registry.names(role):
        known = ", ".join(sorted(world.registry.names(role))) or "none"
        raise WrongInput(f'There is no plugin "{name}" for the {role} side. Installed: {known}.', "plugin")
    manifest = world.registry.manifest(name)
    loaded = validated(manifest.settings(), values, manifest.label.en)
    secrets = {key: str(value) for key, value in loaded.items() if key in secret_names(manifest)}
    plain = {key: value for key, value in loaded.items() if key not in secrets}
    return Side(manifest, plain, account_of(world, manifest, {**plain, **secrets}), secrets)


def validated(schema: Schema, values: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """The values in their own types, defaults filled in. Raises WrongInput with one sentence."""
    try:
        loaded: dict[str, Any] = schema.load(dict(values))
    except ValidationError as error:
        raise _wrong(cast("dict[str, Any]", error.messages), schema, owner) from error
    return loaded


def secret_names(manifest: Manifest) -> frozenset[str]:
    """The settings that are kept encrypted."""
    declared = manifest.settings().fields
    return frozenset(name for name, each in declared.items() if each.metadata.get("secret"))


def own_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Spojka's own settings of a connection, defaults filled in."""
    return validated(ConnectionSettings(), values, "Spojka")


def own_names() -> frozenset[str]:
    """The names of Spojka's own settings."""
    return frozenset(ConnectionSettings().fields)


def account_of(world: World, manifest: Manifest, values: Mapping[str, Json]) -> str:
    """`plugin:host:what tells one account from another`; a secret among it is hashed."""
    base = world.settings.base_urls.get(manifest.base_url_env, manifest.base_url)
    host = urlsplit(base).netloc or "here"
    hidden = secret_names(manifest)
    parts = [_digest(str(values[key])) if key in hidden else str(values[key]) for key in manifest.account_settings]
    return ":".join((manifest.name, host, *parts))


def crm(world: World, given: Side, *, testing: bool) -> Crm:
    """The CRM's side, open."""
    http = world.outgoing.open(given.manifest.name, given.account, lane="live", testing=testing)
    return world.registry.caller(given.manifest.name).open_crm(connection=given.connection, http=http)


def audience(world: World, given: Side, *, testing: bool) -> Audience:
    """The list's side, open."""
    http = world.outgoing.open(given.manifest.name, given.account, lane="live", testing=testing)
    return world.registry.caller(given.manifest.name).open_audience(connection=given.connection, http=http)


def _digest(value: str) -> str:
    return sha256(value.encode()).hexdigest()[:16]


def _wrong(messages: Mapping[str, Any], schema: Schema, owner: str) -> WrongInput:
    name, found = sorted(messages.items())[0]
    reason = str(found[0] if isinstance(found, list) else found)
    if reason == UNKNOWN:
        return WrongInput(f"{owner} has no setting {name}. It has: {', '.join(schema.fields) or 'none'}.", name)
    if reason == MISSING:
        return WrongInput(f"{owner} needs {name}, which was not given.", name)
    return WrongInput(f"{owner}: {name} can't be used: {reason}", name)
