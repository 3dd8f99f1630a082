"""Every morning the history of campaigns and automations is written into the CRM (R60-R62, R64-R67, R107)."""

from datetime import datetime

import pytest
from sqlalchemy import select

from core.engine import actions, erasing, explaining, morning, telling
from core.engine.actions import Asked
from core.store import runs
from core.store.activities import ActivityRow, HappeningRow
from core.store.base import look
from tests.support.mornings import EVA, JAN, PRAGUE, URL, campaign, daily, entries, happen, recipients, tied, writes
from tests.support.worlds import House


def test_R60_what_a_campaign_did_stands_in_the_history(both_house: House) -> None:
    house = both_house
    connection = tied(house)
    campaign(house)
    for event in ("send", "open", "click"):
        happen(house, event)
    happen(house, "send", JAN)
    result = daily(house, connection)
    assert (result["status"], result["activities_written"], result["activities_updated"]) == ("done", 2, 0)
    assert entries(house) == [("campaign:10", {"sent": 2, "opened": 1, "clicked": 1, "unsubscribed": 0})]
    assert recipients(house) == {EVA: ("DELIVERED", "2026-03-02", "2026-03-02"), JAN: ("SENT", "", "")}
    assert (result["failed"], result["deferred"]) == (0, 0)


def test_R62_a_second_run_finds_nothing_and_writes_nothing(both_house: House) -> None:
    house = both_house
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    daily(house, connection)
    house.forget()
    result = daily(house, connection)
    assert (result["activities_written"], result["activities_updated"], result["requests"]["crm"]) == (0, 0, 0)
    assert house.raynet.calls == []


def test_R62_a_line_that_grew_is_brought_up_to_date(house: House) -> None:
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    happen(house, "send", JAN)
    daily(house, connection)
    house.clock.advance(86400)
    happen(house, "open")
    house.forget()
    result = daily(house, connection)
    assert (result["activities_written"], result["activities_updated"]) == (0, 1)
    assert recipients(house)[EVA] == ("DELIVERED", "2026-03-03", "")
    bulk = [call for call in house.raynet.writes() if "recipientBulkUpdate" in call.path]
    assert [[row["email"] for row in call.body] for call in bulk] == [[EVA]]
    assert len(entries(house)) == 1


def test_R65_addresses_without_a_record_are_not_sent(house: House) -> None:
    connection = tied(house)
    campaign(house)
    happen(house, "send", "cizi@firma.cz")
    result = daily(house, connection)
    assert (result["activities_written"], entries(house), writes(house)) == (0, [], 0)


def test_R14_nothing_is_kept_of_who_was_erased(house: House) -> None:
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    erasing.erase(house.world, EVA)
    daily(house, connection)
    with house.world.sessions() as session:
        assert session.scalars(select(HappeningRow.email)).all() == []
        assert session.scalars(select(ActivityRow.email)).all() == []


def test_R95_the_contact_says_what_was_written(house: House) -> None:
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    daily(house, connection)
    with house.world.sessions() as session:
        last = explaining.explain(session, connection, EVA)[-1]
    assert (last.rule, last.what, last.changes) == ("R61", "history", {"Jaro": ("", "sent 1")})


def test_R107_without_a_log_the_numbers_are_taken(house: House) -> None:
    house.ecomail.switch(logs=False)
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    happen(house, "open")
    assert daily(house, connection)["activities_written"] == 1
    assert recipients(house)[EVA] == ("DELIVERED", "2026-03-02", "")
    house.clock.advance(3 * 86400)
    happen(house, "open")
    daily(house, connection)
    assert recipients(house)[EVA] == ("DELIVERED", "2026-03-02", "")


def test_R107_an_automation_stands_in_the_history_too(house: House) -> None:
    connection = tied(house)
    house.ecomail.account.mailings.add_pipeline(3, "Uvítání", 1, "2026-01-01 10:00:00")
    happen(house, "open", pipeline=3)
    assert daily(house, connection)["activities_written"] == 1
    assert [name for name, _ in entries(house)] == ["automation:3"]


def test_R107_events_make_it_fresh_and_count_once(both_house: House) -> None:
    house = both_house
    connection = tied(house)
    campaign(house)
    happen(house, "open")
    event = {"type": "open", "event_id": "e1", "timestamp": "1772442000", "rcpt_to": EVA}
    body = [{"msys": {"track_event": {**event, "rcpt_meta": {"campaign_id": "10"}}}}]
    assert [telling.tell(house.world, connection, body) for _ in range(2)] == [1, 1]
    daily(house, connection)
    with house.world.sessions() as session:
        (line,) = session.scalars(select(ActivityRow)).all()
    assert line.numbers == {"events": {"opened": 1}, "log": {"opened": 1}}


def test_R61_the_embedded_list_writes_an_activity_for_each_contact(house: House) -> None:
    connection = tied(house, "local")
    event = {"id": "1", "mailing": "campaign:jaro", "title": "Jaro", "email": EVA, "deed": "opened"}
    telling.tell(house.world, connection, {"events": [event]})
    assert daily(house, connection)["activities_written"] == 1
    (entry,) = house.raynet.store.emails.rows.values()
    assert entry["title"] == "Jaro: otevřeno"
    house.forget()
    assert (daily(house, connection)["activities_written"], house.raynet.calls) == (0, [])


def test_R61_the_form_is_a_setting(house: House) -> None:
    connection = tied(house, history_as="email_activity")
    campaign(house)
    happen(house, "send")
    happen(house, "send", JAN)
    daily(house, connection)
    assert (len(house.raynet.store.emails.rows), entries(house)) == (2, [])


def test_R67_the_link_leads_to_the_report(house: House) -> None:
    connection = tied(house, report_url="https://{account}.ecomailapp.cz/report/{id}")
    campaign(house)
    happen(house, "send")
    daily(house, connection)
    (entry,) = house.raynet.store.mass_emails.rows.values()
    assert entry["externalOverviewUrl"] == "https://firma.ecomailapp.cz/report/10"


def test_R67_without_a_template_it_leads_to_the_public_copy(house: House) -> None:
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    daily(house, connection)
    (entry,) = house.raynet.store.mass_emails.rows.values()
    assert entry["externalOverviewUrl"] == URL


def test_R64_a_campaign_is_settled_after_its_days(house: House) -> None:
    connection = tied(house, campaign_days=5)
    campaign(house)
    happen(house, "send")
    daily(house, connection)
    house.clock.advance(6 * 86400)
    happen(house, "open")
    house.forget()
    daily(house, connection)
    assert [call.path for call in house.ecomail.calls if "log" in call.path] == []


def test_R60_workers_make_the_run_in_the_morning_and_once(both_house: House) -> None:
    house = both_house
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    house.hear()
    assert entries(house) == []
    house.clock.advance(20 * 3600)
    house.hear()
    assert len(entries(house)) == 1
    with house.world.sessions() as session:
        made = [run for run in runs.last(session, connection, 20) if run.mode == "daily"]
    assert [(run.state, run.requested_by) for run in made] == [("done", "clock")]
    house.clock.advance(3600)
    house.hear()
    with house.world.sessions() as session:
        assert len([run for run in runs.last(session, connection, 20) if run.mode == "daily"]) == 1


def test_R60_a_missed_morning_is_caught_up_with_once(house: House) -> None:
    connection = tied(house)
    house.clock.advance(5 * 86400)
    house.hear()
    with house.world.sessions() as session:
        assert len([run for run in runs.last(session, connection, 20) if run.mode == "daily"]) == 1


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 12, tzinfo=PRAGUE), datetime(2026, 10, 24, 12, tzinfo=PRAGUE)])
def test_R60_once_a_day_also_when_the_clock_changes(house: House, day: datetime) -> None:
    house.clock.advance((day - house.clock.now()).total_seconds())
    connection = tied(house)
    for _ in range(48 * 4):
        house.clock.advance(900)
        if look(house.world.sessions, lambda session: morning.is_due(house.world, session)):
            morning.morning_now(house.world, connection)
    with house.world.sessions() as session:
        begun = [run.requested_at for run in runs.last(session, connection, 50) if run.mode == "daily"]
    local = sorted(moment.astimezone(PRAGUE) for moment in begun)
    assert [(moment.day - day.day, moment.hour) for moment in local] == [(1, 6), (2, 6)]


def test_R52_tags_go_with_the_morning_run(house: House) -> None:
    connection = tied(house)
    actions.accept(house.world, connection, [Asked(EVA, "VIP", True), Asked(JAN, "nikdy", False)])
    result = daily(house, connection)
    assert (result["tags_added"], result["tags_removed"], result["deferred"]) == (1, 0, 0)


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(house: House) -> None:
    connection = tied(house)
    campaign(house)
    happen(house, "send")
    actions.accept(house.world, connection, [Asked(EVA, "VIP", True)])
    dry = daily(house, connection, dry_run=True)
    assert writes(house) == 0
    real = daily(house, connection)
    names = ("activities_written", "activities_updated", "tags_added", "tags_removed")
    assert [dry[name] for name in names] == [real[name] for name in names] == [1, 0, 1, 0]
