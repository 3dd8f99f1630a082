"""Invented contents: the shared fixture of the cases, and an account to try the product with."""

from collections.abc import Sequence
from datetime import timedelta

from plugins.ecomail.sandbox.emulator import EcomailEmulator
from plugins.ecomail.sandbox.mailings import SENT
from plugins.ecomail.sandbox.store import COMPLAINED, HARD_BOUNCE, SUBSCRIBED, UNCONFIRMED, UNSUBSCRIBED, Moment
from spojka.emulator import Clock, utc_now

HOOK = "https://hook.example.cz/list"
_NAMES = (
    ("Jana", "Nováková", "female"),
    ("Petr", "Svoboda", "male"),
    ("Žofie", "Dvořáková", "female"),
    ("Tomáš", "Černý", "male"),
    ("Lucie", "Procházková", "female"),
    ("Jiří", "Kučera", "male"),
    ("Eliška", "Veselá", "female"),
    ("Ondřej", "Horák", "male"),
    ("Markéta", "Němcová", "female"),
    ("Řehoř", "Šťastný", "male"),
)
_CITIES = ("Praha", "Brno", "Ostrava", "Plzeň", "Liberec", "Olomouc", "Ústí nad Labem")
_KNOWN = ((SUBSCRIBED, ("vip",)), (UNSUBSCRIBED, ()), (HARD_BOUNCE, ()), (UNCONFIRMED, ()), (COMPLAINED, ()))


def fixture(clock: Clock = utc_now) -> EcomailEmulator:
    """Fixture F: list 1 with one contact of each kind, list 2 empty; the list's bell is connected."""
    emulator = EcomailEmulator(clock)
    first = emulator.account.add_list("Klienti", double_optin=True, from_name="Firma", from_email="firma@example.cz")
    first.fields = {
        "raynet_vlastnik": {"type": "string", "name": "raynet_vlastnik"},
        "narozeniny_firmy": {"type": "date", "name": "narozeniny_firmy"},
    }
    categories = [{"id": "cat_n", "name": "Novinky"}, {"id": "cat_a", "name": "Akce"}]
    first.groups = {"grp_a": {"id": "grp_a", "name": "Zájmy", "type": "checkbox", "category": categories}}
    first.segments = {"seg_a": {"id": "seg_a", "name": "Aktivní"}}
    emulator.account.add_list("Test", from_name="Firma", from_email="firma@example.cz")
    owner = {"raynet_vlastnik": "Petr Dvořák"}
    emulator.add_contact(1, "jana@example.cz", tags=("vip", "raynet"), custom_fields=owner, name="Jana", surname="Malá")
    emulator.add_contact(1, "karel@example.cz", status=UNSUBSCRIBED, tags=("raynet",), name="Karel")
    emulator.account.store.people["karel@example.cz"].memberships[1].unsubscribed_at = "2026-03-01T08:00:00.000000Z"
    emulator.add_contact(1, "hard@example.cz", status=HARD_BOUNCE)
    emulator.add_contact(1, "spam@example.cz", status=COMPLAINED)
    emulator.add_contact(1, "ceka@example.cz", status=UNCONFIRMED)
    emulator.set_list_webhook(1, HOOK)
    return emulator


def campaigns(emulator: EcomailEmulator) -> None:
    """Campaign 10 with 150 people, 11 without any, drafts, arms of an A/B test, an SMS; automation 5 waits for vip."""
    now, mailings = emulator.clock(), emulator.account.mailings
    at = Moment.of(now - timedelta(days=5))
    sent = {"status": SENT, "sent_at": at.local}
    mailings.add_campaign(10, "Listopadové novinky", recipients=150, archive_url=_copy(10), **sent)
    mailings.add_campaign(11, "Bez příjemců", recipients=0, **sent)
    mailings.add_campaign(12, "Koncept", subject=None)
    mailings.add_campaign(13, "Test předmětu", campaign_type="ab", recipients=20, **sent)
    mailings.add_campaign(14, "Rameno A", campaign_type="variation", parent_id=13, recipients=10, status=SENT)
    mailings.add_campaign(15, "Zpráva", campaign_type="sms", subject=None, **sent)
    for number in range(150):
        email = f"clovek{number:03}@example.cz"
        mailings.happen("send", email, at.utc, campaign=10)
        if number % 3 == 0:
            mailings.happen("open", email, Moment.of(now - timedelta(days=4)).utc, campaign=10)
        if number % 15 == 0:
            opened = Moment.of(now - timedelta(days=3)).utc
            mailings.happen("click", email, opened, campaign=10, url="https://www.example.cz/akce")
    mailings.add_pipeline(5, "Uvítání", 1, at.local, cause="tag", tag="vip")
    mailings.add_pipeline(6, "Nový kontakt", 1, at.local, cause="contact_added", list=1)


def demo(members: int, known: Sequence[str] = (), clock: Clock = utc_now) -> EcomailEmulator:
    """An account with `members` invented people in list 1; the addresses in `known` are among them.

    The first one is subscribed with an own name and tag, the next unsubscribed, bounced, unconfirmed, complained,
    and so on in turn.
    """
    emulator = EcomailEmulator(clock)
    emulator.account.add_list("Klienti", from_name="Ukázka", from_email="ukazka@example.cz")
    emulator.account.add_list("Test", from_name="Ukázka", from_email="ukazka@example.cz")
    for at, email in enumerate(known[: max(members, 0)]):
        status, tags = _KNOWN[at % len(_KNOWN)]
        emulator.add_contact(1, email, status=status, tags=tags, name="Vlastní", surname="Jméno")
    for number in range(len(known), members):
        name, surname, gender = _NAMES[number % len(_NAMES)]
        emulator.add_contact(
            1,
            f"kontakt{number:06}@example.cz",
            name=name,
            surname=surname,
            gender=gender,
            city=_CITIES[number % len(_CITIES)],
            tags=("odběratel",) if number % 4 else ("odběratel", "věrný"),
        )
    return emulator


def _copy(number: int) -> str:
    return f"https://demo.ecomailapp.cz/campaigns/render/{number}/abcdef"
