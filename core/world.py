"""The only place where the real parts meet."""

import os
from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Any, TypeVar

from redis import Redis

from core import logs
from core.embedded import LocalPlugin
from core.jobs import redis
from core.jobs.tally import RedisTally
from core.jobs.wake import LaterWake, NullWake, RqWake
from core.outgoing import FernetVault, Ways
from core.ports import Hands, NoHands, NoTally, Tally, Wake, World
from core.real import (
    ProcessHands,
    RandomIds,
    SystemClock,
    SystemDice,
    ThreadCrew,
    crash_of,
    holder_name,
    rest_collector,
)
from core.registry import Registry, load
from core.settings import Settings
from core.store.base import make_engine, make_sessions

T = TypeVar("T")


def build_world(settings: Settings, *, holder_suffix: str = "") -> World:
    """A process's world; nothing is sent and no table is touched.

    `holder_suffix` tells several worlds of one process apart. Without `REDIS_URL` and without a running embedded Redis
    nobody is rung and requests are counted by this process alone; the database still keeps the seats.
    """
    engine = make_engine(settings.database_url)
    sessions = make_sessions(engine)
    halt = Event()
    clock, ids, dice, crew = SystemClock(halt), RandomIds(), SystemDice(), ThreadCrew()
    registry = _registry(LocalPlugin(sessions, clock.now, ids.new))
    holder = holder_name() + holder_suffix
    messenger = _messenger(settings)
    client: Redis | None = redis.connect(messenger, wait_seconds=2.0) if messenger else None
    wake: Wake = RqWake(messenger) if messenger else NullWake()
    tally: Tally = RedisTally(client, clock.now) if client is not None else NoTally()
    return World(
        settings=settings,
        clock=clock,
        ids=ids,
        dice=dice,
        crew=crew,
        wake=wake,
        crash=crash_of(os.environ),
        engine=engine,
        sessions=sessions,
        registry=registry,
        outgoing=Ways(settings, clock, dice, sessions, registry, client, holder, crew, tally),
        vault=FernetVault(settings.encryption_keys),
        holder=holder,
        halt=halt,
        tally=tally,
        hands=_hands(settings),
    )


def _hands(settings: Settings) -> Hands:
    """Second processes, where the settings want them and the machine has a core for one."""
    if settings.run_processes < 2 or len(os.sched_getaffinity(0)) < 2:
        return NoHands()
    alone = replace(settings, run_processes=1)
    return ProcessHands(_begin, (alone, logs.level()), _work)


_HERE: list[World] = []
"""In a hired process: its world."""


def _begin(settings: Settings, level: int) -> None:
    logs.configure(level)
    rest_collector()
    _HERE.append(build_world(settings))


def _work(call: Callable[..., T], *given: Any) -> T:
    return call(_HERE[0], *given)


def serving(world: World) -> World:
    """A world for a process that answers requests, in which nobody waits for the messenger."""
    return replace(world, wake=LaterWake(world.wake))


def _registry(local: LocalPlugin) -> Registry:
    registry = load()
    registry.add("local", local)
    return registry


def _messenger(settings: Settings) -> str | None:
    """Where Redis is; None where the embedded one does not run."""
    if settings.redis_url is None and not redis.socket_path(settings.home).exists():
        return None
    return redis.address(settings)
