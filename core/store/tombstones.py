"""Records that are gone from the CRM: a row without values stays, so that an older page never brings them back (K4)."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.store.base import among
from core.store.records import RecordAddressRow, RecordLinkRow, RecordRow

GONE = "gone"


def bury(session: Session, connection: int, kind: str, ids: Sequence[str], ticket: int) -> None:
    """These records are gone, as a reading with this ticket found. Three queries.

    Who marks their addresses does it before. A record that comes back is read like any other: its digest differs.
    """
    record = (RecordRow.connection_id == connection, RecordRow.kind == kind, RecordRow.ticket < ticket)
    emptied = (
        update(RecordRow)
        .where(*record, among(session, RecordRow.record_id, ids))
        .values(standing=GONE, digest="", ticket=ticket, fault="", fields={}, one_way=[], tags=[], lends=[])
    )
    session.execute(emptied.execution_options(synchronize_session=False))
    address = (RecordAddressRow.connection_id == connection, RecordAddressRow.kind == kind)
    freed = (
        update(RecordAddressRow)
        .where(*address, RecordAddressRow.ticket < ticket, among(session, RecordAddressRow.record_id, ids))
        .values(email="", typed="", note="", standing=GONE, ticket=ticket)
    )
    session.execute(freed.execution_options(synchronize_session=False))
    link = (RecordLinkRow.connection_id == connection, RecordLinkRow.kind == kind)
    cut = (
        update(RecordLinkRow)
        .where(*link, RecordLinkRow.ticket < ticket, among(session, RecordLinkRow.record_id, ids))
        .values(to_kind="", to_id="", value="", rank=0, ticket=ticket)
    )
    session.execute(cut.execution_options(synchronize_session=False))
