"""Languages of the pages: which one a reader gets, and how words, numbers and moments look in it."""

from datetime import datetime, timedelta
from pathlib import Path

from babel.dates import format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal
from flask import Flask, g, redirect, request, session
from flask_babel import Babel, get_locale  # type: ignore[import-untyped]  # ships no types
from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.admin.context import world, writing
from core.store.people import UserRow
from spojka import Text

FOLDER = Path(__file__).parent.parent / "translations"
LANGUAGES = {"cs": "Čeština", "en": "English"}


def _(message: str, **values: object) -> str:
    """The Czech words `message` in the reader's language."""
    return str(_gettext(message, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """As `_`, with the noun in the form that `num` asks for; `%(n)s` is the number as it is written."""
    return str(_ngettext(one, many, num, n=number(num), **values))


def locale() -> str:
    """`cs` or `en`."""
    return str(get_locale().language)


def _choose() -> str:
    """What was clicked, else the person's own, else the installation's first language."""
    person = getattr(g, "person", None)
    wishes = (session.get("locale"), person.locale if person else None, world().settings.locale)
    return next((wish for wish in wishes if wish in LANGUAGES), "cs")


def init(app: Flask) -> None:
    """Set up translations and the filters that templates use."""
    Babel(app, default_translation_directories=str(FOLDER), default_locale="cs", locale_selector=_choose)
    app.add_template_global(locale, "locale")
    app.jinja_env.globals["LANGUAGES"] = LANGUAGES
    app.add_template_global(_, "_")
    app.add_template_global(ngettext, "ngettext")
    for name, word in (("words", words), ("number", number), ("ago", ago), ("moment", moment), ("seconds", seconds)):
        app.add_template_filter(word, name)


def switch() -> Response:
    """Keep the language that was clicked, for this browser and for the person."""
    wish = request.form.get("locale", "")
    if wish in LANGUAGES:
        session["locale"] = wish
        _remember(wish)
    return redirect(inside(request.form.get("next", "")))


def _remember(wish: str) -> None:
    if g.person is None:
        return
    with writing() as store:
        row = store.get(UserRow, g.person.id)
        if row is not None:
            row.locale = wish


def inside(target: str) -> str:
    """`target` if it is a page of ours, else the first page: nobody is led away by a link to the sign-in."""
    plain = target.startswith("/admin/") and "\\" not in target and all(letter.isprintable() for letter in target)
    return target if plain else "/admin/"


def words(text: Text | str) -> str:
    """A plugin's words in the reader's language."""
    return text.get(locale()) if isinstance(text, Text) else text


def number(value: int) -> str:
    """`12 345` in Czech, `12,345` in English."""
    return str(format_decimal(value, locale=locale()))


def exact(at: datetime) -> str:
    """A moment with its zone, in full."""
    zone = world().settings.timezone
    return str(format_datetime(at, "long", tzinfo=zone, locale=locale()))


def clock_time(at: datetime) -> str:
    """Hours and minutes in the installation's zone."""
    zone = world().settings.timezone
    return str(format_time(at, "short", tzinfo=zone, locale=locale()))


def at_time(at: datetime) -> str:
    """`v 12:30`, `zítra v 1:00`, `27. 11. v 1:00`, as the reader's day is."""
    zone = world().settings.timezone
    days = (at.astimezone(zone).date() - world().clock.now().astimezone(zone).date()).days
    if days == 0:
        return _("v %(time)s", time=clock_time(at))
    if days == 1:
        return _("zítra v %(time)s", time=clock_time(at))
    day = str(format_skeleton("MMMd", at.astimezone(zone), locale=locale()))
    return _("%(day)s v %(time)s", day=day, time=clock_time(at))


def since(at: datetime) -> str:
    """`před 3 minutami`."""
    passed = at - world().clock.now()
    if abs(passed) < timedelta(seconds=5):
        return _("právě teď")
    return str(format_timedelta(passed, add_direction=True, locale=locale()))


def _time(at: datetime, shown: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), exact(at), shown)


def ago(at: datetime | None) -> Markup:
    """How long ago, with the exact moment as title; a dash where there is none."""
    return _time(at, since(at)) if at else Markup("–")


def moment(at: datetime | None) -> Markup:
    """Day and time in the reader's form, with the exact moment as title; a dash where there is none."""
    if at is None:
        return Markup("–")
    zone = world().settings.timezone
    return _time(at, str(format_datetime(at, "medium", tzinfo=zone, locale=locale())))


def seconds(value: float) -> str:
    """A duration, in its two largest units: `1 min 14 s`; the same in both languages."""
    minutes, rest = divmod(max(1, round(value)), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
