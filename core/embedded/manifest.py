"""What the embedded list is: it needs no account, and everything in it belongs to the list."""

from spojka import Limits, Manifest, Role, Scope, SettingsSchema, Std, Text


class LocalSettings(SettingsSchema):
    """Nothing to enter."""


MANIFEST = Manifest(
    name="local",
    label=Text(cs="Vestavěný seznam", en="Embedded list"),
    roles=frozenset({Role.AUDIENCE}),
    settings=LocalSettings,
    limits=Limits(page=4000, rows=3000),
    scopes={std.value: Scope.LIST for std in Std},
    tags_scope=Scope.LIST,
)
