"""How a run stops, is followed, narrowed, tried out dry, and goes on (R72, R82, R91, R92, R97, contract §3)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core import connecting
from core.engine import full
from core.engine.leasing import take
from core.store import leases
from core.store.leases import CursorRow
from spojka.emulator import Fault
from tests.support.worlds import CRM, House, profiles

PERSONS = "/api/v2/person"


def with_people(house: House, count: int = 3, **settings: Any) -> int:
    for number in range(count):
        house.person(f"n{number}@firma.cz", firstName=f"N{number}")
    return house.connect(**settings)


def test_R91_the_first_refused_login_stops_the_connection(house: House) -> None:
    connection = with_people(house)
    house.raynet.access.keys.clear()
    run_id = house.queue(connection)
    result = house.work(run_id)
    row = house.row(connection)
    assert (result["status"], row.state, row.problem) == ("refused", "refused", "refused")
    assert [call.status for call in house.raynet.calls] == [401]
    assert house.next_runs() == []


def test_R91_new_credentials_take_a_refused_connection_back_to_work_and_nothing_is_lost(house: House) -> None:
    connection = with_people(house)
    keys = dict(house.raynet.access.keys)
    house.raynet.access.keys.clear()
    run_id = house.queue(connection)
    house.work(run_id)
    house.raynet.access.keys.update(keys)
    house.set(connection, api_key=CRM["api_key"])
    assert house.next_runs() == [run_id]
    assert house.work(run_id)["profiles"]["created"] == 3


def test_R91_a_list_that_refuses_the_key_stops_the_connection_too(house: House) -> None:
    connection = with_people(house)
    house.ecomail.account.key = "another"
    result = house.sync(connection)
    assert (result["status"], house.row(connection).state) == ("refused", "refused")


def test_R92_an_empty_allowance_ends_as_refused_keeps_what_was_read_and_goes_on_after_the_reset(house: House) -> None:
    connection = with_people(house, 2100)
    run_id = house.queue(connection)
    house.points.once("page.after_commit", lambda: house.raynet.allow(0))
    first = house.work(run_id)
    run = house.run(run_id)
    assert (first["status"], run.state, first["read"]["person"]) == ("refused", "queued", 1000)
    assert run.not_before is not None
    assert (house.next_runs(), house.row(connection).state) == ([], "running")
    house.clock.advance((run.not_before - house.clock.now()).total_seconds() + 1)
    assert house.next_runs() == [run_id]
    second = house.work(run_id)
    assert (second["status"], second["read"]["person"], second["profiles"]["created"]) == ("done", 2101, 2100)


def test_R92_an_unreachable_crm_ends_as_unreachable_and_is_tried_again_later(house: House) -> None:
    connection = with_people(house)
    house.raynet.fail(Fault("drop", path=PERSONS, times=5))
    run_id = house.queue(connection)
    first = house.work(run_id)
    assert (first["status"], house.run(run_id).state, house.next_runs()) == ("unreachable", "queued", [])
    house.clock.advance(31)
    assert house.next_runs() == [run_id]
    assert house.work(run_id)["profiles"]["created"] == 3


def test_R82_a_paused_connection_reads_and_writes_nothing(house: House) -> None:
    connection = with_people(house)
    connecting.pause(house.world, connection)
    result = house.sync(connection)
    assert (result["status"], house.raynet.calls, house.ecomail.calls) == ("paused", [], [])


def test_R82_a_connection_that_was_paused_catches_up_when_resumed(house: House) -> None:
    connection = with_people(house)
    house.sync(connection)
    connecting.pause(house.world, connection)
    house.person("nova@firma.cz")
    connecting.resume(house.world, connection)
    (run_id,) = house.next_runs()
    assert house.work(run_id)["profiles"] == profiles(created=1, unchanged=3, skipped=2)


def test_a_run_that_has_ended_is_not_done_again(house: House) -> None:
    connection = with_people(house)
    run_id = house.queue(connection)
    house.work(run_id)
    house.forget()
    house.work(run_id)
    assert house.raynet.calls == []


def test_asking_for_a_run_that_is_open_gives_that_run(house: House) -> None:
    connection = with_people(house)
    assert house.queue(connection) == house.queue(connection)


class Watching:
    """Somebody who follows a run, and lets its holder go on after a while."""

    def __init__(self, go_on: Callable[[], object]) -> None:
        self.go_on = go_on
        self.seen: list[str] = []

    def show(self, progress: dict[str, Any]) -> None:
        self.seen.append(progress["phase"])
        if len(self.seen) == 3:
            self.go_on()


def test_a_run_of_somebody_alive_is_followed_to_its_end(house: House) -> None:
    connection = with_people(house)
    run_id = house.queue(connection)
    other = replace(house, world=house.another("second"))
    take(other.world, f"run:{connection}")

    def go_on() -> None:
        run_out(house, f"run:{connection}")
        other.work(run_id)

    watching = Watching(go_on)
    row = full.work(house.world, run_id, watching)
    assert (row.state, watching.seen, len(house.the_list())) == ("done", ["waiting"] * 3, 3)


def test_a_limit_writes_at_most_so_many_and_the_rest_with_the_next_run(house: House) -> None:
    connection = with_people(house, 5)
    house.sync(connection)
    for number in range(5, 15):
        house.person(f"n{number}@firma.cz")
    first = house.sync(connection, "changes", limit=4)
    second = house.sync(connection, "changes")
    assert (first["profiles"]["created"], second["profiles"]["created"]) == (4, 6)


def test_a_limited_first_run_writes_at_most_so_many(house: House) -> None:
    house.member("n3@firma.cz")
    connection = with_people(house, 5)
    (first_run,) = house.next_runs()
    run_id = house.queue(connection, limit=2)
    result = house.work(run_id)
    assert run_id != first_run
    assert result["profiles"]["created"] + result["profiles"]["adopted"] == 2
    tagged = [email for email, member in house.the_list().items() if "raynet" in member.tags]
    assert len(tagged) == 2


def test_a_kind_reads_and_writes_that_kind_alone_once_both_were_read(house: House) -> None:
    connection = with_people(house, 1)
    house.sync(connection)
    house.person("osoba@firma.cz")
    house.company("firma@firma.cz")
    result = house.sync(connection, kind="company")
    assert (result["read"], result["profiles"]["created"]) == ({"person": 0, "company": 2}, 1)
    assert set(house.the_list()) == {"n0@firma.cz", "firma@firma.cz"}


def test_a_kind_reads_both_where_they_never_were_read_and_writes_that_kind_alone(house: House) -> None:
    house.company("firma@firma.cz")
    connection = with_people(house, 1)
    result = house.sync(connection, kind="company")
    assert (result["read"], list(house.the_list())) == ({"person": 2, "company": 2}, ["firma@firma.cz"])


def test_K31_a_dry_run_writes_nothing_and_says_what_the_real_one_then_does(both_house: House) -> None:
    house = both_house
    house.member("n0@firma.cz", name="Vlastní", tags=("vip",))
    house.person("n0@firma.cz", doNotSendMM=False)
    house.person("", firstName="Bez")
    house.person("flag@firma.cz", doNotSendMM=True)
    connection = with_people(house, 4)
    before = house.the_list()
    dry = house.sync(connection, dry_run=True)
    after, dry_writes = house.the_list(), house.writes()
    real = house.sync(connection)
    assert (before == after, dry_writes) == (True, [])
    assert (dry["profiles"], dry["skipped_because"]) == (real["profiles"], real["skipped_because"])
    assert (dry["dry_run"], real["dry_run"], real["profiles"]["created"]) == (True, False, 3)


def test_K31_a_dry_run_after_a_real_one_counts_what_changed_since(house: House) -> None:
    house.ecomail.account.add_list("Novinky")
    house.member("jinde@firma.cz", list_id=2, name="Vlastní")
    house.member("odesel@firma.cz", list_id=2, status=2)
    connection = with_people(house, 5)
    house.sync(connection)
    _, first, second, *_ = house.raynet.store.persons.ids
    house.raynet.edit_person(first, firstName="Jana")
    house.raynet.edit_person(second, zipCode="602 00")
    house.ecomail.delete_contact("n4@firma.cz")
    house.person("jinde@firma.cz")
    house.person("odesel@firma.cz")
    dry = house.sync(connection, dry_run=True)
    real = house.sync(connection)
    assert (dry["profiles"], dry["skipped_because"]) == (real["profiles"], real["skipped_because"])
    assert real["profiles"] == profiles(created=1, updated=2, unchanged=2, skipped=4)


def test_K30_nothing_is_sent_on_settings_that_changed_after_the_plan(house: House) -> None:
    house.person("eva@firma.cz", email2="eva@doma.cz")
    house.person("jan@firma.cz", doNotSendMM=True)
    connection = house.connect(both_emails=True, respect_do_not_send=False)
    house.points.once("due.claimed", lambda: house.set(connection, both_emails=False, respect_do_not_send=True))
    house.sync(connection)
    house.sync(connection)
    assert list(house.the_list()) == ["eva@firma.cz"]


def test_K30_a_connection_paused_between_plan_and_call_sends_nothing(house: House) -> None:
    connection = with_people(house)
    house.points.once("due.claimed", lambda: connecting.pause(house.world, connection))
    result = house.sync(connection)
    assert (result["status"], house.writes()) == ("paused", [])
    connecting.resume(house.world, connection)
    assert house.work(house.next_runs()[0])["profiles"]["created"] == 3


def test_K30_a_connection_removed_between_plan_and_call_sends_nothing(house: House) -> None:
    connection = with_people(house)
    house.points.once("due.claimed", lambda: connecting.remove(house.world, connection))
    house.sync(connection)
    assert house.writes() == []


def test_K38_a_reader_frozen_between_page_and_commit_can_commit_nothing_and_skips_nothing(both_house: House) -> None:
    house = both_house
    connection = with_people(house)
    house.sync(connection)
    before = cursor(house, connection)
    person = house.raynet.store.persons.ids[-1]
    house.raynet.edit_person(person, firstName="Stará")
    run_id = house.queue(connection, "changes")

    def successor() -> None:
        """The first reader sleeps so long that its lease runs out; another one does the whole run."""
        run_out(house, f"run:{connection}")
        house.raynet.edit_person(person, firstName="Nová")
        house.clock.advance(600)
        replace(house, world=house.another("second")).work(run_id)

    house.points.once("page.read", successor)
    result = house.work(run_id)
    assert result["profiles"]["updated"] == 1
    assert house.the_list()["n2@firma.cz"].fields["name"] == "Nová"
    assert before < cursor(house, connection) < house.clock.now()
    house.sync(connection)
    assert house.writes() == []


def cursor(house: House, connection: int) -> Any:
    with house.world.sessions() as session:
        return session.get_one(CursorRow, (connection, "person")).since


def run_out(house: House, name: str) -> None:
    """As if the lease's time had passed while its holder slept."""
    with house.world.sessions.begin() as session:
        row = session.get_one(leases.LeaseRow, name)
        leases.release(session, name, row.fence)


def test_R97_a_writer_that_lost_its_lease_settles_nothing_and_its_calls_are_found_again(both_house: House) -> None:
    house = both_house
    connection = with_people(house)
    run_id = house.queue(connection)

    def successor() -> None:
        run_out(house, f"run:{connection}")
        run_out(house, "account:1:bulk")
        replace(house, world=house.another("second")).work(run_id)

    house.points.once("list.after_call", successor)
    result = house.work(run_id)
    assert result["profiles"] == profiles(created=3, skipped=2)
    assert set(house.origins(connection).values()) == {"created"}
    house.sync(connection)
    assert house.writes() == []


def test_R72_what_was_edited_during_a_reading_is_read_by_the_next_one(house: House) -> None:
    connection = with_people(house)
    house.sync(connection)
    house.clock.advance(3600)
    person = house.raynet.store.persons.ids[-1]
    house.points.once("page.after_commit", lambda: house.raynet.edit_person(person, firstName="Jana"))
    house.sync(connection, "changes")
    house.clock.advance(3600)
    house.sync(connection, "changes")
    assert house.the_list()["n2@firma.cz"].fields["name"] == "Jana"
