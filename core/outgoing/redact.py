"""Nothing secret or personal in a log line, whoever wrote it."""

import logging
import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

MASK = "•••"
SECRET_NAMES = re.compile(
    r"(^|[_\-\s.])(api[_-]?key|key|keys|secrets?|password|passwd|token|tokens|authorization|cookie|set-cookie|sealed)$",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[\w.!#$&'*+/=?^`{|}~%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
CREDENTIALS = re.compile(r"\b(Basic|Bearer)\s+[\w+/=.~-]{6,}", re.IGNORECASE)
PAIRS = re.compile(
    r"""(["']?\b(?:api[_-]?key|secret|password|token|authorization|key)["']?\s*[=:]\s*)(["']?)[^\s"',;&}\])]+""",
    re.IGNORECASE,
)
LOGIN = re.compile(r"(\w+://)[^/\s@]+@")


def masked(text: str) -> str:
    """Text without e-mail addresses, credentials, and values named like secrets.

    Most texts have none of the signs without which a pattern can't match, and a line a bell has to be cheap.
    """
    if "://" in text:
        text = LOGIN.sub(rf"\1{MASK}@", text)
    text = CREDENTIALS.sub(rf"\1 {MASK}", text)
    if "=" in text or ":" in text:
        text = PAIRS.sub(rf"\1\2{MASK}", text)
    return EMAIL.sub(_mailbox, text) if "@" in text or "%40" in text else text


def redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor; put it last before the renderer."""
    for name, value in event.items():
        event[name] = _redacted(name, value)
    return event


class RedactingFilter(logging.Filter):
    """Masks records of the standard library's loggers; belongs on every handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the message and the traceback; lets every record through."""
        record.msg, record.args = masked(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masked(record.exc_text)
        return True


def _redacted(name: str, value: Any) -> Any:
    if _is_secret(name) and value not in (None, "", True, False):
        return MASK
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bytes):
        return MASK
    if isinstance(value, Mapping):
        return {key: _redacted(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted("", inner) for inner in value]
    return value


@lru_cache(maxsize=1000)
def _is_secret(name: str) -> bool:
    return SECRET_NAMES.search(name) is not None


def _mailbox(found: re.Match[str]) -> str:
    """Leading path parts of an address in a URL are no part of it: `lists/7/eva@…` keeps `lists/7/`."""
    head, slash, _ = found.group().rpartition("/")
    return f"{head}{slash}{MASK}"
