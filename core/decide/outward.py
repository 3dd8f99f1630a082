"""What one reading of a record says about our own writes into it: stored, on their way, late, or not stored (R29, R32).

The mirror image of `weighing`. What is pending here belongs to one binding: for every other binding of the record a
value that arrived is somebody's edit (R31).
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta

from core.decide.facts import Bound, Put, Standpoint
from core.decide.frozen import dataclass
from core.decide.values import Forms, equal
from core.decide.weighing import GRACE, LATE


@dataclass(frozen=True, slots=True)
class Echo:
    """What is nobody's edit, and the snapshots put right.

    `left` stays pending. `crm`, `audience` override snapshots. `waiting` fields are pending still, `again` are to be
    written once more, `failed` were not stored twice: field -> what was sent. `right`: field -> what a late value is
    put right to.
    """

    left: tuple[Put, ...] = ()
    crm: Mapping[str, str] = field(default_factory=dict)
    audience: Mapping[str, str] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    right: Mapping[str, str] = field(default_factory=dict)


SILENCE = Echo()
"""Nothing is pending."""


def listen(
    bound: Bound,
    record: Standpoint,
    said: Mapping[str, str],
    agreed: Mapping[str, str],
    forms: Forms,
    now: datetime | None,
) -> Echo:
    """Tell our own writes from edits. `said` and `agreed` are what the list says, and its snapshot."""
    if not bound.pending:
        return SILENCE
    ear = _Ear(bound, record, said, agreed, forms, now)
    late = [left for put in bound.pending if not put.ended for left in ear.unanswered(put)]
    stored = ear.answered([put for put in bound.pending if put.ended])
    left = tuple(sorted((*late, *stored), key=lambda put: put.ticket))
    return Echo(left, ear.crm, ear.audience, frozenset(ear.waiting), frozenset(ear.again), ear.failed, ear.right)


@dataclass(slots=True)
class _Ear:
    bound: Bound
    record: Standpoint
    said: Mapping[str, str]
    agreed: Mapping[str, str]
    forms: Forms
    now: datetime | None
    crm: dict[str, str] = field(default_factory=dict)
    audience: dict[str, str] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    right: dict[str, str] = field(default_factory=dict)

    def unanswered(self, put: Put) -> tuple[Put, ...]:
        """A write of unknown end is judged on a reading made after it; a day old and judged, it excuses nothing."""
        if self.record.ticket <= put.ticket:
            self.waiting |= put.fields.keys()
            return (put,)
        if put.judged and self._older(put, LATE):
            return ()
        kept = {key: pair for key, pair in put.fields.items() if not self._arrived(put, key, *pair)}
        return (replace(put, fields=kept, judged=True),) if kept else ()

    def _arrived(self, put: Put, key: str, was: str, sent: str) -> bool:
        """Whether it was seen to have arrived: agreed where the list still says it, else put right.

        A value that is agreed already proves nothing: another write may have brought it, and this one come still.
        """
        now, then = self.record.fields.get(key), self.crm.get(key, self.bound.agreed.get(key))
        if now is None or not self._same(key, now, sent) or (then is not None and self._same(key, now, then)):
            return False
        self.crm[key] = now
        if then is None or self._same(key, then, was):
            if not put.back:
                self.audience[key] = sent
            return True
        wanted = self.said.get(key, self.agreed.get(key, now))
        self.audience[key] = wanted
        if not self._same(key, wanted, now):
            self.right[key] = wanted
        return True

    def answered(self, puts: Sequence[Put]) -> list[Put]:
        """Writes that the CRM confirmed, reduced to what is not decided."""
        by_field: dict[str, list[Put]] = {}
        for put in puts:
            for key in put.fields:
                by_field.setdefault(key, []).append(put)
        keep = {key: self._open(key, calls) for key, calls in by_field.items()}
        left = [replace(put, fields={key: put.fields[key] for key in put.fields if keep[key]}) for put in puts]
        return [put for put in left if put.fields]

    def _open(self, key: str, puts: Sequence[Put]) -> bool:
        """Whether a field stays pending. Of several writes the newest says what should be there."""
        now, newest = self.record.fields.get(key), puts[-1]
        if now is None:
            return True
        sent = newest.fields[key][1]
        stored = self._same(key, now, sent)
        if self.record.ticket <= max(put.ended for put in puts):
            if not stored:
                self.waiting.add(key)
            return True
        old = {"", *(value for put in puts for value in put.fields[key])}
        if stored or key in self.crm or not any(self._same(key, now, value) for value in old):
            return False
        if not self._older(newest, GRACE):
            self.waiting.add(key)
            return True
        return self._not_stored(key, now, puts)

    def _not_stored(self, key: str, now: str, puts: Sequence[Put]) -> bool:
        """The snapshots go back; an emptying that did not take leaves the list's, so that nothing travels (R25)."""
        sent, back = puts[-1].fields[key][1], puts[-1].back
        repeated = back or any(put.repeats for put in puts if self._same(key, put.fields[key][1], sent))
        self.crm[key] = now
        if not back and (not repeated or sent != ""):
            self.audience[key] = puts[0].fields[key][0]
        if repeated:
            self.failed[key] = sent
        else:
            self.again.add(key)
        return False

    def _older(self, put: Put, than: timedelta) -> bool:
        return self.now is not None and self.now - put.at >= than

    def _same(self, key: str, one: str, other: str) -> bool:
        return equal(self.forms, key, one, other)
