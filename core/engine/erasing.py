"""Who was erased is known by a keyed one-way hash alone; nothing read later stores the person again (R14)."""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.addresses import canonical, usable
from core.engine import conflicts
from core.ports import World
from core.store import base, persons
from core.store.base import transact, upsert
from core.store.journal import ErasureRow
from core.store.people import InstallationRow
from core.store.questions import QuestionRow
from spojka import SpojkaError

KEY = "erasure_key"


def hash_of(key: bytes, email: str) -> str:
    """The keyed hash of a canonical address."""
    return hmac.new(key, email.encode(), sha256).hexdigest()


def key_of(session: Session, world: World) -> bytes:
    """The key, made once and never changed, kept encrypted. One to three queries."""
    kept = session.get(InstallationRow, KEY)
    if kept is None:
        sealed = world.vault.seal({"key": world.ids.new() + world.ids.new()})
        made = upsert(session, InstallationRow).values(name=KEY, value=sealed)
        session.execute(made.on_conflict_do_nothing(index_elements=["name"]))
        session.flush()
        kept = session.get_one(InstallationRow, KEY)
    return world.vault.open(kept.value)["key"].encode()


def erased(session: Session, world: World, typed: Sequence[str]) -> frozenset[str]:
    """Which of these addresses, in canonical form, were erased. Two queries."""
    key = key_of(session, world)
    hashes = {hash_of(key, email): email for text in typed if (email := usable(text).email)}
    return _known(session, hashes)


def among(session: Session, world: World, emails: Sequence[str]) -> frozenset[str]:
    """Which of these canonical addresses were erased. Two queries."""
    key = key_of(session, world)
    return _known(session, {hash_of(key, email): email for email in emails})


def _known(session: Session, hashes: Mapping[str, str]) -> frozenset[str]:
    if not hashes:
        return frozenset()
    known = session.scalars(select(ErasureRow.hash).where(base.among(session, ErasureRow.hash, list(hashes))))
    return frozenset(hashes[one] for one in known)


def erase(world: World, email: str) -> dict[str, int]:
    """Remove what is held about one person from every table, for good; how many rows of each. One commit.

    Nothing changes at the vendors. What stays is a keyed one-way hash, which every door asks before it stores. Raises
    WrongAddress.
    """
    address = canonical(email)
    if not address:
        raise WrongAddress("This is not an e-mail address. Write it like jana@firma.cz.")

    def work(session: Session) -> dict[str, int]:
        known = upsert(session, ErasureRow).values(hash=hash_of(key_of(session, world), address), at=world.clock.now())
        session.execute(known.on_conflict_do_nothing(index_elements=["hash"]))
        gone = persons.forget(session, address)
        asked = session.scalars(select(QuestionRow.connection_id).where(QuestionRow.kind == conflicts.KIND)).all()
        conflicts.keep_asking(session, set(asked), world.clock.now())
        return gone

    return transact(world.sessions, work)


class WrongAddress(SpojkaError):
    """What should be an address is not one."""

    code: ClassVar[str] = "wrong_address"
