"""How fresh what Spojka knows of a CRM is: the last bell, the last reading, and what still waits (R70-R74)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from core.admin.context import world
from core.admin.language import _, ago, ngettext, since
from core.store import inbox, schedule
from core.store.connections import ConnectionRow
from core.store.schedule import READING

BEHIND_SECONDS = 60.0
"""Younger bells are about to be answered; nobody needs to hear of them."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """Moments of one connection; None where it never happened."""

    rang_at: datetime | None
    read_at: datetime | None
    waiting: int
    waits_since: datetime | None


def of(session: Session, row: ConnectionRow) -> Freshness:
    """Four queries."""
    plan = schedule.of(session, row.id).get(READING)
    count = inbox.count_open(session, row.id)
    oldest = inbox.waiting(session).get(row.id) if count else None
    return Freshness(inbox.last_received(session, row.id), plan.last_at if plan else None, count, oldest)


def lines(fresh: Freshness) -> Sequence[Markup]:
    """What of it a person wants to know, each in a sentence."""
    now = world().clock.now()
    said = [Markup(_("Poslední čtení: %(when)s.", when="{}")).format(ago(fresh.read_at))] if fresh.read_at else []
    if fresh.rang_at is not None:
        said.append(Markup(_("Poslední hlášení změny: %(when)s.", when="{}")).format(ago(fresh.rang_at)))
    if fresh.waits_since is not None and (now - fresh.waits_since).total_seconds() > BEHIND_SECONDS:
        waiting = ngettext("%(n)s hlášení změny čeká", "%(n)s hlášení změn čeká", fresh.waiting)
        said.append(Markup("{}, {}.").format(waiting, _("nejstarší od %(when)s", when=since(fresh.waits_since))))
    return said
