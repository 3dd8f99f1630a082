"""The adapters that plugins open, as strangers: every call is guarded, every answer looked at (R93)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.registry import shapes
from core.registry.faults import PluginFault, guarded
from core.registry.shapes import Check
from spojka import AudienceCheck, Counts, CrmCheck, CustomField, ListInfo, Mailing, Record, Result

Expect = Callable[[int], Check]
"""What a method has to answer, given how many rows it was asked about."""

CRM: Mapping[str, Expect] = {
    "check": lambda _: shapes.a(CrmCheck),
    "changed": lambda _: shapes.a_page(Record),
    "read": lambda _: shapes.a_page(Record),
    "ids": lambda _: shapes.a_page(tuple),
    "watch": lambda _: shapes.a_name,
    "watched": lambda _: shapes.watched,
}
AUDIENCE: Mapping[str, Expect] = {
    "check": lambda _: shapes.a(AudienceCheck),
    "lists": lambda _: shapes.many(ListInfo),
    "create_list": lambda _: shapes.a(ListInfo),
    "fields": lambda _: shapes.many(CustomField),
    "rows": lambda _: shapes.profiles,
    "look": shapes.looks,
    "add": lambda rows: shapes.one_each(Result, rows),
    "invite": lambda _: shapes.one_each(Result, 1),
    "change": lambda rows: shapes.one_each(Result, rows),
    "unsubscribe": lambda rows: shapes.one_each(Result, rows),
    "mailings": lambda _: shapes.many(Mailing),
    "log": lambda _: shapes.told,
    "counts": lambda _: shapes.a_page(Counts),
}
WRITES = frozenset({"create_list", "add", "invite", "change", "unsubscribe", "watch", "unwatch"})
Before = Callable[[], None]
"""Done before each call that only reads."""


def at_once() -> None:
    """Nothing is done before."""


class Guarded:
    """An adapter behind glass. Has the methods of `inner`; raises only the public error family and PluginFault."""

    def __init__(self, plugin: str, inner: Any, expects: Mapping[str, Expect], before: Before = at_once) -> None:
        self.plugin = plugin
        self.inner = inner
        self._expects, self._before = expects, before

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            if name not in WRITES:
                self._before()
            with guarded(self.plugin, name):
                answer = found(*args, **kwargs)
            self._look_at(name, _asked(args, kwargs), answer)
            return answer

        return call

    def _look_at(self, name: str, asked: int, answer: Any) -> None:
        expect = self._expects.get(name)
        wrong = "" if expect is None else expect(asked)(answer)
        if wrong:
            raise PluginFault(self.plugin, name, wrong)


def bare(adapter: Any) -> Any:
    """What the plugin itself opened."""
    return adapter.inner if isinstance(adapter, Guarded) else adapter


def _asked(args: Sequence[Any], kwargs: Mapping[str, Any]) -> int:
    """How many rows a call is about: `rows` or `emails`, the second argument wherever there is one."""
    rows = kwargs.get("rows", kwargs.get("emails", args[1] if len(args) > 1 else ()))
    return len(rows) if isinstance(rows, Sequence) else 0
