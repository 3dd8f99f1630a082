"""The rows that a new connection brings: itself, and the list and account where connections meet."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ports import World
from core.sides import Side
from core.store.connections import AccountRow, ConnectionRow, ListRow, digest
from spojka import ListInfo


def new_row(
    world: World,
    session: Session,
    crm_side: Side,
    list_side: Side,
    own: Mapping[str, Any],
    account: str,
    chosen: ListInfo,
    token: str,
) -> ConnectionRow:
    """A connection that is not saved yet; its list is found or made. At most four queries."""
    contact_list = _list_row(session, list_side.manifest.name, account, chosen)
    row = ConnectionRow(
        name=f"{crm_side.manifest.label.get(world.settings.locale)} → {chosen.name}",
        plugin=crm_side.manifest.name,
        audience=list_side.manifest.name,
        list_id=contact_list.id,
        settings={**own, **crm_side.settings},
        settings_version=1,
        audience_settings=dict(list_side.settings),
        crm_sealed=world.vault.seal(dict(crm_side.secrets)),
        audience_sealed=world.vault.seal(dict(list_side.secrets)),
        crm_account=crm_side.account,
        eyes="",
        token_hash=digest(token),
        token_sealed=world.vault.seal({"token": token}),
        created_at=world.clock.now(),
        problem="",
        problem_text="",
    )
    session.add(row)
    return row


def _list_row(session: Session, audience: str, account: str, chosen: ListInfo) -> ListRow:
    where = (AccountRow.audience == audience, AccountRow.account == account)
    home = session.scalars(select(AccountRow).where(*where)).one_or_none()
    if home is None:
        home = AccountRow(audience=audience, account=account, clock_offset_ms=0)
        session.add(home)
        session.flush()
    same = (ListRow.account_id == home.id, ListRow.contact_list == chosen.id)
    found = session.scalars(select(ListRow).where(*same)).one_or_none()
    if found is None:
        found = ListRow(
            account_id=home.id, contact_list=chosen.id, name=chosen.name, custom_keys={}, pass_ticket=0, members=0
        )
        session.add(found)
        session.flush()
    return found
