"""Raynet CRM as a source of contacts. Each hook is one line into the module that knows."""

from collections.abc import Sequence
from typing import cast

from plugins.raynet import bells, client, history, manifest, mapping, tags, writing
from spojka import (
    Activity,
    Connection,
    Contact,
    Crm,
    Edit,
    Http,
    Json,
    Manifest,
    Outcome,
    Record,
    Ring,
    TagAction,
    hookimpl,
)


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


@hookimpl
def on_contact_out(connection: Connection, crm: Crm, edits: Sequence[Edit]) -> Sequence[Outcome]:
    """Edits of the list, written record by record."""
    return writing.write(cast(client.RaynetCrm, crm), edits)


@hookimpl
def on_campaign_activity(connection: Connection, crm: Crm, activities: Sequence[Activity]) -> Sequence[Outcome]:
    """What a mailing did, as a mass e-mail or as e-mail activities."""
    return history.write(connection, cast(client.RaynetCrm, crm), activities)


@hookimpl
def on_automation_tag(connection: Connection, crm: Crm, actions: Sequence[TagAction]) -> Sequence[Outcome]:
    """Tags of automations, added and removed."""
    return tags.write(cast(client.RaynetCrm, crm), actions)
