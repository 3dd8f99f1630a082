"""The calls about one contact: subscribe, update, unsubscribe, delete."""

from typing import Any

from plugins.ecomail.sandbox.account import Account
from plugins.ecomail.sandbox.asking import Asked, Bad, Wrong, flag, invalid, missing, refuse_unknown
from plugins.ecomail.sandbox.shapes import contact_answer, membership
from plugins.ecomail.sandbox.store import (
    SUBSCRIBED,
    UNCONFIRMED,
    UNSUBSCRIBED,
    ContactList,
    Member,
)
from plugins.ecomail.sandbox.validation import Row, fit, read_email, read_row
from plugins.ecomail.sandbox.writing import Pen
from spojka.contact import Json

STATUSES = frozenset({1, 2, 4, 5, 6})
_FLAGS = ("update_existing", "resubscribe", "trigger_autoresponders", "trigger_notification", "skip_confirmation")


def subscribe(account: Account, asked: Asked) -> Json:
    """POST /lists/{id}/subscribe: on a double opt-in list a newcomer waits, and a confirmation mail goes out."""
    listed, body = account.find_list(asked.path["list_id"]), asked.fields()
    _refuse_unknown(account, body, frozenset({"subscriber_data", *_FLAGS}))
    flags = {name: flag(body, name, False) for name in _FLAGS}
    data = _data(body)
    row, member = _read(account, listed, data, data.get("email"))
    with account.writing([row.key]):
        pen = _pen(account, listed)
        if member is None:
            made = _welcome(pen, row, flags)
            return contact_answer(made.person, account.switches)
        if flags["update_existing"]:
            pen.change(member, row)
            _return(pen, member, row, flags)
        return {**contact_answer(member.person, account.switches), "already_subscribed": True}


def update(account: Account, asked: Asked) -> Json:
    """PUT /lists/{id}/update-subscriber: the address at the top level; `tags` is the complete set."""
    listed, body = account.find_list(asked.path["list_id"]), asked.fields()
    _refuse_unknown(account, body, frozenset({"email", "subscriber_data"}))
    if not body.get("email"):
        raise invalid("email", "email_required")
    row, member = _read(account, listed, _data(body), body["email"])
    if member is None:
        raise missing("Subscriber not found")
    with account.writing([row.key]):
        before = member.person.tags
        pen = _pen(account, listed)
        pen.change(member, row)
        pen.move(member, row.status, resubscribe=False)
        for tag in member.person.tags:
            if tag not in before:
                account.start("tag", member.person.email, tag=tag)
        answer = contact_answer(member.person, account.switches)
        answer["bounce_hard"] = answer.pop("bounced_hard")
        return answer


def unsubscribe(account: Account, asked: Asked) -> Json:
    """DELETE /lists/{id}/unsubscribe: ends the membership, in silence; who bounced or complained stays that."""
    listed = account.find_list(asked.path["list_id"])
    body = asked.fields()
    if not body.get("email"):
        raise invalid("email", "email_required")
    member = account.store.member(listed.id, str(body["email"]))
    if member is None:
        raise missing("Subscriber not found")
    with account.writing([member.person.key]):
        _pen(account, listed).move(member, UNSUBSCRIBED, resubscribe=False)
        return membership(member, account.switches)


def delete(account: Account, asked: Asked) -> Json:
    """DELETE /subscribers/{email}/delete: gone from the account, the proof of an opt-out with it."""
    person = account.store.person(asked.path["email"])
    if person is None and account.switches["delete_missing"] == "false":
        return {"deleted": False}
    if person is None:
        raise missing("Subscriber not found")
    with account.writing([person.key]):
        account.store.remove(person.key)
    return {"deleted": True}


def _welcome(pen: Pen, row: Row, flags: dict[str, bool]) -> Member:
    asks = pen.listed.double_optin and not flags["skip_confirmation"]
    status = UNCONFIRMED if asks else row.status or SUBSCRIBED
    known = pen.account.store.people.get(row.key)
    member = pen.create(row, status, flags["update_existing"] or known is None or bool(pen.switches["join_overwrites"]))
    pen.account.store.touch(member.person)
    if asks:
        pen.account.confirmations.append(member.person.email)
        pen.account.bell(member, "SUBSCRIBED")
    if flags["trigger_notification"]:
        pen.account.notifications.append(member.person.email)
    if flags["trigger_autoresponders"]:
        pen.account.start("contact_added", member.person.email, list_id=pen.listed.id)
    return member


def _return(pen: Pen, member: Member, row: Row, flags: dict[str, bool]) -> None:
    asks = pen.listed.double_optin and not flags["skip_confirmation"]
    back = member.status == UNSUBSCRIBED and flags["resubscribe"] and row.status in (None, SUBSCRIBED)
    if back and asks:
        pen.move(member, UNCONFIRMED, resubscribe=False)
        pen.account.confirmations.append(member.person.email)
        return
    pen.move(member, row.status, resubscribe=flags["resubscribe"])


def _read(account: Account, listed: ContactList, data: dict[str, Any], email: Json) -> tuple[Row, Member | None]:
    """The row and who it is about. Raises Wrong (422)."""
    try:
        if "email" in data and read_email(data["email"]).lower() != read_email(email).lower():
            raise invalid("email", "The email may not be changed.")
        row = read_row(data, email, STATUSES, account.switches)
        member = account.store.member(listed.id, row.key)
        return fit(row, account.store.people.get(row.key), member, listed, account.switches), member
    except Bad as wrong:
        raise Wrong(422, {"errors": wrong.errors}) from wrong


def _data(body: dict[str, Json]) -> dict[str, Any]:
    data = body.get("subscriber_data")
    if not isinstance(data, dict):
        raise invalid("subscriber_data", "The subscriber data must be an object.")
    return data


def _refuse_unknown(account: Account, body: dict[str, Json], known: frozenset[str]) -> None:
    try:
        refuse_unknown(body, known, account.switches["unknown_keys"])
    except Bad as wrong:
        raise Wrong(422, {"errors": wrong.errors}) from wrong


def _pen(account: Account, listed: ContactList) -> Pen:
    return Pen(account, listed, account.now(), "replace", account.switches)
