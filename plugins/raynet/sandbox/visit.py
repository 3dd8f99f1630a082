"""One action on the account: who does it, when, by which rules, and what is said about it afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from werkzeug.datastructures import MultiDict

from plugins.raynet.sandbox.errors import ApiError, bad_input, bad_query, not_found
from plugins.raynet.sandbox.store import Rec, Store, Table
from plugins.raynet.sandbox.times import Face, minute


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the user, and by which way (`user`/`browser`, or `api`/name of the key)."""

    user: str
    source: str
    description: str | None = None


Announce = Callable[[str, str, Rec, "Visit"], None]


@dataclass(frozen=True, slots=True)
class Visit:
    """The surroundings of one request, or of one edit in the browser."""

    store: Store
    actor: Actor
    now: datetime
    switches: Mapping[str, Any]
    announce: Announce
    args: MultiDict[str, str] = field(default_factory=MultiDict)
    raw: bytes = b""
    levels: frozenset[int] | None = None
    """The security levels whose records the actor sees; None: all."""

    def sees(self, record: Rec) -> bool:
        """Whether the record exists as far as the actor can tell."""
        return self.levels is None or record.get("securityLevel", 1) in self.levels

    @property
    def zone(self) -> str:
        """The time zone of the user who acts."""
        return str(self.switches["time_zone"])

    @property
    def face(self) -> Face:
        """How this answer shows moments."""
        wanted = self.args.get("dateFormat")
        if wanted not in (None, "ISO8601"):
            raise bad_query(f"Unsupported dateFormat [{wanted}]")
        return Face(self.zone, iso=wanted == "ISO8601")

    def body(self) -> Rec:
        """The JSON object that was sent. Raises ApiError (400)."""
        found = self.json()
        if not isinstance(found, dict):
            raise bad_input("Request body must be an object")
        return found

    def json(self) -> Any:
        """Whatever JSON was sent. Raises ApiError (400), also where nothing was sent."""
        try:
            return orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            raise bad_input("Request body is not readable JSON") from error

    def born(self) -> Rec:
        """What every new record starts with."""
        return {"created": minute(self.now), "createdBy": self.actor.user, "version": 1}

    def add(self, table: Table, record: Rec) -> int:
        """Store a new record and tell the webhooks."""
        id_ = table.add(record)
        self.announce("record.created", table.entity, table.rows[id_], self)
        return id_

    def save(self, table: Table, record: Rec) -> None:
        """Make a change of a record known: version, row info, webhooks."""
        record["version"] += 1
        record["updated"] = minute(self.now)
        record["updatedBy"] = self.actor.user
        table.touched(record)
        self.announce("record.updated", table.entity, record, self)

    def remove(self, table: Table, id_: int) -> Rec:
        """Delete a record and tell the webhooks."""
        record = table.remove(id_)
        self.announce("record.deleted", table.entity, record, self)
        return record


def find(table: Table, id_: int) -> Rec:
    """The record of an id. Raises ApiError (404)."""
    record = table.rows.get(id_)
    if record is None:
        raise not_found(table.entity, id_)
    return record


def find_ext(table: Table, ext_id: str) -> Rec:
    """The record of an external id. Raises ApiError (404)."""
    id_ = table.ext.get(ext_id)
    if id_ is None:
        raise not_found(table.entity, ext_id)
    return table.rows[id_]


def bad_enum(visit: Visit, name: str, value: object) -> ApiError:
    """The refusal of a value outside a closed list; nobody knows whether it is a 400 or a 500."""
    if visit.switches["bad_enum_status"] == 500:
        return ApiError(500, "Unexpected error", "", "Neočekávaná chyba")
    return bad_input(f"{name} has no value [{value}]")
