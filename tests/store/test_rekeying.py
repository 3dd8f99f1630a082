"""After the keys were rotated, everything is under the newest one, and the old one can go."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session, sessionmaker

from core.outgoing.vault import FernetVault
from core.rekeying import SEALED, Resealed, reseal
from core.settings import Settings
from core.store.connections import AccountRow, ConnectionRow, ListRow
from core.store.people import InstallationRow
from tests.support.stores import NOW, opened

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECRETS = {"api_key": "invented"}
Sessions = sessionmaker[Session]


@pytest.fixture
def sessions(database: str) -> Iterator[Sessions]:
    with opened(database) as made:
        yield made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        database_url="",
        redis_url=None,
        secret_key="",
        encryption_keys=(NEW, OLD),
        public_url="",
        timezone=ZoneInfo("Europe/Prague"),
        daily_at=time(6),
        locale="cs",
        allow_private_hosts=False,
        run_processes=1,
        base_urls={},
    )


def fill(session: Session, key: str) -> None:
    """A connection and the erasure key, sealed with `key`."""
    sealed = FernetVault([key]).seal(SECRETS)
    account = AccountRow(audience="ecomail", account="a", clock_offset_ms=0)
    session.add(account)
    session.flush()
    contact_list = ListRow(account_id=account.id, contact_list="7", name="7", custom_keys={}, pass_ticket=0, members=0)
    session.add(contact_list)
    session.flush()
    session.add(InstallationRow(name="erasure_key", value=sealed))
    session.add(InstallationRow(name="home_address", value="not sealed"))
    session.add(
        ConnectionRow(
            name="Raynet",
            plugin="raynet",
            audience="ecomail",
            list_id=contact_list.id,
            state="running",
            settings={},
            settings_version=1,
            audience_settings={},
            crm_account="",
            eyes="",
            token_hash="x",
            created_at=NOW,
            problem="",
            problem_text="",
            **dict.fromkeys(SEALED, sealed),
        )
    )
    session.flush()


def run(sessions: Sessions, settings: Settings) -> Resealed:
    with sessions.begin() as session:
        return reseal(session, settings)


def test_everything_sealed_is_under_the_newest_key_afterwards(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        fill(session, OLD)

    done = run(sessions, settings)

    newest = FernetVault([NEW])
    with sessions() as session:
        row, fact = session.get_one(ConnectionRow, 1), session.get_one(InstallationRow, "erasure_key")
        sealed = [*(getattr(row, column) for column in SEALED), fact.value]
    assert (done, [newest.open(value) for value in sealed]) == (Resealed(5, ()), [SECRETS] * 5)


def test_a_second_time_finds_nothing_to_do(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        fill(session, OLD)
    run(sessions, settings)

    assert run(sessions, settings) == Resealed(0, ())


def test_the_secrets_of_a_removed_connection_are_nothing_to_seal(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        fill(session, OLD)
        session.query(ConnectionRow).update(dict.fromkeys(SEALED, ""))

    assert run(sessions, settings) == Resealed(1, ())


def test_what_no_key_opens_is_named_and_left_as_it_is(sessions: Sessions, settings: Settings) -> None:
    with sessions.begin() as session:
        fill(session, OLD)

    done = run(sessions, replace(settings, encryption_keys=(NEW,)))

    assert done.count == 0
    assert done.closed == (
        "connection 1: crm",
        "connection 1: audience",
        "connection 1: token",
        "connection 1: bell",
        "installation: erasure_key",
    )
    assert run(sessions, settings) == Resealed(5, ())
