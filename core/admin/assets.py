"""Stylesheets and scripts, under names that change with their content, and headers of private pages."""

from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for

FOLDER = Path(__file__).parent / "static"
YEAR_SECONDS = 365 * 24 * 3600


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


DIGESTS = {path.name: _digest(path) for path in sorted(FOLDER.iterdir()) if path.is_file()}


def init(app: Flask) -> None:
    """Let templates name a file by `asset('admin.css')`."""
    app.add_template_global(address, "asset")


def address(name: str) -> str:
    """Where the file is served; another content has another address."""
    return url_for("admin.asset", digest=DIGESTS[name], name=name)


def asset(digest: str, name: str) -> Response:
    """One file; kept for a year only under the name of its present content (during an update two versions answer)."""
    answer = send_from_directory(FOLDER, name)
    if DIGESTS.get(name) == digest:
        answer.cache_control.public = True
        answer.cache_control.max_age = YEAR_SECONDS
        answer.cache_control.immutable = True
    return answer


def keep_private(answer: Response) -> Response:
    """Pages show personal data: no cache keeps them, also not the browser's after signing out."""
    if request.endpoint != "admin.asset":
        answer.headers["Cache-Control"] = "no-store"
        answer.vary.add("Cookie")
    return answer
