"""Reading lists and contacts, and the settings of a list."""

from urllib.parse import quote

import orjson
from werkzeug.wrappers import Response

from plugins.ecomail.sandbox.account import Account
from plugins.ecomail.sandbox.asking import Asked, Bad, Wrong, flag, invalid, missing
from plugins.ecomail.sandbox.shapes import (
    ROW_SWITCHES,
    list_counts,
    list_detail,
    list_summary,
    merged,
    row_bytes,
    whole,
)
from plugins.ecomail.sandbox.store import LABELS, Store
from plugins.ecomail.sandbox.validation import read_email
from spojka.contact import Json

MOST_PER_PAGE = 5000
_SETTINGS = (
    "from_name",
    "from_email",
    "reply_to",
    "sub_success_page",
    "sub_confirmed_page",
    "unsub_page",
    "conf_subject",
    "conf_message",
)


def lists(account: Account, _asked: Asked) -> Json:
    """GET /lists: every list, unpaged."""
    return [list_summary(listed, account.seen, account.switches) for listed in account.lists.values()]


def create_list(account: Account, asked: Asked) -> Json:
    """POST /lists."""
    body = asked.fields()
    name, more = _list_settings(body)
    listed = account.add_list(name, flag(body, "double_optin", False), **more)
    return {"id": listed.id, "name": listed.name}


def one_list(account: Account, asked: Asked) -> Json:
    """GET /lists/{id}: settings, custom fields, groups and counts."""
    listed = account.find_list(asked.path["list_id"])
    seen = account.seen
    return {"list": list_detail(listed, seen, account.switches), "subscribers": list_counts(listed, seen)}


def change_list(account: Account, asked: Asked) -> Json:
    """PUT /lists/{id}: no way to declare custom fields or groups here."""
    listed, body = account.find_list(asked.path["list_id"]), asked.fields()
    listed.name, more = _list_settings(body)
    listed.double_optin = flag(body, "double_optin", listed.double_optin)
    listed.more |= more
    return list_detail(listed, account.seen, account.switches)


def subscribers(account: Account, asked: Asked) -> Response:
    """GET /lists/{id}/subscribers: one status at a time, subscribed people where none is named."""
    listed = account.find_list(asked.path["list_id"])
    label = asked.query.get("status") or "subscribed"
    if label not in LABELS.values():
        raise invalid("status", "The selected status is invalid.")
    page, per_page = asked.page(), _per_page(account, asked)
    store, offset = account.seen, (page - 1) * per_page
    _forget_old_shape(account, store)
    newest_first = account.switches["order"] == "newest_first"
    found = store.page(listed.id, label, offset, per_page, newest_first)
    rows = b",".join([row_bytes(member, account.switches) for member in found])
    rest = _page_facts(asked, page, per_page, store.total(listed.id, label), len(found))
    head = b'{"current_page":%d,"data":[' % page
    return Response(head + rows + b"]," + orjson.dumps(rest)[1:], content_type="application/json")


def one_subscriber(account: Account, asked: Asked) -> Json:
    """GET /lists/{id}/subscriber/{email}: contact and membership in one."""
    listed = account.find_list(asked.path["list_id"])
    member = account.seen.member(listed.id, asked.path["email"])
    if member is None:
        raise missing("Subscriber not found")
    return {"subscriber": merged(member, account.switches)}


def one_contact(account: Account, asked: Asked) -> Json:
    """GET /subscribers/{email}: the contact with all its lists."""
    person = account.seen.person(asked.path["email"])
    if person is None:
        raise missing("Subscriber not found")
    return {"subscriber": whole(person, account.switches)}


def show_events_url(account: Account, _asked: Asked) -> Json:
    """GET /account/settings/webhook: where message events go."""
    return {"webhook": {"url": account.events_url}}


def set_events_url(account: Account, asked: Asked) -> Json:
    """POST /account/settings/webhook: one address for the whole account; a sample is sent there."""
    url = asked.fields().get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise invalid("url", "The url format is invalid.")
    account.events_url = url
    account.message([{"msys": {}}])
    return {"webhook": {"url": url}}


def clear_events_url(account: Account, _asked: Asked) -> Json:
    """DELETE /account/settings/webhook."""
    account.events_url = None
    return {"success": True}


def _list_settings(body: dict[str, Json]) -> tuple[str, dict[str, Json]]:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("name", "The name field is required.")
    for address in ("from_email", "reply_to"):
        if body.get(address):
            _check_address(address, body[address])
    return name.strip(), {key: body[key] for key in _SETTINGS if key in body}


def _check_address(name: str, value: Json) -> None:
    try:
        read_email(value)
    except Bad as wrong:
        raise Wrong(422, {"errors": {name: [f"The {name} must be a valid email address."]}}) from wrong


def _per_page(account: Account, asked: Asked) -> int:
    if account.switches["long_pages"] == "refused":
        return asked.per_page(20, MOST_PER_PAGE)
    return min(asked.per_page(20, 10**9), MOST_PER_PAGE)


def _page_facts(asked: Asked, page: int, per_page: int, total: int, found: int) -> dict[str, Json]:
    last = max(-(-total // per_page), 1)
    offset = (page - 1) * per_page
    query = "".join(f"&{quote(key)}={quote(value)}" for key, value in asked.query.items() if key != "page")
    return {
        "per_page": per_page,
        "total": total,
        "from": offset + 1 if found else None,
        "to": offset + found if found else None,
        "last_page": last,
        "next_page_url": f"{asked.url}?page={page + 1}{query}" if page < last else None,
    }


def _forget_old_shape(account: Account, store: Store) -> None:
    shape = tuple(account.switches[name] for name in ROW_SWITCHES)
    if store.shape != shape:
        for person in store.people.values():
            store.touch(person)
        store.shape = shape
