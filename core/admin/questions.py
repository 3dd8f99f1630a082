"""What waits for a person about one connection: the question in words, examples, and what each answer does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core.admin.contact import field_labels
from core.admin.context import connection_or_404, reading, world
from core.admin.language import _, ngettext, number
from core.admin.stops import label
from core.engine import answering, conflicts
from core.engine.stopping import GONE_KIND
from core.errors import WrongInput
from core.store import questions
from core.store.connections import ConnectionRow
from core.store.questions import QuestionRow

ANSWERS = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Words:
    """A question in words, what it means, and the two buttons."""

    asks: str
    means: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An open question as the page shows it. `reasons`: (how many, why)."""

    row: QuestionRow
    words: Words
    reasons: tuple[tuple[int, str], ...]
    examples: tuple[Mapping[str, str], ...]


def page(connection_id: int) -> str:
    """The open questions of one connection, oldest first."""
    with reading() as session:
        row = connection_or_404(session, connection_id)
        found = [_shown(session, row, question) for question in questions.open_ones(session, connection_id)]
    return render_template("admin/questions.html", row=row, found=found, labels=field_labels(row))


def answer(connection_id: int) -> Response:
    """One of the two buttons of a question."""
    number_, said = request.form.get("question", 0, type=int), request.form.get("answer", "")
    with reading() as session:
        connection_or_404(session, connection_id)
        asked = session.get(QuestionRow, number_)
    if said not in ANSWERS or asked is None or asked.connection_id != connection_id:
        abort(400)
    try:
        answering.answer(world(), number_, yes=ANSWERS[said], user_id=g.person.id)
        flash(_("Odpověď platí, zbytek se udělá sám."))
    except WrongInput:  # somebody else answered meanwhile, which the page shows
        flash(_("Na tuhle otázku už někdo odpověděl."))
    return redirect(url_for("admin.questions", connection_id=connection_id))


def _shown(session: Session, row: ConnectionRow, question: QuestionRow) -> Shown:
    words = _BY_KIND[question.kind](row, question.facts)
    rules = question.facts.get("rules", {})
    reasons = tuple((count, why(rule)) for rule, count in sorted(rules.items()))
    return Shown(question, words, reasons, tuple(answering.examples(session, question)))


def why(rule: str) -> str:
    """Why an address would leave, by the rule."""
    known = {
        "R10": _("záznam má zákaz zasílání"),
        "R15": _("někdo ho ze seznamu smazal"),
        "R27": _("v CRM se změnil e-mail"),
        "R80": _("záznam z CRM zmizel nebo přestal platit"),
    }
    return known.get(rule, rule)


def _brake(row: ConnectionRow, facts: Mapping[str, Any]) -> Words:
    if facts.get("what") == "edits":
        return _edits(facts)
    asks = ngettext("Najednou by odešel %(n)s kontakt.", "Najednou by odešlo %(n)s kontaktů.", facts["waiting"])
    limit = _("Bez ptaní jich smí odejít %(limit)s, proto se zatím nestalo nic.", limit=number(facts["limit"]))
    if "R10" in facts["rules"] or row.settings.get("on_delete") == "unsubscribe":
        does = _("Po potvrzení se propojení ukončí a profily, které Spojka založila, se odhlásí.")
    else:
        does = _("Po potvrzení se propojení ukončí, profily v seznamu zůstanou.")
    return Words(asks, f"{limit} {does}", _("Provést"), _("Neprovádět"))


def _edits(facts: Mapping[str, Any]) -> Words:
    asks = ngettext(
        "Do CRM by se najednou zapsala %(n)s úprava ze seznamu.",
        "Do CRM by se najednou zapsalo %(n)s úprav ze seznamu.",
        facts["waiting"],
    )
    means = _("Bez ptaní jich smí odejít %(limit)s, proto se zatím nezapsala žádná.", limit=number(facts["limit"]))
    return Words(asks, means, _("Zapsat do CRM"), _("Nezapisovat"))


def _absence(row: ConnectionRow, facts: Mapping[str, Any]) -> Words:
    if facts["why"] == "eyes":
        asks = ngettext(
            "%(n)s záznam není pro tento klíč vidět.", "%(n)s záznamů není pro tento klíč vidět.", facts["missing"]
        )
        means = _("Klíč k CRM teď patří někomu jinému, kdo možná vidí méně. Záznamy proto zatím zůstávají.")
        return Words(asks, means, _("Ano, záznamy zmizely"), _("Ne, ponechat je"))
    means = _("Seznam záznamů přišel prázdný, neúplný nebo se za čtení měnil. Nic se proto neukončilo.")
    asks = _("Nočnímu výpisu z CRM se nedalo věřit.")
    return Words(asks, means, _("Ano, výpis je v pořádku"), _("Ponechat vše"))


def _values(row: ConnectionRow, facts: Mapping[str, Any]) -> Words:
    compared = number(facts["compared"])
    asks = _(
        "%(differed)s z %(compared)s porovnaných záznamů říká něco jiného, než jsme četli.",
        differed=number(facts["differed"]),
        compared=compared,
    )
    means = _("Tolik rozdílů najednou nebývá, proto jsme zatím nic nepřevzali.")
    return Words(asks, means, _("Převzít hodnoty"), _("Ponechat vše"))


def _list_gone(row: ConnectionRow, facts: Mapping[str, Any]) -> Words:
    asks = _("Seznam „%(name)s“ už v účtu není.", name=facts["list"])
    means = _("Propojení se zastavilo a nikoho jsme neukončili. Až bude seznam zpátky, naváže tam, kde skončilo.")
    return Words(asks, means, _("Seznam je zpátky"), _("Nechat zastavené"))


def _moved(row: ConnectionRow, facts: Mapping[str, Any]) -> Words:
    asks = _("Je tahle Spojka na adrese %(found)s ta pravá?", found=facts["found"])
    means = _("Domov má zapsaný na adrese %(recorded)s. Kopie nic nečte ani nezapisuje.", recorded=facts["recorded"])
    return Words(asks, means, _("Ano, domov je tady"), _("Ne, je to kopie"))


def _conflict(row: ConnectionRow, facts: Mapping[str, Any]) -> Words:
    crm, audience, name = label(row.plugin), label(row.audience), field_labels(row).get(facts["field"], facts["field"])
    asks = _("„%(field)s“ někdo upravil v %(crm)s i v seznamu. Co platí?", field=name, crm=crm)
    means = _("Vlevo je hodnota z %(crm)s, vpravo ze seznamu. Dokud se nerozhodnete, nic se nepřepíše.", crm=crm)
    yes = _("Platí seznam (%(list)s)", list=audience)
    return Words(asks, means, yes, _("Platí %(crm)s", crm=crm))


_BY_KIND: Mapping[str, Callable[[ConnectionRow, Mapping[str, Any]], Words]] = {
    conflicts.KIND: _conflict,
    "R75": _values,
    "R96": _brake,
    "R98": _absence,
    GONE_KIND: _list_gone,
    "R110": _moved,
}
