"""What is due: marking, claiming, settling away and putting off, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.store import due
from core.store.due import Claim, Claimed, DueRow
from tests.support.stores import NOW, a_cause, a_link, an_address, opened

Sessions = sessionmaker[Session]


@pytest.fixture
def sessions(database: str) -> Iterator[Sessions]:
    with opened(database) as made:
        yield made


def mark(sessions: Sessions, *emails: str, **cause: Any) -> None:
    with sessions.begin() as session:
        due.mark(session, 1, emails, a_cause(**cause))


def claim(sessions: Sessions, name: str = "account:1:bulk:1", limit: int = 3000, **wanted: Any) -> list[Claimed]:
    with sessions.begin() as session:
        return due.claim(session, Claim(1, name, NOW, limit, **wanted))


def emails_of(claimed: list[Claimed]) -> list[str]:
    return [one.email for one in claimed]


def row(sessions: Sessions, email: str = "a@x.cz") -> DueRow | None:
    with sessions() as session:
        return session.get(DueRow, (1, email))


def put_off(sessions: Sessions, email: str = "a@x.cz", **values: Any) -> None:
    later = {"p_due_at": NOW, "p_ticket": 1, "p_waits": "", "p_parked": "", "p_rule": "", "p_tries": 0, **values}
    with sessions.begin() as session:
        due.put_off(session, 1, [{"e": email, **later}])


def test_a_marked_address_is_claimed_once(sessions: Sessions) -> None:
    mark(sessions, "b@x.cz", "a@x.cz")
    assert emails_of(claim(sessions)) == ["a@x.cz", "b@x.cz"]
    assert claim(sessions, "account:1:bulk:2") == []


def test_marking_the_same_address_twice_counts_the_marks_and_keeps_the_newest_ticket(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", ticket=7)
    mark(sessions, "a@x.cz", ticket=3, cause="list")
    found = row(sessions)
    assert found is not None
    assert (found.mark, found.ticket, found.cause) == (2, 7, "list")


def test_a_mark_of_the_live_lane_stays_in_it(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", lane="live")
    mark(sessions, "a@x.cz", lane="bulk")
    found = row(sessions)
    assert found is not None
    assert found.lane == "live"


def test_marking_nobody_is_nothing(sessions: Sessions) -> None:
    mark(sessions)
    assert claim(sessions) == []


def test_a_limit_claims_only_so_many(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", "b@x.cz", "c@x.cz")
    assert emails_of(claim(sessions, limit=2)) == ["a@x.cz", "b@x.cz"]


def test_a_claim_of_a_page_takes_its_addresses_alone(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", "b@x.cz")
    assert emails_of(claim(sessions, emails=["b@x.cz", "stranger@x.cz"])) == ["b@x.cz"]


def test_a_claim_of_a_kind_takes_addresses_that_such_a_record_names(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add_all([an_address("1", "a@x.cz"), an_address("2", "b@x.cz", kind="company")])
    mark(sessions, "a@x.cz", "b@x.cz")
    assert emails_of(claim(sessions, kind="company", connection=1)) == ["b@x.cz"]


def test_what_waits_is_not_claimed_until_released(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", waits="run:1")
    before = claim(sessions)
    with sessions.begin() as session:
        due.release_waits(session, 1, "run:1")
    assert (before, emails_of(claim(sessions))) == ([], ["a@x.cz"])


def test_R10_a_waiting_address_that_is_marked_again_goes_on_waiting(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", waits="run:1")
    mark(sessions, "a@x.cz", cause="list")
    assert claim(sessions) == []


def test_K31_what_a_dry_run_marked_is_due_at_once_for_a_real_one(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", waits="dry:1")
    mark(sessions, "a@x.cz")
    assert emails_of(claim(sessions)) == ["a@x.cz"]


def test_every_dry_run_is_released_at_once(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", waits="dry:1")
    mark(sessions, "b@x.cz", waits="dry:2")
    with sessions.begin() as session:
        due.release_waits(session, 1, "dry")
    assert emails_of(claim(sessions)) == ["a@x.cz", "b@x.cz"]


def test_what_is_due_later_is_not_claimed_now(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", at=NOW + timedelta(seconds=1))
    assert claim(sessions) == []


def test_a_settled_address_leaves(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz")
    claim(sessions)
    with sessions.begin() as session:
        due.settle_away(session, 1, "account:1:bulk:1", ["a@x.cz"])
    assert row(sessions) is None


def test_an_address_marked_again_since_its_claim_is_not_settled_away(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz")
    claim(sessions)
    mark(sessions, "a@x.cz", ticket=9)
    with sessions.begin() as session:
        due.settle_away(session, 1, "account:1:bulk:1", ["a@x.cz"])
        due.free(session, 1, "account:1:bulk:1", ["a@x.cz"])
    assert [(one.email, one.ticket) for one in claim(sessions)] == [("a@x.cz", 9)]


def test_R97_a_claim_of_somebody_else_is_not_settled_away(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz")
    claim(sessions, "account:1:bulk:2")
    with sessions.begin() as session:
        due.settle_away(session, 1, "account:1:bulk:1", ["a@x.cz"])
    assert row(sessions) is not None


def test_a_parked_address_is_due_again_when_its_input_changes(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz")
    claim(sessions)
    put_off(sessions, p_parked="The list refused it.", p_rule="R92")
    parked = claim(sessions)
    mark(sessions, "a@x.cz", ticket=5)
    assert (parked, emails_of(claim(sessions))) == ([], ["a@x.cz"])


def test_an_address_marked_again_since_its_claim_is_not_put_off(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz")
    claim(sessions)
    mark(sessions, "a@x.cz")
    put_off(sessions, p_parked="The list refused it.")
    with sessions.begin() as session:
        due.free(session, 1, "account:1:bulk:1", ["a@x.cz"])
    assert emails_of(claim(sessions)) == ["a@x.cz"]


def test_claims_of_earlier_holders_are_given_back(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz")
    claim(sessions, "account:1:bulk:1")
    with sessions.begin() as session:
        due.free_claims(session, "account:1:bulk", 2)
    assert emails_of(claim(sessions, "account:1:bulk:2")) == ["a@x.cz"]


def test_claims_of_another_lease_of_like_name_stay(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz")
    claim(sessions, "account:11:bulk:1")
    with sessions.begin() as session:
        due.free_claims(session, "account:1:bulk", 2)
    assert claim(sessions) == []


def test_two_claims_at_once_share_no_address(sessions: Sessions) -> None:
    """On PostgreSQL the second one passes over what the first has locked; SQLite lets one write at a time."""
    mark(sessions, "a@x.cz", "b@x.cz")
    if sessions.kw["bind"].dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with sessions.begin() as first, sessions.begin() as second:
        mine = due.claim(first, Claim(1, "one:1", NOW, 1))
        theirs = due.claim(second, Claim(1, "two:1", NOW, 10))
    assert (emails_of(mine), emails_of(theirs)) == (["a@x.cz"], ["b@x.cz"])


def mark_records(sessions: Sessions, kind: str, *ids: str, also: tuple[str, ...] = ()) -> None:
    with sessions.begin() as session:
        due.mark_records(session, 1, 1, kind, ids, also, a_cause())


def test_a_changed_record_marks_all_its_addresses_and_those_it_left(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add_all([an_address("1", "a@x.cz"), an_address("1", "b@x.cz", 2), an_address("2", "c@x.cz")])
    mark_records(sessions, "person", "1", also=("old@x.cz",))
    assert emails_of(claim(sessions)) == ["a@x.cz", "b@x.cz", "old@x.cz"]


def test_R45_a_lender_marks_whom_it_lends_to(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add_all([an_address("7", "firma@x.cz", kind="company"), a_link("1", "7")])
    mark_records(sessions, "person", "1")
    assert emails_of(claim(sessions)) == ["firma@x.cz"]


def test_a_record_without_an_address_marks_nothing(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add(an_address("1", ""))
    mark_records(sessions, "person", "1")
    assert claim(sessions) == []


def test_a_connection_marks_every_address_its_records_name_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add_all([an_address("1", "a@x.cz"), an_address("2", "a@x.cz"), an_address("3", "")])
        session.flush()
        due.mark_connection(session, 1, a_cause())
    assert emails_of(claim(sessions)) == ["a@x.cz"]


def test_what_is_open_is_counted(sessions: Sessions) -> None:
    mark(sessions, "a@x.cz", "b@x.cz")
    mark(sessions, "c@x.cz", waits="run:1")
    mark(sessions, "d@x.cz", at=NOW + timedelta(hours=1))
    with sessions() as session:
        assert due.count_open(session, 1, NOW) == 2
