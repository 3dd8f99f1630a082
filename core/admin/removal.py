"""Ending a connection: asks first, says what stays (R83)."""

from flask import flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core import connecting
from core.admin.connections import look
from core.admin.context import connection_or_404, note, reading, world, writing
from core.admin.language import _


def page(connection_id: int) -> str:
    """The question."""
    with reading() as session:
        view = look(session, connection_or_404(session, connection_id))
    return render_template("admin/remove.html", view=view, row=view.row)


def remove(connection_id: int) -> Response:
    """The answer was yes."""
    with reading() as session:
        name = connection_or_404(session, connection_id).name
    connecting.remove(world(), connection_id)
    with writing() as session:
        note(session, g.person.id, "connection.remove", connection=connection_id)
    flash(_("Propojení %(name)s je odebráno. Profily v seznamu zůstaly.", name=name))
    return redirect(url_for("admin.home"))
