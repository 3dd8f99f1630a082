import pytest

from tests.support.command import Home
from tests.support.vendors import ECOMAIL, RAYNET, Vendors

UNSUBSCRIBED = 2


@pytest.fixture
def braked(connected_home: Home, vendors: Vendors) -> Home:
    """Seven of the people of a synced connection were invalidated in the CRM at once."""
    people = [vendors.raynet.add_person(email=f"n{number}@firma.cz", lastName="Nová") for number in range(10)]
    connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL)
    connected_home.run("connections", "set", "1", "on_delete=unsubscribe")
    assert connected_home.run("sync", "1").status == 0
    for person in people[:7]:
        vendors.raynet.invalidate_person(person)
    return connected_home


def unsubscribed(vendors: Vendors) -> int:
    return sum(each.status == UNSUBSCRIBED for each in vendors.ecomail.account.store.members_of(1))


def test_nothing_waits_for_a_person_at_first(home: Home) -> None:
    assert home.run("questions", "list").out == "Nothing waits for a person.\n"
    assert home.run("questions", "list", "--json").document == []


def test_a_run_that_would_close_too_many_asks_and_ends_with_1(braked: Home, vendors: Vendors) -> None:
    ended = braked.run("sync", "1", "--json")

    assert (ended.status, ended.document["status"]) == (1, "asks")
    assert unsubscribed(vendors) == 0


def test_a_question_is_listed_with_numbers_and_examples(braked: Home) -> None:
    braked.run("sync", "1")
    (question,) = braked.run("questions", "list", "--json").document

    assert (question["id"], question["connection"], question["kind"]) == (1, 1, "R96")
    assert (question["facts"]["waiting"], question["facts"]["limit"]) == (7, 5)
    assert question["examples"][0] == {"email": "n0@firma.cz", "rule": "R80"}
    assert len(question["examples"]) == 7


def test_a_question_is_listed_in_words(braked: Home) -> None:
    braked.run("sync", "1")
    listed = braked.run("questions", "list").out

    assert "7 addresses would be closed or unsubscribed at once; 5 go without asking." in listed
    assert "n6@firma.cz" in listed


def test_yes_is_carried_out_by_the_next_sync(braked: Home, vendors: Vendors) -> None:
    braked.run("sync", "1")
    answered = braked.run("questions", "answer", "1", "yes", "--json")
    ended = braked.run("sync", "1", "--json")

    assert (answered.status, answered.document["answer"]) == (0, "yes")
    assert (ended.status, unsubscribed(vendors)) == (0, 7)


def test_no_leaves_the_profiles_and_names_each_among_the_failures(braked: Home, vendors: Vendors) -> None:
    braked.run("sync", "1")
    braked.run("questions", "answer", "1", "no")
    ended = braked.run("sync", "1", "--full", "--json")

    assert (ended.document["status"], ended.document["profiles"]["failed"]) == ("failed", 7)
    assert unsubscribed(vendors) == 0


@pytest.mark.parametrize("words", [("99", "yes"), ("1", "maybe")])
def test_a_question_that_is_not_there_and_another_answer_are_wrong_usage(home: Home, words: tuple[str, str]) -> None:
    assert home.run("questions", "answer", *words).status == 2


def test_who_was_deleted_from_the_list_is_created_again_after_allow(connected_home: Home, vendors: Vendors) -> None:
    vendors.raynet.add_person(email="eva@firma.cz", lastName="Nová")
    connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL)
    connected_home.run("sync", "1")
    vendors.ecomail.delete_contact("eva@firma.cz")
    connected_home.run("sync", "1")
    allowed = connected_home.run("contacts", "allow", "1", "eva@firma.cz")
    connected_home.run("sync", "1")

    assert allowed.status == 0
    assert "eva@firma.cz" in [each.person.email for each in vendors.ecomail.account.store.members_of(1)]


def test_nobody_is_allowed_whom_nobody_deleted(connected_home: Home) -> None:
    connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL)

    assert connected_home.run("contacts", "allow", "1", "nikdo@firma.cz").status == 2
