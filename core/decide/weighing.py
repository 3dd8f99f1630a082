"""What one reading says about our calls to a profile: stored, on their way, late, or not stored (R29, R32)."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import timedelta
from enum import Enum

from core.decide.facts import Call, Facts, Seen, Terms
from core.decide.frozen import dataclass
from core.decide.values import Forms, equal, tag_key

GRACE = timedelta(minutes=2)
"""How long a list may take to store what it confirmed (R32)."""
LATE = timedelta(days=1)
"""How long a call of unknown end may still arrive (R29)."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the reading decided; the fields are those of `Judged`, the snapshots only where they are put right."""

    left: tuple[Call, ...]
    agreed: Mapping[str, str]
    crm: Mapping[str, str]
    arrived: Mapping[str, tuple[str, str]]
    waiting: frozenset[str]
    again: frozenset[str]
    failed: Mapping[str, str]
    missing_tags: tuple[str, ...]
    put_back: tuple[str, ...]
    tags_failed: tuple[str, ...]


def weigh(
    facts: Facts, seen: Seen, calls: Sequence[Call], agreed: Mapping[str, str], forms: Forms, terms: Terms
) -> Weighed:
    """Decide about each call by what the reading shows; keep what the reading says nothing of."""
    scale = _Scale(facts, seen, forms, terms, agreed)
    answered = [call for call in calls if call.ended]
    late = [left for call in calls if not call.ended for left in scale.unanswered(call, answered)]
    confirmed = scale.answered(answered)
    return Weighed(
        tuple(sorted((*late, *confirmed), key=lambda call: call.ticket)),
        scale.agreed,
        scale.crm,
        scale.arrived,
        frozenset(scale.waiting),
        frozenset(scale.again),
        scale.failed,
        tuple(scale.missing_tags),
        tuple(scale.put_back),
        tuple(scale.tags_failed),
    )


@dataclass(slots=True)
class _Scale:
    facts: Facts
    seen: Seen
    forms: Forms
    terms: Terms
    before: Mapping[str, str]
    agreed: dict[str, str] = field(default_factory=dict)
    crm: dict[str, str] = field(default_factory=dict)
    arrived: dict[str, tuple[str, str]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    missing_tags: list[str] = field(default_factory=list)
    put_back: list[str] = field(default_factory=list)
    tags_failed: list[str] = field(default_factory=list)

    def _asked_after(self, call: Call, key: str = "") -> bool:
        """A pass that left the mirror as it was confirms what pages say; the rest is as old as its look-up."""
        unsaid = key in self.terms.unsaid
        as_of = self.facts.ticket if unsaid else max(self.facts.ticket, self.facts.pass_ticket)
        return as_of > max(call.ticket, call.ended)

    def _same(self, key: str, one: str, other: str) -> bool:
        return equal(self.forms, key, one, other)

    def unanswered(self, call: Call, answered: Sequence[Call]) -> tuple[Call, ...]:
        """A call of unknown end. Once it is a day old and was judged before, it excuses nothing (R29)."""
        if not self._asked_after(call):
            return (call,)
        if call.later is not None and self.facts.now is not None and self.facts.now - call.at > LATE:
            return ()
        fields = {} if call.add else self._on_the_way(call)
        tags, later = self._late_tags(call, answered)
        if not fields and tags is None:
            return ()
        return (replace(call, fields=fields, tags=tags, later=later),)

    def _on_the_way(self, call: Call) -> dict[str, tuple[str, str]]:
        """A value that arrived is ours: agreed if the CRM still says it, put right if not.

        A value that is agreed already proves nothing: another call may have brought it, and this one come still.
        """
        kept = {}
        for key, (was, sent) in call.fields.items():
            now = self.seen.fields.get(key)
            then = self.agreed.get(key, self.before.get(key))
            if now is None or not self._same(key, now, sent) or (then is not None and self._same(key, now, then)):
                kept[key] = (was, sent)
            else:
                self.agreed[key], self.arrived[key] = now, (was, sent)
                if key not in call.back or then is None or not self._same(key, then, was):
                    self.crm[key] = sent
        return kept

    def _late_tags(self, call: Call, answered: Sequence[Call]) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
        """A profile whose tags are exactly a late call's set gets back what came after it (R29)."""
        now = self.seen.tags
        if call.tags is None or now is None:
            return call.tags, call.later or ()
        there, sent = {tag_key(tag) for tag in now}, {tag_key(tag) for tag in call.tags}
        lost = [tag for tag in call.later or () if tag_key(tag) not in there]
        if there == sent and lost:
            self.put_back += lost
            return None, ()
        retried = any(other.ticket > call.ticket and other.tags is not None for other in answered)
        if sent <= there and call.later is None and not retried:
            return None, ()
        return call.tags, now

    def answered(self, calls: Sequence[Call]) -> list[Call]:
        """Calls that the list confirmed, reduced to what is not decided, and what is sent once more marked so (R32)."""
        newest = {key: call for call in calls for key in call.fields}
        ends = {key: self._end(key, [call for call in calls if key in call.fields]) for key in newest}
        tagged = [call for call in calls if call.tags is not None]
        tags_end = self._tags_end(tagged)
        left = []
        for call in calls:
            fields = {key: pair for key, pair in call.fields.items() if ends[key] is _End.OPEN}
            left.append(replace(call, fields=fields, tags=call.tags if tags_end is _End.OPEN else None))
            fields = {key: pair for key, pair in call.fields.items() if ends[key] is _End.AGAIN and newest[key] is call}
            tags = call.tags if tags_end is _End.AGAIN and call is tagged[-1] else None
            left.append(replace(call, fields=fields, tags=tags, repeats=1, at=self.facts.now or call.at))
        return [call for call in left if call.fields or call.tags is not None]

    def _end(self, key: str, calls: Sequence[Call]) -> "_End":
        """Of several calls for a field the newest says what should be there, all of them what is old and no edit."""
        now = self.seen.fields.get(key)
        if now is None:
            return _End.OPEN
        sent = calls[-1].fields[key][1]
        stored = self._same(key, now, sent)
        if not all(self._asked_after(call, key) for call in calls):
            if not stored:
                self.waiting.add(key)
            return _End.OPEN
        old = {"", *(value for call in calls for value in call.fields[key])}
        if stored or key in self.agreed or not any(self._same(key, now, value) for value in old):
            return _End.OVER
        if self.facts.now is not None and self.facts.now - calls[-1].at < GRACE:
            self.waiting.add(key)
            return _End.OPEN
        return self._not_stored(key, now, calls)

    def _not_stored(self, key: str, now: str, calls: Sequence[Call]) -> "_End":
        """The snapshots go back; an emptying that did not take leaves the CRM's, so that nothing travels (R25, R32)."""
        sent, back = calls[-1].fields[key][1], key in calls[-1].back
        repeated = back or any(call.repeats for call in calls if self._same(key, call.fields[key][1], sent))
        self.agreed[key] = now
        if not back and (not repeated or sent != ""):
            self.crm[key] = calls[0].fields[key][0]
        if repeated:
            self.failed[key] = sent
            return _End.OVER
        self.again.add(key)
        return _End.AGAIN

    def _tags_end(self, calls: Sequence[Call]) -> "_End":
        """The newest complete set counts; what of it is missing is written once more, then fails (R103)."""
        if not calls:
            return _End.OVER
        if self.seen.tags is None or not all(self._asked_after(call) for call in calls):
            return _End.OPEN
        there = {tag_key(tag) for tag in self.seen.tags}
        gone = [tag for tag in calls[-1].tags or () if tag_key(tag) not in there]
        if not gone:
            return _End.OVER
        if any(call.repeats for call in calls):
            self.tags_failed += gone
            return _End.OVER
        self.missing_tags += gone
        return _End.AGAIN


class _End(Enum):
    OPEN = "open"
    OVER = "over"
    AGAIN = "again"
