"""Record -> Contact (part D). Pure, and total: a row of another shape raises Rejected and fails alone.

Contacts of firms and natural persons have no titles, gender and birthday here, persons no state and relationship: such
a field is missing from the contact, like everything that the row does not say (R25).
"""

from collections.abc import Mapping

from plugins.raynet.manifest import (
    ADDRESS,
    BIRTHDAY,
    CITY,
    COMPANY,
    COUNTRY,
    GENDER,
    LANGUAGE,
    NAME,
    OWNER,
    PHONE,
    POSITION,
    PRETITLE,
    RELATION,
    STATE,
    STREET,
    SURNAME,
    SURTITLE,
    ZIP,
)
from plugins.raynet.row import NOTHING, NULLS, Odd, Row, Table, day, flag, moment, part, put, text
from spojka import Contact, Kind, Loan, Record, Rejected, Standing, Text

NAMES: Table = ((NAME.key, "firstName"), (SURNAME.key, "lastName"))
TITLES: Table = ((PRETITLE.key, "titleBefore"), (SURTITLE.key, "titleAfter"))
PERSON: Table = NAMES + TITLES
PHONES: Table = ((PHONE.key, "tel1"),)
PLACE: Table = ((STREET.key, "street"), (CITY.key, "city"), (ZIP.key, "zipCode"), (COUNTRY.key, "countryCode"))
COMPANY_NAME: Table = ((COMPANY.key, "name"),)
POSITIONS: Table = ((POSITION.key, "type"),)
OWNERS: Table = ((OWNER.key, "fullName"),)
LANGUAGES: Table = ((LANGUAGE.key, "value"),)

LANGUAGE_KEY, GENDER_KEY, BIRTHDAY_KEY = LANGUAGE.key, GENDER.key, BIRTHDAY.key

ADDRESS_VALUES = ("street", "city", "province", "zipCode", "country", "countryCode")
COMPANY_ONLY_IN = frozenset({COMPANY.key})
COMPANY_AND_ADDRESS_ONLY_IN = COMPANY_ONLY_IN | {field.key for field in ADDRESS}

GENDERS: Mapping[str, str] = {"": "", "MALE": "male", "FEMALE": "female"}
STATES: Mapping[str, Text] = {
    "A_POTENTIAL": Text(cs="Potenciální", en="Potential"),
    "B_ACTUAL": Text(cs="Aktuální", en="Actual"),
    "C_DEFERRED": Text(cs="Odložený", en="Deferred"),
    "D_UNATTRACTIVE": Text(cs="Neatraktivní", en="Unattractive"),
}
RELATIONS: Mapping[str, Text] = {
    "A_SUBSCRIBER": Text(cs="Odběratel", en="Subscriber"),
    "B_PARTNER": Text(cs="Partner", en="Partner"),
    "C_SUPPLIER": Text(cs="Dodavatel", en="Supplier"),
    "D_RIVAL": Text(cs="Konkurent", en="Rival"),
}
WORDS = ((STATE.key, "state", STATES), (RELATION.key, "role", RELATIONS))
OWN_COMPANY = "E_OWN"
INVALID = "INVALID"


def contact(record: Record, locale: str) -> Contact:
    """What a record means; state and relationship in the words of `locale` (R41).

    Raises Rejected, naming the record and the member, when the row has another shape than Raynet documents.
    """
    try:
        if not isinstance(record.raw, Mapping):
            raise Odd("the row", "an object")
        return _person(record) if record.kind is Kind.PERSON else _company(record, locale)
    except Odd as odd:
        raise Rejected(
            f"{record.kind}:{record.id}, {odd.member}: Raynet sent something else than {odd.wanted}. "
            "The record was left as it is; correct the value in Raynet and it is tried again by itself.",
            key=odd.member,
        ) from odd


def _person(record: Record) -> Contact:
    raw = record.raw
    info = part(raw, "contactInfo")
    relation = part(raw, "primaryRelationship")
    company = part(relation, "company", "primaryRelationship.")
    company_id = text(company.get("id"), "primaryRelationship.company.id")
    fields: dict[str, str] = {}
    put(fields, raw, PERSON)
    put(fields, info, PHONES, "contactInfo.")
    put(fields, company, COMPANY_NAME, "primaryRelationship.company.")
    put(fields, relation, POSITIONS, "primaryRelationship.")
    put(fields, part(raw, "owner"), OWNERS, "owner.")
    put(fields, part(raw, "language"), LANGUAGES, "language.")
    _put_gender_and_birthday(fields, raw)
    one_way = _put_address(fields, raw)
    standing = _standing(raw, Standing.COLLEAGUE if flag(raw, "activeUserAccount") else Standing.USUAL)
    return Contact(
        kind=record.kind,
        id=record.id,
        version=record.version,
        addresses=_addresses(info),
        fields=fields,
        tags=_tags(raw),
        one_way=one_way,
        standing=standing,
        mailable=not flag(info, "doNotSendMM", "contactInfo."),
        created_at=moment(raw.get("rowInfo.createdAt"), "rowInfo.createdAt"),
        lends=_loans(raw, company_id, fields.get(LANGUAGE_KEY, ""), standing),
        shows=((Kind.COMPANY, company_id),) if company_id else (),
    )


def _company(record: Record, locale: str) -> Contact:
    raw = record.raw
    primary = primary_address(raw)
    info = part(primary, "contactInfo", "primaryAddress.")
    fields: dict[str, str] = {}
    put(fields, raw, COMPANY_NAME)
    _put_natural_name(fields, raw)
    put(fields, part(primary, "address", "primaryAddress."), PLACE, "primaryAddress.address.")
    put(fields, info, PHONES, "primaryAddress.contactInfo.")
    put(fields, part(raw, "owner"), OWNERS, "owner.")
    _put_words(fields, raw, locale)
    if (language := text(part(raw, "language").get("value"), "language.value")) != "":
        fields[LANGUAGE_KEY] = language
    own = raw.get("role") == OWN_COMPANY
    return Contact(
        kind=record.kind,
        id=record.id,
        version=record.version,
        addresses=_addresses(info),
        fields=fields,
        tags=_tags(raw),
        standing=_standing(raw, Standing.OWN_COMPANY if own else Standing.USUAL),
        mailable=not flag(info, "doNotSendMM", "primaryAddress.contactInfo."),
        created_at=moment(raw.get("rowInfo.createdAt"), "rowInfo.createdAt"),
    )


def _put_gender_and_birthday(fields: dict[str, str], raw: Row) -> None:
    """A gender that the list has no word for is not said: it is neither of the two, and not empty either."""
    gender = GENDERS.get(text(raw.get("gender"), "gender"))
    if "gender" in raw and gender is not None:
        fields[GENDER_KEY] = gender
    if "birthday" in raw:
        fields[BIRTHDAY_KEY] = day(raw["birthday"], "birthday")


def _put_address(fields: dict[str, str], raw: Row) -> frozenset[str]:
    """The private address, or the company's where that one is empty; returns what only flows in then.

    Where neither has a value it is the private one, which a person in the list may fill.
    """
    private = part(raw, "privateAddress")
    company = part(part(raw, "companyAddress"), "address", "companyAddress.")
    if _has_value(private):
        put(fields, private, PLACE, "privateAddress.")
    elif _has_value(company) and "privateAddress" in raw:
        put(fields, company, PLACE, "companyAddress.address.")
        return COMPANY_AND_ADDRESS_ONLY_IN
    elif "companyAddress" in raw:
        put(fields, private, PLACE, "privateAddress.")
    return COMPANY_ONLY_IN


def _put_natural_name(fields: dict[str, str], raw: Row) -> None:
    """Only a natural person has a name of its own; a firm's is emptied with it when the record becomes one."""
    if flag(raw, "person"):
        put(fields, raw, NAMES)
    elif "person" in raw:
        fields.update({key: "" for key, _ in NAMES})


def _put_words(fields: dict[str, str], raw: Row, locale: str) -> None:
    """State and relationship in words; a code that we do not know goes as it is (R41)."""
    for key, member, words in WORDS:
        if member in raw:
            code = text(raw[member], member)
            word = words.get(code)
            fields[key] = code if word is None else word.get(locale)


def primary_address(raw: Row) -> Row:
    """A list's row has it by itself, a detail only among all addresses (Raynet API, company fields)."""
    if "primaryAddress" in raw or "addresses" not in raw:
        return part(raw, "primaryAddress")
    addresses = raw["addresses"]
    if addresses is None:
        return NULLS
    if not isinstance(addresses, list):
        raise Odd("addresses", "a list")
    primary = [row for row in addresses if isinstance(row, dict) and flag(row, "primary", "addresses.")]
    return primary[0] if primary else NOTHING


def _standing(raw: Row, otherwise: Standing) -> Standing:
    """An invalid record stays one whatever else it is: the settings that lift the others do not lift this (R9)."""
    return Standing.INVALID if raw.get("rowInfo.rowAccess") == INVALID else otherwise


def _loans(raw: Row, company_id: str, language: str, standing: Standing) -> tuple[Loan, ...]:
    """A client speaks its key person's language, else that of its only valid person (part D, R45).

    Who has no language lends an empty one: another person is not the only one then.
    """
    if not company_id or standing is Standing.INVALID:
        return ()
    rank = 0 if flag(raw, "keyman") else 1
    return (Loan(Kind.COMPANY, company_id, LANGUAGE_KEY, language, rank),)


def _addresses(info: Row) -> tuple[str, ...]:
    return (
        text(info.get("email"), "contactInfo.email"),
        text(info.get("email2"), "contactInfo.email2"),
    )


def _tags(raw: Row) -> tuple[str, ...]:
    tags = raw.get("tags")
    if tags is None:
        return ()
    if not isinstance(tags, list):
        raise Odd("tags", "a list of tags")
    return tuple(dict.fromkeys([text(tag, "tags").strip() for tag in tags]))


def _has_value(address: Row) -> bool:
    return any(map(address.get, ADDRESS_VALUES))
