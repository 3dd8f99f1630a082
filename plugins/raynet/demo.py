"""The invented Raynet account that `spojka sandbox` serves."""

from plugins.raynet.sandbox import demo
from plugins.raynet.sandbox.seed import INSTANCE, KEY, USER
from spojka.sandbox import Sandbox

PERSONS, COMPANIES = 4000, 500


def sandbox() -> Sandbox:
    """An account of a middling firm, and the key to it."""
    settings = {"username": USER, "api_key": KEY, "instance": INSTANCE}
    return Sandbox(demo(PERSONS, COMPANIES), path="api/v2/", page="ui/", settings=settings)
