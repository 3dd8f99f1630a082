"""Raynet's sandbox: a strict emulator with invented people, for tests, the demo and developers."""

from plugins.raynet.sandbox.emulator import SWITCHES, RaynetEmulator
from plugins.raynet.sandbox.people import invent
from plugins.raynet.sandbox.seed import access, fixture_store, foundation
from spojka.emulator import Clock, utc_now

__all__ = ["SWITCHES", "RaynetEmulator", "cases", "demo"]


def demo(people: int, companies: int, clock: Clock = utc_now) -> RaynetEmulator:
    """An account with so many persons and companies in all (person 12 and company 1 among them).

    Instance `demo-crm`, user `api@example.com`, key `crm-test-0001`.
    """
    store = foundation()
    invent(store, max(0, people - len(store.persons.ids)), max(0, companies - len(store.companies.ids)))
    emulator = RaynetEmulator(store, access(), clock)
    emulator.warm()
    return emulator


def cases(clock: Clock = utc_now) -> RaynetEmulator:
    """The small account that the request and response cases speak of; credentials as in `demo`."""
    return RaynetEmulator(fixture_store(), access(), clock)
