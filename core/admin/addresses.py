"""Where the vendors reach a connection, and whether the CRM rings there (R71, contract §4)."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core import connecting
from core.admin.connections import look
from core.admin.context import connection_or_404, note, reading, world, writing
from core.admin.language import _
from core.admin.stops import label
from core.engine import actions
from core.engine.watching import LOOPBACK, NO_BELLS, REGISTERED
from core.store.connections import ConnectionRow

EXAMPLE = "VIP"


def webhook(row: ConnectionRow) -> str:
    """Whether changes are heard of at once, in a sentence."""
    crm = label(row.plugin)
    if row.webhook_state == REGISTERED:
        return _("%(crm)s hlásí změny hned.", crm=crm)
    if not row.webhook_state:
        return _("Hlášení změn se v %(crm)s teprve zapne. Do té doby ho čteme pravidelně.", crm=crm)
    if row.webhook_text == NO_BELLS:
        return _("%(crm)s změny hlásit neumí, proto ho čteme pravidelně.", crm=crm)
    if row.webhook_text == LOOPBACK:
        return _(
            "%(crm)s sem změny hlásit nemůže, protože na tuto adresu z internetu nevidí. Čteme ho proto pravidelně; "
            "správce Spojky může nastavit veřejnou adresu (SPOJKA_PUBLIC_URL).",
            crm=crm,
        )
    return _("%(crm)s nám hlášení změn nepovolil, proto ho čteme pravidelně. Zkusíme to znovu.", crm=crm)


def said(row: ConnectionRow) -> str:
    """What the vendor itself said of it, for whoever mends it."""
    return "" if row.webhook_text in (LOOPBACK, NO_BELLS) else row.webhook_text


def page(connection_id: int) -> str:
    """The addresses, for those who may change something: whoever knows one can ring there."""
    if not g.person.may_change:
        abort(403)
    with reading() as session:
        view = look(session, connection_or_404(session, connection_id))
    tag = actions.clean(request.args.get("tag", "")) or EXAMPLE
    wrong = _wrong(tag) if actions.tag_problem(tag) else ""
    return render_template(
        "admin/addresses.html",
        view=view,
        row=view.row,
        known=connecting.addresses(world(), view.row),
        tag=EXAMPLE if wrong else tag,
        wrong=wrong,
        tags_when=_tags_when(view.row),
    )


def _wrong(tag: str) -> str:
    """Why no CRM takes a tag (R54)."""
    if "," in tag:
        return _("Ve štítku nesmí být čárka.")
    return _("Štítek může mít nejvýš %(most)s znaků.", most=actions.LONGEST)


def _tags_when(row: ConnectionRow) -> str:
    """When tags arrive in the CRM."""
    crm = label(row.plugin)
    if row.settings.get("tag_writeback") == actions.IMMEDIATE:
        return _("Štítek je v %(crm)s během chvíle.", crm=crm)
    at = world().settings.daily_at
    return _(
        "Štítek se do %(crm)s zapíše ráno v %(time)s. Že se má zapsat hned, řeknete v nastavení propojení.",
        crm=crm,
        time=f"{at.hour}:{at.minute:02d}",
    )


def rotate(connection_id: int) -> Response:
    """New addresses; the old ones end at once."""
    with reading() as session:
        connection_or_404(session, connection_id)
    connecting.rotate(world(), connection_id)
    with writing() as session:
        note(session, g.person.id, "connection.rotate", connection=connection_id)
    flash(_("Adresy jsou nové. Ty v automatizacích a kampaních vyměňte ručně."))
    return redirect(url_for("admin.addresses", connection_id=connection_id))
