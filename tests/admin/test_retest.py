"""A connection that was saved untried finds its account's real name at the first test that goes well."""

from core import connecting
from core.store.connections import AccountRow, ListRow
from tests.support.admin_house import ECOMAIL_KEY, RAYNET_KEY, House


def saved(house: House, contact_list: str, *, test: bool) -> int:
    return connecting.create(
        house.world,
        plugin="raynet",
        audience="ecomail",
        contact_list=contact_list,
        settings={"username": "api@example.com", "api_key": RAYNET_KEY, "instance": "demo-crm"},
        audience_settings={"api_key": ECOMAIL_KEY},
        paused=False,
        test=test,
        by="test",
    ).id


def accounts(house: House) -> list[str]:
    with house.world.sessions() as session:
        return [row.account for row in session.query(AccountRow).order_by(AccountRow.id)]


def test_a_test_gives_an_untested_account_its_name_and_its_list_its_number(house: House) -> None:
    number = saved(house, "Odběratelé", test=False)
    before = accounts(house)

    found = connecting.retest(house.world, number)

    assert before[0].startswith("untested:")
    assert accounts(house) == [found.account]
    with house.world.sessions() as session:
        assert session.get_one(ListRow, house.row(number).list_id).contact_list == house.list_id


def test_two_connections_of_one_list_meet_once_the_second_is_tested(house: House) -> None:
    first, second = saved(house, house.list_id, test=True), saved(house, house.list_id, test=False)

    connecting.retest(house.world, second)

    assert house.row(first).list_id == house.row(second).list_id
    assert len(accounts(house)) == 1


def test_lists_are_not_merged_under_a_run_that_goes_on(house: House) -> None:
    saved(house, house.list_id, test=True)
    second = saved(house, house.list_id, test=False)
    house.run(state="running")

    connecting.retest(house.world, second)

    assert len(accounts(house)) == 2
