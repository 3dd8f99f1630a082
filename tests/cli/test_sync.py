import pytest

from tests.support.command import Home
from tests.support.vendors import ECOMAIL, LOCAL, RAYNET, Vendors

KEYS = {
    "connection",
    "mode",
    "dry_run",
    "status",
    "read",
    "profiles",
    "skipped_because",
    "failures",
    "requests",
    "seconds",
}


@pytest.fixture
def connected(connected_home: Home) -> Home:
    """One connection to the embedded list."""
    made = connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *LOCAL, "--no-test")
    assert made.status == 0
    return connected_home


def test_the_first_run_is_full_and_prints_the_contracts_document(connected: Home) -> None:
    ended = connected.run("sync", "1", "--json")

    assert ended.status == 0
    assert set(ended.document) >= KEYS
    assert (ended.document["mode"], ended.document["status"]) == ("full", "done")
    assert ended.document["read"] == {"person": 12, "company": 3}
    assert ended.document["profiles"]["created"] > 0


def test_a_second_run_reads_changes_and_writes_nothing(connected_home: Home, vendors: Vendors) -> None:
    connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL)
    first = connected_home.run("sync", "1", "--json").document
    vendors.ecomail.calls.clear()
    second = connected_home.run("sync", "1", "--json").document

    assert second["mode"] == "changes"
    assert second["profiles"]["unchanged"] == first["profiles"]["created"]
    assert vendors.ecomail.writes() == []


def test_a_dry_run_says_what_would_be_done_and_does_nothing(connected_home: Home, vendors: Vendors) -> None:
    connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL)
    vendors.ecomail.calls.clear()
    ended = connected_home.run("sync", "1", "--dry-run", "--json")

    assert (ended.status, ended.document["dry_run"]) == (0, True)
    assert ended.document["profiles"]["created"] > 0
    assert vendors.ecomail.writes() == []


def test_a_run_without_a_terminal_draws_no_bar(connected: Home) -> None:
    ended = connected.run("sync", "1")

    assert ended.status == 0
    assert ended.err == ""
    assert ended.out.startswith("done, full, ")


def test_a_paused_connection_ends_with_1(connected: Home) -> None:
    connected.run("connections", "pause", "1")
    ended = connected.run("sync", "1", "--json")

    assert (ended.status, ended.document["status"]) == (1, "paused")


def test_refused_credentials_end_with_3_and_stop_the_connection(connected: Home, vendors: Vendors) -> None:
    vendors.raynet.access.keys.clear()
    ended = connected.run("sync", "1", "--json")

    assert (ended.status, ended.document["status"]) == (3, "refused")
    assert connected.run("connections", "show", "1", "--json").document["state"] == "refused"


def test_a_vendor_that_is_away_ends_with_4(connected: Home) -> None:
    ended = connected.run("sync", "1", "--json", RAYNET_BASE_URL="http://127.0.0.1:1/api/v2/")

    assert (ended.status, ended.document["status"]) == (4, "unreachable")
    assert "Traceback" not in ended.err


def test_an_unknown_connection_ends_with_2(home: Home) -> None:
    assert home.run("sync", "7").status == 2


@pytest.mark.parametrize("wrong", [("--limit", "0"), ("--limit", "many"), ("--kind", "robot")])
def test_wrong_options_end_with_2(home: Home, wrong: tuple[str, str]) -> None:
    ended = home.run("sync", "1", *wrong)

    assert ended.status == 2
    assert "Traceback" not in ended.err


def test_explain_tells_a_created_contact_its_rule(connected: Home, vendors: Vendors) -> None:
    connected.run("sync", "1")
    person = next(row for row in vendors.raynet.store.persons.rows.values() if row["id"] == 2008)
    lines = connected.run("explain", "1", person["contactInfo"]["email"], "--json").document

    assert [(line["rule"], line["result"]) for line in lines] == [("R11", "done")]
    assert {"entry", "at", "cause", "rule", "sentence", "what", "changes", "result"} == set(lines[0])


def test_explain_says_when_nothing_was_decided(connected: Home) -> None:
    assert connected.run("explain", "1", "nikdo@firma.cz", "--json").document == []
