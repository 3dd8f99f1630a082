"""The human pages of campaigns: send one, and do what its readers would do."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from plugins.ecomail.sandbox.figures import per_person
from plugins.ecomail.sandbox.store import SUBSCRIBED

if TYPE_CHECKING:
    from plugins.ecomail.sandbox.emulator import EcomailEmulator

Draw = Callable[..., Response]
PER_PAGE = 50
EVENTS = {"open": "Otevřít", "click": "Kliknout", "unsub": "Odhlásit se", "spam": "Označit jako spam"}
PIPELINE = 1
LINK = "https://www.example.com/novinka"


def campaigns(emulator: "EcomailEmulator", draw: Draw) -> Response:
    """Campaigns with their totals, the newest first, and a form for another one."""
    mailings = emulator.account.mailings
    rows = [(each, _totals(emulator, number)) for number, each in sorted(mailings.campaigns.items(), reverse=True)]
    return draw("campaigns.html", rows=rows, lists=list(emulator.account.lists.values()))


def send(emulator: "EcomailEmulator", request: Request) -> Response:
    """Send a campaign to everybody who is subscribed to a list."""
    title, list_id = request.form.get("title", "").strip(), request.form.get("list", 1, type=int)
    number = emulator.send_campaign(title or "Novinky", list_id)
    return redirect(f"{request.root_path}/ui/campaigns/{number}", 303)


def campaign(emulator: "EcomailEmulator", request: Request, number: int, draw: Draw) -> Response:
    """One campaign: its people, what each did, and buttons to do more."""
    mailing, page = emulator.account.mailings.of_campaign[number], max(request.args.get("page", 1, type=int), 1)
    people = list(per_person(mailing, "", "", "").items())
    shown = people[(page - 1) * PER_PAGE : page * PER_PAGE]
    values = {"people": shown, "page": page, "more": len(people) > page * PER_PAGE, "totals": _totals(emulator, number)}
    return draw("campaign.html", campaign=emulator.account.mailings.campaigns[number], events=EVENTS, **values)


def act(emulator: "EcomailEmulator", request: Request, number: int, email: str) -> Response:
    """Somebody opens, clicks, leaves or complains."""
    event = request.form.get("event", "")
    if event in EVENTS:
        emulator.mail_event(event, email, number, LINK if event == "click" else None)
        if event == "unsub":
            for list_id, member in list(emulator.account.store.people[email].memberships.items()):
                if member.status == SUBSCRIBED:
                    emulator.unsubscribe(list_id, email, number)
    return redirect(f"{request.root_path}/ui/campaigns/{number}?page={request.form.get('page', '1')}", 303)


def step(emulator: "EcomailEmulator", request: Request, email: str) -> Response:
    """An automation comes to its webhook step for a contact: it calls the address, once."""
    url = request.form.get("url", "").strip()
    if url.startswith(("http://", "https://")):
        mailings = emulator.account.mailings
        if PIPELINE not in mailings.pipelines:
            mailings.add_pipeline(PIPELINE, "Uvítací automatizace", 1, emulator.account.now().local)
        emulator.automation_step(PIPELINE, "webhook", email, url)
    return redirect(f"{request.root_path}/ui/contacts/{quote(email, safe='@')}?saved=1", 303)


def _totals(emulator: "EcomailEmulator", number: int) -> Mapping[str, Any]:
    people = per_person(emulator.account.mailings.of_campaign[number], "", "", "")
    names = ("send", "open", "click", "unsub")
    return {name: sum(1 for said in people.values() if said.get(name)) for name in names}
