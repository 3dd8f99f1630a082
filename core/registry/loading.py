"""Plugins found by entry point, each loaded alone: one that is broken takes no other with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import ClassVar, cast

import pluggy
from marshmallow import Schema

from core.registry.calling import Caller, PluginFault
from core.registry.faults import guarded
from spojka import API_VERSION, Hooks, Manifest, Role, SpojkaError
from spojka.hooks import PROJECT

GROUP = "spojka.plugins"

NEEDS = {Role.CRM: ("open_crm", "on_contact_in"), Role.AUDIENCE: ("open_audience",)}
"""The hooks that each role can't do without."""


class UnknownPlugin(SpojkaError):
    """No plugin of this name is loaded."""

    code: ClassVar[str] = "unknown_plugin"


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that is installed and can't be used. `sentence` says why and what to do."""

    name: str
    distribution: str
    sentence: str


class Unusable(Exception):
    """Why a plugin can't be used; becomes a `Broken`."""


class Registry:
    """The plugins of this process, each with its own pluggy manager, so that none answers for another."""

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}
        self._broken: list[Broken] = []

    @property
    def broken(self) -> tuple[Broken, ...]:
        """Plugins that can't be used, in the order found."""
        return tuple(self._broken)

    def names(self, role: Role | str | None = None) -> tuple[str, ...]:
        """The usable plugins that can be this side of a connection (None: all), by name."""
        return tuple(
            name for name, caller in sorted(self._callers.items()) if role is None or role in caller.manifest.roles
        )

    def caller(self, name: str) -> Caller:
        """How to call a plugin. Raises UnknownPlugin."""
        found = self._callers.get(name)
        if found is None:
            raise UnknownPlugin(self._missing(name))
        return found

    def manifest(self, name: str) -> Manifest:
        """What a plugin says about itself. Raises UnknownPlugin."""
        return self.caller(name).manifest

    def add(self, name: str, plugin: object, distribution: str = "spojka") -> None:
        """Take in a plugin that is there as an object; one that can't be used joins `broken`."""
        try:
            if name in self._callers:
                raise Unusable(f"there is another plugin called {name}; uninstall one of them")
            self._callers[name] = _caller(name, plugin)
        except Unusable as why:
            self._broken.append(_broken(name, distribution, str(why)))

    def load(self, point: EntryPoint) -> None:
        """Import an entry point and take it in; whatever its import raises makes it `broken`."""
        distribution = point.dist.name if point.dist is not None else ""
        try:
            with guarded(point.name, "import"):
                plugin = point.load()
        except (PluginFault, SpojkaError) as fault:
            why = fault.detail if isinstance(fault, PluginFault) else str(fault)
            self._broken.append(_broken(point.name, distribution, f"it can't be imported ({why})"))
            return
        self.add(point.name, plugin, distribution)

    def _missing(self, name: str) -> str:
        for broken in self._broken:
            if broken.name == name:
                return broken.sentence
        return f"There is no plugin {name}. Installed are: {', '.join(self.names()) or 'none'}."


def load(points: Iterable[EntryPoint] | None = None) -> Registry:
    """All installed plugins, in the order of their names."""
    registry = Registry()
    found = entry_points(group=GROUP) if points is None else points
    for point in sorted(found, key=lambda point: (point.name, point.value)):
        registry.load(point)
    return registry


def _broken(name: str, distribution: str, why: str) -> Broken:
    return Broken(name, distribution, f"The plugin {name} can't be used: {why}.")


def _caller(name: str, plugin: object) -> Caller:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    try:
        with guarded(name, "register"):
            wrong = _registered(manager, name, plugin)
    except PluginFault as fault:
        raise Unusable(f"its hooks can't be read ({fault.detail})") from None
    if wrong:
        raise Unusable(wrong)
    hooks = cast(Hooks, manager.hook)
    manifest = _described(name, hooks)
    implemented = {caller.name for caller in manager.get_hookcallers(plugin) or ()}
    _check_roles(manifest, implemented)
    return Caller(name, hooks, manifest)


def _registered(manager: pluggy.PluginManager, name: str, plugin: object) -> str:
    """What pluggy says against the hooks, a misspelt name among them; `""` where all is well."""
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        return " ".join(str(error).partition(" in plugin ")[0].split()).rstrip(".")
    return ""


def _described(name: str, hooks: Hooks) -> Manifest:
    try:
        with guarded(name, "describe"):
            manifest = hooks.describe()
    except PluginFault as fault:
        raise Unusable(f"it can't describe itself ({fault.detail})") from None
    except SpojkaError as error:
        raise Unusable(f"it can't describe itself ({error})") from None
    _check_manifest(name, manifest)
    return manifest


def _check_manifest(name: str, manifest: object) -> None:
    if not isinstance(manifest, Manifest):
        raise Unusable(f"describe answers {type(manifest).__name__}, not a Manifest")
    if manifest.api_version != API_VERSION:
        raise Unusable(
            f"it is made for API version {manifest.api_version}, this is {API_VERSION}; install a fitting one"
        )
    if manifest.name != name:
        raise Unusable(f"its manifest calls it {manifest.name}; both names have to be the same")
    if not manifest.roles or not all(isinstance(role, Role) for role in manifest.roles):
        raise Unusable("its manifest names no role, crm or audience")
    if not (isinstance(manifest.settings, type) and issubclass(manifest.settings, Schema)):
        raise Unusable("its settings are no marshmallow schema")
    keys = [field.key for field in manifest.fields]
    if len(keys) != len(set(keys)):
        raise Unusable("its manifest maps one field twice")
    if Role.CRM in manifest.roles and not manifest.kinds:
        raise Unusable("its manifest names no kind of record")


def _check_roles(manifest: Manifest, implemented: set[str]) -> None:
    for role in sorted(manifest.roles):
        missing = [hook for hook in NEEDS[role] if hook not in implemented]
        if missing:
            raise Unusable(f"as {role.value} it needs {' and '.join(missing)}, which it does not have")
