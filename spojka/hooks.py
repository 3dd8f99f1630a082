"""The hooks a plugin may implement. `pluggy` finds them by name; the host calls them with keywords alone."""

from collections.abc import Sequence
from typing import Protocol

import pluggy

from spojka.activity import Happening
from spojka.audience import Audience
from spojka.client import Http
from spojka.connection import Connection
from spojka.contact import Contact, Json, Record, Ring
from spojka.crm import Crm
from spojka.declare import Manifest
from spojka.doings import Activity, Edit, Outcome, TagAction

PROJECT = "spojka"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks(Protocol):
    """The specification, and the type the host calls through. A plugin implements what its `Manifest.roles` need."""

    @hookspec(firstresult=True)
    def describe(self) -> Manifest:
        """What this plugin is: name, words, fields, settings, limits. Pure; called once."""
        ...

    @hookspec(firstresult=True)
    def open_crm(self, connection: Connection, http: Http) -> Crm:
        """The CRM of one connection. Sends nothing."""
        ...

    @hookspec(firstresult=True)
    def open_audience(self, connection: Connection, http: Http) -> Audience:
        """The mail account of one connection. Sends nothing."""
        ...

    @hookspec(firstresult=True)
    def on_bell(self, connection: Connection, body: Json) -> Sequence[Ring]:
        """What a webhook's body asks to look at. Pure; an empty answer means: nothing that we carry."""
        ...

    @hookspec(firstresult=True)
    def on_contact_in(self, connection: Connection, record: Record) -> Contact:
        """What a record means. Pure and total: a record it cannot read raises Rejected and fails alone."""
        ...

    @hookspec(firstresult=True)
    def on_contact_out(self, connection: Connection, crm: Crm, edits: Sequence[Edit]) -> Sequence[Outcome]:
        """Write edits made in the list into the CRM; exactly one Outcome an edit.

        Raises, here and in the hooks below, only before anything was written; from then on each Outcome says what
        became of its own, and what was not sent any more is `passing`.
        """
        ...

    @hookspec(firstresult=True)
    def on_campaign_activity(
        self, connection: Connection, crm: Crm, activities: Sequence[Activity]
    ) -> Sequence[Outcome]:
        """Write what a mailing did into the records' history; one Outcome an activity.

        All activities of a call are of one mailing. The same entry is never there twice: one without a handle is
        looked for before it is made (R63).
        """
        ...

    @hookspec(firstresult=True)
    def on_automation_tag(self, connection: Connection, crm: Crm, actions: Sequence[TagAction]) -> Sequence[Outcome]:
        """Add and remove tags of records; one Outcome an action."""
        ...

    @hookspec(firstresult=True)
    def on_events(self, connection: Connection, body: Json) -> Sequence[Happening]:
        """What a call to the campaign events' address tells. Pure; what it does not know is left out (R107)."""
        ...
