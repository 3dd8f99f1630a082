"""How things are, in one sentence, with a word and a sign beside the colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from markupsafe import Markup

from core.admin.context import world
from core.admin.language import _, ago, clock_time, locale, ngettext, number, seconds, since
from core.store.connections import ConnectionRow, ConnectionState
from core.store.runs import OPEN, RunRow, RunState
from spojka import Kind, Refused


class Tone(StrEnum):
    """The colour of a state; never its only sign."""

    GOOD = "good"
    BUSY = "busy"
    QUIET = "quiet"
    WARN = "warn"
    BAD = "bad"


SIGNS = {Tone.GOOD: "✓", Tone.BUSY: "↻", Tone.QUIET: "–", Tone.WARN: "!", Tone.BAD: "✕"}
COUNTS = ("created", "adopted", "updated", "unchanged", "skipped", "failed")


@dataclass(frozen=True, slots=True)
class Condition:
    """A state for people: its word, its tone, and the whole sentence."""

    tone: Tone
    word: str
    sentence: str | Markup

    @property
    def sign(self) -> str:
        """A sign that says the same as the colour."""
        return SIGNS[self.tone]


def label(plugin: str) -> str:
    """What people call a plugin; its name where it is not installed any more."""
    registry = world().registry
    return registry.manifest(plugin).label.get(locale()) if plugin in registry.names() else plugin


def condition(row: ConnectionRow, run: RunRow | None, failed: int) -> Condition:
    """How a connection is. `run` is its newest one, `failed` the number of failures that wait for somebody."""
    if row.state == ConnectionState.REFUSED:
        return Condition(Tone.BAD, _("zastaveno"), refused(row))
    if row.state == ConnectionState.PAUSED:
        return Condition(Tone.QUIET, _("pozastaveno"), _("Pozastaveno. Nic se nečte ani nezapisuje, nic se neztratí."))
    if run is None:
        sentence = _("Zatím tu nic není. Až se první kontakt přenese, uvidíte ho zde.")
        return Condition(Tone.QUIET, _("čeká"), sentence)
    if run.state in OPEN:
        return Condition(Tone.BUSY, _("přenáší"), going(row, run))
    if run.state != RunState.DONE:
        return _ended_badly(row, run, failed)
    if failed:
        return Condition(Tone.WARN, _("s chybami"), Markup("{} {}").format(_failures(failed), _last(run)))
    return Condition(Tone.GOOD, _("v pořádku"), Markup("{} {}").format(_("Vše v pořádku."), _last(run)))


def refused(row: ConnectionRow) -> str:
    """The vendor refused the credentials: whose, since when, and what to do."""
    side = row.audience if row.audience in row.problem_text.lower() else row.plugin
    if row.problem in ("", Refused.code):
        said = _("%(vendor)s přihlašovací údaje odmítl.", vendor=label(side))
    else:
        said = row.problem_text
    when = _("Stalo se to %(when)s.", when=since(row.problem_at)) if row.problem_at else ""
    mend = _("Opravte údaje v nastavení; co se mezitím změnilo, se dožene. Nic se neztratilo.")
    return " ".join(part for part in (said, when, mend) if part)


def _last(run: RunRow) -> Markup:
    return Markup(_("Poslední přenos skončil %(when)s.", when="{}")).format(ago(run.finished_at))


def _failures(failed: int) -> str:
    return ngettext("%(n)s kontakt se nepřenesl.", "%(n)s kontaktů se nepřeneslo.", failed)


def _ended_badly(row: ConnectionRow, run: RunRow, failed: int) -> Condition:
    tone, word = run_state(run)
    if run.state == RunState.FAILED and failed:
        return Condition(Tone.WARN, _("s chybami"), Markup("{} {}").format(_failures(failed), _last(run)))
    if run.state == RunState.FAILED and not run.error:
        return Condition(Tone.GOOD, _("v pořádku"), Markup("{} {}").format(_("Vše v pořádku."), _last(run)))
    return Condition(tone, word, Markup("{} {}").format(ended(row, run), _last(run)))


def ended(row: ConnectionRow, run: RunRow) -> str:
    """Why a run ended before its end, and what happens now."""
    crm = label(row.plugin)
    said = {
        RunState.ASKS.value: _("Přenos by změnil nezvykle mnoho a čeká, až ho potvrdíte."),
        RunState.PAUSED.value: _("Přenos byl pozastaven. Po obnovení naváže tam, kde skončil."),
        RunState.REFUSED.value: _("%(crm)s další dotazy odmítl. Hotové zůstalo, zbytek naváže.", crm=crm),
        RunState.UNREACHABLE.value: _("%(crm)s nebo seznam neodpovídá. Hotové zůstalo, zkusíme to znovu.", crm=crm),
    }
    return said.get(run.state) or run.error or _("Některé kontakty se nepřenesly.")


def run_state(run: RunRow) -> tuple[Tone, str]:
    """Tone and word of a run's state."""
    known = {
        RunState.QUEUED.value: (Tone.QUIET, _("čeká ve frontě")),
        RunState.RUNNING.value: (Tone.BUSY, _("běží")),
        RunState.DONE.value: (Tone.GOOD, _("hotovo")),
        RunState.FAILED.value: (Tone.WARN, _("hotovo s chybami")),
        RunState.ASKS.value: (Tone.WARN, _("čeká na vás")),
        RunState.PAUSED.value: (Tone.QUIET, _("pozastaveno")),
        RunState.REFUSED.value: (Tone.BAD, _("odmítnuto")),
        RunState.UNREACHABLE.value: (Tone.BAD, _("nedostupné")),
    }
    return known.get(run.state, (Tone.QUIET, run.state))


def run_badge(run: RunRow) -> Condition:
    """A run's state as a word alone."""
    tone, word = run_state(run)
    return Condition(tone, word, "")


def run_condition(row: ConnectionRow, run: RunRow) -> Condition:
    """How a run is."""
    tone, word = run_state(run)
    if run.state in OPEN:
        return Condition(tone, word, going(row, run))
    end = Markup(_("Skončil %(when)s.", when="{}")).format(ago(run.finished_at))
    said = _("Všechno se přeneslo.") if run.state == RunState.DONE else ended(row, run)
    return Condition(tone, word, Markup("{} {}").format(said, end))


def mode(run: RunRow) -> str:
    """What kind of run it is."""
    word = {"full": _("celé CRM"), "changes": _("změny"), "morning": _("ranní běh")}.get(run.mode, run.mode)
    return _("%(mode)s nanečisto", mode=word) if run.dry_run else word


def going(row: ConnectionRow, run: RunRow) -> str:
    """What an open run is doing: how much is done, how long still."""
    if run.not_before is not None and run.not_before > world().clock.now():
        return _("Přenos se zastavil a sám naváže v %(time)s. Hotové zůstalo.", time=clock_time(run.not_before))
    if run.state == RunState.QUEUED:
        return _("Přenos čeká ve frontě, začne během chvíle.")
    return _phase(label(row.plugin), run.progress)


def _phase(crm: str, progress: Mapping[str, Any]) -> str:
    """The sentence of a phase; how much there is to do is not always known."""
    done, known = int(progress.get("done") or 0), int(progress.get("of") or 0)
    if not known:
        unknown = {"list": _("Procházím seznam, zatím %(done)s profilů.", done=number(done))}
        return unknown.get(str(progress.get("phase")), _("Začínám číst %(crm)s.", crm=crm))
    counted = {"done": number(done), "total": number(max(done, known))}
    said = {
        "reading": _("Čtu %(crm)s: %(done)s z %(total)s kontaktů", crm=crm, **counted),
        "list": _("Procházím seznam: %(done)s z %(total)s profilů", **counted),
        "writing": _("Plním seznam: %(done)s z %(total)s adres", **counted),
        "closing": _("Ověřuji, co se zapsalo: %(done)s z %(total)s profilů", **counted),
    }
    return said.get(str(progress.get("phase")), _("Pracuji")) + _end(progress, done / known)


EARLY = 0.05
"""Before this share of a phase is done, nobody knows how long it takes."""


def _end(progress: Mapping[str, Any], share_done: float) -> str:
    left = progress.get("seconds_left")
    if not left or share_done < EARLY:
        return "."
    at = world().clock.now() + timedelta(seconds=float(left))
    return _(", hotovo asi v %(time)s.", time=clock_time(at))


PHASES = {"reading": (0, 45), "list": (45, 65), "writing": (65, 95), "closing": (95, 99)}
"""Where each phase begins and ends on the bar, in percent."""


def share(run: RunRow) -> int | None:
    """How much of a running run is done, in percent; None where nobody can tell yet."""
    done, total = int(run.progress.get("done") or 0), int(run.progress.get("of") or 0)
    begins, ends = PHASES.get(str(run.progress.get("phase")), (0, 0))
    if not total or not ends:
        return begins or None
    return begins + round((ends - begins) * min(1.0, done / total))


def counts(run: RunRow) -> dict[str, int]:
    """What became of the addresses: so far, and once the run has ended, in all."""
    open_ = run.state in OPEN
    known = run.progress if open_ else (run.result or {}).get("profiles") or run.progress
    return {key: int(known.get(key) or 0) for key in COUNTS}


def outcomes() -> dict[str, tuple[str, str]]:
    """What became of addresses: the word, and what it means."""
    return {
        "created": (_("Založeno"), _("Nové kontakty v seznamu.")),
        "adopted": (_("Převzato"), _("Byly v seznamu už dřív: přidali jsme štítek, nic dalšího jsme nezměnili.")),
        "updated": (_("Upraveno"), _("Něco se změnilo a přeneslo.")),
        "unchanged": (_("Beze změny"), _("Obě strany říkají totéž.")),
        "skipped": (_("Přeskočeno"), _("Do seznamu nepatří; důvody níže.")),
        "failed": (_("Selhalo"), _("Čeká na opravu.")),
    }


def reasons() -> dict[str, str]:
    """Why an address was skipped (contract, `skipped_because`)."""
    return {
        "no_email": _("nemají e-mail"),
        "invalid_email": _("e-mail nejde použít"),
        "erased": _("byli na žádost vymazáni"),
        "colleague": _("jsou to kolegové"),
        "own_company": _("je to vlastní firma"),
        "invalid_record": _("záznam v CRM je neplatný"),
        "do_not_send": _("v CRM mají zákaz zasílání"),
        "deleted_from_list": _("někdo je ze seznamu smazal"),
        "refused_elsewhere": _("jinde v účtu si stěžovali nebo se jim nedá doručit"),
        "left_elsewhere": _("odhlásili se z jiného seznamu účtu"),
    }


def why_skipped() -> dict[str, str]:
    """Why one contact was skipped, as `reasons` says it of many."""
    return {
        "erased": _("Byl na žádost vymazán."),
        "colleague": _("Je to kolega."),
        "own_company": _("Je to vlastní firma."),
        "invalid_record": _("Záznam v CRM je neplatný."),
        "do_not_send": _("V CRM má zákaz zasílání."),
        "deleted_from_list": _("Někdo ho ze seznamu smazal."),
        "refused_elsewhere": _("Jinde v účtu si stěžoval nebo se mu nedá doručit."),
        "left_elsewhere": _("Odhlásil se z jiného seznamu účtu."),
    }


def kinds() -> dict[str, str]:
    """Kinds of records."""
    return {Kind.PERSON.value: _("Osoby"), Kind.COMPANY.value: _("Firmy")}


def standings() -> dict[str, str]:
    """What the last look at a contact made of it; keys are those of `COUNTS`."""
    return {
        "created": _("Je v seznamu, založili jsme ho."),
        "adopted": _("Je v seznamu, byl tam už dřív."),
        "updated": _("Je v seznamu, naposledy se upravil."),
        "unchanged": _("Je v seznamu, obě strany říkají totéž."),
        "skipped": _("V seznamu není."),
        "failed": _("Nepřenesl se."),
        "": _("Ještě na něj nedošlo."),
    }


def causes() -> dict[str, str]:
    """Why an address was looked at."""
    return {
        "crm": _("z CRM"),
        "list": _("ze seznamu"),
        "settings": _("změna nastavení"),
        "resumed": _("obnovení propojení"),
        "recovery": _("dokončení přerušeného zápisu"),
    }


def deeds() -> dict[str, str]:
    """What was done with a contact."""
    return {
        "created": _("Založen"),
        "adopted": _("Převzat"),
        "updated": _("Upraven"),
        "tagged": _("Štítky"),
        "skipped": _("Přeskočen"),
        "unsubscribed": _("Odhlášen"),
        "failed": _("Selhalo"),
        "cut": _("Zkráceno"),
        "left_out": _("Štítek vynechán"),
        "others": _("Další adresy v poli"),
        "closed": _("Ukončeno"),
    }


def lasted(run: RunRow) -> str:
    """How long a run took, or takes."""
    if run.started_at is None:
        return "–"
    end = run.finished_at or world().clock.now()
    return seconds((end - run.started_at).total_seconds())
