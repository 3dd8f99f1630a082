"""Wake-up calls: functions of at most eight lines, safe to lose, double or delay. Arguments are ids alone."""

from typing import Any

from core.engine import full, lane, live
from core.jobs.current import world


class NobodyWatches:
    """A gauge without a person before it."""

    def show(self, progress: dict[str, Any]) -> None:
        """Progress is in the database already."""


def run_now(run_id: int) -> None:
    """Bring a run to its end."""
    full.work(world(), run_id, NobodyWatches())


def live_now(connection_id: int) -> None:
    """Read what changed in a CRM and bring it into the list."""
    live.live_now(world(), connection_id)


def reconcile_now(account_id: int) -> None:
    """Work off what is due in an account's live lane."""
    lane.reconcile_now(world(), account_id)


def pass_now(list_id: int) -> None:
    """Pass over a list whose time has come."""
    lane.pass_now(world(), list_id)
