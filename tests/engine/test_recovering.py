"""A run that broke off anywhere goes on, and what it had begun is known as its own (R94, R101, K6)."""

from typing import Any

import pytest

from core.engine.crash import RUN
from tests.support.worlds import House, Member, profiles


class Died(BaseException):
    """The process ends here, as far as a test within one process can tell."""


def die() -> None:
    raise Died


def breaks_off(house: House, connection: int, point: str, passing: int = 1, mode: str = "full") -> int:
    """A run that ends at a point without a word; its id."""
    run_id = house.queue(connection, mode)
    house.forget()
    house.points.once(point, die, passing)
    with pytest.raises(Died):
        house.work(run_id)
    house.bury()
    house.clock.advance(30)
    return run_id


def a_city(house: House) -> int:
    """Somebody to create, to adopt, to join from another list, to look up, and to leave out; the connection."""
    house.ecomail.account.add_list("Novinky")
    house.member("jinde@firma.cz", list_id=2, name="Vlastní", tags=("vip",))
    house.member("eva@firma.cz", name="Evička", tags=("vip",))
    house.person("eva@firma.cz", firstName="Eva", owner=12)
    house.person("jinde@firma.cz", firstName="Jiná", tel1="222", zipCode="110 00")
    for number in range(4):
        house.person(f"n{number}@firma.cz", firstName=f"N{number}", owner=12, tags=["crm"], zipCode="602 00")
    return house.connect()


@pytest.mark.parametrize("point", RUN)
def test_R94_a_first_run_that_broke_off_at_any_point_ends_as_if_nothing_had_happened(house: House, point: str) -> None:
    connection = a_city(house)
    run_id = breaks_off(house, connection, point)
    result = house.work(run_id)
    assert result["status"] == "done"
    assert result["profiles"] == profiles(created=5, adopted=1, skipped=2)
    origins = {f"n{number}@firma.cz": "created" for number in range(4)}
    assert house.origins(connection) == {**origins, "jinde@firma.cz": "created", "eva@firma.cz": "adopted"}
    found = house.the_list()
    assert found["eva@firma.cz"] == Member(fields={"name": "Evička"}, tags=("vip", "raynet"))
    joined = {"name": "Vlastní", "surname": "Nová", "phone": "222", "zip": "110 00"}
    assert found["jinde@firma.cz"].fields == joined
    assert set(found["jinde@firma.cz"].tags) == {"vip", "raynet"}
    assert found["n0@firma.cz"].custom == {"vlastník": "Karel Vzorný"}
    house.sync(connection)
    assert (house.writes(), house.due()) == ([], {})


@pytest.mark.parametrize("point", ["note.after_commit", "list.before_call", "list.after_call", "settle.before_commit"])
def test_R94_an_edit_whose_run_broke_off_arrives_once_and_is_nobodys_news(both_house: House, point: str) -> None:
    house = both_house
    person = house.person("eva@firma.cz", firstName="Eva", zipCode="602 00")
    connection = house.connect()
    house.sync(connection)
    house.raynet.edit_person(person, firstName="Jana", zipCode="110 00")
    run_id = breaks_off(house, connection, point, mode="changes")
    result = house.work(run_id)
    house.clock.advance(300)
    house.sync(connection)
    fields = house.the_list()["eva@firma.cz"].fields
    assert (result["status"], fields["name"], fields["zip"]) == ("done", "Jana", "110 00")
    assert (house.writes(), house.due()) == ([], {})


@pytest.mark.parametrize(
    ("then", "status"),
    [({"doNotSendMM": True}, "unsubscribed"), ({"email": "jina@firma.cz"}, "subscribed")],
)
def test_K6_a_lost_creation_is_found_as_ours_and_then_leaves_by_the_rule_that_applies(
    house: House, then: dict[str, Any], status: str
) -> None:
    person = house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    breaks_off(house, connection, "list.after_call")
    house.raynet.edit_person(person, **then)
    house.sync(connection)
    house.clock.advance(300)
    house.sync(connection)
    assert house.the_list()["eva@firma.cz"].status == status
    assert "eva@firma.cz" not in house.origins(connection)


def test_K12_a_call_of_unknown_end_is_recognised_two_hours_later(house: House) -> None:
    house.person("eva@firma.cz", firstName="Eva")
    connection = house.connect()
    run_id = breaks_off(house, connection, "list.after_call")
    house.clock.advance(7200)
    house.work(run_id)
    assert house.origins(connection) == {"eva@firma.cz": "created"}


def test_R72_a_reading_that_broke_off_goes_on_from_its_next_page(house: House) -> None:
    for number in range(2100):
        house.person(f"n{number}@firma.cz")
    connection = house.connect()
    run_id = breaks_off(house, connection, "page.after_commit", passing=2)
    house.forget()
    house.work(run_id)
    assert sum(call.path == "/api/v2/person/" for call in house.raynet.calls) == 1
    assert len(house.the_list()) == 2100


def test_a_run_that_breaks_off_five_times_in_a_row_fails_and_says_so(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect()
    for _ in range(5):
        run_id = breaks_off(house, connection, "page.read")
    row_before = house.run(run_id).state
    result = house.work(run_id)
    assert (row_before, result["status"], house.run(run_id).state) == ("running", "failed", "failed")
