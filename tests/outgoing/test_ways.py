import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session, sessionmaker

from core.outgoing.allowance import Shares
from core.outgoing.shares import shares_of
from core.ports import Outgoing
from core.real import holder_name
from core.store.connections import AccountRow, ConnectionRow, ConnectionState, ListRow
from core.store.leases import LeaseRow, database_now
from spojka import Busy, Limits, Request
from tests.support.clock import START, VirtualClock
from tests.support.outgoing import ALLOWANCE, a_manifest, store_in, ways
from tests.support.vendor import Listening, Vendor, says

READ = Request("GET", "person/")


@pytest.fixture
def sessions(tmp_path: Path) -> sessionmaker[Session]:
    return store_in(tmp_path)


def a_connection(sessions: sessionmaker[Session], number: int, **changes: Any) -> None:
    values: dict[str, Any] = {
        "id": number,
        "name": "",
        "plugin": "acme",
        "audience": "local",
        "list_id": 1,
        "state": ConnectionState.RUNNING,
        "settings": {},
        "settings_version": 1,
        "audience_settings": {},
        "crm_sealed": "",
        "audience_sealed": "",
        "crm_account": "acme:1",
        "eyes": "",
        "token_hash": str(number),
        "token_sealed": "",
        "created_at": START,
        "problem": "",
        "problem_text": "",
    }
    with sessions() as session, session.begin():
        if number == 1:
            session.execute(insert(AccountRow).values(id=1, audience="local", account="x", clock_offset_ms=0))
            one = {"contact_list": "1", "name": "", "custom_keys": {}, "pass_ticket": 0, "members": 0}
            session.execute(insert(ListRow).values(id=1, account_id=1, **one))
        session.execute(insert(ConnectionRow).values(**{**values, **changes}))


def held(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(LeaseRow.holder).where(LeaseRow.until > database_now(session))))


def test_ways_are_what_the_world_expects_of_the_port(sessions: sessionmaker[Session]) -> None:
    port: Outgoing = ways("http://127.0.0.1:1/", sessions, VirtualClock())

    assert port.open("acme", "acme:1", lane="live").requests == 0


def test_closing_gives_every_seat_back(sessions: sessionmaker[Session]) -> None:
    with Listening(Vendor()) as listening:
        opened = ways(listening.url, sessions, VirtualClock(), a_manifest(limits=Limits(at_once=3)))
        opened.open("acme", "acme:1", lane="live").send(READ)
        before = held(sessions)
        opened.close()

    assert (before, held(sessions)) == (["somewhere"], [])


def test_a_way_opened_in_a_forked_process_signs_with_that_process(sessions: sessionmaker[Session]) -> None:
    parent = f"host:boot:{os.getpid() + 1}:1:x"
    with Listening(Vendor()) as listening:
        manifest = a_manifest(limits=Limits(at_once=3))
        opened = ways(listening.url, sessions, VirtualClock(), manifest, holder=parent)
        opened.open("acme", "acme:1", lane="live").send(READ)
        (holder,) = held(sessions)
        opened.close()

    assert holder.split(":")[:4] == holder_name().split(":")[:4]


def test_R90_the_allowance_is_shown_as_the_vendor_said_it(sessions: sessionmaker[Session]) -> None:
    reset = str(int(START.timestamp()) + 3600)
    vendor = Vendor([says(200, X_Ratelimit_Limit="24000", X_Ratelimit_Remaining="23000", X_Ratelimit_Reset=reset)])
    with Listening(vendor) as listening:
        manifest = a_manifest(limits=Limits(allowance=ALLOWANCE))
        opened = ways(listening.url, sessions, VirtualClock(), manifest)
        opened.open("acme", "acme:1", lane="bulk").send(READ)
        known = opened.allowance("acme", "acme:1")
        opened.close()

    assert known is not None
    assert (known.limit, known.remaining, dict(known.used)) == (24000, 23000, {"bulk": 1})


def test_R90_the_shares_are_those_of_the_accounts_connections(sessions: sessionmaker[Session]) -> None:
    a_connection(sessions, 1, settings={"quota_reserve_percent": 50})
    a_connection(sessions, 2, settings={"quota_realtime_percent": 20, "quota_morning_percent": 5})
    a_connection(sessions, 3, settings={"quota_reserve_percent": 90}, crm_account="acme:2")
    a_connection(sessions, 4, settings={"quota_reserve_percent": 80}, state=ConnectionState.REMOVED)

    assert shares_of(sessions, "acme:1") == Shares(reserve=50, live=40, morning=30)
    assert shares_of(sessions, "acme:3") == Shares(reserve=10, live=40, morning=30)


def test_R90_a_connections_reserve_is_kept(sessions: sessionmaker[Session]) -> None:
    a_connection(sessions, 1, settings={"quota_reserve_percent": 60})
    reset = str(int(START.timestamp()) + 3600)
    vendor = Vendor([says(200, X_Ratelimit_Limit="100", X_Ratelimit_Remaining="60", X_Ratelimit_Reset=reset)])
    with Listening(vendor) as listening:
        opened = ways(listening.url, sessions, VirtualClock(), a_manifest(limits=Limits(allowance=ALLOWANCE)))
        way = opened.open("acme", "acme:1", lane="live")
        way.send(READ)

        with pytest.raises(Busy):
            way.send(READ)
        opened.close()

    assert len(vendor.asked) == 1
