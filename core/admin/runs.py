"""One run: what it does while it goes on, what it brought afterwards."""

from flask import abort, render_template
from sqlalchemy.orm import Session

from core.admin import faults, progress, sentences, stops
from core.admin.contact import field_labels
from core.admin.context import connection_or_404, reading
from core.store.connections import ConnectionRow
from core.store.runs import RunRow

SHOWN_FAILURES = 50


def _found(session: Session, run_id: int) -> tuple[ConnectionRow, RunRow]:
    run = session.get(RunRow, run_id)
    if run is None:
        abort(404)
    return connection_or_404(session, run.connection_id), run


def _drawn(template: str, run_id: int) -> str:
    with reading() as session:
        row, run = _found(session, run_id)
        cited = _cited(session, row, run)
    shown = {"condition": sentences.run_condition(row, run), "counts": progress.counts(run), "waits": stops.waits(run)}
    labels = field_labels(row)
    return render_template(template, row=row, run=run, result=run.result or {}, cited=cited, labels=labels, **shown)


def _cited(session: Session, row: ConnectionRow, run: RunRow) -> dict[str, str]:
    """The rules that the failures of a run's result cite, as far as they still wait. At most one query."""
    failed = (run.result or {}).get("failures", ())[:SHOWN_FAILURES]
    return faults.cited(session, row.list_id, [one["email"] for one in failed if one["email"]])


def page(run_id: int) -> str:
    """One run's page."""
    return _drawn("admin/run.html", run_id)


def partial(run_id: int) -> str:
    """The part that moves by itself."""
    return _drawn("admin/_run.html", run_id)
