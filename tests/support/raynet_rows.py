"""Rows as Raynet's lists show them, with defaults for all that does not matter. All people are invented."""

from collections.abc import Mapping
from typing import Any

from spojka import Json, Kind, Record

NO_ADDRESS: Mapping[str, Json] = dict.fromkeys(("street", "city", "province", "zipCode", "country", "countryCode"))
BRNO = {**NO_ADDRESS, "street": "Zkušební 1", "city": "Brno", "zipCode": "602 00", "countryCode": "CZ"}
OLOMOUC = {**NO_ADDRESS, "street": "Domácí 2", "city": "Olomouc", "zipCode": "779 00", "countryCode": "CZ"}


def info(**changes: Json) -> dict[str, Json]:
    """Contact data."""
    empty = dict.fromkeys(("email", "email2", "tel1", "tel1Type", "tel2", "tel2Type", "fax", "www", "otherContact"))
    return {**empty, "doNotSendMM": False, **changes}


def status(**changes: Json) -> dict[str, Json]:
    """The flat members that every row has."""
    return {
        "rowInfo.createdAt": "2026-03-02T09:14:00.000+01:00",
        "rowInfo.updatedAt": None,
        "rowInfo.rowAccess": None,
        "_version": 1,
        **changes,
    }


def person(record_id: int = 1042, **changes: Json) -> dict[str, Any]:
    """A person in a list."""
    return {
        "id": record_id,
        "titleBefore": "Ing.",
        "firstName": "Žofie",
        "lastName": "Příkladová",
        "titleAfter": None,
        "primaryRelationship": {"id": 311, "type": "vedoucí nákupu", "company": {"id": 207, "name": "Ukázka & syn"}},
        "owner": {"id": 12, "fullName": "Karel Vzorný"},
        "contactInfo": info(email="zofie.prikladova@example.com", tel1="+420 700 000 001"),
        "privateAddress": dict(NO_ADDRESS),
        "companyAddress": {"address": {"id": 208, **BRNO}, "territory": None},
        "birthday": None,
        "gender": "FEMALE",
        "language": {"id": 70, "value": "čeština"},
        "activeUserAccount": False,
        "keyman": False,
        "tags": ["newsletter", "veletrh 2026"],
        **status(),
        **changes,
    }


def company(record_id: int = 207, **changes: Json) -> dict[str, Any]:
    """A company in a list."""
    return {
        "id": record_id,
        "name": "Ukázka & syn s.r.o.",
        "person": False,
        "firstName": None,
        "lastName": None,
        "role": "A_SUBSCRIBER",
        "state": "B_ACTUAL",
        "owner": {"id": 12, "fullName": "Karel Vzorný"},
        "primaryAddress": {"id": 208, "address": {"id": 208, **BRNO}, "contactInfo": info(email="info@example.com")},
        "tags": ["velkoobchod"],
        **status(_version=3),
        **changes,
    }


def record(kind: Kind, row: Mapping[str, Json]) -> Record:
    """The record that a row makes."""
    return Record(kind, str(row.get("id", 1)), 1, row)
