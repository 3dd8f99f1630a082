"""What a morning run wrote into the CRM, in words."""

from collections.abc import Mapping
from typing import Any

from core.admin.language import _, number
from core.store.runs import OPEN, RunRow

COUNTS = ("activities_written", "activities_updated", "tags_added", "tags_removed", "deferred", "failed")


def words() -> dict[str, tuple[str, str]]:
    """What a morning run counts: the word, and what it means."""
    return {
        "activities_written": (_("Zapsáno"), _("Nové záznamy v historii kontaktů.")),
        "activities_updated": (_("Doplněno"), _("Záznamy, ve kterých od minula něco přibylo.")),
        "tags_added": (_("Štítků přidáno"), _("Štítky z automatizací.")),
        "tags_removed": (_("Štítků odebráno"), _("Štítky z automatizací.")),
        "deferred": (_("Zbylo na příště"), _("Dnes už na to nezbyly dotazy do CRM, zapíše se to příští ráno.")),
        "failed": (_("Selhalo"), _("Čeká na opravu.")),
    }


def counts(run: RunRow) -> dict[str, int]:
    """What a morning run has written so far, or in all."""
    known: Mapping[str, Any] = run.progress if run.state in OPEN else (run.result or run.progress)
    return {key: int(known.get(key) or 0) for key in COUNTS}


def summary(run: RunRow) -> str:
    """A morning run in a sentence."""
    said = counts(run)
    written = number(said["activities_written"] + said["activities_updated"])
    tags = number(said["tags_added"] + said["tags_removed"])
    text = _("Historie v CRM: %(written)s záznamů, %(tags)s štítků.", written=written, tags=tags)
    if said["deferred"]:
        text += " " + _("Na příští ráno zbylo %(left)s.", left=number(said["deferred"]))
    return text
