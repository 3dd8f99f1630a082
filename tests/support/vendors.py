"""Both vendors' emulators behind real ports, for commands in processes of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from plugins.ecomail.sandbox import EcomailEmulator
from plugins.raynet.sandbox import RaynetEmulator, demo
from spojka.emulator import Served

RAYNET = ("--set", "username=api@example.com", "--set", "api_key=crm-test-0001", "--set", "instance=demo-crm")
ECOMAIL = ("--audience", "ecomail", "--list", "1", "--audience-set", "api_key=test-key")
LOCAL = ("--audience", "local", "--list", "Klienti")


@dataclass(frozen=True)
class Vendors:
    """The emulators, and the variables that lead commands to them."""

    raynet: RaynetEmulator
    ecomail: EcomailEmulator
    variables: dict[str, str]


@contextmanager
def both_vendors(people: int = 12, companies: int = 3) -> Iterator[Vendors]:
    """A small Raynet and an empty list 1 in Ecomail."""
    raynet, ecomail = demo(people, companies), EcomailEmulator()
    ecomail.account.add_list("Klienti")
    with Served(raynet) as crm, Served(ecomail) as mail:
        variables = {
            "RAYNET_BASE_URL": f"{crm.url}api/v2/",
            "ECOMAIL_BASE_URL": mail.url,
            "SPOJKA_ALLOW_PRIVATE_HOSTS": "on",
        }
        yield Vendors(raynet, ecomail, variables)
