"""Raynet CRM as a source of contacts. Each hook is one line into the module that knows."""

from collections.abc import Sequence

from plugins.raynet import bells, client, manifest, mapping
from spojka import Connection, Contact, Crm, Http, Json, Manifest, Record, Ring, hookimpl


@hookimpl
def describe() -> Manifest:
    """What this plugin is."""
    return manifest.RAYNET


@hookimpl
def open_crm(connection: Connection, http: Http) -> Crm:
    """The Raynet account of one connection."""
    return client.RaynetCrm(connection, http)


@hookimpl
def on_contact_in(connection: Connection, record: Record) -> Contact:
    """What a person or company of Raynet means (part D of the rules)."""
    return mapping.contact(record, connection.locale)


@hookimpl
def on_bell(connection: Connection, body: Json) -> Sequence[Ring]:
    """Which record a webhook's body asks to look at."""
    return bells.rings(body)
