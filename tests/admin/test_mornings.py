"""The morning run on the pages: what it wrote, what is left, and one at once (R60, R66)."""

from tests.support.admin_house import House
from tests.support.admin_reader import Reader, words

RESULT = {"activities_written": 12, "activities_updated": 3, "tags_added": 2, "tags_removed": 1, "deferred": 4}


def ended(house: House, connection: int) -> int:
    """A morning run that has ended; its id."""
    run = house.ended(connection)
    return house.run(run, mode="daily", result=RESULT)


def test_the_connections_page_says_what_the_last_morning_wrote(house: House, admin: Reader) -> None:
    number = house.connection()
    ended(house, number)
    page = words(admin.text(f"/admin/connections/{number}"))
    assert "Historie v CRM: 15 záznamů, 3 štítků. Na příští ráno zbylo 4." in page


def test_a_morning_run_has_a_page_of_its_own(house: House, admin: Reader) -> None:
    number = house.connection()
    run = ended(house, number)
    page = words(admin.text(f"/admin/runs/{run}"))
    assert "ranní běh" in page
    assert "Štítků přidáno 2" in page
    assert "Přečteno" not in page


def test_it_does_not_stand_for_the_lists_last_run(house: House, admin: Reader) -> None:
    number = house.connection()
    house.run(state="paused", finished_at=house.now)
    house.ended(number, created=7)
    ended(house, number)
    assert "Založeno 7" in words(admin.text(f"/admin/connections/{number}"))


def test_one_is_made_at_once(house: House, admin: Reader) -> None:
    number = house.connection()
    answer = admin.send(f"/admin/connections/{number}/morning")
    assert (answer.status_code, "/admin/runs/" in answer.location) == (302, True)
    assert house.rings.heard[-1] == ("default", "morning_now", number)
    assert house.audit()[-1] == "connection.morning"
