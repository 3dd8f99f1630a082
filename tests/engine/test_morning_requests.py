"""What a morning costs: writes by the thousand, nothing where nothing changed, little where little did (R62, R66)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.mornings import campaign, daily, happen, writes
from tests.support.worlds import House, a_house

PEOPLE, CHANGED = 2500, 2000


@pytest.fixture
def crowd(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[House, int, list[str]]]:
    """A filled list of 2500, and a campaign that went to all of them: house, connection, addresses."""
    with a_house(sqlite_url, tmp_path, people=PEOPLE) as house:
        connection = house.connect()
        house.sync(connection)
        emails = sorted(house.the_list())
        campaign(house)
        for email in emails:
            happen(house, "send", email)
        house.forget()
        yield house, connection, emails


def quiet_morning(house: House, connection: int) -> None:
    """The third one; the second has read once more the day on which the first was made."""
    for _ in range(2):
        daily(house, connection)
        house.clock.advance(86400)
    house.forget()
    daily(house, connection)


def test_R62_a_thousand_lines_a_write(crowd: tuple[House, int, list[str]]) -> None:
    house, connection, emails = crowd
    assert daily(house, connection)["activities_written"] == len(emails)
    assert writes(house) <= -(-len(emails) // 1000) + 5
    house.forget()
    house.clock.advance(86400)
    for email in emails[:CHANGED]:
        happen(house, "open", email)
    assert daily(house, connection)["activities_updated"] == CHANGED
    assert writes(house) <= -(-CHANGED // 1000) + 5
    house.forget()
    assert daily(house, connection)["activities_updated"] == 0
    assert house.raynet.calls == []


def test_R62_a_quiet_morning_asks_for_each_campaign_that_is_watched_and_for_nothing_else(
    crowd: tuple[House, int, list[str]],
) -> None:
    house, connection, _ = crowd
    quiet_morning(house, connection)
    paths = [call.path for call in house.ecomail.calls]
    assert sorted(paths) == ["/campaigns", "/campaigns/10/log", "/campaigns/10/stats", "/pipelines"]
    assert house.raynet.calls == []


def test_R62_a_quiet_morning_is_a_handful_of_statements(crowd: tuple[House, int, list[str]]) -> None:
    house, connection, _ = crowd
    quiet_morning(house, connection)
    assert [note.what for note in house.notes.all].count("statement") < 80
