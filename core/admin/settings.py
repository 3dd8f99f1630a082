"""A connection's settings: the plugins' own, and Spojka's, by their schemas."""

from dataclasses import dataclass, field, replace

from flask import flash, g, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from core import connecting
from core.admin import forms, refusals
from core.admin.context import connection_or_404, note, reading, world, writing
from core.admin.forms import Input, Typed
from core.admin.language import _
from core.admin.stops import label
from core.admin.watching import watched
from core.policy_settings import ConnectionSettings
from core.ports import World
from core.store.connections import ConnectionRow
from spojka import Manifest, SettingsSchema, SpojkaError, Text, text

CRM, AUDIENCE, OWN, ABOUT = "crm.", "audience.", "own.", "about."
"""How the inputs' names of each group begin."""


RARE = frozenset(
    {
        *("campaign_days", "report_url", "read_every_seconds", "list_pass_minutes", "timeline_days"),
        *("quota_reserve_percent", "quota_realtime_percent", "quota_morning_percent", "brake_edits", "brake_closings"),
    }
)
"""Settings that hardly anybody touches; the page keeps them folded."""


class Naming(SettingsSchema):
    """What people call a connection; it is no setting of any side."""

    name = text(
        label=Text(cs="Název propojení", en="Name of the connection"),
        find=Text(cs="Jen pro vás, v přehledu.", en="For you alone, in the overview."),
        length=connecting.NAME_LENGTH,
    )


@dataclass(frozen=True, slots=True)
class Group:
    """One schema's part of the page. `saved` holds how its saved secrets end; they are never shown whole."""

    prefix: str
    title: str
    schema: type[Schema]
    part_of: Manifest | None = None
    saved: dict[str, str] = field(default_factory=dict)
    typed: Typed = field(default_factory=dict)
    values: Typed = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Its inputs."""
        return forms.inputs(self.schema, self.typed, self.errors, self.prefix, self.saved)

    @property
    def usual(self) -> tuple[Input, ...]:
        """Those that people look for."""
        return tuple(shown for shown in self.inputs if shown.name.removeprefix(self.prefix) not in RARE)

    @property
    def rare(self) -> tuple[Input, ...]:
        """The folded ones."""
        return tuple(shown for shown in self.inputs if shown.name.removeprefix(self.prefix) in RARE)

    @property
    def part(self) -> refusals.Part | None:
        """What a refusal is read with; Spojka's own settings are refused by nobody."""
        return refusals.Part(self.part_of, self.typed) if self.part_of else None

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Its errors as links."""
        return [(shown.id, shown.error) for shown in self.inputs if shown.error]


def form(connection_id: int) -> str:
    """The page."""
    with reading() as session:
        row = connection_or_404(session, connection_id)
    return _drawn(row, tuple(_stored(row, group) for group in _groups(row)), "")


def save(connection_id: int) -> Response | tuple[str, int]:
    """Keep what changed; a changed credential is tested first."""
    with reading() as session:
        row = connection_or_404(session, connection_id)
    groups = tuple(_sent(group) for group in _groups(row))
    if any(group.errors for group in groups):
        return _drawn(row, groups, ""), 422
    here, ways = watched(world())
    try:
        changed = _change(here, row, groups)
    except SpojkaError as error:
        return _drawn(row, groups, _refusal(error, ways.plugin, groups)), 422
    with writing() as session:
        note(session, g.person.id, "connection.settings", connection=row.id, changed=changed)
    flash(_("Nastavení je uloženo."))
    return redirect(url_for("admin.connection", connection_id=connection_id))


def _groups(row: ConnectionRow) -> tuple[Group, ...]:
    registry = world().registry
    crm, audience = registry.manifest(row.plugin), registry.manifest(row.audience)
    groups = (
        Group(ABOUT, _("V přehledu"), Naming),
        Group(CRM, label(crm.name), crm.settings, crm, _endings(_opened(row.crm_sealed))),
        Group(AUDIENCE, label(audience.name), audience.settings, audience, _endings(_opened(row.audience_sealed))),
        Group(OWN, _("Pravidla přenosu"), ConnectionSettings),
    )
    return tuple(group for group in groups if group.schema().fields)


def _opened(sealed: str) -> dict[str, str]:
    """The saved secrets; none where no key opens them, so that they are asked for again."""
    return connecting.opened(world(), sealed)


def _endings(secrets: dict[str, str]) -> dict[str, str]:
    return {name: forms.ending(value) for name, value in secrets.items()}


def _stored(row: ConnectionRow, group: Group) -> Group:
    if group.prefix == ABOUT:
        return replace(group, typed={"name": row.name})
    kept = row.audience_settings if group.prefix == AUDIENCE else row.settings
    known = {name: kept[name] for name in group.schema().fields if name in kept and name not in group.saved}
    return replace(group, typed=forms.defaults(group.schema) | known)


def _sent(group: Group) -> Group:
    typed = forms.typed(group.schema, request.form, group.prefix)
    values, errors = forms.checked(group.schema, typed, frozenset(group.saved))
    return replace(group, typed=typed, values=values, errors=errors)


def _change(here: World, row: ConnectionRow, groups: tuple[Group, ...]) -> list[str]:
    """Prove changed credentials, keep what changed, and say by name what that was."""
    changed = {name: value for group in groups for name, value in _differing(row, group).items()}
    called = changed.pop(ABOUT + "name", None)
    if any(isinstance(value, str) and not name.startswith(OWN) for name, value in changed.items()):
        _prove(here, row, groups)
    values = {_name(name): value for name, value in changed.items()}
    if called is not None:
        connecting.rename(here, row.id, str(called))
    if values:
        connecting.change(here, row.id, values, by="admin")
    return sorted([*values, "name"] if called is not None else values)


def _differing(row: ConnectionRow, group: Group) -> Typed:
    """What was changed in one group, by the inputs' names."""
    before = _stored(row, group).typed
    return {group.prefix + name: value for name, value in group.values.items() if before.get(name) != value}


def _name(input_name: str) -> str:
    """The setting's name as `connecting.change` takes it."""
    return input_name.removeprefix(CRM).removeprefix(OWN)


def _prove(here: World, row: ConnectionRow, groups: tuple[Group, ...]) -> None:
    values = {group.prefix: group.values for group in groups}
    crm = _opened(row.crm_sealed) | values.get(CRM, {})
    audience = _opened(row.audience_sealed) | values.get(AUDIENCE, {})
    connecting.test(here, row.plugin, crm, row.audience, audience)


def _refusal(error: SpojkaError, asked: str, groups: tuple[Group, ...]) -> str:
    parts = [group.part for group in groups if group.part]
    return refusals.read(error, asked, parts[0], parts[-1]).sentence


def _drawn(row: ConnectionRow, groups: tuple[Group, ...], refusal: str) -> str:
    errors = [problem for group in groups for problem in group.problems]
    errors += [("", refusal)] if refusal else []
    return render_template("admin/settings.html", row=row, groups=groups, errors=errors)
