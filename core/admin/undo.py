"""Taking back what was written: what would happen, in numbers and examples, and the button (R35)."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core.admin.contact import field_labels
from core.admin.context import connection_or_404, note, reading, world, writing
from core.admin.language import _
from core.decide.addresses import canonical
from core.engine import undo
from core.engine.undo import Scope
from core.errors import WrongInput
from core.store import takebacks
from core.store.runs import RunRow
from core.store.takebacks import TakeBackRow

SHOWN_LEFT = 50


def page(connection_id: int) -> str:
    """What would be taken back, what can't be, and a few examples."""
    scope = _scope(request.args)
    with reading() as session:
        row = connection_or_404(session, connection_id)
        try:
            found = undo.survey(session, connection_id, scope)
        except WrongInput:
            abort(404)
    return render_template("admin/undo.html", row=row, scope=scope, found=found, labels=field_labels(row))


def take_back(connection_id: int) -> Response:
    """Somebody pressed the button: a run does it, whose page shows how it goes."""
    scope = _scope(request.form)
    with reading() as session:
        connection_or_404(session, connection_id)
    try:
        run_id = undo.request(world(), connection_id, scope, by="admin")
    except WrongInput:  # somebody else has started a run of it meanwhile, or there is nothing in it
        flash(_("Není co vracet."))
        return redirect(url_for("admin.connection", connection_id=connection_id))
    with writing() as session:
        note(session, g.person.id, "undo", connection=connection_id, run=run_id)
    return redirect(url_for("admin.run", run_id=run_id))


def _scope(given: MultiDict[str, str]) -> Scope:
    """Exactly one of a run, a contact and an entry, else 400."""
    email = canonical(given.get("email", ""))
    scope = Scope(given.get("run", type=int), email, given.get("entry", type=int))
    if len(scope.options()) != 1:
        abort(400)
    return scope


def counts(run: RunRow) -> dict[str, int]:
    """What an undo has taken back, and what it left."""
    said = (run.result or {}).get("undo") or {}
    return {key: int(said.get(key) or 0) for key in words()}


def words() -> dict[str, tuple[str, str]]:
    """What an undo counts: the word, and what it means."""
    return {
        "list": (_("Vráceno v seznamu"), _("Údaje a štítky jsou zase, jaké byly.")),
        "crm": (_("Vráceno v CRM"), _("Údaje jsou zase, jaké byly.")),
        "crm_tags": (_("Štítků v CRM"), _("Štítky z automatizací, opačným směrem.")),
        "left": (_("Ponecháno"), _("Někdo je mezitím upravil, nebo se vrátit nedají.")),
        "waiting": (_("Čeká"), _("Na odpověď seznamu nebo CRM.")),
    }


def left(run: RunRow) -> list[TakeBackRow]:
    """What an undo left as it is, so that a person sees it."""
    with reading() as session:
        return takebacks.left(session, run.id, SHOWN_LEFT)


def why(row: TakeBackRow) -> str:
    """Why a value was left as it is."""
    reasons = {
        "edited": _("Někdo ho mezitím upravil."),
        "gone": _("Kontakt už s CRM není propojený."),
        "refused": _("Zapsat se nedá."),
    }
    return reasons.get(row.state, row.state)
