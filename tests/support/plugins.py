"""Plugins of a test: good, raising, hanging and talking nonsense."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from core.registry import Caller, Registry
from spojka import (
    Activity,
    Audience,
    Connection,
    Contact,
    Crm,
    Edit,
    Happening,
    Http,
    Kind,
    Mailing,
    Manifest,
    Outcome,
    Record,
    Ring,
    Role,
    TagAction,
    hookimpl,
)
from tests.support.outgoing import a_manifest

CONNECTION = Connection(1, {}, {})
RECORD = Record(Kind.PERSON, "12", 3, {"id": 12})
EDIT = Edit("e1", Kind.PERSON, "12", {"phone": "111"}, RECORD)
ACTIVITY = Activity("a1", Mailing("campaign:1", "Novinky"), "eva@firma.cz", (), {}, {})
ACTION = TagAction("t1", Kind.PERSON, "12", "vip", True)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def a_contact(**changes: Any) -> Contact:
    """The contact that RECORD means."""
    values: dict[str, Any] = {"addresses": ("eva@firma.cz",), "fields": {"name": "Eva"}, "tags": ("vip",)}
    return Contact(Kind.PERSON, "12", 3, **{**values, **changes})


class Telling:
    """A plugin whose hooks call what a test gives them."""

    def __init__(self, manifest: Manifest | None = None, **answers: Callable[..., Any]) -> None:
        self.manifest = manifest or a_manifest(roles=frozenset({Role.CRM, Role.AUDIENCE}))
        self.answers = answers

    def tell(self, hook: str, *given: Any) -> Any:
        """What the test wants the hook to do."""
        return self.answers[hook](*given)

    @hookimpl
    def describe(self) -> Manifest:
        """Its manifest."""
        return self.manifest

    @hookimpl
    def open_crm(self, connection: Connection, http: Http) -> Crm:
        """As told."""
        return self.tell("open_crm")  # type: ignore[no-any-return]  # whatever the test wants

    @hookimpl
    def open_audience(self, connection: Connection, http: Http) -> Audience:
        """As told."""
        return self.tell("open_audience")  # type: ignore[no-any-return]  # whatever the test wants

    @hookimpl
    def on_bell(self, connection: Connection, body: Any) -> Sequence[Ring]:
        """As told."""
        return self.tell("on_bell")  # type: ignore[no-any-return]  # whatever the test wants

    @hookimpl
    def on_contact_in(self, connection: Connection, record: Record) -> Contact:
        """As told."""
        return self.tell("on_contact_in")  # type: ignore[no-any-return]  # whatever the test wants

    @hookimpl
    def on_contact_out(self, connection: Connection, crm: Crm, edits: Sequence[Edit]) -> Sequence[Outcome]:
        """As told, with the CRM it was given."""
        return self.tell("on_contact_out", crm)  # type: ignore[no-any-return]  # whatever the test wants

    @hookimpl
    def on_campaign_activity(
        self, connection: Connection, crm: Crm, activities: Sequence[Activity]
    ) -> Sequence[Outcome]:
        """As told."""
        return self.tell("on_campaign_activity", crm)  # type: ignore[no-any-return]  # whatever the test wants

    @hookimpl
    def on_automation_tag(self, connection: Connection, crm: Crm, actions: Sequence[TagAction]) -> Sequence[Outcome]:
        """As told."""
        return self.tell("on_automation_tag", crm)  # type: ignore[no-any-return]  # whatever the test wants

    @hookimpl
    def on_events(self, connection: Connection, body: Any) -> Sequence[Happening]:
        """As told."""
        return self.tell("on_events")  # type: ignore[no-any-return]  # whatever the test wants


def a_caller(**answers: Callable[..., Any]) -> Caller:
    """How the host calls such a plugin."""
    registry = Registry()
    registry.add("acme", Telling(None, **answers))
    return registry.caller("acme")


def an_adapter(**methods: Callable[..., Any]) -> Any:
    """An adapter of the methods given."""
    return SimpleNamespace(**methods)
