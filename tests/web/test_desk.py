"""Many who write at the same moment share a transaction, and each knows what became of his own row."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from core.store.base import make_engine
from core.web.desk import Desk

MANY = 6


class Counter:
    """An office with a table, whose commits are counted; the first wish waits until all others have come."""

    def __init__(self, folder: Path) -> None:
        self.engine = make_engine(f"sqlite:///{folder}/desk.db")
        with self.engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept (name TEXT UNIQUE)"))
        self.desk = Desk(self.engine)
        self.others = threading.Event()
        self.begun = threading.Event()
        self.got: dict[int, Any] = {}

    def first(self, connection: Connection) -> str:
        """Holds the turn."""
        self.begun.set()
        assert self.others.wait(10)
        return self.put("first")(connection)

    def put(self, name: str) -> Callable[[Connection], str]:
        """Keep a name."""

        def work(connection: Connection) -> str:
            connection.execute(text("INSERT INTO kept VALUES (:name)"), {"name": name})
            return name

        return work

    def names(self) -> list[str]:
        """What was kept."""
        with self.engine.connect() as connection:
            return list(connection.execute(text("SELECT name FROM kept ORDER BY name")).scalars())

    def play(self, works: list[Callable[[Connection], str]]) -> None:
        """The first one takes its turn, and all others come meanwhile."""
        threads = [threading.Thread(target=self._hand_in, args=(place, work)) for place, work in enumerate(works)]
        threads[0].start()
        assert self.begun.wait(10)
        for thread in threads[1:]:
            thread.start()
        while len(self.desk._waiting) < len(works) - 1:  # noqa: SLF001  # nothing else says that they have come
            threading.Event().wait(0.01)
        self.others.set()
        for thread in threads:
            thread.join(10)

    def _hand_in(self, place: int, work: Callable[[Connection], str]) -> None:
        try:
            self.got[place] = self.desk.keep(work)
        except DBAPIError as error:
            self.got[place] = error


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.engine.dispose()


def test_who_comes_while_one_writes_is_written_together(counter: Counter) -> None:
    transactions: list[threading.Thread] = []

    def whose(name: str) -> Callable[[Connection], str]:
        def work(connection: Connection) -> str:
            transactions.append(threading.current_thread())
            return counter.put(name)(connection)

        return work

    counter.play([counter.first, *(whose(str(place)) for place in range(MANY))])
    assert counter.got == {0: "first", **{place + 1: str(place) for place in range(MANY)}}
    assert (len(counter.names()), len(set(transactions))) == (MANY + 1, 1)


def test_who_shared_a_transaction_that_failed_is_told_so_and_nothing_is_kept(counter: Counter) -> None:
    counter.play([counter.first, counter.put("one"), counter.put("one")])
    assert [isinstance(counter.got[place], DBAPIError) for place in (0, 1, 2)] == [False, True, True]
    assert counter.names() == ["first"]


def test_after_an_error_the_next_one_is_kept(counter: Counter) -> None:
    counter.desk.keep(counter.put("one"))
    with pytest.raises(DBAPIError):
        counter.desk.keep(counter.put("one"))
    assert counter.desk.keep(counter.put("two")) == "two"
    assert counter.names() == ["one", "two"]
