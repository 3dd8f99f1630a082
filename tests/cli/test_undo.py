import pytest

from tests.support.command import Home
from tests.support.vendors import ECOMAIL, RAYNET, Vendors


@pytest.fixture
def synced(connected_home: Home) -> Home:
    """A connection whose first run has ended."""
    connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL)
    assert connected_home.run("sync", "1", "--json").status == 0
    return connected_home


def renamed(home: Home, vendors: Vendors) -> str:
    """A second run that carried a new first name over; whose address it was."""
    addressed = {row["contactInfo"].get("email", ""): key for key, row in vendors.raynet.store.persons.rows.items()}
    email = next(email for email in sorted(addressed) if email and vendors.ecomail.account.store.member(1, email))
    vendors.raynet.edit_person(addressed[email], firstName="Evelína")
    assert home.run("sync", "1", "--json").document["profiles"]["updated"] == 1
    return str(email)


def test_R35_a_dry_run_says_what_would_be_taken_back_and_what_stays(synced: Home, vendors: Vendors) -> None:
    email = renamed(synced, vendors)
    before = synced.run("undo", "1", "--run", "2", "--dry-run", "--json").document["before"]

    assert (before["back"]["values"], before["stays"]["created"]) == (1, 0)
    assert [(one["email"], one["changes"]["name"][1]) for one in before["examples"]] == [(email, "Evelína")]


def test_R35_a_run_is_taken_back(synced: Home, vendors: Vendors) -> None:
    renamed(synced, vendors)
    ended = synced.run("undo", "1", "--run", "2", "--json")

    assert (ended.status, ended.document["status"], ended.document["undo"]["list"]) == (0, "done", 1)
    assert synced.run("sync", "1", "--json").document["profiles"]["updated"] == 0


def test_R35_an_entry_is_taken_back_by_its_number(synced: Home, vendors: Vendors) -> None:
    email = renamed(synced, vendors)
    lines = synced.run("explain", "1", email, "--json").document
    ended = synced.run("undo", "1", "--entry", str(lines[-1]["entry"]))

    assert (ended.status, "1 taken back in the list" in ended.out) == (0, True)


def test_R35_a_contact_without_anything_to_take_back_is_told_so(synced: Home) -> None:
    ended = synced.run("undo", "1", "--contact", "nikdo@firma.cz")

    assert (ended.status, "nothing in this that can be taken back" in ended.err) == (2, True)


@pytest.mark.parametrize("options", [(), ("--run", "1", "--entry", "2"), ("--contact", "nobody")])
def test_R35_it_has_to_be_said_what(synced: Home, options: tuple[str, ...]) -> None:
    assert synced.run("undo", "1", *options).status == 2
