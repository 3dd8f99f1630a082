"""`spojka drain`"""

import sys
from dataclasses import asdict
from typing import Any

import click

from core.cli.common import json_option, print_json, print_lines, world
from core.cli.errors import FAILURES
from core.engine import draining
from core.engine.draining import Found, Waiting
from core.jobs import redis
from core.jobs.queues import counter


@click.command("drain")
@click.option(
    "--timeout", default=300.0, show_default=True, type=click.FloatRange(min=0), help="How many seconds to wait."
)
@json_option
def command(timeout: float, as_json: bool) -> None:
    """Wait until nothing is due; exit 1 if something still is when the time is over."""
    here = world()
    with counter(redis.address(here.settings)) as queued:
        found = draining.wait(here, timeout, queued)
    print_json(_document(found)) if as_json else print_lines(_lines(found))
    if not found.nothing:
        sys.exit(FAILURES)


def _document(found: Found) -> dict[str, Any]:
    return {
        "drained": found.nothing,
        "due": _due(found),
        "waiting": [_waiting(one) for one in found.waiting],
    }


def _due(found: Found) -> dict[str, int]:
    return {name: getattr(found, name) for name in ("bells", "runs", "addresses", "outbox", "jobs")}


def _waiting(one: Waiting) -> dict[str, Any]:
    return {("list" if name == "contact_list" else name.rstrip("_")): value for name, value in asdict(one).items()}


def _lines(found: Found) -> list[str]:
    due = ", ".join(f"{count} {name}" for name, count in _due(found).items() if count)
    return [f"still due: {due}" if due else "Nothing is due.", *(_line(one) for one in found.waiting)]


def _line(one: Waiting) -> str:
    whose = f"connection {one.connection}" if one.connection is not None else f"list {one.contact_list}"
    until = f", until {one.until:%F %T} UTC" if one.until is not None else ""
    return f"waiting: {one.count} {one.what} of {whose} for a {one.for_}{until}"
