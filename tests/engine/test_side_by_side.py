"""Two processes with one address in hand: who was frozen, and who writes the other side meanwhile (R29, R97)."""

from core.engine import lane, senders
from core.engine.leasing import LEASE_SECONDS, release, take
from core.store.outbox import Intent
from tests.engine.test_way_back import edit, quiet, said, tied
from tests.support.worlds import House


def test_R97_who_was_frozen_before_its_call_does_not_begin_it(house: House) -> None:
    connection, person = tied(house, conflicts="list")
    house.raynet.edit_person(person, firstName="Jana")

    def frozen() -> None:
        house.clock.advance(LEASE_SECONDS + 1)
        house.bury()
        other = house.another("second")
        for name in (f"run:{connection}", "account:1:bulk"):
            lease = take(other, name)
            assert lease is not None
            release(other, lease)
        house.ecomail.edit_contact("eva@firma.cz", name="Evka")

    house.points.once("note.after_commit", frozen)
    house.sync(connection, "changes")
    quiet(house)
    assert said(house, person)[0] == house.the_list()["eva@firma.cz"].fields["name"] == "Evka"


def test_R29_what_is_written_into_the_record_meanwhile_stays_ours(house: House) -> None:
    # A company has no first name: the CRM confirms one, and does not store it.
    company = house.company("firma@firma.cz", city="Brno")
    connection = house.connect()
    house.sync(connection)
    edit(house, "firma@firma.cz", name="Jan")
    lane.pass_now(house.world, 1)
    house.raynet.edit_company(company, city="Praha")
    other = house.another("second")
    house.points.once("note.after_commit", lambda: senders.send_all(other, connection, {Intent.FIELD}))
    house.sync(connection, "changes")
    quiet(house)
    member = house.the_list()["firma@firma.cz"]
    assert (member.fields["name"], member.fields["city"]) == ("Jan", "Praha")
