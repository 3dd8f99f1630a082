"""Waiting for other processes: for a condition, never for a time."""

import time
from collections.abc import Callable

TRIES, PAUSE_SECONDS = 600, 0.1


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Return once `condition` holds. Raises AssertionError where it never does."""
    for _ in range(TRIES):
        if condition():
            return
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"It never came to this: {what}.")
