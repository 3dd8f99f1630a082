"""`spojka sync ID`"""

import sys
from typing import Any

import click

from core import connecting
from core.cli.common import json_option, print_json, print_lines, world
from core.cli.errors import BY_STATUS, FAILURES
from core.cli.gauge import gauge
from core.engine import full
from core.ports import World
from core.real import rest_collector
from core.store import runs
from core.store.runs import RunRow


@click.command("sync")
@click.argument("connection", type=int, metavar="ID")
@click.option("--full", "everything", is_flag=True, help="Read everything, not only what changed.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--kind", type=click.Choice(["person", "company"]), help="Write what follows from this kind alone.")
@click.option("--limit", type=click.IntRange(min=1), help="Write at most this many addresses.")
@json_option
def command(
    connection: int, everything: bool, dry_run: bool, kind: str | None, limit: int | None, as_json: bool
) -> None:
    """Bring a connection's list up to date, here and now; the first run is always a full one."""
    here = world()
    run_id = _request(here, connection, everything, dry_run, {"kind": kind, "limit": limit})
    rest_collector()
    with gauge() as watching:
        run = full.work(here, run_id, watching)
    document = run.result or unfinished(run)
    if run.error:
        click.echo(run.error, err=True)
    print_json(document) if as_json else print_lines(_lines(document))
    sys.exit(BY_STATUS.get(str(document["status"]), FAILURES))


def _request(here: World, connection: int, everything: bool, dry_run: bool, options: dict[str, Any]) -> int:
    with here.sessions.begin() as session:
        row = connecting.get(session, connection)
        mode = "full" if everything or row.first_run_at is None else "changes"
        run = runs.request(session, row.id, mode, options=options, dry_run=dry_run, by="cli", now=here.clock.now())
        session.flush()
        return run.id


def unfinished(run: RunRow) -> dict[str, Any]:
    """The document of a run that ended before it did anything."""
    return {
        "connection": run.connection_id,
        "mode": run.mode,
        "dry_run": run.dry_run,
        "status": str(run.state),
        "read": {"person": 0, "company": 0},
        "profiles": dict.fromkeys(("created", "adopted", "updated", "unchanged", "skipped", "failed"), 0),
        "skipped_because": {},
        "failures": [],
        "requests": {"crm": 0, "audience": 0},
        "seconds": 0.0,
    }


def _lines(document: dict[str, Any]) -> list[str]:
    read, profiles, requests = document["read"], document["profiles"], document["requests"]
    why = ", ".join(f"{name} {count}" for name, count in document["skipped_because"].items() if count)
    lines = [
        f"{document['status']}{' (dry run)' if document['dry_run'] else ''}, {document['mode']}, "
        f"{document['seconds']:.1f} s",
        "read: " + ", ".join(f"{count} {kind}" for kind, count in read.items()),
        "profiles: " + ", ".join(f"{count} {name}" for name, count in profiles.items()) + (f" ({why})" if why else ""),
        f"requests: {requests['crm']} to the CRM, {requests['audience']} to the list",
    ]
    return lines + [f"failed: {each['record']}: {each['error']}" for each in document["failures"]]
