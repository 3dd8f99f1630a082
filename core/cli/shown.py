"""A connection as the command line shows it: never a secret."""

from typing import Any

from sqlalchemy.orm import Session

from core.store.connections import ConnectionRow, ListRow
from core.store.runs import RunRow


def connection(session: Session, row: ConnectionRow) -> dict[str, Any]:
    """One connection; one query for its list."""
    contact_list = session.get_one(ListRow, row.list_id)
    return {
        "id": row.id,
        "name": row.name,
        "plugin": row.plugin,
        "audience": row.audience,
        "list": contact_list.contact_list,
        "list_name": contact_list.name,
        "state": str(row.state),
        "problem": {"code": row.problem, "text": row.problem_text, "at": row.problem_at} if row.problem else None,
        "webhook": {"state": row.webhook_state, "text": row.webhook_text, "at": row.webhook_at},
        "settings": dict(row.settings),
        "audience_settings": dict(row.audience_settings),
        "requests_left": row.left,
        "requests_limit": row.limit,
        "created_at": row.created_at,
        "first_run_at": row.first_run_at,
    }


def run(row: RunRow) -> dict[str, Any]:
    """One run."""
    return {
        "id": row.id,
        "mode": row.mode,
        "state": str(row.state),
        "dry_run": row.dry_run,
        "requested_by": row.requested_by,
        "requested_at": row.requested_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "result": row.result,
        "error": row.error,
    }


def line(shown: dict[str, Any]) -> str:
    """A connection in one line."""
    text = f"{shown['id']}  {shown['state']:<8}  {shown['name']}"
    return f"{text}  ({shown['problem']['text']})" if shown["problem"] else text


def lines(shown: dict[str, Any]) -> list[str]:
    """A connection for people, one fact a line."""
    plain = {name: value for name, value in shown.items() if not isinstance(value, dict | list) and value is not None}
    settings = [f"  {name} = {value}" for name, value in sorted(shown["settings"].items())]
    webhook = f"webhook: {shown['webhook']['state'] or 'not tried yet'} {shown['webhook']['text']}".rstrip()
    return [f"{name}: {value}" for name, value in plain.items()] + [webhook, "settings:", *settings]
