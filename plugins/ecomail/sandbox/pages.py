"""The human pages under /ui/: look at the lists, and edit a contact as a user of the app would."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from plugins.ecomail.sandbox import mailpages
from plugins.ecomail.sandbox.store import PRAGUE, ContactList, Member, Person
from plugins.ecomail.sandbox.validation import BASIC

if TYPE_CHECKING:
    from plugins.ecomail.sandbox.emulator import EcomailEmulator

PER_PAGE = 50
STATUS_WORDS = {
    1: "přihlášený",
    2: "odhlášený",
    3: "dočasně nedoručitelný",
    4: "nedoručitelný",
    5: "stížnost na spam",
    6: "nepotvrzený",
}
FIELD_WORDS = {
    "name": "Jméno",
    "surname": "Příjmení",
    "gender": "Pohlaví",
    "company": "Firma",
    "street": "Ulice",
    "city": "Město",
    "zip": "PSČ",
    "country": "Země",
    "phone": "Telefon",
    "pretitle": "Titul před jménem",
    "surtitle": "Titul za jménem",
    "birthday": "Datum narození",
    "nameday": "Svátek",
    "vokativ": "Oslovení jménem",
    "vokativ_s": "Oslovení příjmením",
}
_HERE = Path(__file__).parent / "templates"
_TEMPLATES = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
_SAFE = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
Page = Callable[["EcomailEmulator", Request, Mapping[str, Any]], Response]


def answer(emulator: "EcomailEmulator", request: Request) -> Response:
    """One page, or the redirect after a form."""
    if request.method == "POST" and not _from_here(request):
        return Response("Formulář přišel z jiné stránky.", status=403, content_type="text/plain; charset=utf-8")
    try:
        page, parts = _MAP.bind("").match(request.path, method=request.method)
    except HTTPException:
        return _missing("Taková stránka tu není.")
    with emulator.lock:
        try:
            return _guarded(page(emulator, request, parts))
        except KeyError:
            return _missing("Takový seznam ani kontakt tu není.")


def lists(emulator: "EcomailEmulator", request: Request, _parts: Mapping[str, Any]) -> Response:
    """All lists with their counts."""
    store = emulator.account.store
    rows = [(each, [store.count(each.id, status) for status in STATUS_WORDS]) for each in _lists(emulator)]
    return _html(
        request, "lists.html", rows=rows, people=len(store.people), deliveries=len(emulator.account.deliveries)
    )


def one_list(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """The members of a list, searched by address, name, company or tag."""
    listed = emulator.account.lists[parts["list_id"]]
    words, page = request.args.get("q", "").strip(), max(request.args.get("page", 1, type=int), 1)
    status = request.args.get("status", 0, type=int)
    found = (
        member
        for member in emulator.account.store.members_of(listed.id)
        if (not status or member.status == status) and _speaks_of(member, words.lower())
    )
    shown = list(islice(found, (page - 1) * PER_PAGE, page * PER_PAGE + 1))
    query = {"listed": listed, "words": words, "status": status, "page": page}
    return _html(request, "list.html", members=shown[:PER_PAGE], more=len(shown) > PER_PAGE, **query)


def add(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """Put a contact into a list."""
    email = request.form.get("email", "").strip()
    if "@" not in email or parts["list_id"] not in emulator.account.lists:
        return _missing("Kontakt potřebuje e-mailovou adresu.")
    emulator.add_contact(parts["list_id"], email)
    return _to_contact(request, email)


def contact(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """One contact with everything that is known about it."""
    person = _person(emulator, parts)
    memberships = [(emulator.account.lists[number], member) for number, member in person.memberships.items()]
    return _html(request, "contact.html", person=person, memberships=memberships, saved="saved" in request.args)


def save(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """Write the form's basic fields and tags, as far as they changed."""
    person = _person(emulator, parts)
    changed: dict[str, Any] = {
        name: request.form[name].strip()
        for name in BASIC
        if name in request.form and request.form[name].strip() != person.values.get(name, "")
    }
    emulator.edit_contact(person.key, **changed)
    if "tags" in request.form:
        tags = [tag.strip() for tag in request.form["tags"].splitlines()]
        emulator.set_tags(person.key, [tag for tag in tags if tag])
    return _to_contact(request, person.email)


def save_membership(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """Write one list's custom fields and the status, as far as they changed."""
    person, list_id = _person(emulator, parts), int(parts["list_id"])
    member = person.memberships[list_id]
    changed = {
        key: request.form[f"custom.{key}"]
        for key in emulator.account.lists[list_id].fields
        if request.form.get(f"custom.{key}", "") != member.custom.get(key, "")
    }
    if changed:
        emulator.edit_contact(person.key, list_id=list_id, custom_fields=changed)
    status = request.form.get("status", member.status, type=int)
    if status in STATUS_WORDS:
        emulator.set_status(list_id, person.key, status)
    return _to_contact(request, person.email)


def unsubscribe(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """Leave one list."""
    person = _person(emulator, parts)
    emulator.unsubscribe(parts["list_id"], person.key)
    return _to_contact(request, person.email)


def delete(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """Delete the contact from the account."""
    emulator.delete_contact(_person(emulator, parts).key)
    return redirect(f"{request.root_path}/ui/", 303)


def _draw(request: Request) -> Callable[..., Response]:
    return lambda template, **values: _html(request, template, **values)


def all_campaigns(emulator: "EcomailEmulator", request: Request, _parts: Mapping[str, Any]) -> Response:
    """Everything that was sent."""
    return mailpages.campaigns(emulator, _draw(request))


def send_campaign(emulator: "EcomailEmulator", request: Request, _parts: Mapping[str, Any]) -> Response:
    """Send one more."""
    return mailpages.send(emulator, request)


def one_campaign(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """What its people did."""
    return mailpages.campaign(emulator, request, parts["number"], _draw(request))


def act(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """One of them does something."""
    return mailpages.act(emulator, request, parts["number"], _person(emulator, parts).key)


def step(emulator: "EcomailEmulator", request: Request, parts: Mapping[str, Any]) -> Response:
    """A step of an automation."""
    return mailpages.step(emulator, request, _person(emulator, parts).key)


def style(_emulator: "EcomailEmulator", _request: Request, _parts: Mapping[str, Any]) -> Response:
    """The style sheet."""
    return Response((_HERE / "style.css").read_bytes(), content_type="text/css; charset=utf-8")


def _when(text: str) -> str:
    """A moment in the reader's form and in Prague time, whichever of the vendor's forms it has."""
    moment = datetime.fromisoformat(text)
    local = moment.astimezone(PRAGUE) if moment.tzinfo else moment
    return f"{local.day}. {local.month}. {local.year} {local:%H:%M}"


def _speaks_of(member: Member, words: str) -> bool:
    if not words:
        return True
    known = member.person.values
    texts = (member.person.key, known.get("name", ""), known.get("surname", ""), known.get("company", ""))
    return any(words in text.lower() for text in (*texts, *member.person.tags))


def _lists(emulator: "EcomailEmulator") -> list[ContactList]:
    return list(emulator.account.lists.values())


def _person(emulator: "EcomailEmulator", parts: Mapping[str, Any]) -> Person:
    return emulator.account.store.people[str(parts["email"]).lower()]


def _to_contact(request: Request, email: str) -> Response:
    return redirect(f"{request.root_path}/ui/contacts/{quote(email, safe='@')}?saved=1", 303)


def _html(request: Request, template: str, **values: Any) -> Response:
    words = {"statuses": STATUS_WORDS, "fields": FIELD_WORDS, "root": f"{request.root_path}/ui"}
    return Response(
        _TEMPLATES.get_template(template).render(**words, **values), content_type="text/html; charset=utf-8"
    )


def _missing(sentence: str) -> Response:
    return Response(sentence, status=404, content_type="text/plain; charset=utf-8")


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _SAFE
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _from_here(request: Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


_TEMPLATES.filters["when"] = _when
_PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/ui/", lists),
    ("GET", "/ui", lists),
    ("GET", "/ui/style.css", style),
    ("GET", "/ui/lists/<int:list_id>", one_list),
    ("POST", "/ui/lists/<int:list_id>", add),
    ("GET", "/ui/contacts/<email>", contact),
    ("POST", "/ui/contacts/<email>", save),
    ("POST", "/ui/contacts/<email>/lists/<int:list_id>", save_membership),
    ("POST", "/ui/contacts/<email>/lists/<int:list_id>/unsubscribe", unsubscribe),
    ("POST", "/ui/contacts/<email>/delete", delete),
    ("POST", "/ui/contacts/<email>/step", step),
    ("GET", "/ui/campaigns", all_campaigns),
    ("POST", "/ui/campaigns", send_campaign),
    ("GET", "/ui/campaigns/<int:number>", one_campaign),
    ("POST", "/ui/campaigns/<int:number>/<email>", act),
)
_MAP = Map([Rule(path, methods=[method], endpoint=page) for method, path, page in _PAGES], strict_slashes=False)
