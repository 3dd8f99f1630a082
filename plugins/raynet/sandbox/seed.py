"""The account that the cases speak of: five invented persons, three companies, their picklists and one key."""

from datetime import datetime
from zoneinfo import ZoneInfo

from plugins.raynet.sandbox.access import Access
from plugins.raynet.sandbox.store import Rec, Store

INSTANCE, USER, KEY, TOKEN = "demo-crm", "api@example.com", "crm-test-0001", "tok-0001"
OTHER_KEY = "crm-test-0002"
ZONE = ZoneInfo("Europe/Prague")


def at(text: str) -> int:
    """Seconds of a local time in Prague."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def access() -> Access:
    """The account's keys: `Mailer` is ours, `ERP` somebody else's."""
    keys = {(USER, KEY): "Mailer", (USER, OTHER_KEY): "ERP"}
    return Access(INSTANCE, keys=keys, tokens={TOKEN: USER})


def foundation() -> Store:
    """Picklists, the user behind the key with his person 12, and the account's own company 1."""
    store = Store()
    store.picklists = _picklists()
    store.levels = [{"id": 1, "name": "Sdílený", "locked": True}]
    store.templates = [
        {"id": 4, "name": "Souhlas s newsletterem", "legalTitle": "CONSENT", "duration": 36, "gdprFormAgreement": None}
    ]
    store.custom_fields = {"Person": [_custom_field("Novinky_3f2a1", "Novinky", "BOOLEAN")], "Company": []}
    store.accounts = {7: _born("2025-01-02 08:00", id=7, username=USER, person=12, userRole="ADMIN")}
    store.persons.fill([_colleague()])
    store.companies.fill([_own_company()])
    store.index()
    return store


def fixture_store() -> Store:
    """The foundation and the records of the cases."""
    store = foundation()
    store.persons.fill(_persons())
    store.companies.fill(_companies())
    title = {"gdprTemplate": 4, "person": 1042, "company": None, "validFrom": "2026-03-02", "validTill": "2029-03-02"}
    store.gdpr.fill([_born("2026-03-02 09:14", id=9, gdprFormAgreement=140, **title)])
    store.index()
    return store


def _born(when: str, **fields: object) -> Rec:
    return {**fields, "created": at(when), "createdBy": "karel.vzorny@example.com", "version": 1}


def _colleague() -> Rec:
    contact = {"email": "karel.vzorny@example.com", "tel1": "+420 700 000 012", "tel1Type": "mobil"}
    return _born("2025-01-02 08:00", id=12, firstName="Karel", lastName="Vzorný", gender="MALE", contactInfo=contact)


def _own_company() -> Rec:
    place = {"name": "Sídlo", "street": "Vlastní 1", "city": "Praha", "zipCode": "110 00", "country": "CZ"}
    addresses = [{"id": 2, "address": place, "contactInfo": {"email": "my@example.com"}}]
    codes = {"role": "E_OWN", "state": "B_ACTUAL", "rating": "A"}
    return _born(
        "2025-01-02 08:00", id=1, name="Naše firma a.s.", **codes, owner=12, primaryAddress=2, addresses=addresses
    )


def _persons() -> list[Rec]:
    link = {"id": 311, "company": 207, "companyAddress": 208, "notice": None, "primary": True, "type": "vedoucí nákupu"}
    contact = {"email": "zofie.prikladova@example.com", "tel1": "+420 700 000 001", "tel1Type": "mobil"}
    return [
        _born(
            "2026-03-02 09:14",
            id=1042,
            titleBefore="Ing.",
            firstName="Žofie",
            lastName="Příkladová",
            salutation="paní Příkladová",
            gender="FEMALE",
            language=70,
            category=96,
            owner=12,
            contactInfo=contact,
            relationships=[link],
            tags=["newsletter", "veletrh 2026"],
            extIds=["mailer:contact:8841"],
            customFields={"Novinky_3f2a1": True},
        ),
        _born("2025-06-10 10:00", id=1043, firstName="Jiří", lastName="Vzor", owner=12),
        _born(
            "2025-07-01 15:30",
            id=1044,
            firstName="Anna",
            lastName="<b>O'Neill</b> & syn",
            contactInfo={"email": "info@example.com"},
        ),
        _born(
            "2025-09-12 11:45",
            id=1045,
            firstName="Čeněk",
            lastName="Řehoř",
            contactInfo={"email2": "cenek@example.com"},
            rowAccess="INVALID",
        ),
    ]


def _companies() -> list[Rec]:
    place = {"name": "Sídlo", "street": "Zkušební 1", "city": "Brno", "zipCode": "602 00", "country": "CZ"}
    contact = {"email": "info@example.com", "www": "www.example.com"}
    codes = {"role": "A_SUBSCRIBER", "state": "B_ACTUAL", "rating": "A"}
    return [
        _born(
            "2026-02-11 08:00",
            id=207,
            name="Ukázka & syn s.r.o.",
            **codes,
            owner=12,
            regNumber="00000019",
            taxNumber="CZ00000019",
            taxPayer="YES",
            paymentTerm=42,
            tags=["velkoobchod"],
            primaryAddress=208,
            addresses=[{"id": 208, "address": place, "contactInfo": contact}],
        ),
        _born(
            "2026-02-12 09:00",
            id=209,
            name="Jan Osoba",
            person=True,
            firstName="Jan",
            lastName="Osoba",
            role="B_PARTNER",
            state="A_POTENTIAL",
            rating="C",
            primaryAddress=210,
            addresses=[{"id": 210, "address": {}, "contactInfo": {}}],
        ),
    ]


def _custom_field(name: str, label: str, data_type: str) -> Rec:
    flags = {"readOnly": False, "showInListView": True, "showInFilterView": False, "fullText": False}
    more = {"groupName": "Marketing", "enumeration": None, "currency": None, "hint": None}
    return {"name": name, "label": label, "dataType": data_type, **more, **flags}


def _picklists() -> dict[str, list[Rec]]:
    filled = {
        "language": [_item(70, "čeština"), _item(71, "English"), _item(72, "slovenčina"), _item(73, "Deutsch")],
        "personCategory": [_item(96, "VIP", "CC3333"), _item(97, "běžný", "3366CC")],
        "companyCategory": [_item(101, "klíčový zákazník", "CC3333"), _item(102, "malý zákazník", "3366CC")],
        "telType": [_item(110, "mobil"), _item(111, "pevná linka")],
        "maritalStatus": [_item(120, "svobodný/á"), _item(121, "ženatý/vdaná")],
        "activityCategory": [_item(89, "Marketing", "339966")],
        "paymentTerm": [_item(42, "7 dní"), _item(43, "14 dní")],
        "territory": [_item(130, "Čechy"), _item(131, "Morava")],
        "gdprFormAgreement": [_item(140, "webový formulář")],
    }
    names = ["personClassification", "companyClassification"]
    empty = [f"{name}{place}" for name in names for place in (1, 2, 3)]
    empty += ["contactSource", "economyActivity", "companyTurnover", "employeesNumber", "legalForm"]
    return {**filled, **{name: [] for name in empty}}


def _item(id_: int, label: str, colour: str | None = None) -> Rec:
    return {"id": id_, "code01": label} if colour is None else {"id": id_, "code01": label, "code02": colour}
