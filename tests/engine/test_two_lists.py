"""Two lists of one account, a connection each, one person in both (R34, K28)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.simulation.world import Town, a_town

EVA = "eva@firma.cz"


@pytest.fixture
def town() -> Iterator[Town]:
    """Eva stands in both CRMs and, by two connections, in both lists."""
    with a_town(1, datetime(2026, 3, 2, 9, tzinfo=UTC)) as made:
        made.house.person(EVA, firstName="Eva", tel1="111")
        made.other_tiny.add(first="Eva", last="Nová", email=EVA, phone="111")
        made.open()
        settle(made)
        yield made


def settle(town: Town) -> None:
    """Everything is carried to wherever it belongs."""
    for _ in range(6):
        town.house.clock.advance(1000)
        town.work()


def phones(town: Town) -> tuple[str, str, str]:
    """In Raynet, in the account, and in the other CRM."""
    (person,) = [row for row in town.house.raynet.store.persons.rows.values() if "eva" in str(row)]
    (other,) = town.other_tiny.people.values()
    return person["contactInfo"]["tel1"], town.house.the_list()[EVA].fields["phone"], other["phone"]


def test_K28_an_edit_of_the_ruling_crm_reaches_the_account_and_no_other_crm(town: Town) -> None:
    (person,) = [key for key, row in town.house.raynet.store.persons.rows.items() if "eva" in str(row)]
    town.house.raynet.edit_person(person, tel1="444")
    settle(town)
    assert phones(town) == ("444", "444", "111")


def test_R34_an_edit_in_the_list_reaches_the_ruling_crm_alone(town: Town) -> None:
    town.house.ecomail.edit_contact(EVA, phone="222")
    settle(town)
    assert phones(town) == ("222", "222", "111")


def test_R34_an_edit_of_the_other_crm_changes_nothing(town: Town) -> None:
    (person,) = town.other_tiny.people
    town.other_tiny.edit(person, phone="333")
    settle(town)
    assert phones(town) == ("111", "111", "333")


def test_R17_what_the_account_forgot_is_not_known_elsewhere(town: Town) -> None:
    house = town.house
    jan = "jan@firma.cz"
    house.person(jan, firstName="Jan")
    settle(town)
    house.ecomail.delete_contact(jan)
    house.member(jan, list_id=2, name="Ručně", tags=["ruka"])
    settle(town)
    house.ecomail.delete_contact(jan)
    settle(town)
    number = town.other_tiny.add(first="Jan", last="Nový", email=jan, phone="222")
    settle(town)
    member = house.the_list(2)[jan]
    assert (member.fields["name"], member.tags) == ("Jan", ("tiny2",))
    assert town.other_tiny.people[number]["first"] == "Jan"


def test_R34_an_edit_for_the_ruling_crm_is_not_swallowed_by_the_other_list(town: Town) -> None:
    town.house.ecomail.edit_contact(EVA, phone="222")
    (person,) = town.other_tiny.people
    for email in ("jina@firma.cz", EVA):
        town.other_tiny.edit(person, email=email)
        town.house.clock.advance(61)
        town.work()
    settle(town)
    assert phones(town)[:2] == ("222", "222")


def test_R17_a_crowd_is_asked_about_in_the_account_like_anybody(town: Town) -> None:
    house, emails = town.house, [f"p{number}@firma.cz" for number in range(60)]
    house.member(emails[0], name="Ruční", phone="333")
    own = [house.person(email, firstName="Vlastní", tel1="777") for email in emails]
    settle(town)
    for email in emails:
        town.other_tiny.add(first="Jiný", last="Jiný", email=email, phone="999")
    settle(town)
    house.ecomail.edit_contact(emails[0], phone="222")
    settle(town)
    row = house.raynet.store.persons.rows[own[0]]
    assert (row["firstName"], row["contactInfo"]["tel1"]) == ("Vlastní", "222")
