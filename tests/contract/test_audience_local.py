"""The embedded list keeps the contract of every audience."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import event, insert
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from core.embedded import LocalAudience, LocalList, LocalPlugin, LocalProfile
from core.store.base import Base, make_engine, make_sessions
from spojka import Audience, Connection, Done, Profile, Status
from spojka.checks.audience import NO_KEYS, AudienceContract, Seed, a_write, seen

START = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path / 'spojka.db'}")
    Base.metadata.create_all(engine, tables=[LocalList.__table__, LocalProfile.__table__])  # type: ignore[list-item]  # mapped tables are tables
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


@pytest.fixture
def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{next(numbers):032x}"


class TestLocalAudience(AudienceContract):
    @pytest.fixture
    def audience(self, sessions: sessionmaker[Session], ids: Callable[[], str]) -> Audience:
        ticks = count()
        return LocalAudience(sessions, lambda: START + timedelta(seconds=next(ticks)), ids)

    @pytest.fixture
    def contact_list(self, audience: Audience) -> str:
        return audience.create_list("Klienti").id

    @pytest.fixture
    def seed(self, sessions: sessionmaker[Session], ids: Callable[[], str], contact_list: str) -> Seed:
        def put(profiles: Sequence[Profile]) -> None:
            with sessions() as session, session.begin():
                session.execute(insert(LocalProfile), [_stored(contact_list, ids(), each) for each in profiles])

        return put

    def test_add_says_exactly_who_is_new(self, audience: Audience, contact_list: str, seed: Seed) -> None:
        audience.add(contact_list, [a_write("jana@example.cz")], NO_KEYS, start_automations=False)
        rows = [a_write("jana@example.cz"), a_write("nova@example.cz")]
        results = audience.add(contact_list, rows, NO_KEYS, start_automations=False)
        assert [each.done for each in results] == [Done.UNKNOWN, Done.ADDED]

    def test_change_says_exactly_who_is_there(self, audience: Audience, contact_list: str) -> None:
        audience.add(contact_list, [a_write("jana@example.cz")], NO_KEYS, start_automations=False)
        rows = [a_write("nikdo@example.cz", {"name": "N"}), a_write("jana@example.cz", {"name": "J"})]
        assert [each.done for each in audience.change(contact_list, rows, NO_KEYS)] == [Done.UNKNOWN, Done.CHANGED]

    def test_a_complaint_is_not_softened_to_a_leaving(self, audience: Audience, contact_list: str, seed: Seed) -> None:
        seed([Profile("spam@example.cz", "", Status.COMPLAINED, None, {}, ())])
        (result,) = audience.unsubscribe(contact_list, ["spam@example.cz"])
        assert result.done is Done.UNKNOWN
        assert [each.status for each in seen(audience, contact_list)] == [Status.COMPLAINED]

    def test_a_page_is_two_statements_and_a_bulk_call_at_most_five(
        self, engine: Engine, audience: Audience, contact_list: str
    ) -> None:
        rows = [a_write(f"p{number}@example.cz", {"custom:Stav": "x"}, tags=("raynet",)) for number in range(1000)]
        counted = [
            _statements(engine, lambda: audience.add(contact_list, rows, NO_KEYS, start_automations=False)),
            _statements(engine, lambda: audience.change(contact_list, rows, NO_KEYS)),
            _statements(engine, lambda: audience.rows(contact_list, None, NO_KEYS)),
            _statements(engine, lambda: audience.look(contact_list, [row.email for row in rows], NO_KEYS)),
            _statements(engine, lambda: audience.unsubscribe(contact_list, [row.email for row in rows])),
        ]
        assert counted == [5, 3, 2, 2, 2]

    def test_the_plugin_opens_the_same_account_for_every_connection(
        self, sessions: sessionmaker[Session], ids: Callable[[], str]
    ) -> None:
        plugin = LocalPlugin(sessions, lambda: START, ids)
        opened = plugin.open_audience(Connection(1, {}, {}), http=None)  # type: ignore[arg-type]  # it has no use for one
        assert (plugin.describe().name, opened.check().account) == ("local", "local")


def _stored(contact_list: str, uid: str, profile: Profile) -> dict[str, object]:
    return {
        "list_id": contact_list,
        "email": profile.email,
        "uid": uid,
        "status": profile.status.value,
        "since": START,
        "fields": dict(profile.fields),
        "tags": list(profile.tags or ()),
        "source": next(iter(profile.sources), ""),
        "updated_at": START,
    }


def _statements(engine: Engine, call: Callable[[], object]) -> int:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    call()
    event.remove(engine, "before_cursor_execute", note)
    return len(sent)
