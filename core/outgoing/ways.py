"""Ways out, opened for plugins: one guarded session, one gate a vendor account and process."""

import http.cookiejar
import os
import threading
from collections.abc import Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol
from urllib.parse import urlsplit

import requests
from redis import Redis
from requests.adapters import HTTPAdapter
from sqlalchemy.orm import Session, sessionmaker

from core.outgoing.allowance import Known
from core.outgoing.gate import Gate
from core.outgoing.guard import GuardedAdapter, base_of
from core.outgoing.meter import MemoryMeter, Meter, RedisMeter
from core.outgoing.refusals import Refusals
from core.outgoing.seats import IDLE_SECONDS, Seats
from core.outgoing.session import HttpOut, Line
from core.outgoing.shares import shares_of
from core.ports import Clock, Crew, Dice, NoTally, Tally
from core.real import holder_name, pid_of
from spojka import Manifest

POOL = 16


class Where(Protocol):
    """The settings that say where ways may lead."""

    @property
    def allow_private_hosts(self) -> bool:
        """Whether private networks are allowed."""
        ...

    @property
    def base_urls(self) -> Mapping[str, str]:
        """Base addresses from the environment, by the variable's name."""
        ...


class Manifests(Protocol):
    """Where manifests come from; the registry."""

    def manifest(self, name: str) -> Manifest:
        """What a plugin says about itself."""
        ...


class Ways:
    """Implements `core.ports.Outgoing`. Safe for threads and for forking: a child opens its own connections."""

    def __init__(
        self,
        settings: Where,
        clock: Clock,
        dice: Dice,
        sessions: sessionmaker[Session],
        registry: Manifests,
        redis: Redis | None,
        holder: str,
        crew: Crew,
        tally: Tally | None = None,
    ) -> None:
        self._tally: Tally = tally if tally is not None else NoTally()
        self._settings, self._clock, self._dice = settings, clock, dice
        self._sessions, self._registry, self._holder, self._crew = sessions, registry, holder, crew
        self._meter: Meter = MemoryMeter() if redis is None else RedisMeter(redis, MemoryMeter(), clock)
        self._lock = threading.Lock()
        self._lines: dict[tuple[int, str, str], Line] = {}
        self._sweeper: threading.Thread | None = None
        self._closed = threading.Event()

    def open(self, plugin: str, account: str, *, lane: str, testing: bool = False) -> HttpOut:
        """See `core.ports.Outgoing.open`. Sends nothing. Raises ForbiddenHost, UnknownPlugin."""
        line = self._line(plugin, account)
        return HttpOut(line, self._clock, self._dice, self._crew, lane=lane, testing=testing)

    def allowance(self, plugin: str, account: str) -> Known | None:
        """What is known of an account's allowance today, for people to see."""
        return self._line(plugin, account).gate.known()

    def release_idle(self, seconds: float = IDLE_SECONDS) -> int:
        """Give back seats that have been idle for `seconds`; how many this process still keeps."""
        return sum(line.gate.release_idle(seconds) for line in self._mine())

    def close(self) -> None:
        """Give every seat back and close the connections. Ways opened before must not be used afterwards."""
        self._closed.set()
        self.release_idle(0.0)
        for line in self._mine():
            line.http.close()

    def _mine(self) -> list[Line]:
        pid = os.getpid()
        return [line for (owner, _, _), line in list(self._lines.items()) if owner == pid]

    def _line(self, plugin: str, account: str) -> Line:
        key = (os.getpid(), plugin, account)
        with self._lock:
            if key not in self._lines:
                self._lines[key] = self._made(plugin, account)
            return self._lines[key]

    def _made(self, plugin: str, account: str) -> Line:
        manifest = self._registry.manifest(plugin)
        private = self._settings.allow_private_hosts
        base = base_of(manifest, self._settings.base_urls, private=private)
        gate = Gate(
            f"{plugin}:{account}",
            manifest.limits,
            self._meter,
            self._seats(account, manifest.limits.at_once),
            partial(shares_of, self._sessions, account),
            self._clock,
        )
        refusals = Refusals(urlsplit(base.url).netloc, self._sessions)
        return Line(plugin, base, manifest.limits, _session(private=private), gate, refusals, self._tally)

    def _seats(self, account: str, count: int) -> Seats | None:
        if count <= 0:
            return None
        self._start_sweeping()
        forked = pid_of(self._holder) not in (None, os.getpid())
        holder = holder_name() if forked else self._holder
        return Seats(account, count, self._sessions, self._clock, self._dice, holder)

    def _start_sweeping(self) -> None:
        if self._sweeper is None or not self._sweeper.is_alive():
            self._sweeper = threading.Thread(target=self._sweep, name="seats", daemon=True)
            self._sweeper.start()

    def _sweep(self) -> None:
        while not self._closed.wait(IDLE_SECONDS):
            self.release_idle()


def _session(*, private: bool) -> requests.Session:
    """No proxies or logins from the environment, no cookies, no redirects of its own, watched connections."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = f"Spojka/{_version()}"
    adapter = HTTPAdapter if private else GuardedAdapter
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter(pool_maxsize=POOL))
    return session


def _version() -> str:
    try:
        return version("spojka")
    except PackageNotFoundError:
        return "0"
