"""Ending a connection: asks first, says what stays (R83)."""

from flask import flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from core import connecting
from core.admin.connections import look
from core.admin.context import connection_or_404, note, reading, world, writing
from core.admin.language import _
from core.admin.stops import label


def page(connection_id: int) -> str:
    """The question."""
    with reading() as session:
        view = look(session, connection_or_404(session, connection_id))
    return render_template("admin/remove.html", view=view, row=view.row)


def remove(connection_id: int) -> Response:
    """The answer was yes."""
    with reading() as session:
        row = connection_or_404(session, connection_id)
    left = connecting.remove(world(), connection_id)
    with writing() as session:
        note(session, g.person.id, "connection.remove", connection=connection_id, webhook_left=bool(left))
    flash(_("Propojení %(name)s je odebráno. Profily v seznamu zůstaly.", name=row.name))
    if left:
        flash(
            _(
                "Hlášení změn se v %(crm)s zrušit nepodařilo. Nikam už nevede, smažte ho tam ručně.",
                crm=label(row.plugin),
            )
        )
    return redirect(url_for("admin.home"))
