"""The line of the log with which the way of a bell begins; `tests/engine/test_logs.py` follows it on."""

from structlog.testing import capture_logs

from tests.support.bells import BellHouse, event


def test_a_bell_that_is_kept_is_named_by_its_id_in_the_inbox(both_bells: BellHouse) -> None:
    with capture_logs() as lines:
        both_bells.ring()
        both_bells.ring()

    assert [(line["event"], line["connection"], line["bell"]) for line in lines] == [
        ("bell.accepted", both_bells.connection, row.id) for row in both_bells.rows()
    ]


def test_neither_the_address_nor_the_body_of_a_bell_is_in_the_log(bells: BellHouse) -> None:
    bells.give_secret("very-secret-0001")
    with capture_logs() as lines:
        bells.ring(event(12, author="jana@firma.cz"), **{"X-RAYNETCRM-Token": "very-secret-0001"})
        bells.ring()

    assert len(lines) == 1
    assert [word for word in (bells.token, "jana", "very-secret") if word in str(lines)] == []
