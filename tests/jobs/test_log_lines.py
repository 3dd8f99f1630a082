"""How a process writes its log where nobody sits before a terminal."""

import json
import subprocess
import sys

SAYS = """
import structlog
from core import logs
logs.configure()
log = structlog.get_logger("here")
log.debug("too.much")
with structlog.contextvars.bound_contextvars(call="live_now 7"):
    log.info("reading.done", bells=[1, 2], api_key="very-secret", why="no such address: eva@firma.cz")
"""


def said() -> str:
    ended = subprocess.run([sys.executable, "-c", SAYS], capture_output=True, text=True, check=True)
    assert ended.stdout == ""
    return ended.stderr


def test_a_line_is_one_json_document_with_the_call_it_belongs_to() -> None:
    (line,) = [json.loads(line) for line in said().splitlines()]

    assert {"event": "reading.done", "bells": [1, 2], "call": "live_now 7", "level": "info"}.items() <= line.items()


def test_what_is_secret_or_personal_is_masked_whoever_says_it() -> None:
    assert [word for word in ("very-secret", "eva@") if word in said()] == []
