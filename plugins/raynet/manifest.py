"""What Raynet is: words, fields (part D), settings, limits."""

from collections.abc import Mapping
from typing import Any

from marshmallow import pre_load

from spojka import (
    Allowance,
    BellSecret,
    Custom,
    Field,
    Json,
    Kind,
    Limits,
    Manifest,
    Normal,
    Role,
    SettingsSchema,
    Std,
    Text,
    Way,
    secret,
    switch,
    text,
)

NAME = Field(Std.NAME, Way.BOTH, Text(cs="Jméno", en="First name"))
SURNAME = Field(Std.SURNAME, Way.BOTH, Text(cs="Příjmení", en="Last name"), empties=False)
PRETITLE = Field(Std.PRETITLE, Way.BOTH, Text(cs="Titul před jménem", en="Title before the name"))
SURTITLE = Field(Std.SURTITLE, Way.BOTH, Text(cs="Titul za jménem", en="Title after the name"))
GENDER = Field(Std.GENDER, Way.BOTH, Text(cs="Pohlaví", en="Gender"), Normal.GENDER)
BIRTHDAY = Field(Std.BIRTHDAY, Way.BOTH, Text(cs="Datum narození", en="Birthday"), Normal.DATE)
PHONE = Field(Std.PHONE, Way.BOTH, Text(cs="Telefon", en="Phone"), Normal.PHONE)
COMPANY = Field(Std.COMPANY, Way.BOTH, Text(cs="Firma", en="Company"))
STREET = Field(Std.STREET, Way.BOTH, Text(cs="Ulice", en="Street"))
CITY = Field(Std.CITY, Way.BOTH, Text(cs="Město", en="City"))
ZIP = Field(Std.ZIP, Way.BOTH, Text(cs="PSČ", en="Postcode"))
COUNTRY = Field(Std.COUNTRY, Way.BOTH, Text(cs="Země", en="Country"), Normal.CODE)
POSITION = Field(Custom("Pozice"), Way.IN, Text(cs="Pozice", en="Position"))
OWNER = Field(Custom("Vlastník"), Way.IN, Text(cs="Vlastník", en="Owner"), of_user=True)
LANGUAGE = Field(Custom("Jazyk"), Way.IN, Text(cs="Jazyk", en="Language"))
STATE = Field(Custom("Stav"), Way.IN, Text(cs="Stav", en="State"))
RELATION = Field(Custom("Vztah"), Way.IN, Text(cs="Vztah", en="Relationship"))

ADDRESS = (STREET, CITY, ZIP, COUNTRY)
FIELDS = (
    *(NAME, SURNAME, PRETITLE, SURTITLE, GENDER, BIRTHDAY, PHONE, COMPANY),
    *ADDRESS,
    *(POSITION, OWNER, LANGUAGE, STATE, RELATION),
)


class RaynetSettings(SettingsSchema):
    """What a person types to connect Raynet, in the form's order."""

    username = text(
        label=Text(cs="Uživatelské jméno", en="User name"),
        find=Text(
            cs="E-mail, kterým se do Raynetu přihlašuje uživatel, jemuž patří API klíč.",
            en="The e-mail with which the user who owns the API key logs in to Raynet.",
        ),
    )
    api_key = secret(
        label=Text(cs="API klíč", en="API key"),
        find=Text(
            cs="V Raynetu: Nastavení → Pro vývojáře → API klíče.",
            en="In Raynet: Settings → For developers → API keys.",
        ),
    )
    instance = text(
        label=Text(cs="Název instance", en="Instance name"),
        find=Text(
            cs="V Raynetu: Podpora → O aplikaci RAYNET CRM.",
            en="In Raynet: Support → About RAYNET CRM.",
        ),
    )
    both_emails = switch(
        label=Text(
            cs="Přenášet obě e-mailové adresy z profilu kontaktu",
            en="Carry over both e-mail addresses of a contact",
        ),
        default=False,
        help=Text(
            cs="Kontakt se dvěma adresami bude v seznamu dvakrát, pokaždé se stejnými údaji.",
            en="A contact with two addresses will be in the list twice, with the same details each time.",
        ),
    )

    @pre_load
    def strip_pasted_spaces(self, given: Mapping[str, Json], **_: Any) -> dict[str, Json]:
        """Copying out of a page brings spaces and line ends along; none of these values has any at its ends."""
        return {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}


RAYNET = Manifest(
    name="raynet",
    label=Text(cs="Raynet CRM", en="Raynet CRM"),
    roles=frozenset({Role.CRM}),
    settings=RaynetSettings,
    kinds=(Kind.PERSON, Kind.COMPANY),
    fields=FIELDS,
    limits=Limits(
        at_once=3,
        page=1000,
        ids=1000,
        allowance=Allowance(limit="X-Ratelimit-Limit", remaining="X-Ratelimit-Remaining", reset="X-Ratelimit-Reset"),
    ),
    base_url="https://app.raynet.cz/api/v2/",
    base_url_env="RAYNET_BASE_URL",
    hosts=("app.raynet.cz", "app.raynetcrm.sk", "app.raynetcrm.com", "eu.raynetcrm.com"),
    bell=BellSecret(header="X-RAYNETCRM-Token"),
    record_link="https://{host}/{instance}/?view=DetailView&en={kind}&ei={id}",
    account_settings=("instance",),
)
