"""The client against the strict emulator, under its switches and faults, down to the contacts."""

from datetime import UTC, datetime

import pytest

from plugins.raynet.client import RaynetCrm
from plugins.raynet.mapping import contact
from plugins.raynet.sandbox import RaynetEmulator, cases, demo
from spojka import Busy, Connection, Contact, Kind, Refused, Rejected, Standing, Unreachable
from spojka.emulator import Fault
from tests.support.wsgi_http import WsgiHttp

NOW = datetime(2026, 3, 5, 13, 2, tzinfo=UTC)
MARCH = datetime(2026, 2, 28, 23, 0, 59, tzinfo=UTC)
GATEWAY = Fault("status", path="/api/v2/person/")


def account() -> RaynetEmulator:
    return cases(lambda: NOW)


def crm(emulator: RaynetEmulator, key: str = "crm-test-0001", instance: str = "demo-crm") -> RaynetCrm:
    settings = {"username": "api@example.com", "instance": instance}
    return RaynetCrm(Connection(1, settings, {"api_key": key}), WsgiHttp("http://raynet.test/api/v2/", emulator))


def walked(emulator: RaynetEmulator, kind: Kind, since: datetime | None = None) -> list[str]:
    client, found, after = crm(emulator), list[str](), None
    while (page := client.changed(kind, since, after)).after is not None:
        found += [record.id for record in page.items]
        after = page.after
    return found + [record.id for record in page.items]


def contacts(emulator: RaynetEmulator, kind: Kind) -> dict[str, Contact]:
    page = crm(emulator).changed(kind, None, None)
    return {record.id: contact(record, "cs") for record in page.items}


def test_A1_the_test_of_a_connection_is_one_request() -> None:
    emulator = account()

    check = crm(emulator).check()

    assert (check.user, check.eyes, check.left, check.limit) == ("api@example.com", "7", 23_999, 24_000)
    assert [call.path for call in emulator.calls] == ["/api/v2/security/info"]


@pytest.mark.parametrize(("key", "instance"), [("bad", "demo-crm"), ("crm-test-0001", "other-crm")])
def test_A3_A4_R91_a_wrong_key_or_instance_costs_one_login_and_no_more(key: str, instance: str) -> None:
    emulator = account()
    client = crm(emulator, key, instance)

    for _ in range(3):
        with pytest.raises(Refused):
            client.check()
    assert [call.status for call in emulator.calls] == [401]


def test_A5_a_blocked_address_is_a_refusal() -> None:
    emulator = account()
    for _ in range(21):
        with pytest.raises(Refused):
            crm(emulator, "bad").check()

    with pytest.raises(Refused, match="Check that it is complete"):
        crm(emulator).check()


def test_A7_an_allowance_used_up_is_told_as_such() -> None:
    emulator = account()
    emulator.allow(0)

    with pytest.raises(Busy):
        crm(emulator).changed(Kind.PERSON, None, None)


def test_A9_a_missing_right_is_shown_in_raynets_words() -> None:
    emulator = account()
    emulator.rights_missing = {"person"}

    with pytest.raises(Rejected, match="Nemáte dostatečné oprávnění"):
        crm(emulator).changed(Kind.PERSON, None, None)


def test_A10_a_gateway_that_stumbles_once_does_no_harm() -> None:
    emulator = account()
    emulator.fail(GATEWAY)

    assert walked(emulator, Kind.PERSON) == ["12", "1042", "1043", "1044", "1045"]


def test_A10_a_gateway_that_stays_down_is_no_answer() -> None:
    emulator = account()
    emulator.fail(Fault("drop", path="/api/v2/person/", times=10))

    with pytest.raises(Unreachable):
        crm(emulator).changed(Kind.PERSON, None, None)


def test_B11_B12_R72_a_record_that_was_never_changed_is_among_the_changes_of_its_creation() -> None:
    assert walked(account(), Kind.PERSON, MARCH) == ["1042"]


def test_B14_R73_ids_come_with_their_versions_invalid_ones_too() -> None:
    page = crm(account()).ids(Kind.PERSON, None)

    assert page.items == (("12", 1), ("1042", 1), ("1043", 1), ("1044", 1), ("1045", 1))


def test_B15_the_vendors_clock_comes_with_what_was_read() -> None:
    page = crm(account()).read(Kind.PERSON, ["1042", "1043", "999999"])

    assert [record.id for record in page.items] == ["1042", "1043"]
    assert page.vendor_time == NOW


@pytest.mark.parametrize("id_filter", [True, False])
def test_every_record_of_a_large_account_comes_once_in_order(id_filter: bool) -> None:
    emulator = demo(2_345, 30, lambda: NOW)
    emulator.switch(id_filter=id_filter)

    found = walked(emulator, Kind.PERSON)

    assert found == [str(record_id) for record_id in sorted(emulator.store.persons.rows)]


def test_2000_persons_and_1000_companies_are_three_requests() -> None:
    emulator = demo(2_000, 1_000, lambda: NOW)
    walked(emulator, Kind.PERSON)
    walked(emulator, Kind.COMPANY)

    assert len(emulator.calls) == 3


@pytest.mark.parametrize("kind", list(Kind))
def test_where_the_id_filter_is_refused_reading_by_ids_brings_the_same_addresses(kind: Kind) -> None:
    emulator = account()
    emulator.switch(id_filter=False)
    page = crm(emulator).read(kind, ["1", "12", "207", "209", "1042", "1043"])

    singly = {record.id: contact(record, "cs").addresses for record in page.items}
    assert singly == {
        record_id: found.addresses for record_id, found in contacts(emulator, kind).items() if record_id in singly
    }
    assert len(singly) == 3


@pytest.mark.parametrize("kind", list(Kind))
def test_a_record_read_singly_says_nothing_that_its_list_contradicts(kind: Kind) -> None:
    emulator = account()
    listed = contacts(emulator, kind)
    emulator.switch(id_filter=False)

    for record in crm(emulator).read(kind, list(listed)).items:
        assert contact(record, "cs").fields.items() <= listed[record.id].fields.items()


def test_the_persons_of_the_cases_mean_what_the_rules_say() -> None:
    found = contacts(account(), Kind.PERSON)

    assert found["1042"].fields["custom:Jazyk"] == "čeština"
    assert found["1042"].created_at == datetime(2026, 3, 2, 8, 14, tzinfo=UTC)
    assert found["1042"].one_way == {"company", "street", "city", "zip", "country"}
    assert found["1044"].fields["surname"] == "<b>O'Neill</b> & syn"
    assert found["1045"].addresses == ("", "cenek@example.com")
    assert (found["12"].standing, found["1045"].standing) == (Standing.COLLEAGUE, Standing.INVALID)


def test_the_companies_of_the_cases_mean_what_the_rules_say() -> None:
    found = contacts(account(), Kind.COMPANY)

    assert found["207"].addresses == ("info@example.com", "")
    assert found["207"].fields["custom:Stav"] == "Aktuální"
    assert (found["1"].standing, found["1"].fields["custom:Vztah"]) == (Standing.OWN_COMPANY, "E_OWN")


@pytest.mark.parametrize("empty_contact", ["values", "null", "absent"])
def test_B20_a_company_without_contact_data_has_no_address_in_any_form_of_saying_so(empty_contact: str) -> None:
    emulator = account()
    emulator.switch(empty_contact=empty_contact)

    assert contacts(emulator, Kind.COMPANY)["209"].addresses == ("", "")
