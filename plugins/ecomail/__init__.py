"""Ecomail as an audience: a mail account whose lists are read in passes and written in bulk (rules, part J)."""

from collections.abc import Sequence

from plugins.ecomail import events
from plugins.ecomail.client import EcomailAudience
from plugins.ecomail.manifest import MANIFEST
from spojka import Audience, Connection, Happening, Http, Json, Manifest, hookimpl


@hookimpl
def describe() -> Manifest:
    """What this plugin is."""
    return MANIFEST


@hookimpl
def open_audience(connection: Connection, http: Http) -> Audience:
    """The mail account whose API key the connection holds."""
    return EcomailAudience(http, connection.secrets["api_key"])


@hookimpl
def on_events(connection: Connection, body: Json) -> Sequence[Happening]:
    """What a message event of the account tells."""
    return events.happenings(body)
