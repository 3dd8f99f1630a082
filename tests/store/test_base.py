"""Column types and expressions that must mean the same on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session, sessionmaker

from core.store.base import among, look, transact
from core.store.journal import ErasureRow
from core.store.people import InstallationRow
from tests.support.stores import opened

Sessions = sessionmaker[Session]


@pytest.fixture
def sessions(database: str) -> Iterator[Sessions]:
    with opened(database) as made:
        yield made


def kept_moment(sessions: Sessions, moment: datetime) -> datetime:
    with sessions.begin() as session:
        session.add(ErasureRow(hash="a", at=moment))
    with sessions() as session:
        return session.get_one(ErasureRow, "a").at


def test_a_moment_comes_back_in_utc_to_the_microsecond(sessions: Sessions) -> None:
    prague = datetime(2026, 10, 25, 2, 30, 0, 123456, timezone(timedelta(hours=2)))
    found = kept_moment(sessions, prague)
    assert (found, found.tzinfo) == (datetime(2026, 10, 25, 0, 30, 0, 123456, UTC), UTC)


def test_a_moment_without_a_zone_is_refused(sessions: Sessions) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        kept_moment(sessions, datetime(2026, 3, 2))  # noqa: DTZ001 - the naive moment is the point


def test_among_finds_those_asked_for_and_no_others(sessions: Sessions) -> None:
    names = ["žofie@example.cz", "o'neill@example.cz", 'a"b@example.cz', "other@example.cz"]
    with sessions.begin() as session:
        session.add_all([InstallationRow(name=name, value="") for name in names])
    with sessions() as session:
        chosen = select(InstallationRow.name).where(among(session, InstallationRow.name, [*names[:3], "nobody"]))
        assert set(session.scalars(chosen)) == set(names[:3])


def test_among_nobody_finds_nobody(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add(InstallationRow(name="a", value=""))
        session.flush()
        assert session.scalars(select(InstallationRow.name).where(among(session, InstallationRow.name, []))).all() == []


def test_among_takes_more_values_than_a_statement_has_parameters(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add(InstallationRow(name="n69999", value=""))
        session.flush()
        many = [f"n{number}" for number in range(70_000)]
        chosen = select(InstallationRow.name).where(among(session, InstallationRow.name, many))
        assert session.scalars(chosen).all() == ["n69999"]


def test_a_transaction_that_raises_leaves_nothing(sessions: Sessions) -> None:
    def work(session: Session) -> None:
        session.add(InstallationRow(name="a", value=""))
        session.flush()
        raise KeyError("a")

    with pytest.raises(KeyError):
        transact(sessions, work)
    assert look(sessions, lambda session: session.get(InstallationRow, "a")) is None


def test_a_look_waits_for_no_writer(sessions: Sessions) -> None:
    with sessions.begin() as writer:
        writer.add(InstallationRow(name="a", value=""))
        writer.flush()
        assert look(sessions, lambda session: session.get(InstallationRow, "a")) is None
