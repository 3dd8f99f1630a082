"""The pages under /admin. Views are thin: parse, one call, answer."""

from flask import Blueprint, Flask

from core.admin import (
    addresses,
    assets,
    connect,
    connections,
    contact,
    failures,
    faults,
    freshness,
    glossary,
    language,
    login,
    mornings,
    nights,
    progress,
    questions,
    removal,
    runs,
    sentences,
    settings,
    tokens,
    undo,
)
from core.admin.context import keep_world
from core.admin.stops import label
from core.ports import World

ROUTES = (
    ("/", "home", connections.home, ("GET",)),
    ("/login", "login", login.sign_in, ("GET", "POST")),
    ("/logout", "logout", login.sign_out, ("POST",)),
    ("/language", "language", language.switch, ("POST",)),
    ("/assets/<digest>/<name>", "asset", assets.asset, ("GET",)),
    ("/connections/new", "connect", connect.form, ("GET",)),
    ("/connections/new", "connect_save", connect.save, ("POST",)),
    ("/connections/test", "connect_test", connect.test, ("POST",)),
    ("/connections/lists", "connect_lists", connect.lists, ("POST",)),
    ("/connections/<int:connection_id>", "connection", connections.page, ("GET",)),
    ("/connections/<int:connection_id>/state", "connection_state", connections.state, ("GET",)),
    ("/connections/<int:connection_id>/pause", "pause", connections.pause, ("POST",)),
    ("/connections/<int:connection_id>/resume", "resume", connections.resume, ("POST",)),
    ("/connections/<int:connection_id>/run", "run_now", connections.run_now, ("POST",)),
    ("/connections/<int:connection_id>/morning", "morning_now", connections.morning_now, ("POST",)),
    ("/connections/<int:connection_id>/preview", "preview", connections.preview, ("POST",)),
    ("/connections/<int:connection_id>/remove", "remove", removal.page, ("GET",)),
    ("/connections/<int:connection_id>/remove", "remove_now", removal.remove, ("POST",)),
    ("/connections/<int:connection_id>/addresses", "addresses", addresses.page, ("GET",)),
    ("/connections/<int:connection_id>/addresses", "rotate", addresses.rotate, ("POST",)),
    ("/connections/<int:connection_id>/settings", "settings", settings.form, ("GET",)),
    ("/connections/<int:connection_id>/settings", "settings_save", settings.save, ("POST",)),
    ("/connections/<int:connection_id>/failures", "failures", failures.page, ("GET",)),
    ("/connections/<int:connection_id>/failures/again", "failures_again", failures.again, ("POST",)),
    ("/connections/<int:connection_id>/questions", "questions", questions.page, ("GET",)),
    ("/connections/<int:connection_id>/questions", "questions_answer", questions.answer, ("POST",)),
    ("/connections/<int:connection_id>/contacts", "contacts", contact.page, ("GET",)),
    ("/connections/<int:connection_id>/contacts/allow", "contact_allow", contact.allow, ("POST",)),
    ("/connections/<int:connection_id>/undo", "undo", undo.page, ("GET",)),
    ("/connections/<int:connection_id>/undo", "take_back", undo.take_back, ("POST",)),
    ("/tokens", "tokens", tokens.page, ("GET",)),
    ("/tokens", "tokens_make", tokens.make, ("POST",)),
    ("/tokens/<int:token_id>/revoke", "tokens_revoke", tokens.revoke, ("POST",)),
    ("/runs/<int:run_id>", "run", runs.page, ("GET",)),
    ("/runs/<int:run_id>/partial", "run_partial", runs.partial, ("GET",)),
)


def _blueprint() -> Blueprint:
    made = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")
    for rule, endpoint, view, methods in ROUTES:
        made.add_url_rule(rule, endpoint, view, methods=list(methods))
    made.before_request(login.guard)
    made.after_request(assets.keep_private)
    for status, page in login.ERRORS.items():
        made.register_error_handler(status, page)
    return made


blueprint = _blueprint()


def init(app: Flask, world: World) -> None:
    """Give `app` the pages: languages, sign-in, CSRF for everything below /admin, template words, addresses."""
    keep_world(app, world)
    language.init(app)
    login.init(app)
    assets.init(app)
    for words in (sentences, progress, glossary, faults, addresses, nights, mornings, freshness, undo):
        app.jinja_env.globals[words.__name__.rpartition(".")[2]] = words
    app.add_template_filter(label, "vendor")
    app.register_blueprint(blueprint)
