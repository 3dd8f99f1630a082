"""Bugs planted on purpose: a simulation that does not find them would find no others.

    python -m tests.simulation.planted [NAME ...] [--seeds 0-199]

Each is played until a seed complains; a table says which. None may stay unfound.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import structlog
from sqlalchemy import delete, true
from sqlalchemy.orm import Session

from core.decide import meeting, sharing, tagging
from core.decide.case import Case
from core.decide.facts import Decision, Policy
from core.decide.outward import SILENCE, Echo
from core.engine import job, mirroring, opening, reading, settle
from core.engine.leasing import Lease
from core.store import base, bulk, due, facts
from core.store.due import DueRow
from tests.simulation.runner import EVENTS, play

ENOUGH = 200


@contextmanager
def no_fence() -> Iterator[None]:
    """Commits go through whoever holds the lease by now."""

    def nothing(*_: Any) -> None:
        return None

    with patch.object(job, "all_held", lambda *_: true()), patch.object(job, "renew", nothing):
        yield


@contextmanager
def no_ticket() -> Iterator[None]:
    """What was asked before a write enters the mirror after it."""
    whole = bulk._conflict
    with patch.object(
        bulk, "_conflict", lambda table, conflict, quote: whole(table, replace(conflict, newer=""), quote)
    ):
        bulk._prepare.cache_clear()
        yield
    bulk._prepare.cache_clear()


@contextmanager
def no_mark_counter() -> Iterator[None]:
    """An address that was marked while it was worked on is settled away with it."""

    def away(session: Session, list_id: int, name: str, emails: Sequence[str]) -> None:
        done = delete(DueRow).where(
            DueRow.list_id == list_id, base.among(session, DueRow.email, emails), DueRow.claim == name
        )
        session.execute(done.execution_options(synchronize_session=False))

    whole = facts.load

    def unmarked(*given: Any, **named: Any) -> facts.Loaded:
        return replace(whole(*given, **named), marked=frozenset())

    with patch.object(due, "settle_away", away), patch("core.engine.reconcile.load", unmarked):
        yield


@contextmanager
def no_pending() -> Iterator[None]:
    """What we write is not remembered as ours until a reading shows it."""
    with patch.object(mirroring.Mirroring, "_pending", lambda *_: ()):
        yield


@contextmanager
def settle_without_claim() -> Iterator[None]:
    """A settle takes away what another one has claimed since; nor does it ask who holds the lease."""

    def away(session: Session, list_id: int, name: str, emails: Sequence[str]) -> None:
        done = delete(DueRow).where(DueRow.list_id == list_id, base.among(session, DueRow.email, emails))
        session.execute(done.execution_options(synchronize_session=False))

    with patch.object(due, "settle_away", away), _unfenced(settle, "settle"):
        yield


@contextmanager
def page_without_fence() -> Iterator[None]:
    """A page is committed by a reading whose lease was lost."""
    with _unfenced(reading, "_keep"):
        yield


@contextmanager
def _unfenced(module: Any, name: str) -> Iterator[None]:
    """The commits of one function ask for no lease."""
    whole: Callable[..., Any] = getattr(module, name)

    def unfenced(its: job.Job, *given: Any, **named: Any) -> Any:
        held: list[Lease] = its.held
        lane = held[-1]

        class Nobody(list[Lease]):
            """No lease is demanded, while claims keep the name of ours."""

            def __iter__(self) -> Iterator[Lease]:
                return iter(())

        its.held = Nobody([lane])
        try:
            return whole(its, *given, **named)
        finally:
            its.held = held

    with patch.object(module, name, unfenced):
        if name == "settle":
            with patch("core.engine.reconcile.settle", unfenced):
                yield
        else:
            yield


@contextmanager
def tags_blindly() -> Iterator[None]:
    """The tags that are written replace those that stand there."""
    whole = tagging.tagging

    def blind(case: Case) -> tagging.Tagging:
        found = whole(case)
        return replace(found, all=found.added) if found.all is not None else found

    def adopted(case: Case) -> Decision:
        decision = real(case)
        if decision.write is None or decision.write.tags is None:
            return decision
        own = tuple(policy.tag for policy in case.policies.values())
        return replace(decision, write=replace(decision.write, tags=own))

    real = meeting.adopt
    with patch("core.decide.again.tagging", blind), patch("core.decide.plan.adopt", adopted):
        yield


@contextmanager
def echo_on_one_side() -> Iterator[None]:
    """Our own writes are told from edits in the list, and not in the CRM (R29)."""

    def silence(*_: Any) -> Echo:
        return SILENCE

    with patch.object(sharing, "listen", silence):
        yield


@contextmanager
def held_rows_dropped() -> Iterator[None]:
    """What the brake holds is forgotten."""

    def dropped(self: Any, decision: Decision) -> None:
        self.rows.done.append(decision.email)

    with patch.object(settle._Settling, "_held", dropped):
        yield


@contextmanager
def pause_forgotten() -> Iterator[None]:
    """Whoever works for a list writes for its paused connections, too."""
    whole = opening.policy_of

    def awake(*given: Any) -> Policy:
        return replace(whole(*given), paused=False)

    with patch.object(opening, "policy_of", awake):
        yield


BUGS: Mapping[str, Callable[[], Any]] = {
    made.__name__: made
    for made in (
        no_fence,
        no_ticket,
        no_mark_counter,
        no_pending,
        settle_without_claim,
        page_without_fence,
        tags_blindly,
        echo_on_one_side,
        held_rows_dropped,
        pause_forgotten,
    )
}


def found_by(name: str, seeds: range) -> tuple[int, str] | None:
    """The first of these seeds that complains about a planted bug, and its words; None where all are content."""
    for seed in seeds:
        with BUGS[name]():
            played = play(seed, EVENTS)
        if played.complaint:
            return seed, played.complaint.splitlines()[0]
    return None


def main(words: list[str]) -> int:
    """What stands at the top."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    parser = argparse.ArgumentParser(description="Plant bugs, and play seeds until each is found.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BUGS))
    parser.add_argument("--seeds", default=f"0-{ENOUGH - 1}")
    given = parser.parse_args(words)
    first, _, last = given.seeds.partition("-")
    unfound = 0
    for name in given.names or BUGS:
        found = found_by(name, range(int(first), int(last or first) + 1))
        unfound += found is None
        print(f"{name:24}{f'seed {found[0]}: {found[1]}' if found else 'NOT FOUND'}", flush=True)
    return int(unfound > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
