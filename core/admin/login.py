"""Who is signed in, what they may do, and how often a password may be tried."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from flask import Flask, Response, abort, g, redirect, render_template, request, session, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_user,
    logout_user,
)
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from core import accounts
from core.admin.context import note, reading, writing
from core.admin.language import _, inside
from core.app_limits import limiter
from core.store.people import UserRow

CHANGERS = ("admin", "operator")
OPEN_TO_ALL = ("admin.login", "admin.asset", "admin.language")
NOT_A_CHANGE = ("admin.login", "admin.logout", "admin.language")
BY_ADDRESS = "10 per 5 minutes"
BY_EMAIL = "30 per hour"

csrf = CSRFProtect()
Page = tuple[str, int]


@dataclass(frozen=True)
class Person(UserMixin):  # type: ignore[misc]  # flask_login ships no types
    """Who is signed in. `stamp` changes with the password, so that a new one ends every older session."""

    id: int
    email: str
    role: str
    locale: str
    stamp: str

    @property
    def may_change(self) -> bool:
        """Viewers look only."""
        return self.role in CHANGERS

    def get_id(self) -> str:
        """What the session remembers."""
        return f"{self.id}:{self.stamp}"


def _person(row: UserRow) -> Person:
    stamp = sha256(row.password_hash.encode()).hexdigest()[:16]
    return Person(row.id, row.email, row.role, row.locale, stamp)


def _load(remembered: str) -> Person | None:
    number, _colon, stamp = remembered.partition(":")
    with reading() as store:
        row = store.get(UserRow, int(number)) if number.isdecimal() else None
    person = _person(row) if row else None
    return person if person and person.stamp == stamp else None


def init(app: Flask) -> None:
    """Sign-in by session cookie; CSRF is asked for by `guard`, so that webhooks need none."""
    app.config.setdefault("SESSION_COOKIE_SAMESITE", "Lax")
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    csrf.init_app(app)
    people = LoginManager()
    people.session_protection = "basic"
    people.user_loader(_load)
    people.init_app(app, add_context_processor=False)
    app.context_processor(lambda: {"person": getattr(g, "person", None)})


def guard() -> AnyResponse | None:
    """Before every page: a token with every POST, a person, and the right to change what a POST changes."""
    g.person = current_user._get_current_object() if current_user.is_authenticated else None
    if request.method == "POST":
        csrf.protect()
    if request.endpoint in OPEN_TO_ALL:
        return None
    if g.person is None:
        return redirect(url_for("admin.login", next=request.full_path.rstrip("?") if request.method == "GET" else None))
    if request.method == "POST" and request.endpoint not in NOT_A_CHANGE and not g.person.may_change:
        abort(403)
    return None


def _email() -> str:
    return request.form.get("email", "").strip().lower()


def _email_key() -> str:
    return sha256(_email().encode()).hexdigest()


def _was_refused(answer: Response) -> bool:
    return answer.status_code == 401


def _throttled(view: Callable[[], AnyResponse | Page]) -> Callable[[], AnyResponse | Page]:
    """Refused passwords are counted by address and by e-mail; right ones cost nothing."""
    by_address = limiter.limit(BY_ADDRESS, methods=["POST"], deduct_when=_was_refused)
    by_email = limiter.limit(BY_EMAIL, methods=["POST"], key_func=_email_key, deduct_when=_was_refused)
    return by_address(by_email(view))


@_throttled
def sign_in() -> AnyResponse | Page:
    """The sign-in page, and its answer."""
    if request.method == "GET":
        return redirect(url_for("admin.home")) if g.person else (_page(""), 200)
    with reading() as store:
        row = accounts.verify(store, _email(), request.form.get("password", ""))
    with writing() as store:
        note(store, row.id if row else None, "login" if row else "login_refused")
    if row is None:
        return _page(_("E-mail nebo heslo nesouhlasí. Zkontrolujte obojí a přihlaste se znovu.")), 401
    _begin(_person(row))
    return redirect(inside(request.args.get("next", "")))


def _page(error: str) -> str:
    return render_template("admin/login.html", email=request.form.get("email", ""), error=error)


def _begin(person: Person) -> None:
    """A fresh session, so that one planted before the sign-in is worth nothing."""
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    login_user(person)


def sign_out() -> AnyResponse:
    """End the session."""
    with writing() as store:
        note(store, g.person.id, "logout")
    logout_user()
    session.clear()
    return redirect(url_for("admin.login"))


def _error(title: str, sentence: str, status: int) -> Page:
    g.setdefault("person", None)
    return render_template("admin/error.html", title=title, sentence=sentence), status


def bad_request(_error_: HTTPException) -> Page:
    """Mostly a form that outlived its session."""
    sentence = _("Stránka byla otevřená příliš dlouho. Vraťte se zpět, načtěte ji znovu a odešlete ještě jednou.")
    return _error(_("Formulář vypršel"), sentence, 400)


def forbidden(_error_: HTTPException) -> Page:
    """A viewer wanted to change something."""
    sentence = _("Váš účet smí jen prohlížet. Změny dělá správce nebo operátor.")
    return _error(_("Na tohle nemáte oprávnění"), sentence, 403)


def not_found(_error_: HTTPException) -> Page:
    """No such page."""
    sentence = _("Na této adrese nic není. Propojení mohlo být odebráno; začněte na přehledu.")
    return _error(_("Stránka neexistuje"), sentence, 404)


def too_many(_error_: HTTPException) -> Page:
    """Too many passwords were tried."""
    return _error(_("Příliš mnoho pokusů"), _("Počkejte pět minut a pak se přihlaste znovu."), 429)


ERRORS: dict[int, Callable[[HTTPException], Page]] = {400: bad_request, 403: forbidden, 404: not_found, 429: too_many}
