"""Tokens are kept as a hash alone, end at once, and say when they were last used (contract §4)."""

from datetime import timedelta

from sqlalchemy import select

from core.api import tokens
from core.store.base import transact
from core.store.tokens import TokenRow
from tests.api.conftest import ApiHouse


def row(api: ApiHouse) -> TokenRow:
    with api.house.world.sessions() as session:
        return session.scalars(select(TokenRow)).one()


def test_only_a_hash_is_kept(api: ApiHouse) -> None:
    kept = row(api)
    assert api.token not in repr(vars(kept))
    assert kept.hash == tokens.digest(api.token)
    assert len(api.token) >= 40


def test_a_revoked_token_ends_at_once(api: ApiHouse) -> None:
    now = api.house.clock.now()
    assert transact(api.house.world.sessions, lambda session: tokens.revoke(session, 1, now))
    assert api.post().status_code == 401


def test_it_says_when_it_was_last_used(api: ApiHouse) -> None:
    assert row(api).used_at is None
    api.post()
    assert row(api).used_at == api.house.clock.now()
    used = row(api).used_at
    api.house.clock.advance(30)
    api.post()
    assert row(api).used_at == used
    api.house.clock.advance(60)
    api.post()
    assert row(api).used_at == (used or api.house.clock.now()) + timedelta(seconds=90)


def test_a_token_for_something_else_may_not(api: ApiHouse) -> None:
    with api.house.world.sessions.begin() as session:
        session.get_one(TokenRow, 1).scope = "other"
    assert api.post().status_code == 403
