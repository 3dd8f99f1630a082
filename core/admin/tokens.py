"""Tokens of the API: administrators make them, see when they were last used, and revoke them."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core.admin.context import note, reading, world, writing
from core.admin.language import _
from core.api import tokens

Answer = str | tuple[str, int] | Response


def words(scope: str) -> str:
    """What a token may do."""
    return {tokens.TAGS: _("přidávat a odebírat štítky")}.get(scope, scope)


def page() -> str:
    """All tokens, and a form for another one."""
    return _drawn()


def make() -> Answer:
    """A new token, shown this once."""
    _administrators()
    name, scope = request.form.get("name", "").strip(), request.form.get("scope", tokens.TAGS)
    if scope not in tokens.SCOPES:
        abort(400)
    if not name or len(name) > tokens.LONGEST_NAME:
        return _drawn(wrong=_("Token pojmenujte, nejvýš %(most)s znaky.", most=tokens.LONGEST_NAME)), 422
    with writing() as session:
        row, text = tokens.make(session, name, scope, g.person.email, world().clock.now())
        note(session, g.person.id, "token.make", token=row.id, scope=scope)
    return _drawn(made=text, name=name)


def revoke(token_id: int) -> Response:
    """End a token at once."""
    _administrators()
    with writing() as session:
        if not tokens.revoke(session, token_id, world().clock.now()):
            abort(404)
        note(session, g.person.id, "token.revoke", token=token_id)
    flash(_("Token už neplatí."))
    return redirect(url_for("admin.tokens"))


def _administrators() -> None:
    if g.person.role != "admin":
        abort(403)


def _drawn(made: str = "", name: str = "", wrong: str = "") -> str:
    _administrators()
    with reading() as session:
        found = tokens.every(session)
    shown = {"made": made, "name": name, "wrong": wrong, "scopes": tokens.SCOPES, "words": words}
    return render_template("admin/tokens.html", found=found, docs=url_for("api.docs"), **shown)
