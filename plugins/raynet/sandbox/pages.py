"""A page for people: look at persons and companies, and edit them as a Raynet user would. No key needed."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from plugins.raynet.sandbox import rows
from plugins.raynet.sandbox.errors import ApiError
from plugins.raynet.sandbox.store import Rec, Store, Table, primary_address
from plugins.raynet.sandbox.times import Face, shown
from plugins.raynet.sandbox.visit import find

A_PAGE = 50
PERSON_TEXTS = (
    ("titleBefore", "Titul před"),
    ("firstName", "Jméno"),
    ("lastName", "Příjmení"),
    ("titleAfter", "Titul za"),
    ("email", "E-mail"),
    ("email2", "Druhý e-mail"),
    ("tel1", "Telefon"),
    ("birthday", "Narozeniny"),
    ("street", "Ulice"),
    ("city", "Město"),
    ("zipCode", "PSČ"),
    ("country", "Země (kód, třeba CZ)"),
    ("type", "Pozice ve firmě"),
)
COMPANY_TEXTS = (
    ("name", "Název"),
    ("email", "E-mail"),
    ("email2", "Druhý e-mail"),
    ("tel1", "Telefon"),
    ("street", "Ulice"),
    ("city", "Město"),
    ("zipCode", "PSČ"),
    ("country", "Země (kód, třeba CZ)"),
)
CODES = {
    "state": ("A_POTENTIAL", "B_ACTUAL", "C_DEFERRED", "D_UNATTRACTIVE"),
    "role": ("A_SUBSCRIBER", "B_PARTNER", "C_SUPPLIER", "D_RIVAL", "E_OWN"),
    "rating": ("A", "B", "C"),
}
NUMBERS = ("owner", "company", "language")


class Site(Protocol):
    """What the page needs of the emulator."""

    store: Store
    lock: Any
    switches: dict[str, Any]

    def add_person(self, **fields: Any) -> int:
        """A new person."""
        ...

    def edit_person(self, id_: int, **fields: Any) -> None:
        """Change a person."""
        ...

    def delete_person(self, id_: int) -> None:
        """Delete a person."""
        ...

    def add_company(self, **fields: Any) -> int:
        """A new company."""
        ...

    def edit_company(self, id_: int, **fields: Any) -> None:
        """Change a company."""
        ...

    def delete_company(self, id_: int) -> None:
        """Delete a company."""
        ...


class Pages:
    """The WSGI application under `/ui/`."""

    def __init__(self, site: Site) -> None:
        self.site = site
        folder = FileSystemLoader(Path(__file__).parent / "templates")
        self.templates = Environment(loader=folder, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self.paths = Map(
            [
                Rule("/", endpoint=lambda request: redirect(f"{request.script_root}/ui/persons/")),
                Rule("/ui/", endpoint=lambda request: redirect(f"{request.script_root}/ui/persons/")),
                Rule("/ui/style.css", endpoint=self._style),
                Rule("/ui/<any(persons, companies):kind>/", endpoint=self._list),
                Rule("/ui/<any(persons, companies):kind>/new", endpoint=self._form),
                Rule("/ui/<any(persons, companies):kind>/<int:id_>", endpoint=self._form),
                Rule("/ui/<any(persons, companies):kind>/<int:id_>/delete", endpoint=self._delete, methods=["POST"]),
            ]
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One page. A refusal by Raynet's rules is a page, too."""
        request = Request(environ)
        try:
            call, values = self.paths.bind_to_environ(environ).match()
            with self.site.lock:
                response = call(request, **values)
        except HTTPException as error:
            return error(environ, start_response)
        except ApiError as refusal:
            status = 404 if refusal.status == 404 else 400
            response = self._page(request, "refused.html", status, refusal=refusal)
        answer: Iterable[bytes] = response(environ, start_response)
        return answer

    def _page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        html = self.templates.get_template(template).render(root=request.script_root, **values)
        return Response(html, status=status, content_type="text/html; charset=utf-8")

    def _style(self, _: Request) -> Response:
        text = (Path(__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
        return Response(text, content_type="text/css; charset=utf-8")

    def _list(self, request: Request, kind: str) -> Response:
        words = request.args.get("q", "").strip()
        number = max(1, request.args.get("page", 1, type=int))
        table = self.site.store.table(kind)
        ids = _search(table, words) if words else table.ids
        lines = [self._line(kind, table.rows[id_]) for id_ in ids[(number - 1) * A_PAGE : number * A_PAGE]]
        more = len(ids) > number * A_PAGE
        return self._page(
            request, "list.html", kind=kind, words=words, lines=lines, total=len(ids), page=number, more=more
        )

    def _line(self, kind: str, record: Rec) -> Mapping[str, Any]:
        face = Face(self.site.switches["time_zone"], iso=False)
        contact = _contact(record)
        return {
            "id": record["id"],
            "name": _name(record),
            "emails": [contact[key] for key in ("email", "email2") if contact.get(key)],
            "company": (rows.person_row(self.site.store, record, face)["primaryRelationship"] or {}).get("company")
            if kind == "persons"
            else None,
            "tags": record.get("tags", []),
            "invalid": record.get("rowAccess") == "INVALID",
            "changed": shown(record.get("updated") or record["created"], face),
        }

    def _form(self, request: Request, kind: str, id_: int | None = None) -> Response:
        record = None if id_ is None else find(self.site.store.table(kind), id_)
        if request.method != "POST":
            values = self._form_values(kind, record, _values(record), "")
            return self._page(request, "form.html", saved="saved" in request.args, **values)
        sent = _sent(request, kind)
        try:
            saved = self._save(kind, id_, _changed(record, sent))
        except ApiError as refusal:
            return self._page(request, "form.html", 400, **self._form_values(kind, record, sent, str(refusal)))
        return redirect(f"{request.script_root}/ui/{kind}/{saved}?saved=1")

    def _form_values(self, kind: str, record: Rec | None, values: Rec, error: str) -> Rec:
        store = self.site.store
        return {
            "kind": kind,
            "id": record["id"] if record else None,
            "name": _name(record) if record else "",
            "values": values,
            "error": error,
            "texts": PERSON_TEXTS if kind == "persons" else COMPANY_TEXTS,
            "codes": CODES,
            "owners": _owners(store, record),
            "languages": store.picklists["language"],
            "history": _history(store, kind, record) if record else [],
        }

    def _save(self, kind: str, id_: int | None, fields: Rec) -> int:
        site = self.site
        if id_ is None:
            return site.add_person(**fields) if kind == "persons" else site.add_company(**fields)
        if fields:
            edit = site.edit_person if kind == "persons" else site.edit_company
            edit(id_, **fields)
        return id_

    def _delete(self, request: Request, kind: str, id_: int) -> Response:
        if kind == "persons":
            self.site.delete_person(id_)
        else:
            self.site.delete_company(id_)
        return redirect(f"{request.script_root}/ui/{kind}/")


def _owners(store: Store, record: Rec | None) -> list[Rec | None]:
    """Who may look after a record: the users, and whoever does now."""
    now = record.get("owner") if record else None
    ids = dict.fromkeys([*store.account_of, *([] if now is None else [now])])
    return [store.person_name(id_) for id_ in ids]


def _contact(record: Rec) -> Rec:
    if "addresses" in record:
        found: Rec = primary_address(record)["contactInfo"]
        return found
    return dict(record.get("contactInfo", {}))


def _name(record: Rec) -> str:
    if "addresses" in record:
        return str(record["name"])
    return " ".join(part for part in (record.get("firstName"), record["lastName"]) if part)


def _search(table: Table, words: str) -> list[int]:
    wanted = words.casefold()
    return [id_ for id_ in table.ids if wanted in _said(table.rows[id_])]


def _said(record: Rec) -> str:
    contact = _contact(record)
    return " ".join(filter(None, (_name(record), contact.get("email"), contact.get("email2")))).casefold()


def _history(store: Store, kind: str, record: Rec) -> list[Rec]:
    """What stands in a record's history: mass e-mails it got, and e-mail activities about it, the newest first."""
    key = "person" if kind == "persons" else "company"
    found = []
    for one in store.recipients.rows.values():
        if one.get(key) == record["id"]:
            mail = store.mass_emails.rows[one["massEmail"]]
            days = {name: one.get(name) for name in ("opened", "clicked", "unsubscribed")}
            stats = ", ".join(f"{name} {number}" for name, number in mail.get("stats", {}).items())
            said = {"title": mail["title"], "status": one["status"], "stats": stats, "text": ""}
            found.append({**said, **days, "url": mail.get("externalOverviewUrl") or "", "id": mail["id"]})
    for one in store.emails.rows.values():
        about = [item.get("person") for item in one["participants"]] if key == "person" else [one.get("company")]
        if record["id"] in about:
            text = Markup(one.get("description") or "").striptags()
            found.append({"title": one["title"], "status": one["status"], "text": text, "id": one["id"], "url": ""})
    return sorted(found, key=lambda each: -int(each["id"]))


def _values(record: Rec | None) -> Rec:
    """What the form shows of a record."""
    if record is None:
        return {}
    place = primary_address(record)["address"] if "addresses" in record else record.get("privateAddress", {})
    link: Rec = next((item for item in record.get("relationships", ()) if item["primary"]), {})
    job = {"company": link.get("company"), "type": link.get("type")}
    plain = {key: value for key, value in {**record, **place, **_contact(record), **job}.items() if key != "tags"}
    name = {"name": record["name"]} if "name" in record else {}
    return {**plain, **name, "tags": ", ".join(record.get("tags", ()))}


def _sent(request: Request, kind: str) -> Rec:
    """What a person filled in, in the words of the edit methods."""
    texts = PERSON_TEXTS if kind == "persons" else COMPANY_TEXTS
    names = [name for name, _ in texts] + ["tags", "owner", *(("company", "language") if kind == "persons" else CODES)]
    sent: Rec = {name: request.form.get(name, "").strip() for name in names}
    sent["doNotSendMM"] = "doNotSendMM" in request.form
    return sent


def _changed(record: Rec | None, sent: Rec) -> Rec:
    """The fields whose value differs from what the form showed."""
    before = _values(record)
    moved = {name: value for name, value in sent.items() if str(before.get(name) or "").strip() != str(value or "")}
    fields: Rec = {name: _number(name, value) if name in NUMBERS else value for name, value in moved.items()}
    if "tags" in fields:
        fields["tags"] = [tag.strip() for tag in fields["tags"].split(",") if tag.strip()]
    return fields


def _number(name: str, value: str) -> int | None:
    if not value:
        return None
    if not value.isdecimal():
        raise ApiError(400, f"{name} must be an id")
    return int(value)
