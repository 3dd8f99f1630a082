"""Bearer tokens of the API: made and shown once, kept as a hash alone, revoked (contract §4)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.store.tokens import TokenRow

TAGS = "tags:write"
SCOPES = (TAGS,)
PREFIX = "spj_"
NOTED_EVERY = timedelta(minutes=1)
LONGEST_NAME = 100


def make(session: Session, name: str, scope: str, by: str, now: datetime) -> tuple[TokenRow, str]:
    """A new token and its text, which nobody can show again."""
    text = PREFIX + secrets.token_urlsafe(32)
    row = TokenRow(name=name, hash=digest(text), scope=scope, made_by=by, made_at=now, used_at=None, revoked_at=None)
    session.add(row)
    session.flush()
    return row, text


def digest(text: str) -> str:
    """How a token is found. It holds 256 random bits, so that a fast hash is enough."""
    return sha256(text.encode()).hexdigest()


def find(session: Session, text: str) -> TokenRow | None:
    """The token of this text, unless it was revoked. One query."""
    chosen = select(TokenRow).where(TokenRow.hash == digest(text), TokenRow.revoked_at.is_(None))
    return session.scalars(chosen).one_or_none()


def used(row: TokenRow, now: datetime) -> None:
    """Note that it was used, at most once a minute."""
    if row.used_at is None or now - row.used_at >= NOTED_EVERY:
        row.used_at = now


def every(session: Session) -> Sequence[TokenRow]:
    """All tokens, the newest first. One query."""
    return session.scalars(select(TokenRow).order_by(TokenRow.id.desc())).all()


def revoke(session: Session, token_id: int, now: datetime) -> bool:
    """End a token at once; False where there is none, or it has ended."""
    row = session.get(TokenRow, token_id)
    if row is None or row.revoked_at is not None:
        return False
    row.revoked_at = now
    return True
