"""The only way to call a plugin: typed, guarded, and its answers looked at (R93)."""

from collections.abc import Sequence
from typing import cast

from core.registry import shapes
from core.registry.adapters import AUDIENCE, CRM, Before, Guarded, at_once, bare
from core.registry.faults import PluginFault, guarded
from core.registry.patience import THINK_SECONDS, within
from spojka import (
    Activity,
    Audience,
    Connection,
    Contact,
    Crm,
    Edit,
    Happening,
    Hooks,
    Http,
    Json,
    Manifest,
    Outcome,
    Record,
    Ring,
    SpojkaError,
    TagAction,
)

__all__ = ["Caller", "PluginFault"]


class Caller:
    """The hooks of one plugin. Every method raises PluginFault where the plugin fails or answers nonsense.

    Errors of the public family pass as they are. The adapters it opens are guarded in the same way.
    """

    def __init__(self, name: str, hooks: Hooks, manifest: Manifest) -> None:
        self.name = name
        self.manifest = manifest
        self._hooks = hooks

    def open_crm(self, connection: Connection, http: Http, before: Before = at_once) -> Crm:
        """The CRM of one connection; `before` is done before each call that only reads."""
        with guarded(self.name, "open_crm"):
            opened = self._hooks.open_crm(connection=connection, http=http)
        return cast(Crm, Guarded(self.name, self._given("open_crm", opened), CRM, before))

    def open_audience(self, connection: Connection, http: Http, before: Before = at_once) -> Audience:
        """The mail account of one connection; `before` is done before each call that only reads."""
        with guarded(self.name, "open_audience"):
            opened = self._hooks.open_audience(connection=connection, http=http)
        return cast(Audience, Guarded(self.name, self._given("open_audience", opened), AUDIENCE, before))

    def on_bell(self, connection: Connection, body: Json) -> tuple[Ring, ...]:
        """What a webhook's body asks to look at; a plugin without bells asks for nothing."""
        with guarded(self.name, "on_bell"):
            rings = self._hooks.on_bell(connection=connection, body=body)
        if rings is None:  # what pluggy answers where the plugin has no such hook
            return ()
        self._look_at("on_bell", shapes.rings(rings))
        return tuple(rings)

    def on_events(self, connection: Connection, body: Json) -> tuple[Happening, ...]:
        """What a call to the campaign events' address tells; a plugin that takes none understands nothing."""
        with guarded(self.name, "on_events"):
            told = self._hooks.on_events(connection=connection, body=body)
        if told is None:  # as above
            return ()
        self._look_at("on_events", shapes.happenings(told))
        return tuple(told)

    def on_contact_in(self, connection: Connection, record: Record) -> Contact:
        """What a record means. Raises also Rejected: this record can't be read and fails alone."""
        with guarded(self.name, "on_contact_in"):
            contact = self._hooks.on_contact_in(connection=connection, record=record)
        self._look_at("on_contact_in", shapes.contact(record)(contact))
        return contact

    def contacts_in(self, connection: Connection, records: Sequence[Record]) -> list[Contact | SpojkaError]:
        """What a page of records means, in order; a record that can't be read is its error. Bounded in time."""

        def page() -> list[Contact | SpojkaError]:
            return [self._contact_or_error(connection, record) for record in records]

        return within(THINK_SECONDS, self.name, "on_contact_in", page) if records else []

    def _contact_or_error(self, connection: Connection, record: Record) -> Contact | SpojkaError:
        try:
            return self.on_contact_in(connection=connection, record=record)
        except SpojkaError as error:
            return error

    def on_contact_out(self, connection: Connection, crm: Crm, edits: Sequence[Edit]) -> tuple[Outcome, ...]:
        """Write edits made in the list into the CRM; one Outcome each, in the order asked."""
        with guarded(self.name, "on_contact_out"):
            outcomes = self._hooks.on_contact_out(connection=connection, crm=bare(crm), edits=edits)
        return self._in_order("on_contact_out", [edit.key for edit in edits], outcomes)

    def on_campaign_activity(
        self, connection: Connection, crm: Crm, activities: Sequence[Activity]
    ) -> tuple[Outcome, ...]:
        """Write activity into the records' history; one Outcome each, in the order asked."""
        with guarded(self.name, "on_campaign_activity"):
            outcomes = self._hooks.on_campaign_activity(connection=connection, crm=bare(crm), activities=activities)
        return self._in_order("on_campaign_activity", [activity.key for activity in activities], outcomes)

    def on_automation_tag(self, connection: Connection, crm: Crm, actions: Sequence[TagAction]) -> tuple[Outcome, ...]:
        """Add and remove tags of records; one Outcome each, in the order asked."""
        with guarded(self.name, "on_automation_tag"):
            outcomes = self._hooks.on_automation_tag(connection=connection, crm=bare(crm), actions=actions)
        return self._in_order("on_automation_tag", [action.key for action in actions], outcomes)

    def _in_order(self, hook: str, keys: Sequence[str], outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
        self._look_at(hook, shapes.outcomes(keys)(outcomes))
        by_key = {outcome.key: outcome for outcome in outcomes}
        return tuple(by_key[key] for key in keys)

    def _given(self, hook: str, opened: object) -> object:
        self._look_at(hook, "opened nothing" if opened is None else "")
        return opened

    def _look_at(self, hook: str, wrong: str) -> None:
        if wrong:
            raise PluginFault(self.name, hook, wrong)
