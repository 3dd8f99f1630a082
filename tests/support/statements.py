"""What a database was asked, in order: statements, commits, and the named points passed between them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

FRAMING = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


@dataclass(frozen=True, slots=True)
class Note:
    """`what` is statement, commit or point; `text` the statement or the point's name."""

    what: str
    text: str = ""


@dataclass
class Notes:
    """Everything noted since the last `clear`."""

    all: list[Note] = field(default_factory=list)

    @contextmanager
    def of(self, engine: Engine) -> Iterator[None]:
        """Note what this engine is asked meanwhile; framing is not a statement."""

        def asked(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(FRAMING):
                self.all.append(Note("statement", statement))

        def committed(connection: Any) -> None:
            self.all.append(Note("commit"))

        event.listen(engine, "before_cursor_execute", asked)
        event.listen(engine, "commit", committed)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", asked)
            event.remove(engine, "commit", committed)

    def clear(self) -> None:
        """Forget."""
        self.all.clear()

    def spans(self, begin: str, end: str) -> list["Span"]:
        """What happened from each point `begin` to the next point `end`."""
        found, since = [], None
        for place, note in enumerate(self.all):
            if note == Note("point", begin):
                since = place
            elif note == Note("point", end) and since is not None:
                found.append(Span(self.all[since:place]))
                since = None
        return found

    def with_claims(self, begin: str, end: str) -> list["Span"]:
        """As `spans`, and the transaction that committed just before `begin` belongs to it."""
        found, since = [], None
        for place, note in enumerate(self.all):
            if note == Note("point", begin):
                since = self._opened_before(place)
            elif note == Note("point", end) and since is not None:
                found.append(Span(self.all[since:place]))
                since = None
        return found

    def _opened_before(self, place: int) -> int:
        start = place - 1
        while self.all[start].what == "point":
            start -= 1
        assert self.all[start].what == "commit"
        while start > 0 and self.all[start - 1].what == "statement":
            start -= 1
        return start


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of notes."""

    notes: Sequence[Note]

    @property
    def statements(self) -> int:
        """How many statements."""
        return sum(note.what == "statement" for note in self.notes)

    @property
    def commits(self) -> int:
        """How many commits."""
        return sum(note.what == "commit" for note in self.notes)

    def __iter__(self) -> Iterator[str]:
        return (note.text for note in self.notes if note.what == "statement")


class Points:
    """`core.ports.Crash` for one process: notes every point, and calls what a test has put there."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.at: dict[str, list[Callable[[], object] | None]] = {}

    def once(self, name: str, call: Callable[[], object], passing: int = 1) -> None:
        """At the `passing`-th passing of a point from now on, call this."""
        self.at[name] = [*([None] * (passing - 1)), call]

    def point(self, name: str) -> None:
        """See `core.ports.Crash`."""
        self.notes.all.append(Note("point", name))
        waiting = self.at.get(name)
        if waiting:
            call = waiting.pop(0)
            if call is not None:
                call()
