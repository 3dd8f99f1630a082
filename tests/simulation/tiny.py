"""A second CRM, as small as one can be: persons, four fields both ways, no webhooks. Plugin and emulator in one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from werkzeug.wrappers import Request as WebRequest
from werkzeug.wrappers import Response

from spojka import (
    Connection,
    Contact,
    Crm,
    CrmCheck,
    Edit,
    Field,
    Http,
    Json,
    Kind,
    Limits,
    Malformed,
    Manifest,
    Normal,
    Outcome,
    Page,
    Purpose,
    Record,
    Refused,
    Rejected,
    Request,
    Role,
    SettingsSchema,
    SpojkaError,
    Standing,
    Std,
    TagAction,
    Text,
    Way,
    hookimpl,
    secret,
    switch,
)
from spojka.emulator import Clock, Emulator, reply, utc_now

KEY, PAGE = "tiny-key", 10
NAME = Field(Std.NAME, Way.BOTH, Text(cs="Jméno", en="First name"))
SURNAME = Field(Std.SURNAME, Way.BOTH, Text(cs="Příjmení", en="Last name"), empties=False)
PHONE = Field(Std.PHONE, Way.BOTH, Text(cs="Telefon", en="Phone"), Normal.PHONE)
CITY = Field(Std.CITY, Way.BOTH, Text(cs="Město", en="City"))
COLUMNS = {NAME.key: "first", SURNAME.key: "last", PHONE.key: "phone", CITY.key: "city"}


class TinySettings(SettingsSchema):
    """What a person types."""

    api_key = secret(label=Text(cs="Klíč", en="Key"), find=Text(cs="V Tiny.", en="In Tiny."))
    both_emails = switch(label=Text(cs="Obě adresy", en="Both addresses"), default=False)


TINY = Manifest(
    name="tiny",
    label=Text(cs="Tiny", en="Tiny"),
    roles=frozenset({Role.CRM}),
    settings=TinySettings,
    kinds=(Kind.PERSON,),
    fields=(NAME, SURNAME, PHONE, CITY),
    limits=Limits(at_once=2, page=PAGE, ids=PAGE),
    base_url="https://api.tiny.example/v1/",
    hosts=("api.tiny.example",),
    account_settings=("api_key",),
)


class TinyCrm:
    """One account."""

    def __init__(self, connection: Connection, http: Http) -> None:
        self._http = http
        self._headers = {"X-Key": connection.secrets["api_key"]}

    def check(self) -> CrmCheck:
        """See `spojka.Crm`."""
        said = self._get("me", {})
        return CrmCheck(str(said["name"]), str(said["id"]))

    def changed(self, kind: Kind, since: datetime | None, after: str | None) -> Page[Record]:
        """See `spojka.Crm`."""
        asked = {"after": after or "0"}
        if since is not None:
            asked["since"] = since.astimezone(UTC).isoformat(timespec="seconds")
        return self._page(asked)

    def read(self, kind: Kind, ids: Sequence[str]) -> Page[Record]:
        """See `spojka.Crm`."""
        return self._page({"after": "0", "ids": ",".join(ids)}) if ids else Page(())

    def ids(self, kind: Kind, after: str | None) -> Page[tuple[str, int]]:
        """See `spojka.Crm`."""
        page = self._page({"after": after or "0"})
        return Page([(record.id, record.version) for record in page.items], page.after, page.total)

    def write(self, path: str, body: Json) -> None:
        """Send a change. Raises as `Http`, and Rejected."""
        answer = self._http.send(Request("PUT", path, json=body, headers=self._headers, purpose=Purpose.WRITE))
        if answer.status != 200:
            raise Rejected(f"Tiny refuses this change (status {answer.status}).")

    def _page(self, asked: Mapping[str, str]) -> Page[Record]:
        said = self._get("people", asked)
        rows, total = said.get("people"), said.get("total")
        if not isinstance(rows, list) or not isinstance(total, int):
            raise Malformed("Tiny answered a page in another form.")
        records = [Record(Kind.PERSON, str(row["id"]), row["version"], row) for row in rows]
        done = total - int(said["before"]) <= len(records)
        return Page(records, None if done else records[-1].id, total)

    def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        answer = self._http.send(Request("GET", path, params, headers=self._headers))
        if answer.status == 403:
            raise Refused("This key may not read contacts.")
        body = answer.json() if answer.status == 200 else None
        if not isinstance(body, dict):
            raise Malformed(f"Tiny answered {path} in another form (status {answer.status}).")
        return body


class Tiny:
    """The plugin, under any name: what it tags and where it comes from follows from that."""

    def __init__(self, name: str = TINY.name) -> None:
        self._manifest = replace(TINY, name=name)

    @hookimpl
    def describe(self) -> Manifest:
        """See `spojka.hooks`."""
        return self._manifest

    @hookimpl
    def open_crm(self, connection: Connection, http: Http) -> Crm:
        """See `spojka.hooks`."""
        return TinyCrm(connection, http)

    @hookimpl
    def on_contact_in(self, record: Record) -> Contact:
        """See `spojka.hooks`."""
        raw = record.raw
        return Contact(
            Kind.PERSON,
            record.id,
            record.version,
            addresses=(raw.get("email", ""), raw.get("email2", "")),
            fields={key: raw.get(column, "") for key, column in COLUMNS.items()},
            tags=tuple(raw.get("labels", ())),
            standing=Standing.INVALID if raw.get("archived") else Standing.USUAL,
            mailable=not raw.get("no_mail"),
            created_at=datetime.fromisoformat(raw["created"]),
        )

    @hookimpl
    def on_contact_out(self, crm: Crm, edits: Sequence[Edit]) -> Sequence[Outcome]:
        """See `spojka.hooks`."""
        client = cast(TinyCrm, crm)
        return [
            _outcome(
                edit.key,
                lambda edit=edit: client.write(  # type: ignore[misc]  # bound now, as the loop goes on
                    f"people/{edit.id}", {COLUMNS[key]: value for key, value in edit.fields.items()}
                ),
            )
            for edit in edits
        ]

    @hookimpl
    def on_automation_tag(self, crm: Crm, actions: Sequence[TagAction]) -> Sequence[Outcome]:
        """See `spojka.hooks`."""
        return [Outcome(action.key, False, error="Tiny takes no tags.") for action in actions]


def _outcome(key: str, write: Callable[[], None]) -> Outcome:
    try:
        write()
    except Rejected as error:
        return Outcome(key, False, error=str(error))
    except SpojkaError as error:
        return Outcome(key, False, error=str(error), unknown=True)
    return Outcome(key, True)


class TinyEmulator(Emulator):
    """One account; persons are plain dictionaries."""

    name = "tiny"

    def __init__(self, clock: Clock = utc_now) -> None:
        super().__init__(clock)
        self.people: dict[int, dict[str, Any]] = {}
        self._next = 1

    def add(self, **values: Any) -> int:
        """A new person; the id."""
        number, self._next = self._next, self._next + 1
        self.people[number] = {"id": number, "version": 0, "created": self._moment()}
        self.edit(number, **values)
        return number

    def edit(self, number: int, **values: Any) -> None:
        """Change some columns of a person."""
        person = self.people[number]
        person |= {**values, "version": person["version"] + 1, "changed": self._moment()}

    def delete(self, number: int) -> None:
        """Delete a person."""
        del self.people[number]

    def answer(self, request: WebRequest) -> Response:
        """One request."""
        if request.headers.get("X-Key") != KEY:
            return reply({"error": "unknown key"}, 401)
        if request.path == "/v1/me":
            return reply({"id": "7", "name": "jana@tiny.example"})
        if request.method == "PUT":
            return self._change(request)
        return self._list(request)

    def _list(self, request: WebRequest) -> Response:
        after, since, ids = int(request.args["after"]), request.args.get("since", ""), request.args.get("ids")
        wanted = None if ids is None else set(ids.split(","))
        found = [
            person
            for _, person in sorted(self.people.items())
            if person["changed"] >= since and (wanted is None or str(person["id"]) in wanted)
        ]
        rest = [person for person in found if person["id"] > after]
        return reply({"people": rest[:PAGE], "total": len(found), "before": len(found) - len(rest)})

    def _change(self, request: WebRequest) -> Response:
        number, body = int(request.path.rpartition("/")[2]), request.get_json()
        if number not in self.people:
            return reply({"error": "no such person"}, 404)
        if body.get("last") == "":
            return reply({"error": "a last name is needed"}, 422)
        self.edit(number, **body)
        return reply({"id": number})

    def dump(self) -> Json:
        """Everything."""
        return {"people": list(self.people.values()), "next": self._next}

    def load(self, state: Json) -> None:
        """What `dump` gave."""
        self.people = {person["id"]: person for person in state["people"]}
        self._next = state["next"]

    def _moment(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")
