"""The connect form: what was typed, the test in place, saving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core import connecting, sides
from core.admin import forms, refusals
from core.admin.context import note, world, writing
from core.admin.forms import Input, Typed
from core.admin.language import _, ngettext, number, words
from core.admin.watching import watched
from core.errors import WrongInput
from core.policy_settings import ConnectionSettings
from core.ports import World
from spojka import ListInfo, Manifest, Role, SpojkaError

CRM, AUDIENCE, LIST, OWN = "crm.", "audience.", "list.", "own."
OK, UNPROCESSABLE = 200, 422


class DoubleOptIn(ConnectionSettings):
    """The part of Spojka's own settings that the form asks for."""

    class Meta(ConnectionSettings.Meta):
        """Just this one."""

        fields = ("double_opt_in",)


@dataclass(frozen=True, slots=True)
class Side:
    """One plugin's part of the form: what was typed into it, what it means, and what is wrong with it."""

    manifest: Manifest
    typed: Typed
    values: Typed = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_account(self) -> bool:
        """Whether its lists live in an account that has to be entered first."""
        return bool(self.manifest.settings().fields)

    @property
    def part(self) -> refusals.Part:
        """What a refusal is read with."""
        return refusals.Part(self.manifest, self.typed)

    def inputs(self, prefix: str) -> tuple[Input, ...]:
        """Its inputs, in the schema's order."""
        return forms.inputs(self.manifest.settings, self.typed, self.errors, prefix)

    def problems(self, prefix: str) -> list[tuple[str, str]]:
        """Its errors as links, with the vendor's name, as both sides may ask for a key."""
        vendor = words(self.manifest.label)
        return [(shown.id, f"{vendor}: {shown.error}") for shown in self.inputs(prefix) if shown.error]


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it was typed. `chosen` is the audience whose part counts; every part is kept."""

    crm: Side
    audiences: tuple[Side, ...]
    chosen: str
    lists: Mapping[str, str]
    offered: Mapping[str, tuple[ListInfo, ...]] = field(default_factory=dict)
    double: Typed = field(default_factory=dict)
    tested: connecting.Tested | None = None
    refusal: refusals.Refusal | None = None
    list_error: str = ""

    @property
    def audience(self) -> Side:
        """The part of the audience that was chosen."""
        return next(side for side in self.audiences if side.manifest.name == self.chosen)

    @property
    def contact_list(self) -> str:
        """The list that was chosen, of the audience that was chosen."""
        return self.lists.get(self.chosen, "")

    @property
    def asks(self) -> tuple[Input, ...]:
        """What is asked only of a double opt-in list (R101)."""
        return forms.inputs(DoubleOptIn, self.double, {}, OWN)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Links and sentences for the top of the page, in the order of the fields."""
        found = self.audience.problems(f"{AUDIENCE}{self.chosen}.")
        if self.list_error:
            found.append((f"list-{self.chosen}", self.list_error))
        found += self.crm.problems(CRM)
        return found + ([(self.blamed, self.refusal.sentence)] if self.refusal else [])

    @property
    def blamed(self) -> str:
        """The id of the input that a refusal is about; empty where no one input is."""
        if self.refusal is None or not self.refusal.name:
            return ""
        prefix = CRM if self.refusal.plugin == self.crm.manifest.name else f"{AUDIENCE}{self.chosen}."
        return forms.input_id(prefix + self.refusal.name)


def form() -> str:
    """The empty form; where several CRMs are installed and none was chosen, the choice."""
    names = world().registry.names("crm")
    chosen = request.args.get("plugin", names[0] if len(names) == 1 else "")
    if chosen not in names:
        crms = [world().registry.manifest(name) for name in names]
        return render_template("admin/choose.html", crms=crms)
    return _drawn(_fresh(chosen))


def _fresh(plugin: str) -> Draft:
    registry = world().registry
    crm = registry.manifest(plugin)
    audiences = [registry.manifest(name) for name in _audiences()]
    sides = tuple(Side(manifest, forms.defaults(manifest.settings)) for manifest in audiences)
    return Draft(Side(crm, forms.defaults(crm.settings)), sides, audiences[0].name, {})


def _audiences() -> tuple[str, ...]:
    """Mail platforms first, the embedded list last."""
    return tuple(sorted(world().registry.names("audience"), key=lambda name: (name == "local", name)))


def _sent(*, want_list: bool) -> Draft:
    """The form as it came."""
    registry, sent = world().registry, request.form
    plugin = sent.get("plugin", "")
    names = _audiences()
    chosen = sent.get("audience", names[0])
    if plugin not in registry.names("crm") or chosen not in names:
        return _fresh(registry.names("crm")[0])
    sides = tuple(_side(registry.manifest(name), f"{AUDIENCE}{name}.", check=name == chosen) for name in names)
    lists = {name: sent.get(LIST + name, "").strip() for name in names}
    missing = _("Vyberte seznam, který se má plnit.") if want_list and not lists[chosen] else ""
    double, _wrong = forms.checked(DoubleOptIn, forms.typed(DoubleOptIn, sent, OWN))
    crm = _side(registry.manifest(plugin), CRM, check=True)
    return Draft(crm, sides, chosen, lists, double=double, list_error=missing)


def _side(manifest: Manifest, prefix: str, *, check: bool) -> Side:
    typed = forms.typed(manifest.settings, request.form, prefix)
    values, errors = forms.checked(manifest.settings, typed) if check else ({}, {})
    return Side(manifest, typed, values, errors)


def test() -> str | tuple[str, int]:
    """Try what was typed; nothing is saved. In place for htmx, as a whole page for everybody else."""
    draft = _sent(want_list=False)
    if not draft.errors:
        draft = _tried(draft)
    if "HX-Request" in request.headers:
        return render_template("admin/_tested.html", draft=draft, alone=True, well=well, next_steps=next_steps)
    return _drawn(draft), UNPROCESSABLE if draft.errors or draft.refusal else OK


def _tried(draft: Draft) -> Draft:
    crm, audience = draft.crm, draft.audience
    here, ways = watched(world())
    try:
        tested = connecting.test(here, crm.manifest.name, crm.values, draft.chosen, audience.values)
    except SpojkaError as error:
        return _refused(draft, error, ways.plugin)
    return _with_lists(replace(draft, tested=tested), tested.lists)


def _with_lists(draft: Draft, found: Sequence[ListInfo]) -> Draft:
    """The lists of the account on offer, the one that was named among them chosen; another one is told as unknown."""
    named, chosen = draft.contact_list, draft.chosen
    if not draft.audience.needs_account:
        return replace(draft, offered={chosen: tuple(found)})
    known = [one.id for one in found if one.id == named] or [one.id for one in found if one.name == named]
    unknown = _unknown_list(named) if named and not known else draft.list_error
    lists = {**draft.lists, chosen: known[0] if known else named}
    return replace(draft, offered={chosen: tuple(found)}, lists=lists, list_error=unknown)


def _unknown_list(name: str) -> str:
    return _("Seznam „%(name)s“ v tomto účtu není. Vyberte jiný.", name=name)


def _refused(draft: Draft, error: SpojkaError, asked: str) -> Draft:
    return replace(draft, refusal=refusals.read(error, asked, draft.crm.part, draft.audience.part))


def lists() -> str | tuple[str, int]:
    """Offer the lists of the chosen account, in place or as a whole page."""
    draft = _offering(_sent(want_list=False))
    if "HX-Request" in request.headers:
        return render_template("admin/_lists.html", draft=draft, side=draft.audience)
    return _drawn(draft), UNPROCESSABLE if draft.list_error else OK


def _offering(draft: Draft) -> Draft:
    audience = draft.audience
    if audience.errors:
        return replace(draft, list_error=_("Nejdřív vložte přístup k účtu, pak se seznamy načtou."))
    try:
        account = sides.side(world(), draft.chosen, Role.AUDIENCE, audience.values)
        found = sides.audience(world(), account, testing=True).lists()
    except SpojkaError as error:
        return replace(draft, list_error=refusals.read(error, draft.chosen, audience.part, audience.part).sentence)
    return _with_lists(draft, found)


def save() -> Response | tuple[str, int]:
    """Test once more, save, start the first run."""
    draft = _sent(want_list=True)
    if draft.errors:
        return _drawn(_still_offering(draft)), UNPROCESSABLE
    here, ways = watched(world())
    try:
        created = _created(here, draft)
    except WrongInput as error:
        return _drawn(_without_list(draft, error)), UNPROCESSABLE
    except SpojkaError as error:
        return _drawn(_still_offering(_refused(draft, error, ways.plugin))), UNPROCESSABLE
    with writing() as session:
        note(session, g.person.id, "connection.create", connection=created.id)
    return redirect(url_for("admin.connection", connection_id=created.id))


def _still_offering(draft: Draft) -> Draft:
    """A form that comes back with an error keeps its list picker, unless the account itself is at fault."""
    refused = draft.refusal is not None and draft.refusal.plugin == draft.chosen
    if refused or draft.audience.errors or not draft.audience.needs_account:
        return draft
    found = _offering(draft)
    return replace(found, list_error=draft.list_error or found.list_error) if found.offered else draft


def _without_list(draft: Draft, error: WrongInput) -> Draft:
    """The account has no such list: the ones it has are offered."""
    if error.key != "list":
        return replace(draft, refusal=refusals.Refusal(str(error)))
    return replace(_offering(draft), list_error=_unknown_list(draft.contact_list))


def _created(here: World, draft: Draft) -> connecting.Created:
    return connecting.create(
        here,
        plugin=draft.crm.manifest.name,
        audience=draft.chosen,
        contact_list=draft.contact_list,
        settings={**draft.crm.values, **draft.double},
        audience_settings=draft.audience.values,
        paused=False,
        test=True,
        by="admin",
    )


def _drawn(draft: Draft) -> str:
    return render_template("admin/connect.html", draft=draft, alone=False, well=well, next_steps=next_steps)


def well(draft: Draft) -> str:
    """What a successful test found."""
    tested = draft.tested
    if tested is None:
        return ""
    parts = [_("Propojeno. Uživatel %(user)s", user=tested.user)]
    if tested.contacts is not None:
        parts.append(_contacts(tested.contacts))
    if tested.left is not None and tested.limit is not None:
        left, limit = number(tested.left), number(tested.limit)
        parts.append(_("dnes zbývá %(left)s z %(limit)s dotazů", left=left, limit=limit))
    return ", ".join(parts) + "."


def _contacts(count: int) -> str:
    return ngettext("%(n)s kontakt", "%(n)s kontaktů", count)


def next_steps(draft: Draft) -> str:
    """What will happen once the form is saved, and that nothing has been written yet."""
    tag, known = draft.crm.manifest.name, draft.tested.contacts if draft.tested else None
    if known is None:
        first = _("Po připojení Spojka přečte celé CRM a doplní kontakty do seznamu. Kolik jich je, ukáže vyzkoušení.")
    else:
        requests = -(-known // draft.crm.manifest.limits.page) or 1
        asked = ngettext("%(n)s dotazem", "%(n)s dotazy", requests)
        first = _(
            "Po připojení Spojka přečte %(what)s (%(asked)s) a doplní je do seznamu.",
            what=_contacts(known),
            asked=asked,
        )
    adopted = _("Kdo v seznamu už je, dostane jen štítek %(tag)s; nikdo odhlášený se nepřihlásí zpět.", tag=tag)
    return f"{first} {adopted} " + _("Zatím se nikam nic nezapsalo.")
