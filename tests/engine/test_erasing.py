"""Who was erased is never stored again (R14)."""

import pytest
from sqlalchemy import MetaData, select

from core.engine import erasing
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
