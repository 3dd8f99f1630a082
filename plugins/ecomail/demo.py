"""The invented Ecomail account that `spojka sandbox` serves."""

from plugins.ecomail.sandbox import demo
from spojka.sandbox import Sandbox

MEMBERS = 60
KNOWN = (
    "rehor.priklad.2006@example.org",
    "zofie.rezacova.2007@firma.example.net",
    "zdenek.rezac.2008@example.com",
    "tomas.priklad.2009@posta.example.com",
    "vojtech.kucera.2010@example.org",
    "ludmila.mullerova.2011@firma.example.net",
)
"""People whom an invented CRM has, too, so that somebody is in the list already when it is connected."""


def sandbox() -> Sandbox:
    """An account with a list that has a few members already, and the key to it."""
    emulator = demo(MEMBERS, KNOWN)
    return Sandbox(emulator, page="ui/", settings={"api_key": emulator.account.key}, contact_list="1")
