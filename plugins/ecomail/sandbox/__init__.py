"""A strict emulator of one Ecomail account, with invented people and pages to look at them."""

from plugins.ecomail.sandbox.account import Account, Delivery
from plugins.ecomail.sandbox.emulator import SWITCHES, EcomailEmulator
from plugins.ecomail.sandbox.seed import campaigns, demo, fixture

__all__ = ["SWITCHES", "Account", "Delivery", "EcomailEmulator", "campaigns", "demo", "fixture"]
