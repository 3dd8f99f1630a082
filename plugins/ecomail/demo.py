"""The invented Ecomail account that `spojka sandbox` serves."""

from plugins.ecomail.sandbox import demo
from spojka.sandbox import Sandbox

MEMBERS = 60
KNOWN = ("karel.vzorny@example.com", "my@example.com")


def sandbox() -> Sandbox:
    """An account with a list that has a few members already, and the key to it."""
    emulator = demo(MEMBERS, KNOWN)
    return Sandbox(emulator, page="ui/", settings={"api_key": emulator.account.key}, contact_list="1")
