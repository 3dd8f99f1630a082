"""An open store, and rows to put into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from core.store.base import make_engine, make_sessions
from core.store.due import Cause
from core.store.records import RecordAddressRow, RecordLinkRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@cache
def hasty_engine(url: str) -> Engine:
    """One engine a database, whose statements stay compiled; it does not wait for the disk, as no test loses power."""
    engine = make_engine(url)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: Any) -> None:
        if engine.dialect.name == "sqlite":
            connection.execute("PRAGMA synchronous=OFF")

    return engine


@contextmanager
def opened(url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions of a database, closed afterwards."""
    engine = hasty_engine(url)
    try:
        yield make_sessions(engine)
    finally:
        engine.dispose()


def a_cause(ticket: int = 1, cause: str = "crm", lane: str = "bulk", waits: str = "", at: datetime = NOW) -> Cause:
    """Why addresses are marked."""
    return Cause(cause, "run:1", ticket, at, lane, waits)


def an_address(record_id: str, email: str, slot: int = 1, kind: str = "person") -> RecordAddressRow:
    """An address of a record of connection 1, list 1."""
    return RecordAddressRow(
        connection_id=1,
        kind=kind,
        record_id=record_id,
        slot=slot,
        list_id=1,
        email=email,
        typed=email,
        standing="" if email else "no_email",
        note="",
        ticket=1,
    )


def a_link(record_id: str, to_id: str, field: str = "custom:Jazyk", value: str = "čeština") -> RecordLinkRow:
    """What a person of connection 1 lends to a company."""
    return RecordLinkRow(
        connection_id=1,
        kind="person",
        record_id=record_id,
        field=field,
        to_kind="company",
        to_id=to_id,
        value=value,
        rank=0,
        ticket=1,
    )
