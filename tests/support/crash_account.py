"""Both accounts of the crash tests: small, with at least one contact for every road that a full run can take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from plugins.ecomail.sandbox import EcomailEmulator
from plugins.ecomail.sandbox.store import (
    COMPLAINED,
    HARD_BOUNCE,
    SOFT_BOUNCE,
    SUBSCRIBED,
    UNCONFIRMED,
    UNSUBSCRIBED,
)
from plugins.raynet.sandbox import RaynetEmulator
from plugins.raynet.sandbox import demo as invented
from spojka.emulator import Fault

LIST, OTHER = 1, 2
ADD, CHANGE = f"/lists/{LIST}/subscribe-bulk", f"/lists/{LIST}/update-subscriber-bulk"
STATUSES = (SUBSCRIBED, SUBSCRIBED, UNSUBSCRIBED, HARD_BOUNCE, SUBSCRIBED, UNCONFIRMED, COMPLAINED, SOFT_BOUNCE)


@dataclass(frozen=True)
class Variant:
    """What the list's vendor does with a write.

    `lost` holds (method, path, how many such calls come first) whose answer never arrives; `ignored` the bulk calls,
    counted from 0, whose last row is answered well and not stored.
    """

    name: str
    switches: Mapping[str, Any] = field(default_factory=dict)
    lost: Sequence[tuple[str, str, int]] = ()
    ignored: Sequence[int] = ()

    @property
    def from_start(self) -> bool:
        """Whether the first run would have left another list behind: its columns would be called otherwise."""
        return "diacritic_keys" in self.switches

    def set(self, emulator: "Forgetful") -> None:
        """Turn a fresh emulator into this vendor."""
        emulator.switch(**self.switches)
        emulator.ignored = frozenset(self.ignored)
        if self.switches.get("source_lands") == "contact":
            emulator.forget_other_lists()
        for method, path, skipped in self.lost:
            emulator.fail(Fault("lose", method, path, skip=skipped))


class Forgetful(EcomailEmulator):
    """The emulator, which ignores a row now and then rather than always."""

    ignored: frozenset[int] = frozenset()

    def forget_other_lists(self) -> None:
        """Nobody can join from another list.

        Where a membership shows no source of ours, who joined and was not tagged yet is a stranger to R101.
        """
        for person in list(self.account.store.people.values()):
            if LIST not in person.memberships:
                self.delete_contact(person.key)

    def answer(self, request: Request) -> Response:
        """As ever."""
        if request.method != "GET":
            self.switch(ignore_rows=int(len(self.writes()) in self.ignored))
        return super().answer(request)


def _switched(**switches: Any) -> Variant:
    return Variant(",".join(f"{name}={value}" for name, value in switches.items()), switches)


VARIANTS = (
    Variant("as documented"),
    _switched(tags="merge"),
    _switched(source_lands="contact"),
    _switched(source_lands="both", source_changes=True),
    _switched(tags="merge", source_lands="contact"),
    Variant("first row ignored", ignored=(0,)),
    Variant("rows ignored early", ignored=(1, 2, 3)),
    Variant("rows ignored late, merging", {"tags": "merge", "source_lands": "both"}, ignored=(5, 8, 11)),
    _switched(bad_row="store_good_rows"),
    _switched(bad_row="store_good_rows", tags="merge"),
    Variant("first addition's answer lost", lost=(("POST", ADD, 0),)),
    Variant("a later addition's answer lost", lost=(("POST", ADD, 2),)),
    Variant("two additions' answers lost, merging", {"tags": "merge"}, (("POST", ADD, 1), ("POST", ADD, 3))),
    Variant("first change's answer lost", lost=(("PUT", CHANGE, 0),)),
    Variant("a later change's answer lost", lost=(("PUT", CHANGE, 1),)),
    Variant("source on the contact, answers lost", {"source_lands": "contact"}, (("POST", ADD, 1), ("PUT", CHANGE, 0))),
    _switched(page_fields="all"),
    _switched(page_fields="all", join_overwrites=True),
    _switched(join_overwrites=True),
    _switched(tags_in_pages=False),
    _switched(duplicates="first"),
    _switched(custom_fields="replace"),
    _switched(empty_string="ignored"),
    _switched(cleared_fields="dropped", nulls="clears"),
    _switched(diacritic_keys="ascii"),
    _switched(diacritic_keys="refused"),
    _switched(email_case="kept", empty_fields="text"),
    _switched(tag_length="cut", over_length="ignored"),
    _switched(phone_format="spaces"),
    _switched(order="newest_first"),
)
"""Every switch of the list's emulator that changes what a write does or what a reading says of it."""


def a_crm() -> RaynetEmulator:
    """About 75 persons and 17 companies; pages are as short as the caller makes them."""
    crm = invented(60, 15)
    crm.switch(daily_limit=10**9, limit_over_1000="cut")
    for fields in _PEOPLE:
        crm.add_person(**fields)
    crm.add_company(name="Sdílená s.r.o.", email="rodina@example.cz", tags=["firma"])
    crm.add_company(name="Bez adresy s.r.o.")
    return crm


_PEOPLE: tuple[dict[str, Any], ...] = (
    {"firstName": "Anna", "lastName": "Prvá", "email": "rodina@example.cz", "tags": ["veletrh"]},
    {"firstName": "Boris", "lastName": "Druhý", "email": "rodina@example.cz", "tel1": "+420 700 100 200"},
    {"firstName": "Cyril", "lastName": "Dvojí", "email": "cyril@example.cz", "email2": "cyril.doma@example.cz"},
    {"firstName": "Dana", "lastName": "Nechce", "email": "dana@example.cz", "doNotSendMM": True},
    {"firstName": "Emil", "lastName": "Bez", "tel1": "+420 700 100 201"},
    {"firstName": "František", "lastName": "Překlep", "email": "frantisek(zavinac)example.cz"},
    {"firstName": "Žofie", "lastName": "Háčková", "email": "žofie@example.cz"},
    {"firstName": "Hana", "lastName": "Jinde", "email": "hana@example.cz", "street": "Dlouhá 1", "city": "Brno"},
    {"firstName": "Ivan", "lastName": "Jinde", "email": "ivan@example.cz", "titleBefore": "Ing.", "tags": ["vip"]},
    {"firstName": "Jitka", "lastName": "Odešla", "email": "jitka@example.cz"},
    {"firstName": "Karla", "lastName": "Vrací", "email": "karla@example.cz"},
    {"firstName": "Lenka", "lastName": "Jinde", "email": "lenka@example.cz", "birthday": "1980-02-03"},
    {"firstName": "Dlouhé " * 50, "lastName": "Jméno", "email": "nora@example.cz"},
    {"firstName": "Milan", "lastName": "Dlouhý", "email": "milan@example.cz", "tags": ["x" * 60, "krátký"]},
)


def a_list(crm: RaynetEmulator) -> EcomailEmulator:
    """25 members, 13 of them also in the CRM, and a second list with six people of the CRM and two strangers."""
    audience = EcomailEmulator()
    audience.account.add_list("Klienti", from_name="Ukázka", from_email="ukazka@example.cz")
    audience.account.add_list("Jiný", from_name="Ukázka", from_email="ukazka@example.cz")
    for at, email in enumerate(_known(crm)):
        tags = ("ruční", f"štítek {at}") if at % 3 else ()
        audience.add_contact(LIST, email, status=STATUSES[at % len(STATUSES)], tags=tags, name="Vlastní", city="Praha")
    for at in range(12):
        audience.add_contact(LIST, f"cizi{at}@example.cz", tags=("odběratel",), name="Cizí", status=STATUSES[at % 3])
    _elsewhere(audience)
    return audience


def _known(crm: RaynetEmulator) -> list[str]:
    """Every fourth invented person with an address, somebody with two, and a company."""
    persons = [crm.store.persons.rows[number] for number in crm.store.persons.ids[:60]]
    emails = [person["contactInfo"].get("email", "") for person in persons]
    plain = [email for email in emails if email == email.strip().lower() and email]
    return [*plain[1:48:4], "cyril@example.cz", f"info{crm.store.companies.ids[2]}@example.com"]


def _elsewhere(audience: EcomailEmulator) -> None:
    add = audience.add_contact
    add(OTHER, "hana@example.cz", name="Hanka", tags=("jiný seznam",))
    add(OTHER, "ivan@example.cz", surname="Ivanov", phone="+420 700 300 400")
    add(OTHER, "lenka@example.cz", tags=("ruční",))
    add(OTHER, "milan@example.cz", name="Míla", surname="Dlouhý", city="Zlín", tags=("a", "b"))
    add(OTHER, "jitka@example.cz", status=UNSUBSCRIBED)
    add(OTHER, "karla@example.cz", status=COMPLAINED)
    add(OTHER, "cizi3@example.cz", name="Cizí")
    add(OTHER, "nikdo@example.cz", name="Nikdo")


def edited(crm: RaynetEmulator, audience: EcomailEmulator) -> None:
    """What people did after the first run: one edit of each kind, most of them several times."""
    numbers = crm.store.persons.ids
    for at in numbers[2:40:5]:
        crm.edit_person(at, tel1=f"+420 700 900 {at % 1000:03d}", lastName="Nová")
    for at in numbers[4:40:9]:
        crm.edit_person(at, doNotSendMM=True)
    for at in numbers[7:50:13]:
        crm.edit_person(at, email=f"jinam.{at}@example.cz")
    crm.edit_person(numbers[11], tel1="", titleBefore="Mgr.")
    crm.edit_person(numbers[12], street="Krátká 3", city="Olomouc")
    crm.invalidate_person(numbers[13])
    crm.edit_company(crm.store.companies.ids[3], tel1="+420 500 000 999")
    crm.add_person(firstName="Olga", lastName="Nově", email="olga@example.cz", tags=["nová"])
    crm.add_person(firstName="Pavel", lastName="Nově", email="nikdo@example.cz", tel1="+420 700 000 777")
    crm.add_person(firstName="Radka", lastName="Nově", email="cizi2@example.cz")
    _edited_by_hand(audience)


def _edited_by_hand(audience: EcomailEmulator) -> None:
    everybody = audience.account.store.people.values()
    mine = [person.key for person in everybody if LIST in person.memberships and "cizi" not in person.key]
    for email in mine[3::9]:
        audience.edit_contact(email, phone="+420 111 222 333")
    for email in mine[5::11]:
        audience.add_tag(email, "ručně později")
    for email in mine[6::17]:
        audience.unsubscribe(LIST, email)
    audience.delete_contact(mine[20])
    audience.delete_contact(mine[31])
