"""One run: what it does while it goes on, what it brought afterwards."""

from flask import abort, render_template
from sqlalchemy.orm import Session

from core.admin import sentences
from core.admin.context import connection_or_404, reading
from core.store.connections import ConnectionRow
from core.store.runs import RunRow


def _found(session: Session, run_id: int) -> tuple[ConnectionRow, RunRow]:
    run = session.get(RunRow, run_id)
    if run is None:
        abort(404)
    return connection_or_404(session, run.connection_id), run


def _drawn(template: str, run_id: int) -> str:
    with reading() as session:
        row, run = _found(session, run_id)
    condition = sentences.run_condition(row, run)
    counts, result = sentences.counts(run), run.result or {}
    return render_template(
        template, row=row, run=run, condition=condition, counts=counts, result=result, words_of=sentences
    )


def page(run_id: int) -> str:
    """One run's page."""
    return _drawn("admin/run.html", run_id)


def partial(run_id: int) -> str:
    """The part that moves by itself."""
    return _drawn("admin/_run.html", run_id)
