"""One contact: every decision ever taken about it, oldest first."""

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.admin import faults
from core.admin.context import connection_or_404, reading, world
from core.admin.language import _, locale, words
from core.engine import answering
from core.engine.explaining import Line, explain, standing
from core.errors import WrongInput
from core.store.connections import ConnectionRow
from core.store.records import RecordAddressRow

SHOWN_ALIKE = 50
SHORTEST_ALIKE = 3


def page(connection_id: int) -> str:
    """Search by e-mail, and the timeline of the address that was found."""
    sought = request.args.get("q", "").strip().lower()
    with reading() as session:
        row = connection_or_404(session, connection_id)
        lines = explain(session, connection_id, sought) if sought else []
        now = standing(session, connection_id, sought) if sought else None
        rule = faults.cited(session, row.list_id, [now.email]).get(now.email, "") if now else ""
        alike = [] if lines or now else _alike(session, row, sought)
    shown = {
        "row": row,
        "sought": sought,
        "lines": lines,
        "now": now,
        "rule": rule,
        "alike": alike,
        "labels": field_labels(row),
    }
    return render_template("admin/contact.html", sentence=_sentence, **shown)


def allow(connection_id: int) -> Response:
    """Whom somebody deleted from the list may be created again (R15)."""
    email = request.form.get("email", "")
    with reading() as session:
        connection_or_404(session, connection_id)
    try:
        answering.lift(world(), connection_id, email, user_id=g.person.id)
        flash(_("Kontakt se během chvíle založí znovu."))
    except WrongInput:  # it is there already, which the page shows
        flash(_("Kontakt ze seznamu nikdo nesmazal."))
    return redirect(url_for("admin.contacts", connection_id=connection_id, q=email))


def field_labels(row: ConnectionRow) -> dict[str, str]:
    """What people call the fields, by key; empty where the plugin is not installed any more."""
    registry = world().registry
    known = registry.manifest(row.plugin).fields if row.plugin in registry.names() else ()
    return {field.key: words(field.label) for field in known} | {"tags": _("Štítky"), "email": _("E-mail")}


def _sentence(row: ConnectionRow, line: Line) -> str:
    if line.what == "failed":
        return faults.sentence(row, line.rule)
    return line.sentence_en if locale() == "en" else line.sentence_cs


def _alike(session: Session, row: ConnectionRow, sought: str) -> list[str]:
    """Addresses of this connection's records that contain what was sought, in order of the alphabet."""
    if len(sought) < SHORTEST_ALIKE:
        return []
    address = RecordAddressRow.email
    wanted = select(address).where(RecordAddressRow.connection_id == row.id, address.contains(sought, autoescape=True))
    return list(session.scalars(wanted.distinct().order_by(address).limit(SHOWN_ALIKE)))
