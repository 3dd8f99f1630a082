"""Webhook body -> what to look at. Pure.

The body names a record and nothing of its values (Raynet API, Webhooks), so it can only say *look* (R30, R70). Our own
writes ring too; that is harmless (R29), and dropping them would need the key's name, which nobody is asked for.
"""

import re
from collections.abc import Mapping

from spojka import Json, Kind, Ring

KINDS: Mapping[str, Kind] = {"Person": Kind.PERSON, "Company": Kind.COMPANY}
GONE: Mapping[str, bool] = {"record.created": False, "record.updated": False, "record.deleted": True}
RECORD_ID = re.compile(r"[1-9][0-9]{0,17}")
"""An id that Raynet can convert: one that it cannot would spoil the whole reading by ids."""


def rings(body: Json) -> tuple[Ring, ...]:
    """The one record that an event names; nothing for other kinds of record, other events and other shapes."""
    event = body if isinstance(body, dict) else {}
    named = event.get("data")
    if not isinstance(named, dict):
        return ()
    kind, gone = KINDS.get(str(named.get("entityName"))), GONE.get(str(event.get("type")))
    record_id = named.get("entityId")
    if kind is None or gone is None or isinstance(record_id, bool) or not RECORD_ID.fullmatch(str(record_id)):
        return ()
    return (Ring(kind, str(record_id), gone),)
