"""Wake-up calls: functions of at most eight lines, safe to lose, double or delay. Arguments are ids alone."""

from typing import Any

from core.engine import full
from core.jobs.current import world


class NobodyWatches:
    """A gauge without a person before it."""

    def show(self, progress: dict[str, Any]) -> None:
        """Progress is in the database already."""


def run_now(run_id: int) -> None:
    """Bring a run to its end."""
    full.work(world(), run_id, NobodyWatches())
