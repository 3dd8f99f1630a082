"""An emulated Ecomail account, and the plugin opened on it without a network."""

from datetime import UTC, datetime
from typing import Any

from plugins import ecomail
from plugins.ecomail.sandbox import EcomailEmulator
from spojka import Audience, Connection, Profile, Status
from tests.support.wsgi_http import WsgiHttp

NOW = datetime(2026, 11, 15, 12, 59, 21, tzinfo=UTC)
BASE_URL = "https://api2.ecomailapp.cz/"
CODES = {
    Status.SUBSCRIBED: 1,
    Status.UNSUBSCRIBED: 2,
    Status.SOFT_BOUNCED: 3,
    Status.BOUNCED: 4,
    Status.COMPLAINED: 5,
    Status.UNCONFIRMED: 6,
}


def an_emulator(**switches: Any) -> EcomailEmulator:
    """An account without people, whose clock stands still and whose allowance has no end."""
    emulator = EcomailEmulator(lambda: NOW)
    emulator.switch(**{"per_minute": 0, **switches})
    return emulator


def an_audience(emulator: EcomailEmulator, key: str = "test-key") -> Audience:
    """The plugin, opened on the account."""
    return ecomail.open_audience(Connection(1, {}, {"api_key": key}), WsgiHttp(BASE_URL, emulator))


def a_list(emulator: EcomailEmulator, name: str = "Klienti") -> str:
    """A new list, with double opt-in, so that a mail asking for it would show."""
    return str(emulator.account.add_list(name, double_optin=True).id)


def put(emulator: EcomailEmulator, contact_list: str, profile: Profile) -> None:
    """Place a profile into a list by hand."""
    custom = {key.removeprefix("custom:"): value for key, value in profile.fields.items() if key.startswith("custom:")}
    basic = {key: value for key, value in profile.fields.items() if not key.startswith("custom:")}
    emulator.add_contact(
        int(contact_list),
        profile.email,
        status=CODES[profile.status],
        tags=profile.tags,
        custom_fields=custom,
        groups=None,
        source=next(iter(profile.sources), ""),
        **basic,
    )
