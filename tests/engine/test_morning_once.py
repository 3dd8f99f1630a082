"""The same entry is never there twice, whatever crashes when; what can't be written now is written later (R63, R66)."""

import pytest

from core.engine import actions
from core.engine.actions import Asked
from core.engine.crash import MORNING
from spojka.emulator import Fault
from tests.support.mornings import EVA, JAN, campaign, daily, entries, happen, recipients, rows, tied, writes
from tests.support.worlds import House


@pytest.mark.parametrize("path", ["/api/v2/massEmail/", "/api/v2/massEmail/9/recipientBulkUpdate/"])
@pytest.mark.parametrize("kind", ["lose", "drop"])
def test_R63_a_lost_answer_makes_no_second_entry(both_house: House, kind: str, path: str) -> None:
    house = both_house
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    happen(house, "open", JAN)
    method = "PUT" if path.endswith("massEmail/") else "POST"
    house.raynet.fail(Fault(kind, method, path))
    daily(house, connection)
    house.hear()
    before = writes(house)
    house.clock.advance(60)
    house.hear()
    daily(house, connection)
    assert writes(house) == before
    house.clock.advance(120)
    house.hear()
    assert ([name for name, _ in entries(house)], sorted(recipients(house))) == (["campaign:10"], [EVA, JAN])
    assert rows(house) == []


class Dies(BaseException):
    pass


@pytest.mark.parametrize("point", MORNING)
def test_R63_whoever_dies_in_the_morning_leaves_one_entry(both_house: House, point: str) -> None:
    house = both_house
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    happen(house, "open", JAN)
    actions.accept(house.world, connection, [Asked(EVA, "VIP", True)])

    def die() -> None:
        raise Dies

    house.points.once(point, die)
    with pytest.raises(Dies):
        daily(house, connection)
    house.bury()
    if point == "morning.leased":  # a run that somebody asked for in a process of his own and that never began is his
        daily(house, connection)
    for _ in range(2):
        house.clock.advance(200)
        house.hear()
    assert ([name for name, _ in entries(house)], sorted(recipients(house))) == (["campaign:10"], [EVA, JAN])
    assert [row.state for row in rows(house)] == ["done"]
    house.forget()
    assert (daily(house, connection)["activities_written"], writes(house)) == (0, 0)


def test_R66_where_requests_run_out_clicked_goes_first_and_the_rest_waits_for_the_next_morning(house: House) -> None:
    people = [house.person(f"p{number}@firma.cz") for number in range(9)]
    connection = house.connect(history_as="email_activity")
    house.sync(connection)
    campaign(house)
    for number in range(len(people)):
        happen(house, "send", f"p{number}@firma.cz")
    happen(house, "click", "p8@firma.cz")
    happen(house, "open", "p7@firma.cz")
    house.raynet.access.leave(10, house.clock.now(), house.raynet.switches)
    result = daily(house, connection)
    written = [entry["title"] for entry in house.raynet.store.emails.rows.values()]
    assert written[:2] == ["Jaro: prokliknuto", "Jaro: otevřeno"]
    assert (result["activities_written"], result["deferred"]) == (2, 7)
    house.forget()
    house.clock.advance(3600)
    house.hear()
    assert writes(house) == 0
    house.clock.advance(24 * 3600)
    house.hear()
    assert len(house.raynet.store.emails.rows) == 9


def test_R92_while_the_lists_vendor_is_away_what_is_known_goes_and_the_rest_follows(house: House) -> None:
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    actions.accept(house.world, connection, [Asked(EVA, "VIP", True)])
    house.ecomail.fail(Fault("status", path="/campaigns", times=20))
    result = daily(house, connection)
    assert (result["status"], result["tags_added"], result["activities_written"]) == ("unreachable", 1, 0)
    house.ecomail.faults.clear()
    house.clock.advance(60)
    house.hear()
    assert recipients(house)[EVA][0] == "SENT"


def test_R61_who_is_not_found_by_address_fails_visibly_and_is_not_tried_again(house: House) -> None:
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    lost = next(number for number, row in house.raynet.store.persons.rows.items() if "eva" in str(row))
    house.raynet.edit_person(lost, email="jina@firma.cz")
    result = daily(house, connection)
    assert (result["status"], result["failed"]) == ("failed", 1)
    house.forget()
    assert (daily(house, connection)["failed"], writes(house)) == (0, 0)


def test_R3_the_address_goes_out_as_the_record_spells_it(house: House) -> None:
    house.person("Eva.Nova@Firma.cz")
    connection = house.connect()
    house.sync(connection)
    campaign(house)
    happen(house, "send", "eva.nova@firma.cz")
    daily(house, connection)
    bulk = next(call for call in house.raynet.writes() if "recipientBulkUpdate" in call.path)
    assert [row["email"] for row in bulk.body] == ["Eva.Nova@Firma.cz"]
