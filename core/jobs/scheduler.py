"""The scheduler: every second it looks into the database for work that nobody does, and rings for it.

Two schedulers at once are harmless: a ring that waits already is not put there twice, and a run has one lease.
"""

import signal
import threading
from datetime import timedelta
from types import FrameType

import structlog
from sqlalchemy.exc import DBAPIError

from core.engine import home, pruning, waiting
from core.ports import World
from core.store.base import look

log = structlog.get_logger(__name__)
TICK_SECONDS = 1.0
PRUNE_EVERY = timedelta(hours=1)


def sweep(world: World) -> int:
    """Ring for everything that is to be done and that nobody alive works on; how many rings.

    A copy of the installation asks whether it is the new home, and rings for nothing (R110).
    """
    if home.keeps_away(world):
        return 0
    rings = look(world.sessions, lambda session: waiting.rings(world, session))
    for queue, task, key in rings:
        world.wake.ring(queue, task, key)
    return len(rings)


def keep_sweeping(world: World) -> None:
    """Sweep until a signal asks to stop. A database that is away for a while is waited for."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    prune_at = world.clock.now()
    while not stop.is_set():
        tick(world)
        if world.clock.now() >= prune_at:
            prune_at += PRUNE_EVERY
            tidy(world)
        stop.wait(TICK_SECONDS)


def tick(world: World) -> int:
    """One sweep; how many rings. A failing database is logged, the next tick tries again."""
    rings = 0
    try:
        rings = sweep(world)
    except DBAPIError as error:
        log.warning("scheduler.database_away", error=type(error).__name__)
    world.crash.point("scheduler.ticked")
    return rings


def tidy(world: World) -> None:
    """What is done at a start and every hour; a failing database is logged, the next hour tries again.

    What has been kept long enough is let go, and webhooks that lead to a former address of ours become due (R73).
    """
    try:
        home.arrived(world)
        pruning.prune(world)
    except DBAPIError as error:
        log.warning("scheduler.database_away", error=type(error).__name__)
