"""Double opt-in lists that ask, tags that a list measures in bytes, refusals that blame nobody, and old timelines."""

from datetime import timedelta

from core.engine import pruning
from core.store import timeline
from tests.support.worlds import House

LONG = "ř" * 30
"""Thirty characters, sixty bytes."""


def test_R101_a_list_that_asks_adds_each_contact_unconfirmed(house: House) -> None:
    house.ecomail.account.lists[1].double_optin = True
    house.person("eva@firma.cz")
    house.person("jan@firma.cz")
    connection = house.connect(double_opt_in="ask")
    result = house.sync(connection)
    assert result["profiles"]["created"] == 2
    assert {one.status for one in house.the_list().values()} == {"unconfirmed"}
    assert sorted(house.ecomail.account.confirmations) == ["eva@firma.cz", "jan@firma.cz"]


def test_R101_who_was_asked_is_not_asked_again(house: House) -> None:
    house.ecomail.account.lists[1].double_optin = True
    house.person("eva@firma.cz")
    connection = house.connect(double_opt_in="ask")
    house.sync(connection)
    house.sync(connection)
    assert (house.writes(), house.ecomail.account.confirmations) == ([], ["eva@firma.cz"])


def test_R101_nobody_is_asked_unless_the_connection_says_so(house: House) -> None:
    house.ecomail.account.lists[1].double_optin = True
    house.person("eva@firma.cz")
    house.sync(house.connect())
    assert (house.the_list()["eva@firma.cz"].status, house.ecomail.account.confirmations) == ("subscribed", [])


def test_R54_a_tag_of_too_many_bytes_is_left_out_and_the_rest_passes(house: House) -> None:
    house.ecomail.switch(tag_length="bytes")
    for number in range(5):
        house.person(f"p{number}@firma.cz", tags=[LONG, "vip"])
    connection = house.connect()
    result = house.sync(connection)
    assert (result["profiles"]["created"], result["profiles"]["failed"]) == (5, 0)
    assert {one.tags for one in house.the_list().values()} == {("raynet", "vip")}
    assert house.rules(connection, "p3@firma.cz") == ["R54", "R11"]
    house.sync(connection)
    assert house.writes() == []


def test_R95_lines_older_than_the_setting_go(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect(timeline_days=30)
    house.sync(connection)
    house.clock.sleep(timedelta(days=31).total_seconds())
    pruning.prune(house.world)
    with house.world.sessions() as session:
        assert timeline.of(session, connection, "eva@firma.cz") == []


def test_R95_younger_lines_stay(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect(timeline_days=30)
    house.sync(connection)
    house.clock.sleep(timedelta(days=29).total_seconds())
    assert pruning.prune(house.world) == 0
