"""What stops a connection's traffic, and says on its page what to do (R91)."""

from sqlalchemy.orm import Session

from core.ports import World
from core.store.base import transact
from core.store.connections import ConnectionRow, ConnectionState
from spojka import Refused


def refuse(world: World, connection_id: int, error: Refused) -> None:
    """The first refusal stops the connection; nothing is lost meanwhile. One commit."""

    def stop(session: Session) -> None:
        connection = session.get_one(ConnectionRow, connection_id)
        if connection.state == ConnectionState.REMOVED:
            return
        connection.state = ConnectionState.REFUSED.value
        connection.problem, connection.problem_text = error.code, str(error)
        connection.problem_at = world.clock.now()

    transact(world.sessions, stop)
