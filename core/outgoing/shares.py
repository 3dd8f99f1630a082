"""How an account's allowance is shared out: by the settings of the connections that use it (R90)."""

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.outgoing.allowance import Shares
from core.store.connections import ConnectionRow, ConnectionState

NAMES = ("quota_reserve_percent", "quota_realtime_percent", "quota_morning_percent")
DEFAULT = Shares()


def shares_of(sessions: sessionmaker[Session], account: str) -> Shares:
    """The largest percentages that any connection of the CRM account asks for. One query."""
    wanted = select(ConnectionRow.settings).where(
        ConnectionRow.crm_account == account, ConnectionRow.state != ConnectionState.REMOVED
    )
    with sessions() as session:
        session.connection(execution_options={"reading": True})
        found = session.scalars(wanted).all()
    defaults = dict(zip(NAMES, (DEFAULT.reserve, DEFAULT.live, DEFAULT.morning), strict=True))
    if not found:
        return DEFAULT
    reserve, live, morning = (max(int(each.get(name, defaults[name])) for each in found) for name in NAMES)
    return Shares(reserve, live, morning)
