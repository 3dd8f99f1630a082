"""`spojka daily`: the morning run by hand (contract §3)."""

from datetime import timedelta

import pytest

from spojka.emulator import utc_now
from tests.support.command import Home
from tests.support.vendors import ECOMAIL, RAYNET, Vendors

KEYS = ("activities_written", "activities_updated", "tags_added", "tags_removed", "deferred", "failed", "requests")


@pytest.fixture
def synced(connected_home: Home, vendors: Vendors) -> Home:
    """One connection whose list is filled, and a campaign that somebody opened."""
    connected_home.run("connections", "create", "--plugin", "raynet", *RAYNET, *ECOMAIL)
    assert connected_home.run("sync", "1", "--json").document["profiles"]["created"] > 0
    now = utc_now()
    mailings = vendors.ecomail.account.mailings
    mailings.add_campaign(10, "Jaro", status=3, sent_at=f"{now - timedelta(hours=3):%Y-%m-%d %H:%M:%S}")
    email = next(iter(vendors.ecomail.account.store.people))
    mailings.happen("open", email, f"{now:%Y-%m-%dT%H:%M:%S}.000000Z", campaign=10)
    return connected_home


def test_it_writes_the_history_and_prints_the_contracts_document(synced: Home, vendors: Vendors) -> None:
    ended = synced.run("daily", "1", "--json")
    assert (ended.status, ended.document["status"]) == (0, "done"), ended.err
    assert set(ended.document) >= set(KEYS)
    assert ended.document["activities_written"] == 1
    assert [row["externalId"] for row in vendors.raynet.store.mass_emails.rows.values()] == ["campaign:10"]


def test_a_second_one_asks_the_crm_nothing(synced: Home, vendors: Vendors) -> None:
    synced.run("daily", "1")
    vendors.raynet.calls.clear()
    again = synced.run("daily", "1", "--json").document
    assert (again["activities_written"], again["requests"]["crm"], vendors.raynet.calls) == (0, 0, [])


def test_a_dry_run_writes_nothing(synced: Home, vendors: Vendors) -> None:
    vendors.raynet.calls.clear()
    ended = synced.run("daily", "1", "--dry-run", "--json")
    assert (ended.document["dry_run"], ended.document["activities_written"]) == (True, 1)
    assert vendors.raynet.writes() == []


def test_it_can_be_done_as_at_another_moment(synced: Home) -> None:
    later = (utc_now() + timedelta(days=40)).isoformat()
    assert synced.run("daily", "1", "--now", later, "--json").document["activities_written"] == 0


def test_people_get_five_lines(synced: Home) -> None:
    out = synced.run("daily", "1").out
    assert out.splitlines()[1] == "history: 1 written, 0 brought up to date"


@pytest.mark.parametrize("moment", ["soon", "2026-13-01"])
def test_what_is_no_moment_is_said_so(synced: Home, moment: str) -> None:
    ended = synced.run("daily", "1", "--now", moment)
    assert (ended.status, "not a moment" in ended.err) == (2, True)
