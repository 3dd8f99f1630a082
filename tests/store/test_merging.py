"""An account that was taken untried gets its real name, and what two rows of one list know becomes one."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.store import due, mirror, takebacks
from core.store.connections import AccountRow, ConnectionRow, ListRow
from core.store.due import Cause, DueRow
from core.store.mirror import ProfileRow
from core.store.proving import prove_account
from core.store.takebacks import TakeBackRow
from spojka import ListInfo
from tests.support.clock import START
from tests.support.stores import opened

Sessions = sessionmaker[Session]
UNTESTED, REAL = "untested:abc", "ecomail:1234"


@pytest.fixture
def sessions(database: str) -> Iterator[Sessions]:
    with opened(database) as made:
        yield made


def an_account(session: Session, name: str) -> AccountRow:
    row = AccountRow(audience="ecomail", account=name, clock_offset_ms=0)
    session.add(row)
    session.flush()
    return row


def a_list(session: Session, account: AccountRow, contact_list: str, name: str = "") -> ListRow:
    row = ListRow(
        account_id=account.id,
        contact_list=contact_list,
        name=name or contact_list,
        custom_keys={},
        pass_ticket=0,
        members=0,
    )
    session.add(row)
    session.flush()
    return row


def a_connection(session: Session, contact_list: ListRow, name: str = "Raynet → 7") -> ConnectionRow:
    row = ConnectionRow(
        name=name,
        plugin="raynet",
        audience="ecomail",
        list_id=contact_list.id,
        state="running",
        settings={},
        settings_version=1,
        audience_settings={},
        crm_sealed="",
        audience_sealed="",
        crm_account="raynet:x",
        eyes="",
        token_hash=f"{name}:{contact_list.id}",
        token_sealed="",
        created_at=START,
        problem="",
        problem_text="",
    )
    session.add(row)
    session.flush()
    return row


def a_profile(session: Session, contact_list: ListRow, email: str, digest: str) -> None:
    row = {**mirror_row(contact_list.id, email), "digest": digest, "ticket": 1}
    mirror.save_profiles(session, [row])


def mirror_row(list_id: int, email: str) -> dict[str, Any]:
    return {
        "list_id": list_id,
        "email": email,
        "hash": 1,
        "present": True,
        "status": "subscribed",
        "uid": "",
        "since": None,
        "agreed_uid": "",
        "agreed_since": None,
        "sources": [],
        "ticket": 1,
        "fields": {},
        "tags": [],
        "agreed": {},
        "pending": [],
        "digest": "",
        "ours": True,
        "known": True,
        "ruling": None,
    }


def accounts(session: Session) -> list[str]:
    return list(session.scalars(select(AccountRow.account).order_by(AccountRow.id)))


def test_an_untested_account_gets_its_real_name(sessions: Sessions) -> None:
    with sessions.begin() as session:
        account = an_account(session, UNTESTED)
        a_list(session, account, "7")

        proven = prove_account(session, account, REAL)

        assert (proven.id, accounts(session)) == (account.id, [REAL])


def test_a_tested_account_stays_as_it_is(sessions: Sessions) -> None:
    with sessions.begin() as session:
        account = an_account(session, REAL)

        assert prove_account(session, account, "ecomail:other") is account
        assert accounts(session) == [REAL]


def test_a_list_that_was_named_is_known_by_its_id_from_now_on(sessions: Sessions) -> None:
    with sessions.begin() as session:
        account = an_account(session, UNTESTED)
        contact_list = a_list(session, account, "Odběratelé")
        row = a_connection(session, contact_list, "Raynet → Odběratelé")

        prove_account(session, account, REAL, [ListInfo("7", "Odběratelé")])

        assert (contact_list.contact_list, contact_list.name, row.name) == ("7", "Odběratelé", "Raynet → Odběratelé")


def test_a_connection_that_was_called_by_its_lists_number_is_called_by_its_name(sessions: Sessions) -> None:
    with sessions.begin() as session:
        account = an_account(session, UNTESTED)
        row = a_connection(session, a_list(session, account, "7"), "Raynet → 7")

        prove_account(session, account, REAL, [ListInfo("7", "Odběratelé")])

        assert row.name == "Raynet → Odběratelé"


def test_one_list_by_two_names_becomes_one(sessions: Sessions) -> None:
    with sessions.begin() as session:
        account = an_account(session, UNTESTED)
        by_name, by_id = a_list(session, account, "Odběratelé"), a_list(session, account, "7")
        row = a_connection(session, by_name)

        prove_account(session, account, REAL, [ListInfo("7", "Odběratelé")])
        session.expire_all()

        assert row.list_id == by_id.id
        assert list(session.scalars(select(ListRow.id))) == [by_id.id]


def test_a_list_that_the_real_account_does_not_have_moves_there(sessions: Sessions) -> None:
    with sessions.begin() as session:
        known, untested = an_account(session, REAL), an_account(session, UNTESTED)
        contact_list = a_list(session, untested, "7")

        proven = prove_account(session, untested, REAL)

        assert (proven.id, contact_list.account_id, accounts(session)) == (known.id, known.id, [REAL])


def test_a_list_that_both_have_becomes_one_with_its_connections(sessions: Sessions) -> None:
    with sessions.begin() as session:
        known, untested = an_account(session, REAL), an_account(session, UNTESTED)
        kept, gone = a_list(session, known, "7"), a_list(session, untested, "7")
        first, second = a_connection(session, kept), a_connection(session, gone)

        prove_account(session, untested, REAL)
        session.expire_all()

        assert (first.list_id, second.list_id) == (kept.id, kept.id)
        assert list(session.scalars(select(ListRow.id))) == [kept.id]


def test_R35_what_is_to_be_taken_back_moves_with_its_list(sessions: Sessions) -> None:
    with sessions.begin() as session:
        untested, real = an_account(session, UNTESTED), an_account(session, REAL)
        gone, kept = a_list(session, untested, "7"), a_list(session, real, "7")
        wish = {"run_id": 1, "connection_id": 1, "list_id": gone.id, "email": "eva@firma.cz", "to_crm": False}
        session.add(TakeBackRow(**wish, field="name", was="Evina", value="Eva", state=takebacks.OPEN, at=START))
        session.flush()

        prove_account(session, untested, REAL)

        assert list(takebacks.open_of(session, kept.id, ["eva@firma.cz"])) == ["eva@firma.cz"]


def test_where_both_know_an_address_the_real_account_is_right(sessions: Sessions) -> None:
    with sessions.begin() as session:
        known, untested = an_account(session, REAL), an_account(session, UNTESTED)
        kept, gone = a_list(session, known, "7"), a_list(session, untested, "7")
        a_profile(session, kept, "eva@firma.cz", "real")
        a_profile(session, gone, "eva@firma.cz", "untested")
        a_profile(session, gone, "petr@firma.cz", "untested")

        prove_account(session, untested, REAL)

        chosen = select(ProfileRow.list_id, ProfileRow.email, ProfileRow.digest).order_by(ProfileRow.email)
        assert [tuple(row) for row in session.execute(chosen)] == [
            (kept.id, "eva@firma.cz", "real"),
            (kept.id, "petr@firma.cz", "untested"),
        ]


def test_what_a_dead_worker_left_claimed_is_taken_over_with_the_account(sessions: Sessions) -> None:
    with sessions.begin() as session:
        known, untested = an_account(session, REAL), an_account(session, UNTESTED)
        contact_list = a_list(session, untested, "7")
        due.mark(session, contact_list.id, ["eva@firma.cz"], Cause("crm", "run:1", 1, START))
        session.query(DueRow).update({"claim": f"account:{untested.id}:bulk:3"})

        prove_account(session, untested, REAL)
        due.free_claims(session, f"account:{known.id}:bulk", 1)

        assert session.scalars(select(DueRow.claim)).all() == [None]
