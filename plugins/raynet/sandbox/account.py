"""Calls about the account itself: who am I, users, picklists, custom fields, legal titles, webhooks."""

from werkzeug.wrappers import Response

from plugins.raynet.sandbox import columns, fields
from plugins.raynet.sandbox.calls import bare, done, said
from plugins.raynet.sandbox.columns import SORT
from plugins.raynet.sandbox.errors import bad_input, not_found, unsupported_column
from plugins.raynet.sandbox.listing import Listing, answer, whole
from plugins.raynet.sandbox.rows import row_info
from plugins.raynet.sandbox.store import Rec, Store
from plugins.raynet.sandbox.times import Face
from plugins.raynet.sandbox.visit import Visit, find


def _allow(visit: Visit, *names: str) -> None:
    known = {"offset", "limit", "sortColumn", "sortDirection", "dateFormat", *names}
    for key in visit.args:
        if key not in known:
            raise unsupported_column(key.partition("[")[0])


def security_levels(visit: Visit) -> Response:
    """The key owner's security levels."""
    _allow(visit)
    return whole([level for level in visit.store.levels if visit.levels is None or level["id"] in visit.levels])


def users(visit: Visit) -> Response:
    """The users; `username`, `userRole` and `id` may be asked for."""
    _allow(visit, "username", "userRole", "id")
    wanted = {key: visit.args[key] for key in ("username", "userRole", "id") if key in visit.args}
    found = [_user(visit, account) for account in visit.store.accounts.values()]
    return whole([row for row in found if all(str(row[key]) == value for key, value in wanted.items())])


def user(visit: Visit, id_: int) -> Response:
    """One user, with the time zone that all native dates are in."""
    account = visit.store.accounts.get(id_)
    if account is None:
        raise not_found("UserAccount", id_)
    zone = str(visit.switches["time_zone"]).replace("/", "_").upper()
    extra = {"timezone": zone, "dateFormat": "dd.MM.yyyy", "email2": None}
    levels = [{"id": item["id"], "name": item["name"]} for item in visit.store.levels]
    return said({"success": "true", "data": {**_user(visit, account), **extra, "securityLevels": levels}})


def _user(visit: Visit, account: Rec) -> Rec:
    return {
        "id": account["id"],
        "username": account["username"],
        "person": visit.store.person_name(account["person"]),
        "userRole": account["userRole"],
        **row_info(account, visit.face),
        "_version": account["version"],
    }


def picklist(visit: Visit, name: str) -> Response:
    """The items of a picklist; `code01` is the label."""
    _allow(visit, "rowAccess")
    items = visit.store.picklists[name]
    return whole(
        [
            {
                "id": item["id"],
                "code01": item["code01"],
                "strValue01": None,
                "extIds": None,
                "sequenceNumber": place,
                **({"code02": item["code02"]} if "code02" in item else {}),
            }
            for place, item in enumerate(items, start=1)
        ]
    )


def add_to_picklist(visit: Visit, name: str) -> Response:
    """A new item; the id comes bare."""
    body = visit.body()
    fields.required(visit, body, "code01")
    id_ = visit.store.number("picklist")
    visit.store.picklists[name].append({"id": id_, "code01": fields.text(visit, "code01", body["code01"])})
    return bare(id_)


def custom_fields(visit: Visit) -> Response:
    """The custom fields of every entity."""
    return said({"success": True, "data": visit.store.custom_fields})


def gdpr_templates(visit: Visit) -> Response:
    """The templates legal titles are made from."""
    _allow(visit)
    return whole(visit.store.templates)


def _title_row(store: Store, title: Rec, face: Face) -> Rec:
    template = next(item for item in store.templates if item["id"] == title["gdprTemplate"])
    return {
        "id": title["id"],
        "company": store.company_name(title.get("company")),
        "person": store.person_name(title.get("person")),
        "lead": None,
        "gdprTemplate": {key: template[key] for key in ("id", "name", "legalTitle")},
        "gdprFormAgreement": store.pick("gdprFormAgreement", title.get("gdprFormAgreement")),
        "validFrom": title.get("validFrom"),
        "validTill": title.get("validTill"),
        **row_info(title, face),
        "_version": title["version"],
    }


TITLES = Listing("gdpr", columns.TITLES, SORT, _title_row)


def titles(visit: Visit) -> Response:
    """Legal titles given to records."""
    return answer(visit, TITLES)


def add_title(visit: Visit) -> Response:
    """Give a legal title to a person or company; the id comes bare."""
    body, store = visit.body(), visit.store
    fields.required(visit, body, "gdprTemplate")
    template = fields.number("gdprTemplate", body["gdprTemplate"])
    if all(item["id"] != template for item in store.templates):
        raise not_found("GdprTemplate", template)
    title = {**visit.born(), "gdprTemplate": template}
    for key, table in (("person", "persons"), ("company", "companies")):
        title[key] = fields.reference(table)(visit, key, body.get(key), None)
    if (title["person"] is None) == (title["company"] is None):
        raise bad_input("Exactly one of person, company and lead is needed")
    title.update({key: fields.whole_day(visit, key, body.get(key)) for key in ("validFrom", "validTill")})
    title["gdprFormAgreement"] = fields.pick("gdprFormAgreement")(
        visit, "gdprFormAgreement", body.get("gdprFormAgreement"), None
    )
    id_ = visit.add(store.gdpr, title)
    store.note_title(store.gdpr.rows[id_])
    _shown_anew(visit, title)
    return bare(id_)


def change_title(visit: Visit, id_: int) -> Response:
    """Change a legal title's days."""
    title, body = find(visit.store.gdpr, id_), visit.body()
    title.update({key: fields.whole_day(visit, key, body[key]) for key in ("validFrom", "validTill") if key in body})
    visit.save(visit.store.gdpr, title)
    _shown_anew(visit, title)
    return done()


def withdraw_title(visit: Visit, id_: int) -> Response:
    """Withdraw a legal title; it is never deleted."""
    title = find(visit.store.gdpr, id_)
    title["rowAccess"] = "INVALID"
    visit.save(visit.store.gdpr, title)
    _shown_anew(visit, title)
    return done()


def _shown_anew(visit: Visit, title: Rec) -> None:
    """A legal title shows on its record; whether it also counts as a change of it is a switch."""
    for key, table in (("person", visit.store.persons), ("company", visit.store.companies)):
        if title.get(key) is None:
            continue
        table.forget(title[key])
        if visit.switches["gdpr_touches_record"]:
            visit.save(table, table.rows[title[key]])
