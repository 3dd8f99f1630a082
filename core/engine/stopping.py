"""What stops a connection's traffic, and says on its page what to do (R91, R109)."""

from sqlalchemy.orm import Session

from core.ports import World
from core.store import questions
from core.store.base import transact
from core.store.connections import ConnectionRow, ConnectionState, ListRow
from spojka import Refused, Rejected, SpojkaError

LIST_GONE = "list_gone"
"""The problem of a connection whose list is not in the mail account any more."""
GONE_KIND = "R109"
"""The kind of the question that such a connection asks, and its key."""


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


def is_list_gone(error: SpojkaError) -> bool:
    """Whether the mail account says that the list itself does not exist (R109)."""
    return isinstance(error, Rejected) and error.key == "list"


def list_gone(world: World, connection_id: int, error: SpojkaError) -> None:
    """Nobody deleted anybody: the connection stops, and asks whether the list is back (R109). One commit."""

    def stop(session: Session) -> None:
        connection, now = session.get_one(ConnectionRow, connection_id), world.clock.now()
        if connection.state != ConnectionState.RUNNING:
            return
        connection.state, connection.settings_version = ConnectionState.REFUSED.value, connection.settings_version + 1
        connection.problem, connection.problem_text, connection.problem_at = LIST_GONE, str(error), now
        name = session.get_one(ListRow, connection.list_id).name
        questions.ask(session, connection_id, GONE_KIND, GONE_KIND, {"list": name}, now)

    transact(world.sessions, stop)
