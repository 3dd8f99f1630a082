"""Refused logins, counted per vendor host over all connections and tests, so that no address is banned (R91).

Each is a lease that nobody holds for work: it lasts an hour, by the database's clock, and survives every process.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from core.store.leases import LeaseRow, database_now, take
from spojka import Refused

MOST = 10
HOUR_SECONDS = 3600.0
NOBODY = "refused login"


class TooManyRefused(Refused):
    """So many logins were refused lately that no further test is sent before `until`."""

    code: ClassVar[str] = "too_many_refused"

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(
            f"{host} has refused {MOST} logins within an hour and would soon ban this machine. "
            f"Check the credentials, and test them again after {until:%H:%M} UTC."
        )
        self.until = until


class Refusals:
    """The refused logins of one vendor host within the last hour; the last ten are remembered."""

    def __init__(self, host: str, sessions: sessionmaker[Session]) -> None:
        self._host = host
        self._names = tuple(f"refused:{host}:{number}" for number in range(1, MOST + 1))
        self._sessions = sessions

    def note(self) -> None:
        """Count one."""
        with self._sessions() as session, session.begin():
            for name in self._names:
                if take(session, name, NOBODY, HOUR_SECONDS, lambda _: False) is not None:
                    return
            oldest = select(LeaseRow.name).where(LeaseRow.name.in_(self._names)).order_by(LeaseRow.until).limit(1)
            session.execute(
                update(LeaseRow)
                .where(LeaseRow.name == oldest.scalar_subquery())
                .values(until=database_now(session, HOUR_SECONDS))
                .execution_options(synchronize_session=False)
            )

    def check(self) -> None:
        """Raises TooManyRefused where a test would be one too many."""
        with self._sessions() as session:
            session.connection(execution_options={"reading": True})
            mine = LeaseRow.name.in_(self._names) & (LeaseRow.until > database_now(session))
            count, until = session.execute(select(func.count(), func.min(LeaseRow.until)).where(mine)).one()
        if count >= MOST:
            raise TooManyRefused(self._host, until)
