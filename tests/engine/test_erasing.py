"""Who was erased is never stored again (R14)."""

import pytest
from sqlalchemy import MetaData, select

from core.engine import erasing
from core.engine.crash import RUN
from core.store import persons
from core.store.journal import ErasureRow
from tests.support.worlds import House, profiles


def erase(house: House, email: str) -> None:
    """Remember the keyed hash of an address, as an erasure does."""
    with house.world.sessions.begin() as session:
        key = erasing.key_of(session, house.world)
        session.add(ErasureRow(hash=erasing.hash_of(key, email), at=house.clock.now()))


def everything(house: House) -> str:
    """All that the database holds, as text."""
    tables = MetaData()
    tables.reflect(house.world.engine)
    with house.world.engine.connect() as connection:
        return repr([connection.execute(select(table)).all() for table in tables.sorted_tables])


@pytest.mark.parametrize("written", ["eva@firma.cz", " Eva <EVA@firma.cz>"])
def test_R14_an_erased_address_makes_no_profile_and_leaves_no_trace(both_house: House, written: str) -> None:
    house = both_house
    house.person(written, firstName="Eulálie", lastName="Vymazaná")
    connection = house.connect()
    erase(house, "eva@firma.cz")
    result = house.sync(connection)
    assert (result["profiles"], result["skipped_because"]["erased"]) == (profiles(skipped=3), 1)
    assert house.the_list() == {}
    held = everything(house)
    assert [word for word in ("Eulálie", "Vymazaná", "eva@firma.cz", "EVA@firma.cz") if word in held] == []


def test_R14_the_other_address_of_the_record_is_carried(house: House) -> None:
    house.person("eva@firma.cz", email2="eva@doma.cz", firstName="Eva")
    connection = house.connect(both_emails=True)
    erase(house, "eva@firma.cz")
    result = house.sync(connection)
    assert (result["profiles"]["created"], list(house.the_list())) == (1, ["eva@doma.cz"])
    assert "eva@firma.cz" not in everything(house)


def test_R14_an_erased_person_in_the_list_is_left_alone_and_not_stored(house: House) -> None:
    house.member("eva@firma.cz", name="Eulálie")
    house.person("eva@firma.cz")
    connection = house.connect()
    erase(house, "eva@firma.cz")
    house.sync(connection)
    assert house.the_list()["eva@firma.cz"].tags == ()
    assert "Eulálie" not in everything(house)


def test_R14_the_key_is_made_once(house: House) -> None:
    with house.world.sessions.begin() as session:
        first = erasing.key_of(session, house.world)
    with house.world.sessions.begin() as session:
        assert erasing.key_of(session, house.world) == first


def test_R14_erasing_removes_what_is_held_and_a_later_run_stores_nothing(both_house: House) -> None:
    house = both_house
    house.person("eva@firma.cz", firstName="Eulálie")
    connection = house.connect()
    house.sync(connection)
    erasing.erase(house.world, " Eva <EVA@firma.cz> ")
    result = house.sync(connection)
    assert result["skipped_because"]["erased"] == 1
    assert [word for word in ("Eulálie", "eva@firma.cz") if word in everything(house)] == []


def test_R14_erasing_leaves_the_vendors_as_they_are(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect()
    house.sync(connection)
    erasing.erase(house.world, "eva@firma.cz")
    house.sync(connection)
    assert "eva@firma.cz" in house.the_list()


def test_R14_an_embedded_profile_is_erased_too(house: House) -> None:
    house.person("eva@firma.cz")
    connection = house.connect("local", "Moje")
    house.sync(connection)
    erasing.erase(house.world, "eva@firma.cz")
    house.sync(connection)
    assert house.the_local_list() == {}


def test_R14_what_is_no_address_is_refused(house: House) -> None:
    with pytest.raises(erasing.WrongAddress, match="Write it like"):
        erasing.erase(house.world, "eva")


@pytest.mark.parametrize("point", [point for point in RUN if not point.endswith("before_commit")])
def test_K32_a_person_erased_at_any_point_of_a_run_leaves_nothing(house: House, point: str) -> None:
    house.person("eva@firma.cz", firstName="Eulálie")
    house.member("jan@firma.cz")
    house.person("jan@firma.cz")
    # Somebody whom the account knows from its other list is looked up and joins by two calls.
    house.ecomail.account.add_list("Novinky")
    house.member("petr@firma.cz", list_id=2)
    house.person("petr@firma.cz", titleBefore="Ing.")
    connection = house.connect()
    house.points.once(point, lambda: erasing.erase(house.world, "eva@firma.cz"))
    house.sync(connection)
    house.sync(connection)
    with house.world.sessions() as session:
        assert persons.stored(session, "eva@firma.cz") == {}
