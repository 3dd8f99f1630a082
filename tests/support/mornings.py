"""Campaigns, what happens in them, and morning runs, in a house."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.engine import morning
from core.store.base import transact
from core.store.outbox import OutboxRow
from tests.support.worlds import House

EVA, JAN = "eva@firma.cz", "jan@firma.cz"
PRAGUE = ZoneInfo("Europe/Prague")
URL = "https://firma.ecomailapp.cz/campaigns/render/10/abc"


def tied(house: House, audience: str = "ecomail", **settings: Any) -> int:
    """Eva and Jan, carried over; the connection. What it took is forgotten."""
    house.person(EVA)
    house.person(JAN)
    connection = house.connect(audience, **settings)
    house.sync(connection)
    house.forget()
    return connection


def campaign(house: House, number: int = 10, title: str = "Jaro") -> None:
    """A campaign sent a minute ago."""
    sent = (house.clock.now() - timedelta(minutes=1)).astimezone(PRAGUE)
    at = f"{sent:%Y-%m-%d %H:%M:%S}"
    house.ecomail.account.mailings.add_campaign(number, title, status=3, sent_at=at, archive_url=URL)


def happen(house: House, event: str, email: str = EVA, number: int = 10, **more: Any) -> None:
    """Something happens in a campaign."""
    at = f"{house.clock.now():%Y-%m-%dT%H:%M:%S}.000000Z"
    more = more if "pipeline" in more else {"campaign": number, **more}
    house.ecomail.account.mailings.happen(event, email, at, **more)


def daily(house: House, connection: int, *, dry_run: bool = False) -> dict[str, Any]:
    """A morning run by hand; its result."""
    run = transact(
        house.world.sessions, lambda s: morning.request(house.world, s, connection, by="cli", dry_run=dry_run)
    )
    result = morning.work(house.world, run.id).result
    assert result is not None
    return result


def entries(house: House) -> list[tuple[str, dict[str, Any]]]:
    """Mass e-mails in the CRM: external id, stats."""
    return [(row["externalId"], row["stats"]) for row in house.raynet.store.mass_emails.rows.values()]


def recipients(house: House) -> dict[str, tuple[str, str, str]]:
    """Address -> status and the days it was opened and clicked."""
    rows = house.raynet.store.recipients.rows.values()
    return {row["email"]: (row["status"], row.get("opened") or "", row.get("clicked") or "") for row in rows}


def writes(house: House) -> int:
    """How many requests wrote into the CRM."""
    return len([call for call in house.raynet.writes() if "webhook" not in call.path])


def rows(house: House) -> list[OutboxRow]:
    """The outbox."""
    with house.world.sessions() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))
