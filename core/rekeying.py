"""Every sealed value under the newest key, so that an older one can be dropped afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.outgoing.vault import FernetVault, Sealed
from core.settings import Settings
from core.store.connections import ConnectionRow
from core.store.people import InstallationRow

SEALED = ("crm_sealed", "audience_sealed", "token_sealed", "bell_sealed")
INSTALLATION = ("erasure_key",)
"""The secrets among the installation's facts."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were sealed anew, and which ones no key opens, in words; those stay as they are."""

    count: int
    closed: tuple[str, ...]


def reseal(session: Session, settings: Settings) -> Resealed:
    """Seal anew whatever the newest key does not open; repeated, it finds nothing. Two queries and the changes."""
    newest, any_key = FernetVault(settings.encryption_keys[:1]), FernetVault(settings.encryption_keys)
    count, closed = 0, []
    for row, column, place in _sealed(session):
        before = getattr(row, column)
        if not before or _opens(newest, before):
            continue
        if _opens(any_key, before):
            setattr(row, column, any_key.rotate(before))
            count += 1
        else:
            closed.append(place)
    return Resealed(count, tuple(closed))


def _sealed(session: Session) -> Iterator[tuple[ConnectionRow | InstallationRow, str, str]]:
    """Every sealed column, its row locked until the commit, and what people call the place."""
    for row in session.scalars(select(ConnectionRow).order_by(ConnectionRow.id).with_for_update()):
        for column in SEALED:
            yield row, column, f"connection {row.id}: {column.removesuffix('_sealed')}"
    wanted = select(InstallationRow).where(InstallationRow.name.in_(INSTALLATION)).order_by(InstallationRow.name)
    for fact in session.scalars(wanted.with_for_update()):
        yield fact, "value", f"installation: {fact.name}"


def _opens(vault: FernetVault, sealed: str) -> bool:
    try:
        vault.open(sealed)
    except Sealed:
        return False
    return True
