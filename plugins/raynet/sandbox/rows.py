"""How records look: list rows and details of persons and companies (Raynet API, Person 2.3, Company 3.4)."""

from plugins.raynet.sandbox.store import Rec, Store, primary_address, primary_relationship
from plugins.raynet.sandbox.times import Face, shown

CONTACT = ("email", "email2", "tel1", "tel1Type", "tel2", "tel2Type", "fax", "www", "otherContact")
STREET = ("street", "city", "province", "zipCode")
NETWORKS = ("facebook", "googleplus", "twitter", "linkedin", "pinterest", "instagram", "skype", "youtube")
PERSON_PICKS = {
    "category": "personCategory",
    "personClassification1": "personClassification1",
    "personClassification2": "personClassification2",
    "personClassification3": "personClassification3",
    "language": "language",
    "maritalStatus": "maritalStatus",
}
COMPANY_PICKS = {
    "category": "companyCategory",
    "turnover": "companyTurnover",
    "economyActivity": "economyActivity",
    "companyClassification1": "companyClassification1",
    "companyClassification2": "companyClassification2",
    "companyClassification3": "companyClassification3",
    "paymentTerm": "paymentTerm",
    "contactSource": "contactSource",
}
COMPANY_DETAIL_PICKS = {"employeesNumber": "employeesNumber", "legalForm": "legalForm"}
COMPANY_TEXTS = (
    "regNumber",
    "taxNumber",
    "taxNumber2",
    "taxPayer",
    "bankAccount",
    "databox",
    "court",
    "birthday",
    "notice",
)
NO_CONTACT: Rec = {**dict.fromkeys(CONTACT), "doNotSendMM": False}
NO_ADDRESS: Rec = dict.fromkeys((*STREET, "country", "countryCode"))
PERSON_PLAIN = frozenset(
    {"titleBefore", "firstName", "lastName", "titleAfter", "salutation", "birthday", "gender", "notice", "keyman"}
)
NO_PERSON: Rec = {
    **dict.fromkeys((*PERSON_PLAIN, *PERSON_PICKS, "primaryRelationship", "communicationTone")),
    "keyman": False,
}
COUNTRIES = {
    "CZ": "Česká republika",
    "SK": "Slovensko",
    "DE": "Německo",
    "AT": "Rakousko",
    "PL": "Polsko",
    "HU": "Maďarsko",
    "GB": "Velká Británie",
    "FR": "Francie",
    "IT": "Itálie",
    "CH": "Švýcarsko",
    "NL": "Nizozemsko",
    "BE": "Belgie",
    "ES": "Španělsko",
    "UA": "Ukrajina",
    "US": "Spojené státy americké",
}


def row_info(record: Rec, face: Face) -> Rec:
    """The audit data: flat keys with a dot in the name."""
    updated = record.get("updated")
    return {
        "rowInfo.createdAt": shown(record["created"], face),
        "rowInfo.createdBy": record["createdBy"],
        "rowInfo.updatedAt": shown(updated, face) if updated else None,
        "rowInfo.updatedBy": record.get("updatedBy"),
        "rowInfo.rowAccess": record.get("rowAccess"),
        "rowInfo.rowState": None,
    }


def row_info_view(record: Rec, face: Face) -> Rec:
    """The row of `view=rowInfo`."""
    return {"id": record["id"], **row_info(record, face), "_version": record["version"]}


def contact_info(stored: Rec) -> Rec:
    """All keys of contact data, null where empty."""
    return {**NO_CONTACT, **stored}


def address(stored: Rec) -> Rec:
    """A postal address; the country comes out as a name, with its code beside it."""
    if not stored:
        return dict(NO_ADDRESS)
    code = stored.get("country")
    name = COUNTRIES.get(code, code) if code else None
    return {**{key: stored.get(key) for key in STREET}, "country": name, "countryCode": code}


def inline_gdpr(store: Store, table: str, id_: int) -> list[Rec]:
    """The legal titles of a record that were not withdrawn."""
    given = store.titles_of.get((table, id_))
    if not given:
        return []
    titles = [store.gdpr.rows[title] for title in given]
    return [_title(store, title) for title in titles if title.get("rowAccess") is None]


def _title(store: Store, title: Rec) -> Rec:
    template = next(item for item in store.templates if item["id"] == title["gdprTemplate"])
    return {
        "id": title["id"],
        "validFrom": title.get("validFrom"),
        "validTill": title.get("validTill"),
        "legalTitle": template["legalTitle"],
        "templateName": template["name"],
        "gdprTemplate": template["id"],
    }


def level(store: Store, record: Rec) -> Rec | None:
    """The security level as records show it."""
    wanted = record.get("securityLevel", 1)
    return next(({"id": wanted, "name": item["name"]} for item in store.levels if item["id"] == wanted), None)


def _person_core(store: Store, person: Rec, face: Face) -> Rec:
    row = dict(NO_PERSON)
    for key, value in person.items():
        if key in PERSON_PLAIN:
            row[key] = value
        elif key in PERSON_PICKS:
            row[key] = store.pick(PERSON_PICKS[key], value)
    link = primary_relationship(person)
    if link is not None:
        company = store.company_name(link["company"])
        row["primaryRelationship"] = {"id": link["id"], "type": link["type"], "company": company}
    row["id"] = person["id"]
    row["owner"] = store.person_name(person.get("owner"))
    row["contactInfo"] = contact_info(person.get("contactInfo", {}))
    row["privateAddress"] = address(person.get("privateAddress", {}))
    row["securityLevel"] = level(store, person)
    row["activeUserAccount"] = person["id"] in store.account_of
    row["tags"] = person.get("tags", [])
    row["inlineGdpr"] = inline_gdpr(store, "persons", person["id"])
    row["_version"] = person["version"]
    row.update(row_info(person, face))
    return row


def person_row(store: Store, person: Rec, face: Face) -> Rec:
    """A person in a list."""
    row = _person_core(store, person, face)
    row["companyAddress"] = _company_address(store, person)
    row["customFields"] = person.get("customFields") or None
    return row


def person_detail(store: Store, person: Rec, face: Face) -> Rec:
    """A person alone."""
    detail = _person_core(store, person, face)
    detail["relationships"] = [_relationship(store, item) for item in person.get("relationships", ())]
    detail["socialNetworkContact"] = _networks(person)
    detail["customFields"] = person.get("customFields", {})
    detail["extIds"] = person.get("extIds") or None
    detail.update(photo=None, attachments=[], originLead=None)
    return detail


def _networks(record: Rec) -> Rec:
    stored = record.get("socialNetworkContact", {})
    return {key: stored.get(key) for key in NETWORKS}


def _company_address(store: Store, person: Rec) -> Rec | None:
    link = primary_relationship(person)
    company = store.companies.rows.get(link["company"]) if link else None
    if company is None:
        return None
    stored = primary_address(company)
    territory = store.pick("territory", stored.get("territory"))
    return {"address": {"id": stored["id"], **address(stored["address"])}, "territory": territory}


def _relationship(store: Store, link: Rec) -> Rec:
    company = store.companies.rows.get(link["company"])
    places = [item for item in company["addresses"] if item["id"] == link.get("companyAddress")] if company else []
    return {
        "id": link["id"],
        "company": store.company_name(link["company"]),
        "companyAddress": {"id": places[0]["id"], "name": places[0]["address"].get("name")} if places else None,
        "notice": link.get("notice"),
        "primary": link["primary"],
        "type": link["type"],
    }


def full_address(store: Store, company: Rec, stored: Rec) -> Rec:
    """One address of a company with the contact data it carries."""
    primary = stored["id"] == company["primaryAddress"]
    place = {"id": stored["id"], "name": stored["address"].get("name"), **address(stored["address"])}
    return {
        "id": stored["id"],
        "primary": primary,
        "contactAddress": stored["id"] == company.get("contactAddress", company["primaryAddress"]),
        "extIds": None,
        "address": {**place, "lat": None, "lng": None},
        "contactInfo": {"primary": primary, **contact_info(stored["contactInfo"])},
        "territory": store.pick("territory", stored.get("territory")),
    }


def empty_contact_info() -> Rec:
    """Contact data of which every value is null."""
    return dict.fromkeys(("primary", *CONTACT, "doNotSendMM"))


def _company_core(store: Store, company: Rec, face: Face) -> Rec:
    texts = ("titleBefore", "firstName", "lastName", "titleAfter")
    return {
        "id": company["id"],
        "name": company["name"],
        "person": company.get("person", False),
        **{key: company.get(key) for key in texts},
        "role": company["role"],
        "state": company["state"],
        "rating": company["rating"],
        "owner": store.person_name(company.get("owner")),
        **{key: company.get(key) for key in COMPANY_TEXTS},
        **{key: store.pick(name, company.get(key)) for key, name in COMPANY_PICKS.items()},
        "tags": company.get("tags", []),
        "customFields": company.get("customFields", {}),
        **row_info(company, face),
        "securityLevel": level(store, company),
        "inlineGdpr": inline_gdpr(store, "companies", company["id"]),
        "_version": company["version"],
    }


def _places(store: Store, company: Rec, empty: str) -> Rec:
    """The primary address, as full or as bare as `empty` wants it where it holds nothing."""
    stored = primary_address(company)
    shown_address = full_address(store, company, stored)
    if any(stored["contactInfo"].values()) or any(stored["address"].values()):
        return {"primaryAddress": shown_address}
    if empty == "absent":
        return {}
    shown_address["contactInfo"] = None if empty == "null" else empty_contact_info()
    return {"primaryAddress": shown_address}


def company_row(store: Store, company: Rec, face: Face, empty: str = "values") -> Rec:
    """A company in a list. `empty`: what an address without any value shows (`values`, `null`, `absent`)."""
    row = {**_company_core(store, company, face), **_places(store, company, empty)}
    contact_id = company.get("contactAddress", company["primaryAddress"])
    contact = next((item for item in company["addresses"] if item["id"] == contact_id), None)
    row["contactAddress"] = full_address(store, company, contact) if contact else None
    row["attachments"] = None
    return row


def company_detail(store: Store, company: Rec, face: Face, empty: str = "values") -> Rec:
    """A company alone, with all its addresses."""
    detail = {**_company_core(store, company, face), **_places(store, company, empty)}
    detail["addresses"] = [full_address(store, company, item) for item in company["addresses"]]
    detail["salutation"] = company.get("salutation")
    detail.update({key: store.pick(name, company.get(key)) for key, name in COMPANY_DETAIL_PICKS.items()})
    detail["socialNetworkContact"] = _networks(company)
    detail["extIds"] = company.get("extIds") or None
    detail.update(logo=None, attachments=[], originLead=None)
    return detail
