"""`spojka daily ID`"""

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import click

from core import connecting
from core.cli.common import json_option, print_json, print_lines, world
from core.cli.errors import BY_STATUS, FAILURES
from core.cli.gauge import gauge
from core.engine import morning
from core.errors import WrongInput
from core.ports import Clock, World

EXAMPLE = "2026-03-02T06:00:00+01:00"


class Shifted:
    """A clock that goes as another one does, at another time."""

    def __init__(self, clock: Clock, by: timedelta) -> None:
        self._clock, self._by = clock, by

    def now(self) -> datetime:
        """The moment."""
        return self._clock.now() + self._by

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._clock.sleep(seconds)


@click.command("daily")
@click.argument("connection", type=int, metavar="ID")
@click.option("--now", "moment", metavar="ISO-8601", help=f"Do it as at this moment, like {EXAMPLE}.")
@click.option("--dry-run", is_flag=True, help="Only say what would be written.")
@json_option
def command(connection: int, moment: str | None, dry_run: bool, as_json: bool) -> None:
    """Write into the CRM what campaigns and automations did, and the tags that wait for the morning, here and now."""
    here = _at(world(), moment)
    with here.sessions.begin() as session:
        row = connecting.get(session, connection)
        run = morning.request(here, session, row.id, by="cli", dry_run=dry_run)
        session.flush()
        run_id = run.id
    with gauge() as watching:
        run = morning.work(here, run_id, watching)
    document = run.result or morning.unfinished(run)
    if run.error:
        click.echo(run.error, err=True)
    print_json(document) if as_json else print_lines(_lines(document))
    sys.exit(BY_STATUS.get(str(document["status"]), FAILURES))


def _at(here: World, moment: str | None) -> World:
    """The world at another time. Raises WrongInput."""
    if moment is None:
        return here
    try:
        at = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError as error:
        raise WrongInput(f"This is not a moment. Write it like {EXAMPLE}.", "now") from error
    at = at if at.tzinfo is not None else at.replace(tzinfo=here.settings.timezone)
    return replace(here, clock=Shifted(here.clock, at - here.clock.now()))


def _lines(said: dict[str, Any]) -> list[str]:
    requests = said["requests"]
    return [
        f"{said['status']}{' (dry run)' if said['dry_run'] else ''}, {said['seconds']:.1f} s",
        f"history: {said['activities_written']} written, {said['activities_updated']} brought up to date",
        f"tags: {said['tags_added']} added, {said['tags_removed']} removed",
        f"left: {said['deferred']} for the next morning, {said['failed']} failed",
        f"requests: {requests['crm']} to the CRM, {requests['audience']} to the list",
    ]
