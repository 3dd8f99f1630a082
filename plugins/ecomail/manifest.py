"""What Ecomail is, lets us do, and calls its own things."""

from spojka import Limits, Manifest, Role, Scope, SettingsSchema, Std, Text, secret

LIMITS = Limits(
    per_minute=1000,
    page=4000,
    rows=3000,
    tag_length=50,
    tags_length=2000,
    field_length=255,
    custom_length=5000,
)
"""Ecomail API, limits: 1000 requests a minute and key, 4000 rows a page advised, rows over 3000 vanish in silence."""

UNSAID = frozenset(map(str, (Std.PRETITLE, Std.SURTITLE, Std.STREET, Std.ZIP, Std.BIRTHDAY)))
"""Pages of a list are documented without these; a single look-up says them (rules, part C)."""


class EcomailSettings(SettingsSchema):
    """What a person enters to connect an Ecomail account."""

    api_key = secret(
        label=Text(cs="API klíč", en="API key"),
        find=Text(
            cs="V Ecomailu: Nastavení → Pro vývojáře → API klíče. Vidí ho jen správce účtu.",
            en="In Ecomail: Settings → For developers → API keys. Only an administrator of the account sees it.",
        ),
    )


MANIFEST = Manifest(
    name="ecomail",
    label=Text(cs="Ecomail", en="Ecomail"),
    roles=frozenset({Role.AUDIENCE}),
    settings=EcomailSettings,
    limits=LIMITS,
    base_url="https://api2.ecomailapp.cz/",
    base_url_env="ECOMAIL_BASE_URL",
    hosts=(".ecomailapp.cz", ".ecomailapp.com"),
    scopes={std.value: Scope.ACCOUNT for std in Std},
    tags_scope=Scope.ACCOUNT,
    unsaid=UNSAID,
    account_settings=("api_key",),
    results=True,
)
