"""Edits of the list -> bodies for Raynet (part D). Pure but for `write`, which sends them.

Whatever Raynet takes as a whole (contact data, an address) is built from the record read moments ago and sent with all
its keys: nobody knows whether the vendor merges it or replaces it, and both come to the same then (Raynet API, 2.3).
"""

from collections.abc import Mapping, Sequence

from plugins.raynet.client import PATHS, RaynetCrm
from plugins.raynet.doing import accepted, carried_out
from plugins.raynet.manifest import BIRTHDAY, COMPANY, GENDER, PHONE
from plugins.raynet.mapping import NAMES, PERSON, PLACE, primary_address
from plugins.raynet.row import NOTHING, Odd, Row, flag, part
from spojka import Edit, Json, Kind, Outcome, Rejected

CONTACT = ("email", "email2", "tel1", "tel1Type", "tel2", "tel2Type", "fax", "www", "otherContact", "doNotSendMM")
ADDRESS = ("name", "street", "city", "province", "zipCode")
GENDERS: Mapping[str, str | None] = {"": None, "male": "MALE", "female": "FEMALE"}
WAY = dict(PLACE)
Step = tuple[str, Mapping[str, Json]]
"""Where to send what."""


def write(crm: RaynetCrm, edits: Sequence[Edit]) -> tuple[Outcome, ...]:
    """Send edits record by record; see `carried_out`."""
    return carried_out(crm, edits, lambda edit: edit.key, lambda edit: _write(crm, edit))


def _write(crm: RaynetCrm, edit: Edit) -> Outcome:
    for path, body in steps(edit):
        accepted(crm.write("POST", path, body), f"a change of {edit.kind}:{edit.id}")
    return Outcome(edit.key, True)


def steps(edit: Edit) -> tuple[Step, ...]:
    """The requests that one edit takes. Raises Rejected where the record has no place for a value."""
    try:
        return _person(edit) if edit.kind is Kind.PERSON else _company(edit)
    except Odd as odd:
        raise Rejected(f"{edit.kind}:{edit.id}, {odd.member}: Raynet sent something else than {odd.wanted}.") from odd


def _person(edit: Edit) -> tuple[Step, ...]:
    raw, fields = edit.record.raw, edit.fields
    body: dict[str, Json] = {member: fields[key] or None for key, member in PERSON if key in fields}
    if GENDER.key in fields:
        if fields[GENDER.key] not in GENDERS:
            raise Rejected(f"Raynet knows no gender like that of {edit.kind}:{edit.id}. Correct it in the list.")
        body["gender"] = GENDERS[fields[GENDER.key]]
    if BIRTHDAY.key in fields:
        body["birthday"] = fields[BIRTHDAY.key] or None
    if PHONE.key in fields:
        body["contactInfo"] = _contact(part(raw, "contactInfo"), fields[PHONE.key])
    if fields.keys() & WAY.keys():
        body["privateAddress"] = _place(part(raw, "privateAddress"), fields, ADDRESS[1:])
    return ((f"{PATHS[edit.kind]}{edit.id}/", body),) if body else ()


def _company(edit: Edit) -> tuple[Step, ...]:
    """A company's e-mail, phone and place belong to its address, which has an id of its own (Raynet API, 3.1)."""
    raw, fields = edit.record.raw, edit.fields
    found: list[Step] = []
    body: dict[str, Json] = {"name": fields[COMPANY.key]} if COMPANY.key in fields else {}
    if flag(raw, "person"):
        body |= {member: fields[key] or None for key, member in NAMES if key in fields}
    if body:
        found.append((f"{PATHS[edit.kind]}{edit.id}/", body))
    if fields.keys() & {PHONE.key, *WAY}:
        found.append(_address(edit, primary_address(raw)))
    return tuple(found)


def _address(edit: Edit, primary: Row) -> Step:
    if not isinstance(primary.get("id"), int):
        raise Rejected(f"{edit.kind}:{edit.id} has no address in Raynet. Add one there, and it is tried again.")
    body: dict[str, Json] = {}
    if PHONE.key in edit.fields:
        info = part(primary, "contactInfo", "primaryAddress.")
        body["contactInfo"] = _contact(info, edit.fields[PHONE.key])
    if edit.fields.keys() & WAY.keys():
        place = _place(part(primary, "address", "primaryAddress."), edit.fields, ADDRESS)
        body["address"] = {**place, "name": place.get("name") or str(edit.record.raw.get("name") or "-")}
    return f"{PATHS[edit.kind]}{edit.id}/address/{primary['id']}/", body


def _contact(info: Row, phone: str) -> dict[str, Json]:
    return {**{key: info.get(key) for key in CONTACT if key in info and info is not NOTHING}, "tel1": phone or None}


def _place(place: Row, fields: Mapping[str, str], names: Sequence[str]) -> dict[str, Json]:
    """Out comes a country's name beside its code; in goes its code alone (Raynet API, 2.3)."""
    whole: dict[str, Json] = {name: place.get(name) for name in names}
    whole["country"] = place.get("countryCode")
    for key, member in PLACE:
        if key in fields:
            whole["country" if member == "countryCode" else member] = fields[key] or None
    return whole
