"""Who was erased is known by a keyed one-way hash alone; nothing read later stores the person again (R14)."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.decide.addresses import usable
from core.ports import World
from core.store.base import among, upsert
from core.store.journal import ErasureRow
from core.store.people import InstallationRow

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
    if not hashes:
        return frozenset()
    known = session.scalars(select(ErasureRow.hash).where(among(session, ErasureRow.hash, list(hashes))))
    return frozenset(hashes[one] for one in known)
