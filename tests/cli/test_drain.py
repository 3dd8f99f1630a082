import pytest

from tests.support.command import Home
from tests.support.vendors import LOCAL, RAYNET

NOTHING = {"bells": 0, "runs": 0, "addresses": 0, "outbox": 0, "jobs": 0}


@pytest.fixture
def connected(connected_home: Home) -> Home:
    """One connection whose first run waits for a worker."""
    made = connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *LOCAL, "--no-test")
    assert made.status == 0
    return connected_home


def test_a_fresh_home_has_nothing_due(home: Home) -> None:
    ended = home.run("drain", "--json")

    assert (ended.status, ended.document) == (0, {"drained": True, "due": NOTHING, "waiting": []})


def test_a_first_run_that_nobody_does_is_due_when_the_time_is_over(connected: Home) -> None:
    ended = connected.run("drain", "--timeout", "0", "--json")

    assert (ended.status, ended.document["due"]) == (1, {**NOTHING, "runs": 1})


def test_nothing_is_due_after_the_first_run(connected: Home) -> None:
    connected.run("sync", "1")
    ended = connected.run("drain", "--timeout", "5")

    assert (ended.status, ended.out) == (0, "Nothing is due.\n")


def test_a_paused_connection_waits_for_a_resume(connected: Home) -> None:
    connected.run("connections", "pause", "1")
    ended = connected.run("drain", "--timeout", "5", "--json")

    assert ended.status == 0
    assert [(each["what"], each["for"], each["connection"]) for each in ended.document["waiting"]] == [
        ("runs", "resume", 1)
    ]


def test_a_time_that_is_none_ends_with_2(home: Home) -> None:
    assert home.run("drain", "--timeout", "-1").status == 2
