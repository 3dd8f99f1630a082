"""Many who want to keep something at the same moment share one transaction where the database has one writer.

A commit to SQLite costs as much as ten rows, and only one goes on at a time. Whoever comes while one goes on waits for
his turn anyway; whoever has the turn next writes for all who have come until then. Everybody's own row is kept before
he goes on, or the error raised.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")


@dataclass(slots=True)
class _Wish(Generic[T]):
    work: Callable[[Connection], T]
    over: bool = False
    value: T | None = None
    error: BaseException | None = None


class Desk:
    """Where rows are handed in. Safe for threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_shared = engine.dialect.name == "sqlite"
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._waiting: list[_Wish[Any]] = []
        self._connection: Connection | None = None

    def keep(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives once the transaction it took part in is committed. Raises what the database raises."""
        if not self._is_shared:
            with self._engine.begin() as connection:
                return work(connection)
        mine = _Wish(work)
        with self._lock:
            self._waiting.append(mine)
        with self._turn:
            if not mine.over:
                self._carry_out()
        if mine.error is not None:
            raise mine.error
        return mine.value  # type: ignore[return-value]  # what `work` gave, which may be None itself

    def _carry_out(self) -> None:
        with self._lock:
            together, self._waiting = self._waiting, []
        try:
            connection = self._connection = self._connection or self._engine.connect()
            with connection.begin():
                for wish in together:
                    wish.value = wish.work(connection)
        except BaseException as error:  # handed to everybody whose row was not kept, whatever it is
            for wish in together:
                wish.error = error
            self._let_go()
        finally:
            for wish in together:
                wish.over = True

    def _let_go(self) -> None:
        """After an error nobody knows what the connection is good for."""
        broken, self._connection = self._connection, None
        if broken is not None:
            broken.invalidate()
            broken.close()
