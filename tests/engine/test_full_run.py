"""The main job: what a full run makes of records and of a list, right to the last field."""

from typing import Any

from tests.support.worlds import House, Member, profiles

ZOFIE: dict[str, Any] = {
    "titleBefore": "Ing.",
    "firstName": "Žofie",
    "lastName": "O'Neill",
    "titleAfter": "Ph.D.",
    "gender": "FEMALE",
    "birthday": "1984-02-29",
    "tel1": "+420 700 000 001",
    "street": "Dlouhá 12",
    "city": "Brno",
    "zipCode": "602 00",
    "country": "CZ",
    "language": 70,
    "owner": 12,
    "tags": ["vip", "Brno"],
}


def test_R11_a_person_who_is_not_in_the_list_is_created_with_every_field(both_house: House) -> None:
    house = both_house
    firm = house.company("firma@example.cz", name="<b>Ryby</b> & syn", state="B_ACTUAL", role="B_PARTNER")
    house.person("Zofie@Example.cz", **ZOFIE, company=firm, type="vedoucí nákupu")
    result = house.sync(house.connect())
    assert result["profiles"] == profiles(created=2, skipped=2)
    assert result["skipped_because"]["colleague"] == 1
    assert result["skipped_because"]["own_company"] == 1
    assert house.the_list() == {
        "zofie@example.cz": Member(
            "subscribed",
            {
                "pretitle": "Ing.",
                "name": "Žofie",
                "surname": "O'Neill",
                "surtitle": "Ph.D.",
                "gender": "female",
                "birthday": "1984-02-29",
                "phone": "+420 700 000 001",
                "company": "<b>Ryby</b> & syn",
                "street": "Dlouhá 12",
                "city": "Brno",
                "zip": "602 00",
                "country": "CZ",
            },
            ("raynet", "vip", "Brno"),
            {"pozice": "vedoucí nákupu", "vlastník": "Karel Vzorný", "jazyk": "čeština"},
            "raynet",
        ),
        "firma@example.cz": Member(
            "subscribed",
            {"company": "<b>Ryby</b> & syn"},
            ("raynet",),
            {"stav": "Aktuální", "vztah": "Partner", "jazyk": "čeština"},
            "raynet",
        ),
    }
