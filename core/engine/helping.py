"""A second process that helps with a large run: it fetches and understands pages ahead, and works off batches of its
own.

It works under the leases of whoever hired it: what it claims, notes and settles is theirs, and their fences hold for
it. Where it dies they are taken anew, and what it had in hand is recovered like that of any holder who died.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from core.engine.job import Job
from core.engine.leasing import Lease, LostLease
from core.engine.openjob import open_job
from core.ports import Hand, World

P = ParamSpec("P")
T = TypeVar("T")
Batch = Callable[..., int]
"""Works off one batch of a job; how many addresses it claimed."""
FROM = 10_000
"""So many records or addresses are worth a second process, which takes a second to begin."""


class MateDied(LostLease):
    """The mate died with something in its hands: the leases have to be taken anew, so that it is recovered."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a mate has to know of the job that it helps with."""

    run_id: int | None
    connection_id: int
    by: str
    leases: tuple[tuple[str, int], ...]
    keys: tuple[tuple[str, str], ...]
    offset: timedelta
    counts_bytes: bool
    ground: tuple[int, tuple[tuple[int, int], ...]]
    """The last whole pass over the list, and the versions of the settings: what it stands on is as old as ours."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a mate did: addresses it claimed, what it counted, requests to the CRM and to the list's vendor."""

    claimed: int
    counts: Mapping[str, int]
    requests: tuple[int, int]
    unproven: int


def hire(job: Job, number: int) -> None:
    """Take on a mate where there is so much to do that it is worth one, and the machine and the settings have one."""
    if job.mate is None and number >= FROM and not job.dry_run:
        hand = job.world.hands.hire()
        job.mate = Mate(hand) if hand is not None else None


class Mate:
    """A second process in our service."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._begun = hand.ask(_begun)

    @property
    def is_ready(self) -> bool:
        """Whether it has started, and has not failed to; nobody waits for that."""
        return self._begun.done() and self._begun.exception() is None

    def do(self, job: Job, task: Callable[Concatenate[Job, P], T], *given: P.args, **_: P.kwargs) -> T:
        """What `task`, a function of a module, makes of a job like ours over there; MateDied, or what it raises."""
        try:
            done: Future[T] = self._hand.ask(_work, task, _order(job), given)
            return done.result()
        except BrokenExecutor as error:
            raise MateDied("The mate died.") from error

    def leave(self) -> None:
        """Let it go once it has ended what it has in hand."""
        self._hand.close()


class Beside:
    """A mate that works off one batch after the other beside us, until nothing is left."""

    def __init__(self, job: Job, mate: Mate, batch: Batch, *given: int) -> None:
        self._shares: list[Share] = []
        self._stop = self._over = False

        def work() -> None:
            while not self._stop:
                share = mate.do(job, _share, batch, *given)
                self._shares.append(share)
                if not share.claimed:
                    return

        self._end: Future[None] = job.world.crew.begin(work)

    def settle_up(self, job: Job) -> None:
        """Count what it did as ours. Raises what it failed with, MateDied too."""
        while self._shares:
            share = self._shares.pop(0)
            job.count(**share.counts)
            job.unproven += share.unproven
            job.lent(*share.requests)
        if self._end.done():
            self._end.result()

    def finish(self) -> bool:
        """Wait until it finds nothing more; False where it had ended before."""
        if self._over:
            return False
        self._end.exception()
        self._over = True
        return True

    def stop(self) -> None:
        """Wait until it has ended its batch; it begins no other."""
        self._stop = True
        self._end.exception()


@contextmanager
def beside(job: Job, batch: Batch, *given: int) -> Iterator[Beside]:
    """A mate beside us, for as long as this lasts."""
    assert job.mate is not None
    other = Beside(job, job.mate, batch, *given)
    try:
        yield other
    finally:
        other.stop()


def _order(job: Job) -> Order:
    leases = tuple((lease.name, lease.fence) for lease in job.held)
    keys, versions = tuple(sorted(job.keys.items())), tuple(sorted(job.ground.versions.items()))
    ground = (job.ground.contact_list.pass_ticket, versions)
    return Order(job.run_id, job.row.id, job.by, leases, keys, job.offset, job.counts_bytes, ground)


_JOBS: dict[Order, Job] = {}
"""In a mate's process: the job it helps with."""


def _begun(world: World) -> None:
    """The first thing a mate does."""


def _work(world: World, task: Callable[..., T], order: Order, given: tuple[Any, ...]) -> T:
    return task(_job(world, order), *given)


def _job(world: World, order: Order) -> Job:
    if order not in _JOBS:
        _JOBS.clear()
        held = [Lease(name, fence, world.clock.now()) for name, fence in order.leases]
        job = open_job(world, order.connection_id, held, by=order.by, cause="crm", lane="bulk")
        job.run_id, job.helps, job.found = order.run_id, True, "backfill"
        job.keys, job.offset, job.counts_bytes = dict(order.keys), order.offset, order.counts_bytes
        _JOBS[order] = job
    return _JOBS[order]


def _share(job: Job, batch: Batch, *given: int) -> Share:
    job.progress, job.unproven = {"phase": "writing"}, 0
    claimed = batch(job, *given)
    job.count_requests()
    requests = job.progress.pop("requests")
    counts = {name: number for name, number in job.progress.items() if isinstance(number, int)}
    return Share(claimed, counts, (requests["crm"], requests["audience"]), job.unproven)
