"""What could not be carried over, why, and another try."""

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.admin.connections import ask
from core.admin.context import connection_or_404, note, reading, world, writing
from core.admin.language import _, ngettext
from core.engine import failures

PAGE_ROWS = 50


def page(connection_id: int) -> str:
    """Failures of one connection, 50 a page."""
    number = max(1, request.args.get("page", 1, type=int))
    with reading() as session:
        row = connection_or_404(session, connection_id)
        total = failures.count_failures(session, connection_id)
        found = failures.failures(session, connection_id, PAGE_ROWS, (number - 1) * PAGE_ROWS)
    pages = -(-total // PAGE_ROWS)
    return render_template("admin/failures.html", row=row, found=found, total=total, number=number, pages=pages)


def again(connection_id: int) -> Response:
    """Try one address again, or all of them with a full run, which also reads unreadable records anew."""
    email = request.form.get("email") or None
    with writing() as session:
        connection_or_404(session, connection_id)
        total = 1 if email else failures.count_failures(session, connection_id)
        failures.try_again(session, connection_id, email, world().clock.now())
        note(session, g.person.id, "failures.again", connection=connection_id, all=email is None)
    ask(connection_id, "changes" if email else "full")
    flash(_trying(total))
    return redirect(url_for("admin.failures", connection_id=connection_id))


def _trying(count: int) -> str:
    trying = ngettext("Zkoušíme znovu %(n)s kontakt.", "Zkoušíme znovu %(n)s kontaktů.", count)
    return trying + " " + _("Který se nepřenese ani teď, se sem během chvíle vrátí.")
