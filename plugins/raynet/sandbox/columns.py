"""Which names each list can be filtered and sorted by (Raynet API, 2.2, 3.2, 5.2, 5.3)."""

from collections.abc import Callable, Mapping
from typing import Any

from plugins.raynet.sandbox.filters import (
    CODE_OPS,
    CUSTOM,
    NULL_OPS,
    PLAIN,
    SAME_OPS,
    TEXT_OPS,
    TIME_OPS,
    Column,
    Read,
)
from plugins.raynet.sandbox.rows import COMPANY_PICKS, PERSON_PICKS
from plugins.raynet.sandbox.store import Rec, Store, modified, primary_address, primary_relationship

SortKey = Callable[[Rec], Any]


def _key(name: str) -> Read:
    return lambda _, record: record.get(name)


def _text(name: str) -> Column:
    return Column("text", TEXT_OPS, _key(name))


def _contact(key: str) -> Column:
    return Column("text", TEXT_OPS, lambda _, person: person.get("contactInfo", {}).get(key))


def _primary_contact(key: str) -> Column:
    return Column("text", TEXT_OPS, lambda _, company: primary_address(company)["contactInfo"].get(key))


def _primary_company(_: Store, person: Rec) -> int | None:
    link = primary_relationship(person)
    return link["company"] if link else None


def _primary_company_name(store: Store, person: Rec) -> str | None:
    company = store.companies.rows.get(_primary_company(store, person) or 0)
    return company["name"] if company else None


def _companies(_: Store, person: Rec) -> list[int]:
    return [link["company"] for link in person.get("relationships", ())]


def _titles(table: str) -> Read:
    def read(store: Store, record: Rec) -> list[int]:
        titles = (store.gdpr.rows[id_] for id_ in store.titles_of.get((table, record["id"]), ()))
        return [title["gdprTemplate"] for title in titles if title.get("rowAccess") is None]

    return read


def _words(*names: str) -> Read:
    def read(_: Store, record: Rec) -> str:
        contact = record.get("contactInfo") or (primary_address(record)["contactInfo"] if "addresses" in record else {})
        found = [record.get(name) for name in names] + [contact.get(key) for key in ("email", "email2", "tel1", "tel2")]
        return " ".join(str(value) for value in found if value)

    return read


ROW_INFO: Mapping[str, Column] = {
    "rowInfo.createdAt": Column("time", TIME_OPS, _key("created")),
    "rowInfo.updatedAt": Column("time", TIME_OPS, _key("updated")),
    "rowInfo.lastModifiedAt": Column("time", TIME_OPS, lambda _, record: modified(record)),
    "rowInfo.rowAccess": Column("text", NULL_OPS, _key("rowAccess")),
}
TAGS = Column("any_of", PLAIN, lambda _, record: record.get("tags", ()))


def _gdpr(table: str) -> Mapping[str, Column]:
    titles = _titles(table)
    return {
        "gdprTemplate": Column("any_of", CUSTOM, titles, "templates"),
        "withoutGdpr": Column("present", CUSTOM, lambda store, record: not titles(store, record)),
    }


def _picks(picks: Mapping[str, str]) -> Mapping[str, Column]:
    return {key: Column("int", CODE_OPS, _key(key), f"pick:{name}") for key, name in picks.items()}


PERSONS: Mapping[str, Column] = {
    **ROW_INFO,
    **_gdpr("persons"),
    **_picks({key: name for key, name in PERSON_PICKS.items() if key not in ("language", "maritalStatus")}),
    "firstName": _text("firstName"),
    "lastName": _text("lastName"),
    "owner": Column("int", SAME_OPS, _key("owner"), "persons"),
    "contactInfo.email": _contact("email"),
    "contactInfo.email2": _contact("email2"),
    "primaryRelationship-company-id": Column("int", SAME_OPS, _primary_company, "companies"),
    "primaryRelationship-company-name": Column("text", TEXT_OPS, _primary_company_name),
    "personRelationship": Column("any_of", CUSTOM, _companies, "companies"),
    "userAccount-id": Column("int", SAME_OPS, lambda store, person: store.account_of.get(person["id"])),
    "tags": TAGS,
    "fulltext": Column("words", PLAIN, _words("firstName", "lastName")),
}
COMPANIES: Mapping[str, Column] = {
    **ROW_INFO,
    **_gdpr("companies"),
    **_picks({key: name for key, name in COMPANY_PICKS.items() if "lassification" in key or key == "category"}),
    "economyActivity": Column("int", CODE_OPS, _key("economyActivity"), "pick:economyActivity"),
    "name": _text("name"),
    "lastName": _text("lastName"),
    "person": Column("flag", SAME_OPS, lambda _, company: company.get("person", False)),
    **{key: Column("number", TEXT_OPS, _key(key)) for key in ("regNumber", "taxNumber", "taxNumber2")},
    "owner": Column("int", SAME_OPS, _key("owner"), "persons"),
    **{key: Column("text", CODE_OPS, _key(key)) for key in ("rating", "role", "state")},
    "primaryAddress-contactInfo.email": _primary_contact("email"),
    "primaryAddress-contactInfo.email2": _primary_contact("email2"),
    "tags": TAGS,
    "fulltext": Column("words", PLAIN, _words("name", "lastName", "regNumber")),
}
EMAILS: Mapping[str, Column] = {
    **ROW_INFO,
    "title": _text("title"),
    "status": Column("text", CODE_OPS, _key("status")),
    "owner": Column("int", SAME_OPS, _key("owner"), "persons"),
    "category": Column("int", SAME_OPS, _key("category"), "pick:activityCategory"),
    "completed": Column("time", TIME_OPS, _key("completed")),
    "scheduledFrom": Column("time", TIME_OPS, _key("scheduledFrom")),
    "personFilter": Column(
        "any_of", PLAIN, lambda _, mail: [item.get("person") for item in mail["participants"]], "persons"
    ),
    "companyContextFilter": Column("any_of", PLAIN, lambda _, mail: [mail.get("company")], "companies"),
    "tags": TAGS,
    "fulltext": Column("words", PLAIN, _words("title", "description")),
}
MASS_EMAILS: Mapping[str, Column] = {
    **ROW_INFO,
    "title": _text("title"),
    "campaignName": _text("campaignName"),
    "source": Column("text", SAME_OPS, _key("source")),
    "completed": Column("time", TIME_OPS, _key("completed")),
    "tags": TAGS,
    "fulltext": Column("words", PLAIN, _words("title", "campaignName")),
}
RECIPIENTS: Mapping[str, Column] = {
    **ROW_INFO,
    "person": Column("int", SAME_OPS, _key("person"), "persons"),
    "company": Column("int", SAME_OPS, _key("company"), "companies"),
    "lead": Column("int", SAME_OPS, _key("lead")),
    "status": Column("text", SAME_OPS, _key("status")),
}
TITLES: Mapping[str, Column] = {
    **ROW_INFO,
    "person": Column("int", SAME_OPS, _key("person"), "persons"),
    "company": Column("int", SAME_OPS, _key("company"), "companies"),
    "lead": Column("int", SAME_OPS, _key("lead")),
    "gdprTemplate": Column("int", SAME_OPS, _key("gdprTemplate"), "templates"),
}


def _sort_text(name: str) -> SortKey:
    return lambda record: (record.get(name) or "").casefold()


def _sort_number(name: str) -> SortKey:
    return lambda record: record.get(name) or 0


SORT: Mapping[str, SortKey] = {
    "id": lambda record: record["id"],
    "rowInfo.createdAt": lambda record: record["created"],
    "rowInfo.updatedAt": lambda record: record.get("updated") or 0,
    "rowInfo.lastModifiedAt": modified,
}
PERSON_SORT = {**SORT, "firstName": _sort_text("firstName"), "lastName": _sort_text("lastName")}
COMPANY_SORT = {**SORT, "name": _sort_text("name"), "regNumber": _sort_text("regNumber")}
EMAIL_SORT = {
    **SORT,
    **{key: _sort_text(key) for key in ("title", "status")},
    **{key: _sort_number(key) for key in ("scheduledFrom", "scheduledTill", "completed")},
}
MASS_EMAIL_SORT = {**SORT, **{key: _sort_text(key) for key in ("title", "campaignName", "source")}}
RECIPIENT_SORT = {
    "id": SORT["id"],
    **{key: _sort_number(key) for key in ("company", "person", "lead")},
}
