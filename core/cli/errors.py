"""The one place where an error becomes an exit status (contract §3)."""

from typing import TYPE_CHECKING

from spojka import SpojkaError

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

DONE, FAILURES, USAGE, REFUSED, UNREACHABLE = range(5)

BY_CODE = {
    "refused": REFUSED,
    "busy": REFUSED,
    "unreachable": UNREACHABLE,
    "malformed": UNREACHABLE,
    "rejected": USAGE,
    "wrong_input": USAGE,
    "wrong_address": USAGE,
    "settings": USAGE,
    "sealed": USAGE,
    "unknown_plugin": USAGE,
    "schema": USAGE,
    "no_redis": USAGE,
    "forbidden_host": USAGE,
    "too_many_refused": REFUSED,
    "plugin_fault": FAILURES,
}
BY_STATUS = {
    "done": DONE,
    "failed": FAILURES,
    "asks": FAILURES,
    "paused": FAILURES,
    "refused": REFUSED,
    "unreachable": UNREACHABLE,
}
"""A run's status -> exit status (contract §5)."""


def exit_status(error: Exception) -> int:
    """What the process ends with because of `error`."""
    if isinstance(error, SpojkaError):
        return BY_CODE.get(error.code, FAILURES)
    return UNREACHABLE


def sentence(error: Exception) -> str | None:
    """Words for an error of a library that is to be expected; None for a bug, which may be loud."""
    from sqlalchemy.exc import DBAPIError  # here, so that --help does not load it

    if isinstance(error, DBAPIError):
        return (
            f"The database can't be used ({_first_line(error)}). "
            "Check DATABASE_URL and that the server runs; spojka doctor says more."
        )
    return None


def _first_line(error: "DBAPIError") -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
