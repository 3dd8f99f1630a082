"""Wake-up calls: functions of at most eight lines, safe to lose, double or delay. Arguments are ids alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from core.engine import full, home, lane, live, morning, nightly, senders, watching
from core.jobs.current import world


class NobodyWatches:
    """A gauge without a person before it."""

    def show(self, progress: dict[str, Any]) -> None:
        """Progress is in the database already."""


Task = Callable[[int], None]


def at_home(task: Task) -> Task:
    """A task that a copy of the installation leaves alone (R110)."""

    @wraps(task)
    def guarded(key: int) -> None:
        if not home.keeps_away(world()):
            task(key)

    return guarded


@at_home
def run_now(run_id: int) -> None:
    """Bring a run to its end."""
    full.work(world(), run_id, NobodyWatches())


@at_home
def live_now(connection_id: int) -> None:
    """Read what changed in a CRM and bring it into the list."""
    live.live_now(world(), connection_id)


@at_home
def reconcile_now(account_id: int) -> None:
    """Work off what is due in an account's live lane."""
    lane.reconcile_now(world(), account_id)


@at_home
def pass_now(list_id: int) -> None:
    """Pass over a list whose time has come."""
    lane.pass_now(world(), list_id)


@at_home
def watch_now(connection_id: int) -> None:
    """See to a connection's webhook."""
    watching.watch_now(world(), connection_id)


@at_home
def send_now(connection_id: int) -> None:
    """Write into a CRM what the outbox holds for it."""
    senders.send_now(world(), connection_id)


@at_home
def morning_now(connection_id: int) -> None:
    """Write into a CRM what campaigns and automations did, if its morning has come."""
    morning.morning_now(world(), connection_id)


@at_home
def night_now(connection_id: int) -> None:
    """Compare a connection's records with what its CRM holds, if its night has come."""
    nightly.night_now(world(), connection_id)
