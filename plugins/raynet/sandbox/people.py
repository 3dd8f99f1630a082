"""Invented Czech people and companies, any number of them, the same ones each time.

About one in thirty is odd in a way real accounts are: no address, a mistyped one, two of them, one shared with the
company or a neighbour, colleagues, invalid records, opted out, markup and quotes in names.
"""

import random
import unicodedata
from collections.abc import Iterator

from plugins.raynet.sandbox.seed import at
from plugins.raynet.sandbox.store import Rec, Store

MEN = [
    "Jan",
    "Petr",
    "Jiří",
    "Tomáš",
    "Čeněk",
    "Ondřej",
    "Václav",
    "Šimon",
    "Lukáš",
    "Řehoř",
    "Matěj",
    "Zdeněk",
    "Vojtěch",
    "Dušan",
    "Bořivoj",
    "Ľubomír",
]
WOMEN = [
    "Jana",
    "Eva",
    "Žofie",
    "Růžena",
    "Šárka",
    "Anežka",
    "Kateřina",
    "Běla",
    "Zdeňka",
    "Lucie",
    "Tereza",
    "Věra",
    "Dagmar",
    "Ludmila",
    "Žaneta",
    "Oľga",
]
SURNAMES = [
    (f"{stem}{man}", f"{stem}{woman}")
    for stem, man, woman in (
        ("Novot", "ný", "ná"),
        ("Příklad", "", "ová"),
        ("Vzor", "", "ová"),
        ("Žlut", "ý", "á"),
        ("Řezáč", "", "ová"),
        ("Šťastn", "ý", "á"),
        ("Dvořá", "k", "ková"),
        ("Čern", "ý", "á"),
        ("Říh", "a", "ová"),
        ("Kučer", "a", "ová"),
        ("Hruška", "", "ová"),
        ("Ďurk", "o", "ová"),
        ("Ježek", "", "ová"),
        ("Tichý-Květ", "", "ová"),
        ("Müller", "", "ová"),
        ("Zkušebn", "í", "í"),
    )
]
CITIES = (
    ("Praha", "110 00"),
    ("Brno", "602 00"),
    ("Plzeň", "301 00"),
    ("Ústí nad Labem", "400 01"),
    ("České Budějovice", "370 01"),
    ("Žďár nad Sázavou", "591 01"),
)
STREETS = ("Zkušební", "Příčná", "U Řeky", "Květnová", "Žižkova", "Na Výsluní")
JOBS = ("ředitelka", "vedoucí nákupu", "účetní", "obchodní zástupce", "marketing", "skladník")
TRADES = ("Pekařství", "Truhlářství", "Účetnictví", "Stavby", "Květiny", "Autodílna", "Tiskárna", "Čalounictví")
FORMS = ("s.r.o.", "a.s.", "v.o.s.", "& syn s.r.o.")
TAGS = ("newsletter", "veletrh 2026", "VIP zákazník", "poptávka", "školení", "Brno")
LEVELS = ("A", "B", "C")
STATES = ("A_POTENTIAL", "B_ACTUAL", "B_ACTUAL", "C_DEFERRED", "D_UNATTRACTIVE")
ROLES = ("A_SUBSCRIBER", "A_SUBSCRIBER", "A_SUBSCRIBER", "B_PARTNER", "C_SUPPLIER", "D_RIVAL")
TITLES = ("Ing.", "Mgr.", "MUDr.", "Bc.")
MISTYPED = ("neuvedeno", "{name}@", "{name}.example.com", "{name} @example.com", "{name}@example", "?")
HOSTS = ("example.com", "posta.example.com", "example.org", "firma.example.net")
ODD_SURNAMES = ("<b>O'Neill</b> & syn", 'Kovář "Kovi" st.', "Dvořák, ml.", "d’Arc")
FIRST_DAY, LAST_DAY = at("2023-01-02 08:00"), at("2026-09-30 17:00")
FIRST_PERSON, FIRST_COMPANY = 2001, 1001
COLLEAGUES = 5


def invent(store: Store, people: int, companies: int, seed: int = 1) -> None:
    """Add so many persons and companies to a store. The same numbers and seed give the same records."""
    dice = random.Random(seed)
    store.companies.fill(_companies(dice, store, companies))
    firms = [company for company in store.companies if company["id"] >= FIRST_COMPANY]
    store.persons.fill(_people(dice, store, people, firms))
    colleagues = [FIRST_PERSON + place for place in range(min(COLLEAGUES, people // 50))]
    for place, person_id in enumerate(colleagues, start=1):
        login = f"kolega{place}@example.com"
        store.accounts[20 + place] = _born(dice, id=20 + place, username=login, person=person_id, userRole="READONLY")
    store.index()


def _companies(dice: random.Random, store: Store, count: int) -> Iterator[Rec]:
    for place in range(count):
        yield _company(dice, store, FIRST_COMPANY + place)


def _company(dice: random.Random, store: Store, id_: int) -> Rec:
    chance, address = dice.random(), store.number("address")
    company = _born(
        dice,
        id=id_,
        name=f"{dice.choice(TRADES)} {dice.choice(SURNAMES)[0]} {id_} {dice.choice(FORMS)}",
        role=dice.choice(ROLES),
        state=dice.choice(STATES),
        rating=dice.choice(LEVELS),
        owner=12,
        regNumber=f"{id_:08d}",
        primaryAddress=address,
        addresses=[{"id": address, "address": {"name": "Sídlo", **_place(dice)}, "contactInfo": _company_contact(id_)}],
    )
    if chance < 0.05:
        company["addresses"][0].update(address={}, contactInfo={})
    elif chance < 0.15:
        man, given = dice.choice(SURNAMES)[0], dice.choice(MEN)
        company.update(person=True, firstName=given, lastName=man, name=f"{given} {man}")
    elif chance < 0.16:
        company["rowAccess"] = "INVALID"
    if chance > 0.6:
        company["tags"] = dice.sample(TAGS, 1 + int(chance * 10) % 2)
    return company


def _company_contact(id_: int) -> Rec:
    contact = {"email": f"info{id_}@example.com", "tel1": f"+420 500 {id_ // 1000 % 1000:03d} {id_ % 1000:03d}"}
    return {**contact, "email2": f"obchod{id_}@example.com"} if id_ % 10 == 0 else contact


def _place(dice: random.Random) -> Rec:
    city, code = dice.choice(CITIES)
    return {
        "street": f"{dice.choice(STREETS)} {dice.randrange(1, 200)}",
        "city": city,
        "zipCode": code,
        "country": "CZ",
    }


def _people(dice: random.Random, store: Store, count: int, firms: list[Rec]) -> Iterator[Rec]:
    for place in range(count):
        yield _person(dice, store, FIRST_PERSON + place, firms)


def _person(dice: random.Random, store: Store, id_: int, firms: list[Rec]) -> Rec:
    woman = dice.random() < 0.5
    given, surname = dice.choice(WOMEN if woman else MEN), dice.choice(SURNAMES)[woman]
    person = _born(
        dice,
        id=id_,
        firstName=given,
        lastName=surname,
        gender="FEMALE" if woman else "MALE",
        owner=12,
        contactInfo={
            "email": f"{_plain(given)}.{_plain(surname)}.{id_}@{HOSTS[id_ % len(HOSTS)]}",
            "tel1": f"+420 7{id_ // 1_000_000 % 100:02d} {id_ // 1000 % 1000:03d} {id_ % 1000:03d}",
        },
    )
    _usual_extras(dice, store, person, firms)
    chance = dice.random()
    if chance < 0.12:
        _make_odd(dice, person, chance, firms)
    return person


def _usual_extras(dice: random.Random, store: Store, person: Rec, firms: list[Rec]) -> None:
    chance = dice.random()
    if firms and chance < 0.7:
        firm = firms[int(chance / 0.7 * len(firms))]
        link = {"id": store.number("relationship"), "company": firm["id"], "companyAddress": None, "notice": None}
        person["relationships"] = [{**link, "primary": True, "type": dice.choice(JOBS)}]
    elif chance > 0.9:
        person["privateAddress"] = _place(dice)
    if chance < 0.4:
        person["tags"] = dice.sample(TAGS, 1 + int(chance * 100) % 3)
    if chance < 0.15:
        person["titleBefore"] = dice.choice(TITLES)
    if chance < 0.9:
        person["language"] = 70 if chance < 0.8 else 71
    if chance < 0.02:
        person["keyman"] = True
    if chance < 0.2:
        person["birthday"] = f"19{60 + int(chance * 200)}-0{1 + int(chance * 1000) % 9}-1{int(chance * 10_000) % 10}"


def _make_odd(dice: random.Random, person: Rec, chance: float, firms: list[Rec]) -> None:
    """One oddity a person; `chance` below 0.12 picks which."""
    contact, id_ = person["contactInfo"], person["id"]
    if chance < 0.03:
        del contact["email"]
    elif chance < 0.04:
        contact["email"] = dice.choice(MISTYPED).format(name=_plain(person["lastName"]))
    elif chance < 0.07:
        contact["email2"] = f"soukromy.{id_}@example.org"
    elif chance < 0.08 and firms:
        contact["email"] = f"info{dice.choice(firms)['id']}@example.com"
    elif chance < 0.09:
        contact["email"] = f"rodina.{id_ // 50}@example.com"
    elif chance < 0.10:
        contact["doNotSendMM"] = True
    elif chance < 0.11:
        person["rowAccess"] = "INVALID"
    elif chance < 0.115:
        contact["email"] = f"  {contact['email'].upper()} "
    else:
        person["lastName"] = dice.choice(ODD_SURNAMES)


def _born(dice: random.Random, **fields: object) -> Rec:
    created = dice.randrange(FIRST_DAY, LAST_DAY) // 60 * 60
    record: Rec = {**fields, "created": created, "createdBy": "karel.vzorny@example.com", "version": 1}
    if dice.random() < 0.5:
        record["updated"] = dice.randrange(created, LAST_DAY + 60) // 60 * 60
        record["updatedBy"] = "karel.vzorny@example.com"
        record["version"] = dice.randrange(2, 20)
    return record


_PLAIN: dict[str, str] = {}


def _plain(word: str) -> str:
    """A word without accents, as it stands in an address."""
    if word not in _PLAIN:
        parts = unicodedata.normalize("NFKD", word)
        _PLAIN[word] = "".join(part for part in parts if part.isascii() and part.isalnum()).lower()
    return _PLAIN[word]
