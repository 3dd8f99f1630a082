"""What a run does and did, in words and numbers."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.admin.context import world
from core.admin.language import _, clock_time, number, seconds
from core.store.runs import OPEN, RunRow

COUNTS = ("created", "adopted", "updated", "unchanged", "skipped", "failed")
LOOK_UPS_SHOWN = 50
"""More single look-ups than these take a while, and are shown."""
EARLY = 0.05
"""Before this share of a phase is done, nobody knows how long it takes."""
PHASES = {
    "reading": (0, 45),
    "list": (45, 65),
    "writing": (65, 95),
    "closing": (95, 99),
    "collecting": (5, 50),
    "history": (50, 99),
}
"""Where each phase begins and ends on the bar, in percent."""
DRY_PHASES = {"reading": (0, 65), "list": (65, 95)}
"""The same for a dry run, which only reads."""


def mode(run: RunRow) -> str:
    """What kind of run it is."""
    word = {"full": _("celé CRM"), "changes": _("změny"), "daily": _("ranní běh"), "undo": _("vrácení zpět")}.get(
        run.mode, run.mode
    )
    return _("%(mode)s nanečisto", mode=word) if run.dry_run else word


def phase(crm: str, progress: Mapping[str, Any]) -> str:
    """The sentence of a phase; how much there is to do is not always known."""
    looking = progress.get("looking") or {}
    if looking.get("of", 0) > LOOK_UPS_SHOWN:
        counted = {"done": number(looking["done"]), "total": number(looking["of"])}
        return _("Dohledávám jednotlivé adresy: %(done)s z %(total)s.", **counted)
    done, known = int(progress.get("done") or 0), int(progress.get("of") or 0)
    if not known:
        unknown = {
            "list": _("Procházím seznam, zatím %(done)s profilů.", done=number(done)),
            "tags": _("Zapisuji štítky z automatizací."),
            "collecting": _("Čtu výsledky kampaní a automatizací."),
            "history": _("Nic nového se nestalo, není co zapisovat."),
        }
        return unknown.get(str(progress.get("phase")), _("Začínám číst %(crm)s.", crm=crm))
    counted = {"done": number(done), "total": number(max(done, known))}
    said = {
        "reading": _("Čtu %(crm)s: %(done)s z %(total)s kontaktů", crm=crm, **counted),
        "list": _("Procházím seznam: %(done)s z %(total)s profilů", **counted),
        "writing": _("Plním seznam: %(done)s z %(total)s adres", **counted),
        "collecting": _("Čtu výsledky kampaní a automatizací: %(done)s z %(total)s", **counted),
        "history": _("Zapisuji historii do %(crm)s: %(done)s z %(total)s", crm=crm, **counted),
        "closing": _("Ověřuji, co se zapsalo: %(done)s z %(total)s profilů", **counted),
    }
    return said.get(str(progress.get("phase")), _("Pracuji")) + _end(progress, done / known)


def _end(progress: Mapping[str, Any], share_done: float) -> str:
    left = progress.get("seconds_left")
    if not left or share_done < EARLY:
        return "."
    at = world().clock.now() + timedelta(seconds=float(left))
    return _(", hotovo asi v %(time)s.", time=clock_time(at))


def share(run: RunRow) -> int | None:
    """How much of a running run is done, in percent; None where nobody can tell yet."""
    done, total = int(run.progress.get("done") or 0), int(run.progress.get("of") or 0)
    phases = DRY_PHASES if run.dry_run else PHASES
    begins, ends = phases.get(str(run.progress.get("phase")), (0, 0))
    if not total or not ends:
        return begins or None
    return begins + round((ends - begins) * min(1.0, done / total))


def counts(run: RunRow) -> dict[str, int]:
    """What became of the addresses: so far, and once the run has ended, in all."""
    open_ = run.state in OPEN
    known = run.progress if open_ else (run.result or {}).get("profiles") or run.progress
    return {key: int(known.get(key) or 0) for key in COUNTS}


def lasted(run: RunRow) -> str:
    """How long a run took, or takes."""
    if run.started_at is None:
        return "–"
    end = run.finished_at or world().clock.now()
    return seconds((end - run.started_at).total_seconds())
