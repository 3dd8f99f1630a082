"""What operators read, on stderr: words on a terminal, one JSON document a line everywhere else."""

import json
import logging
import sys
from typing import Any

import orjson
import structlog

from core.outgoing.redact import RedactingFilter, redact_event


def configure(level: int = logging.INFO) -> None:
    """Send all logs of this process to stderr, so that stdout holds results alone."""
    logging.basicConfig(
        level=max(level, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("spojka").setLevel(level)
    for stream in logging.getLogger().handlers:
        stream.addFilter(RedactingFilter())
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    last = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(_as_json)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_event,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _as_json(event: Any, default: Any, **_: Any) -> str:
    """A line; the slower way takes what the faster one has no place for."""
    try:
        return orjson.dumps(event, default=default, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return json.dumps(event, default=default)


def level() -> int:
    """From which level on this process logs."""
    return logging.getLogger("spojka").getEffectiveLevel()
