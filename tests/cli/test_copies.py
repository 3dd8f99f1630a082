"""A copy of an installation at the command line: it waits, asks, and goes on where somebody says yes (R110)."""

import pytest

from tests.support.command import Home
from tests.support.vendors import LOCAL, RAYNET, Vendors

HOME, COPY = {"SPOJKA_PUBLIC_URL": "https://spojka.firma.cz"}, {"SPOJKA_PUBLIC_URL": "https://staging.firma.cz"}
CREATE = ("connections", "create", "--plugin", "raynet", *RAYNET, *LOCAL)


@pytest.fixture
def settled(connected_home: Home) -> Home:
    """An installation that has worked at home."""
    assert connected_home.run(*CREATE, **HOME).status == 0
    assert connected_home.run("sync", "1", "--json", **HOME).status == 0
    return connected_home


def test_a_sync_of_a_copy_reads_nothing_and_says_what_to_do(settled: Home, vendors: Vendors) -> None:
    vendors.raynet.calls.clear()

    ended = settled.run("sync", "1", "--json", **COPY)

    assert (ended.status, ended.document["status"], vendors.raynet.calls) == (1, "paused", [])
    assert "spojka questions answer ID yes" in ended.err


def test_a_yes_makes_it_the_home(settled: Home) -> None:
    settled.run("sync", "1", **COPY)
    (question,) = settled.run("questions", "list", "--json", **COPY).document
    assert (question["kind"], question["facts"]["found"]) == ("R110", "staging.firma.cz")

    assert settled.run("questions", "answer", str(question["id"]), "yes", **COPY).status == 0

    assert settled.run("sync", "1", "--json", **COPY).document["status"] == "done"
    assert settled.run("sync", "1", "--json", **HOME).document["status"] == "paused"


def test_a_no_leaves_it_a_copy(settled: Home) -> None:
    settled.run("sync", "1", **COPY)
    settled.run("questions", "answer", "1", "no", **COPY)

    assert settled.run("sync", "1", "--json", **COPY).document["status"] == "paused"
    assert settled.run("questions", "list", "--json", **COPY).document == []
    assert settled.run("sync", "1", "--json", **HOME).document["status"] == "done"
