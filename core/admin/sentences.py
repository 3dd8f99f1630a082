"""How things are, in one sentence, with a word and a sign beside the colour."""

from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from core.admin import mornings, progress, stops
from core.admin.language import _, ago, ngettext, since
from core.admin.stops import label
from core.engine.stopping import LIST_GONE
from core.store.connections import ConnectionRow, ConnectionState
from core.store.runs import DAILY, OPEN, UNDO, RunRow, RunState


class Tone(StrEnum):
    """The colour of a state; never its only sign."""

    GOOD = "good"
    BUSY = "busy"
    QUIET = "quiet"
    WARN = "warn"
    BAD = "bad"


SIGNS = {Tone.GOOD: "✓", Tone.BUSY: "↻", Tone.QUIET: "–", Tone.WARN: "!", Tone.BAD: "✕"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A state for people: its word, its tone, and the whole sentence.

    `detail` is what the engine itself says of a stop, for whoever mends it.
    """

    tone: Tone
    word: str
    sentence: str | Markup
    detail: str = ""

    @property
    def sign(self) -> str:
        """A sign that says the same as the colour."""
        return SIGNS[self.tone]


def copied() -> Condition:
    """How a connection in a copy of the installation is (R110)."""
    sentence = _(
        "Tohle je kopie Spojky, její domov je na jiné adrese. Nic se tu nečte ani nezapisuje, dokud někdo v otázkách "
        "nepotvrdí, že nový domov je tady."
    )
    return Condition(Tone.WARN, _("čeká"), sentence)


def condition(row: ConnectionRow, run: RunRow | None, failed: int, asked: int = 0) -> Condition:
    """How a connection is. `run` is its newest one, `failed` the number of failures that wait for somebody.

    `asked` is the number of questions that only a person answers.
    """
    if row.state == ConnectionState.REFUSED:
        return Condition(Tone.BAD, _("zastaveno"), refused(row, run), row.problem_text)
    if row.state == ConnectionState.PAUSED:
        return Condition(Tone.QUIET, _("pozastaveno"), _("Pozastaveno. Nic se nečte ani nezapisuje, nic se neztratí."))
    if run is None:
        sentence = _("Zatím tu nic není. Až se první kontakt přenese, uvidíte ho zde.")
        return Condition(Tone.QUIET, _("čeká"), sentence)
    if run.state in OPEN:
        return _open(row, run)
    if row.problem:
        return Condition(Tone.WARN, _("čeká"), Markup("{} {}").format(_stumbled(row), _last(run)), row.problem_text)
    if asked:
        return Condition(Tone.WARN, _("čeká na vás"), Markup("{} {}").format(_asked(asked), _last(run)))
    if run.state != RunState.DONE:
        return _ended_badly(row, run, failed)
    if failed:
        return Condition(Tone.WARN, _("s chybami"), Markup("{} {}").format(_failures(failed), _last(run)))
    return Condition(Tone.GOOD, _("v pořádku"), Markup("{} {}").format(_("Vše v pořádku."), _last(run)))


def refused(row: ConnectionRow, run: RunRow | None) -> str:
    """The vendor refused the credentials: whose, since when, and what to do."""
    when = _("Stalo se to %(when)s.", when=since(row.problem_at)) if row.problem_at else ""
    mend = _("Opravte údaje v nastavení; co se mezitím změnilo, se dožene. Nic se neztratilo.")
    if row.problem == LIST_GONE:
        mend = _("Až bude zpátky, odpovězte na otázku a propojení naváže.")
    return " ".join(part for part in (stops.of_connection(row, run), when, mend) if part)


def _stumbled(row: ConnectionRow) -> str:
    """A live reading or write met something that passes; bells and changes wait for it."""
    return stops.of_connection(row, None) + " " + _("Co se mezitím změní, se dožene.")


def _asked(asked: int) -> str:
    return ngettext("%(n)s otázka čeká na vaši odpověď.", "%(n)s otázek čeká na vaši odpověď.", asked)


def _last(run: RunRow) -> Markup:
    return Markup(_("Poslední přenos skončil %(when)s.", when="{}")).format(ago(run.finished_at))


def _failures(failed: int) -> str:
    return ngettext("%(n)s kontakt se nepřenesl.", "%(n)s kontaktů se nepřeneslo.", failed)


def _ended_badly(row: ConnectionRow, run: RunRow, failed: int) -> Condition:
    tone, word = run_state(run)
    if run.state == RunState.FAILED and not run.error:
        if failed:
            return Condition(Tone.WARN, _("s chybami"), Markup("{} {}").format(_failures(failed), _last(run)))
        return Condition(Tone.GOOD, _("v pořádku"), Markup("{} {}").format(_("Vše v pořádku."), _last(run)))
    return Condition(tone, word, Markup("{} {}").format(ended(row, run), _last(run)), run.error)


def ended(row: ConnectionRow, run: RunRow) -> str:
    """Why a run ended before its end, and what happens now."""
    said = {
        RunState.ASKS.value: _("Přenos by změnil nezvykle mnoho a čeká, až ho potvrdíte."),
        RunState.PAUSED.value: _("Přenos byl pozastaven. Po obnovení naváže tam, kde skončil."),
    }
    if run.error:
        other = _("Přenos skončil předčasně. Hotové zůstalo; podle podrobností to opravte a spusťte ho znovu.")
    else:
        other = _("Některé kontakty se nepřenesly.")
    return stops.of_run(row, run) or said.get(run.state, other)


def run_state(run: RunRow) -> tuple[Tone, str]:
    """Tone and word of a run's state."""
    if run.state in OPEN and stops.waits(run):
        return Tone.WARN, _("čeká")
    if run.state == RunState.FAILED and run.error:
        return Tone.BAD, _("nedokončeno")
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
        return _open_run(row, run)
    end = Markup(_("Skončil %(when)s.", when="{}")).format(ago(run.finished_at))
    return Condition(tone, word, Markup("{} {}").format(_brought(row, run), end), run.error)


def _brought(row: ConnectionRow, run: RunRow) -> str:
    if run.mode == DAILY and not run.error:
        said = mornings.summary(run)
        return _("Zkouška nanečisto, nic se nezapsalo.") + " " + said if run.dry_run else said
    if run.mode == UNDO and run.state == RunState.DONE:
        return _("Co šlo, je zase jako předtím.")
    if run.dry_run and not run.error:
        return _("Zkouška nanečisto, nic se nezapsalo. Tohle by přenos udělal.")
    return _("Všechno, co do seznamu patří, je přenesené.") if run.state == RunState.DONE else ended(row, run)


def _open(row: ConnectionRow, run: RunRow) -> Condition:
    """A connection whose run goes on or waits."""
    if stops.waits(run):
        return Condition(Tone.WARN, _("čeká"), going(row, run), run.error)
    if run.state == RunState.QUEUED:
        return Condition(Tone.QUIET, _("čeká"), going(row, run))
    word = _("zkouší nanečisto") if run.dry_run else _("přenáší")
    return Condition(Tone.BUSY, word, going(row, run))


def _open_run(row: ConnectionRow, run: RunRow) -> Condition:
    if row.state == ConnectionState.REFUSED:
        return Condition(Tone.BAD, _("zastaveno"), refused(row, run), run.error)
    if row.state == ConnectionState.PAUSED:
        return Condition(Tone.QUIET, _("pozastaveno"), _("Přenos byl pozastaven. Po obnovení naváže tam, kde skončil."))
    tone, word = run_state(run)
    return Condition(tone, word, going(row, run), run.error if stops.waits(run) else "")


def going(row: ConnectionRow, run: RunRow) -> str:
    """What an open run is doing: how much is done, how long still; or why it waits."""
    if stops.waits(run):
        return stops.of_run(row, run) or _("Přenos se zastavil a sám naváže. Hotové zůstalo.")
    if run.state == RunState.QUEUED:
        return _("Přenos čeká ve frontě, začne během chvíle.")
    return progress.phase(label(row.plugin), run.progress)
