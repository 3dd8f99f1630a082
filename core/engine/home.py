"""Where the installation is at home, and what a copy of it does: nothing, until a person says so (R110).

A restored backup, or a clone for trying out, holds the credentials of the original. It is told by its public address:
the one under which work first began is recorded. A loopback address tells nothing and is neither recorded nor compared.
"""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ports import World
from core.settings import Settings
from core.store import questions, schedule
from core.store.base import look, transact, upsert
from core.store.connections import ConnectionRow, ConnectionState
from core.store.people import InstallationRow
from core.store.questions import QuestionRow

HOME, WEBHOOKS = "home", "webhooks_under"
"""Facts of the installation: the address it is at home under, and the one its webhooks were last registered under."""
KIND = "R110"
AWAY = (
    "This is a copy: the installation is at home under another address, so nothing is read and nothing is written. "
    "If this is its new home, say so: spojka questions list, then spojka questions answer ID yes."
)
PORTS = {"http": 80, "https": 443}


def is_loopback(url: str) -> bool:
    """Whether an address leads nowhere but to the machine that asks."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def address_of(public_url: str) -> str:
    """The public address in the form in which homes are compared: who turns on https has not moved."""
    parts = urlsplit(public_url)
    port = parts.port if parts.port != PORTS.get(parts.scheme) else None
    return f"{parts.hostname}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def recorded(session: Session) -> str:
    """The address at which the installation is at home; `""` where it has not worked yet. One query."""
    return _fact(session, HOME)


def is_elsewhere(session: Session, settings: Settings) -> bool:
    """Whether this process belongs to a copy. One query by key; none on a loopback address."""
    if is_loopback(settings.public_url):
        return False
    return recorded(session) not in ("", address_of(settings.public_url))


def move_in(session: Session, settings: Settings) -> None:
    """Work begins here: the first one who says so settles the home. One query; none on a loopback address."""
    if not is_loopback(settings.public_url):
        _keep(session, HOME, address_of(settings.public_url), anew=False)


def keeps_away(world: World) -> bool:
    """As `is_elsewhere`, and a copy asks about each connection whether it is the new home. One query where it is not.

    Who was told no asks again for a connection that was resumed since.
    """

    def judge(session: Session) -> tuple[bool, Sequence[int]]:
        away = is_elsewhere(session, world.settings)
        return away, _unasked(session, _key(world)) if away else ()

    away, unasked = look(world.sessions, judge)
    if unasked:
        transact(world.sessions, lambda session: _ask(world, session, unasked))
    return away


def arrived(world: World) -> None:
    """Webhooks lead to the address of the past; under a new one they are due. Two queries, and one a connection then.

    Call it when a process starts.
    """

    def compare(session: Session) -> None:
        if is_elsewhere(session, world.settings) or _fact(session, WEBHOOKS) == world.settings.public_url:
            return
        _keep(session, WEBHOOKS, world.settings.public_url, anew=True)
        for connection in _kept(session):
            schedule.put(session, connection.id, schedule.WATCH, world.clock.now())

    transact(world.sessions, compare)


def answered(world: World, session: Session, question: QuestionRow, yes: bool) -> None:
    """What a person said. Yes: this address is the home, all its questions are answered, and connections catch up."""
    if not yes:
        return
    now = world.clock.now()
    _keep(session, HOME, str(question.facts["found"]), anew=True)
    same = select(QuestionRow).where(QuestionRow.answer == "", QuestionRow.key == question.key)
    for other in session.scalars(same).all():
        other.answer, other.answered_at = "yes", now
    for connection in _kept(session):
        connection.resumed_at = now
        for task in (schedule.READING, schedule.WATCH):
            schedule.put(session, connection.id, task, now)


def _key(world: World) -> str:
    return f"{KIND}:{address_of(world.settings.public_url)}"


def _kept(session: Session) -> Sequence[ConnectionRow]:
    wanted = ConnectionRow.state != ConnectionState.REMOVED.value
    return session.scalars(select(ConnectionRow).where(wanted).order_by(ConnectionRow.id)).all()


def _unasked(session: Session, key: str) -> Sequence[int]:
    """Running connections without an open question of this key, or a no that still stands."""
    stands = (QuestionRow.answer == "") | ConnectionRow.resumed_at.is_(None)
    stands |= QuestionRow.answered_at > ConnectionRow.resumed_at
    asked = select(QuestionRow.id).where(
        QuestionRow.connection_id == ConnectionRow.id, QuestionRow.key == key, QuestionRow.answer != "yes", stands
    )
    running = ConnectionRow.state == ConnectionState.RUNNING.value
    return session.scalars(select(ConnectionRow.id).where(running, ~asked.exists()).order_by(ConnectionRow.id)).all()


def _ask(world: World, session: Session, connections: Sequence[int]) -> None:
    facts = {"recorded": recorded(session), "found": address_of(world.settings.public_url)}
    for connection in connections:
        questions.ask(session, connection, KIND, _key(world), facts, world.clock.now())


def _fact(session: Session, name: str) -> str:
    chosen = select(InstallationRow.value).where(InstallationRow.name == name)
    return session.execute(chosen).scalar_one_or_none() or ""


def _keep(session: Session, name: str, value: str, *, anew: bool) -> None:
    made = upsert(session, InstallationRow).values(name=name, value=value)
    changed = made.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    session.execute(changed if anew else made.on_conflict_do_nothing(index_elements=["name"]))
