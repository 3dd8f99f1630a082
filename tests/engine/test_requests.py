"""What a run costs: requests to both vendors, statements and commits of our own database, all counted."""

from collections.abc import Sequence

import pytest

from tests.support.statements import Span
from tests.support.worlds import House

FIELDS = ("pozice", "vlastník", "jazyk", "stav", "vztah")


def gets(house: House, path: str) -> int:
    """How often the list was asked for such a path."""
    return sum(call.method == "GET" and call.path == path for call in house.ecomail.calls)


def read(house: House, kind: str) -> int:
    return sum(call.path == f"/api/v2/{kind}/" for call in house.raynet.calls)


def filled(house: House, persons: int, companies: int, members: int) -> int:
    """So many contacts in the CRM, so many others in the list, which has all our fields; the connection."""
    for name in FIELDS:
        house.ecomail.account.lists[1].learn(name, "string")
    for number in range(persons):
        house.person(f"osoba{number}@firma.cz", firstName=f"O{number}")
    for number in range(companies):
        house.company(f"firma{number}@firma.cz")
    for number in range(members):
        house.member(f"cizi{number}@jinde.cz")
    return house.connect()


def test_a_full_run_makes_no_more_requests_than_promised(house: House) -> None:
    connection = filled(house, persons=2499, companies=1199, members=5000)
    result = house.sync(connection)
    assert result["profiles"]["created"] == 3698
    assert (read(house, "person"), read(house, "company")) == (3, 2)
    assert gets(house, "/lists/1/subscribers") == 6
    assert [name for name, _ in house.writes()] == ["subscribe-bulk"] * 2
    assert result["requests"] == {"crm": len(house.raynet.calls), "audience": len(house.ecomail.calls)}
    assert len(house.raynet.calls) + len(house.ecomail.calls) <= 3 + 2 + 6 + 2 + 2 * 2 + 10
    second = house.sync(connection)
    assert (house.writes(), second["profiles"]["unchanged"]) == ([], 3698)
    assert (read(house, "person"), read(house, "company"), gets(house, "/lists/1/subscribers")) == (3, 2, 7)


def test_adopting_a_list_costs_one_write_a_page(house: House) -> None:
    for number in range(4500):
        house.person(f"osoba{number}@firma.cz")
        house.member(f"osoba{number}@firma.cz")
    for name in FIELDS:
        house.ecomail.account.lists[1].learn(name, "string")
    result = house.sync(house.connect())
    assert result["profiles"]["adopted"] == 4500
    assert len(house.writes()) <= 2 * 2
    assert [call.path for call in house.ecomail.calls if "/subscriber/" in call.path] == []


def test_R17_other_lists_of_the_account_are_passed_over_page_by_page(house: House) -> None:
    house.ecomail.account.add_list("Novinky")
    for number in range(4100):
        house.member(f"cizi{number}@jinde.cz", list_id=2)
    house.person("eva@firma.cz")
    house.sync(house.connect())
    assert gets(house, "/lists/2/subscribers") == 6
    assert [call.path for call in house.ecomail.calls if call.path.startswith("/subscribers/")] == []


def test_a_run_over_changes_asks_for_one_page_of_each_kind(house: House) -> None:
    connection = filled(house, persons=1500, companies=5, members=0)
    house.clock.advance(3600)
    house.sync(connection)
    house.person("eva@firma.cz")
    result = house.sync(connection, "changes")
    assert (read(house, "person"), read(house, "company")) == (1, 1)
    assert result["read"] == {"person": 1, "company": 0}


def costs(house: House, size: int) -> tuple[list[Span], list[Span], list[Span]]:
    """Pages of the CRM, pages of the list and batches of a first run over `size` new and `size` known contacts."""
    connection = filled(house, persons=size, companies=0, members=0)
    for number in range(size):
        house.person(f"znamy{number}@firma.cz")
        house.member(f"znamy{number}@firma.cz")
    house.sync(connection)
    notes = house.notes
    return (
        notes.spans("page.read", "page.after_commit"),
        notes.spans("pass.read", "pass.after_commit"),
        notes.with_claims("due.claimed", "settle.after_commit"),
    )


@pytest.mark.parametrize("size", [3, 300])
def test_a_page_is_one_commit_and_at_most_eight_statements(both_house: House, size: int) -> None:
    crm, audience, _ = costs(both_house, size)
    assert {span.commits for span in (*crm, *audience)} == {1}
    assert worst((*crm, *audience)) <= 8


@pytest.mark.parametrize("size", [3, 300])
def test_a_batch_is_three_commits_and_at_most_25_statements(both_house: House, size: int) -> None:
    _, _, batches = costs(both_house, size)
    assert len(batches) == 2
    assert {span.commits for span in batches} == {3}
    assert worst(batches) <= 25


def test_a_batch_that_changes_and_looks_up_stays_within_its_statements(both_house: House) -> None:
    connection = filled(both_house, persons=100, companies=0, members=0)
    both_house.sync(connection)
    for person in list(both_house.raynet.store.persons.ids)[1:]:
        both_house.raynet.edit_person(person, firstName="Jana")
    both_house.sync(connection, "changes")
    batches = both_house.notes.with_claims("due.claimed", "settle.after_commit")
    assert [span.commits for span in batches] == [3]
    assert worst(batches) <= 25


def worst(spans: Sequence[Span]) -> int:
    return max(span.statements for span in spans)
