"""The list of connections, and one connection's page."""

from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import connecting
from core.admin import freshness, progress, sentences, stops
from core.admin.context import connection_or_404, note, reading, world, writing
from core.admin.freshness import Freshness
from core.admin.stops import label
from core.engine import failures, morning
from core.engine import home as place
from core.store import nights, questions
from core.store import runs as store
from core.store.connections import ConnectionRow, ConnectionState, ListRow
from core.store.nights import NightRow
from core.store.runs import RunRow

SHOWN_RUNS = 10


@dataclass(frozen=True, slots=True)
class View:
    """What the pages show of one connection. `away`: this is a copy of the installation, which keeps still (R110)."""

    row: ConnectionRow
    list_name: str
    crm: str
    audience: str
    runs: tuple[RunRow, ...]
    failed: int
    condition: sentences.Condition
    away: bool = False
    asked: int = 0
    night: NightRow | None = None
    fresh: Freshness | None = None

    @property
    def syncs(self) -> tuple[RunRow, ...]:
        """Runs that bring the list up to date; a morning's run writes into the CRM alone."""
        return tuple(run for run in self.runs if run.mode != store.DAILY)

    @property
    def going(self) -> RunRow | None:
        """The run that goes on now."""
        return next((run for run in self.syncs if run.state in store.OPEN), None)

    @property
    def morning(self) -> RunRow | None:
        """The newest morning run."""
        return next((run for run in self.runs if run.mode == store.DAILY and not run.dry_run), None)

    @property
    def ended(self) -> RunRow | None:
        """The newest run that brought a result; what a dry run counted did not happen."""
        brought = (run for run in self.syncs if run.result and run.state not in store.OPEN and not run.dry_run)
        return next(brought, None)

    @property
    def moving(self) -> RunRow | None:
        """The run that goes on now and that nothing holds up."""
        return self.going if self.row.state == ConnectionState.RUNNING else None

    @property
    def waits(self) -> bool:
        """Whether that run has stopped and goes on at a time."""
        return self.moving is not None and stops.waits(self.moving)

    @property
    def version(self) -> str:
        """Changes whenever other buttons fit, or another row stands in the table of runs."""
        newest = self.runs[0] if self.runs else None
        return f"{self.row.state}-{newest.id}-{newest.state}" if newest else self.row.state

    @property
    def counts(self) -> dict[str, int]:
        """What became of the addresses: of the run that goes on, else of the last one."""
        moving = self.moving if self.moving and not self.moving.dry_run else None
        shown = moving or self.ended
        return progress.counts(shown) if shown else {}


def look(session: Session, row: ConnectionRow) -> View:
    """Everything about one connection, in twelve queries."""
    contact_list = session.get(ListRow, row.list_id)
    found = tuple(store.last(session, row.id, SHOWN_RUNS))
    failed, asked = failures.count_failures(session, row.id), len(questions.open_ones(session, row.id))
    syncs = [run for run in found if run.mode != store.DAILY]
    lasting = [run for run in syncs if run.state in store.OPEN or not run.dry_run]
    newest = next((run for run in lasting if run.state in store.OPEN), lasting[0] if lasting else None)
    away = row.state == ConnectionState.RUNNING and place.is_elsewhere(session, world().settings)
    return View(
        row=row,
        list_name=contact_list.name if contact_list else "",
        crm=label(row.plugin),
        audience=label(row.audience),
        runs=found,
        failed=failed,
        condition=sentences.copied() if away else sentences.condition(row, newest, failed, asked),
        away=away,
        asked=asked,
        night=nights.last(session, row.id),
        fresh=freshness.of(session, row),
    )


def home() -> str:
    """Every connection with its state in a sentence."""
    with reading() as session:
        views = [look(session, row) for row in connecting.every(session)]
    crms = [label(name) for name in world().registry.names("crm")]
    return render_template("admin/home.html", views=views, crms=crms)


def page(connection_id: int) -> str:
    """One connection: how it is, what can be done, its last runs."""
    with reading() as session:
        view = look(session, connection_or_404(session, connection_id))
    return render_template("admin/connection.html", view=view)


def state(connection_id: int) -> str:
    """The part of the connection's page that moves by itself, with its buttons and runs if others fit by now."""
    with reading() as session:
        view = look(session, connection_or_404(session, connection_id))
    return render_template("admin/_moved.html", view=view, changed=request.args.get("shown") != view.version)


def pause(connection_id: int) -> Response:
    """Stop reading and writing."""
    _known(connection_id)
    connecting.pause(world(), connection_id)
    return _noted(connection_id, "connection.pause")


def resume(connection_id: int) -> Response:
    """Go on, catching up."""
    _known(connection_id)
    connecting.resume(world(), connection_id, by="admin")
    return _noted(connection_id, "connection.resume")


def run_now(connection_id: int) -> Response:
    """Ask for a full run; one that goes on already is the one."""
    _known(connection_id)
    ask(connection_id, "full")
    return _noted(connection_id, "connection.run")


def morning_now(connection_id: int) -> Response:
    """Write the history and the tags that wait into the CRM now, and go to the run's page."""
    with writing() as session:
        connection_or_404(session, connection_id)
        run_id = morning.request(world(), session, connection_id, by="admin").id
    world().wake.ring("default", "morning_now", connection_id)
    _note(connection_id, "connection.morning")
    return redirect(url_for("admin.run", run_id=run_id))


def preview(connection_id: int) -> Response:
    """Ask for a dry run and go to its page: it counts what a full run would do, and writes nothing."""
    _known(connection_id)
    run_id = ask(connection_id, "full", dry_run=True)
    _note(connection_id, "connection.preview")
    return redirect(url_for("admin.run", run_id=run_id))


def ask(connection_id: int, mode: str, *, dry_run: bool = False) -> int:
    """Queue a run, unless one of that mode is open, and wake somebody who does it; the run's id."""
    options, now = {"kind": None, "limit": None}, world().clock.now()
    with writing() as session:
        run = store.request(session, connection_id, mode, options=options, dry_run=dry_run, by="admin", now=now)
        session.flush()
        run_id = run.id
    world().wake.ring("bulk", "run_now", run_id)
    return run_id


def _known(connection_id: int) -> None:
    with reading() as session:
        connection_or_404(session, connection_id)


def _note(connection_id: int, what: str) -> None:
    with writing() as session:
        note(session, g.person.id, what, connection=connection_id)


def _noted(connection_id: int, what: str) -> Response:
    _note(connection_id, what)
    return redirect(url_for("admin.connection", connection_id=connection_id))
