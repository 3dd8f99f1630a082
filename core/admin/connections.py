"""The list of connections, and one connection's page."""

from dataclasses import dataclass

from flask import g, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import connecting
from core.admin import sentences
from core.admin.context import connection_or_404, note, reading, world, writing
from core.engine import failures
from core.store import runs as store
from core.store.connections import ConnectionRow, ConnectionState, ListRow
from core.store.runs import RunRow

SHOWN_RUNS = 10


@dataclass(frozen=True, slots=True)
class View:
    """What the pages show of one connection."""

    row: ConnectionRow
    list_name: str
    crm: str
    audience: str
    runs: tuple[RunRow, ...]
    failed: int
    condition: sentences.Condition

    @property
    def going(self) -> RunRow | None:
        """The run that goes on now."""
        return next((run for run in self.runs if run.state in store.OPEN), None)

    @property
    def ended(self) -> RunRow | None:
        """The newest run that brought a result."""
        return next((run for run in self.runs if run.result and run.state not in store.OPEN), None)

    @property
    def moving(self) -> RunRow | None:
        """The run that goes on now and that nothing holds up."""
        return self.going if self.row.state == ConnectionState.RUNNING else None

    @property
    def counts(self) -> dict[str, int]:
        """What became of the addresses: of the run that goes on, else of the last one."""
        shown = self.moving or self.ended
        return sentences.counts(shown) if shown else {}


def look(session: Session, row: ConnectionRow) -> View:
    """Everything about one connection, in three queries."""
    contact_list = session.get(ListRow, row.list_id)
    found = tuple(store.last(session, row.id, SHOWN_RUNS))
    failed = failures.count_failures(session, row.id)
    newest = next((run for run in found if run.state in store.OPEN), found[0] if found else None)
    return View(
        row=row,
        list_name=contact_list.name if contact_list else "",
        crm=sentences.label(row.plugin),
        audience=sentences.label(row.audience),
        runs=found,
        failed=failed,
        condition=sentences.condition(row, newest, failed),
    )


def home() -> str:
    """Every connection with its state in a sentence."""
    with reading() as session:
        views = [look(session, row) for row in connecting.every(session)]
    crms = [sentences.label(name) for name in world().registry.names("crm")]
    return render_template("admin/home.html", views=views, crms=crms)


def page(connection_id: int) -> str:
    """One connection: how it is, what can be done, its last runs."""
    with reading() as session:
        view = look(session, connection_or_404(session, connection_id))
    return render_template("admin/connection.html", view=view, words_of=sentences)


def state(connection_id: int) -> str:
    """The part of the connection's page that moves by itself."""
    with reading() as session:
        view = look(session, connection_or_404(session, connection_id))
    return render_template("admin/_state.html", view=view, words_of=sentences)


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


def ask(connection_id: int, mode: str) -> None:
    """Queue a run, unless one of that mode is open, and wake somebody who does it."""
    options, now = {"kind": None, "limit": None}, world().clock.now()
    with writing() as session:
        run = store.request(session, connection_id, mode, options=options, dry_run=False, by="admin", now=now)
        session.flush()
        run_id = run.id
    world().wake.ring("bulk", "run_now", run_id)


def _known(connection_id: int) -> None:
    with reading() as session:
        connection_or_404(session, connection_id)


def _noted(connection_id: int, what: str) -> Response:
    with writing() as session:
        note(session, g.person.id, what, connection=connection_id)
    return redirect(url_for("admin.connection", connection_id=connection_id))
