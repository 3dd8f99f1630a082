"""The bulk calls: up to 3000 rows, counted sparingly, the rest ignored without a word."""

from collections.abc import Sequence
from dataclasses import dataclass

from plugins.ecomail.sandbox.account import Account
from plugins.ecomail.sandbox.asking import Asked, Bad, Wrong, flag, invalid, refuse_unknown
from plugins.ecomail.sandbox.store import SUBSCRIBED, ContactList
from plugins.ecomail.sandbox.validation import Row, fit, read_row
from plugins.ecomail.sandbox.writing import Pen
from spojka.contact import Json

MOST_ROWS = 3000
STATUSES = frozenset({1, 2, 4})
_SUBSCRIBE = frozenset(
    {"subscriber_data", "update_existing", "resubscribe", "trigger_autoresponders", "skip_confirmation"}
)
_UPDATE = frozenset({"subscriber_data", "allow_resubscribe"})


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows that may be written, one an address, and the refusal of the first bad one, if any."""

    rows: Sequence[Row]
    refusal: Wrong | None


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of a bulk subscribe; `update_existing` is on where it is not sent."""

    update_existing: bool
    resubscribe: bool
    trigger: bool


def subscribe_bulk(account: Account, asked: Asked) -> Json:
    """POST /lists/{id}/subscribe-bulk: `inserts` counts new memberships alone."""
    listed, body = account.find_list(asked.path["list_id"]), _body(account, asked, _SUBSCRIBE)
    flags = Flags(
        flag(body, "update_existing", True),
        flag(body, "resubscribe", False),
        flag(body, "trigger_autoresponders", False),
    )
    flag(body, "skip_confirmation", False)
    batch = _read(account, listed, body)
    inserts = 0
    with account.writing([row.key for row in batch.rows]):
        pen = _pen(account, listed)
        for row in batch.rows:
            inserts += _subscribe(pen, row, flags)
    if batch.refusal:
        raise batch.refusal
    return {"inserts": inserts}


def update_bulk(account: Account, asked: Asked) -> Json:
    """PUT /lists/{id}/update-subscriber-bulk: members alone; who is not there is skipped and not counted."""
    listed, body = account.find_list(asked.path["list_id"]), _body(account, asked, _UPDATE)
    resubscribe = flag(body, "allow_resubscribe", False)
    batch = _read(account, listed, body)
    updates = 0
    with account.writing([row.key for row in batch.rows]):
        pen = _pen(account, listed)
        for row in batch.rows:
            updates += _update(pen, row, resubscribe)
    if batch.refusal:
        raise batch.refusal
    return {"updates": updates}


def _subscribe(pen: Pen, row: Row, flags: Flags) -> int:
    person = pen.account.store.people.get(row.key)
    member = person.memberships.get(pen.listed.id) if person else None
    if member is None:
        overwrite = flags.update_existing or bool(pen.switches["join_overwrites"])
        pen.create(row, row.status or SUBSCRIBED, overwrite)
        if person is not None:
            pen.account.store.touch(person)
        if flags.trigger:
            pen.account.start("contact_added", row.email, list_id=pen.listed.id)
        return 1
    if flags.update_existing:
        pen.change(member, row)
        pen.move(member, row.status, resubscribe=flags.resubscribe)
    return 0


def _update(pen: Pen, row: Row, resubscribe: bool) -> int:
    person = pen.account.store.people.get(row.key)
    member = person.memberships.get(pen.listed.id) if person else None
    if member is None:
        return 0
    pen.change(member, row)
    pen.move(member, row.status, resubscribe=resubscribe and row.status == SUBSCRIBED)
    return 1


def _body(account: Account, asked: Asked, known: frozenset[str]) -> dict[str, Json]:
    body = asked.fields()
    try:
        refuse_unknown(body, known, account.switches["unknown_keys"])
    except Bad as refused:
        raise Wrong(422, {"errors": refused.errors}) from refused
    if not isinstance(body.get("subscriber_data"), list):
        raise invalid("subscriber_data", "The subscriber data must be an array.")
    return body


def _pen(account: Account, listed: ContactList) -> Pen:
    return Pen(account, listed, account.now(), account.switches["tags"], account.switches)


def _read(account: Account, listed: ContactList, body: dict[str, Json]) -> Batch:
    """Read the rows. Raises Wrong (422) for the whole batch where the account refuses it because of one row."""
    good: list[Row] = []
    refusal: Wrong | None = None
    raws = body["subscriber_data"][:MOST_ROWS]
    kept = len(raws) - int(account.switches["ignore_rows"])
    for at, raw in enumerate(raws):
        try:
            row = _examine(account, listed, raw)
        except Bad as wrong:
            refusal = refusal or Wrong(422, {"errors": wrong.errors, "data": raw})
            continue
        if at < kept:
            good.append(row)
    if refusal and account.switches["bad_row"] == "refuse_batch":
        raise refusal
    return Batch(_once(good, account.switches["duplicates"]), refusal)


def _examine(account: Account, listed: ContactList, raw: Json) -> Row:
    email = raw.get("email") if isinstance(raw, dict) else None
    row = read_row(raw, email, STATUSES, account.switches)
    person = account.store.people.get(row.key)
    return fit(row, person, person.memberships.get(listed.id) if person else None, listed, account.switches)


def _once(rows: Sequence[Row], which: str) -> Sequence[Row]:
    ordered = rows if which == "last" else list(reversed(rows))
    chosen = list({row.key: row for row in ordered}.values())
    return chosen if which == "last" else list(reversed(chosen))
