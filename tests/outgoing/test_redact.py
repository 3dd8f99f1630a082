import io
import logging

import pytest
from structlog.testing import capture_logs

from core.outgoing.redact import RedactingFilter, masked, redact_event


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail to eva.nova+x@mail.firma.cz failed", "mail to ••• failed"),
        ("GET /lists/7/subscriber/eva%40firma.cz", "GET /lists/7/subscriber/•••"),
        ("GET /subscribers/eva@firma.cz/log", "GET /subscribers/•••/log"),
        ("Authorization: Basic ZXZhOmNybS0xMjM=", "Authorization: ••• •••"),
        ("Bearer abcdef.123456", "Bearer •••"),
        ("{'key': 'abc123', 'page': '2'}", "{'key': '•••', 'page': '2'}"),
        ('{"api_key":"abc123","page":2}', '{"api_key":"•••","page":2}'),
        ("https://eva:heslo@app.acme.example/x", "https://•••@app.acme.example/x"),
        ("password=tajne&x=1", "password=•••&x=1"),
        ("person:12, phone: not a number", "person:12, phone: not a number"),
        ("primary key: constraint", "primary key: •••"),
    ],
)
def test_text_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "name",
    ["api_key", "key", "password", "Authorization", "crm_sealed", "token", "X-API-Key", "encryption_keys", "secret"],
)
def test_values_named_like_secrets_are_masked(name: str) -> None:
    assert redact_event(None, "info", {"event": "x", name: "abc"}) == {"event": "x", name: "•••"}


@pytest.mark.parametrize("name", ["monkey", "record", "person", "keyboard"])
def test_other_values_are_not(name: str) -> None:
    assert redact_event(None, "info", {name: "abc"}) == {name: "abc"}


def test_what_is_inside_is_masked_too() -> None:
    event = redact_event(
        None, "info", {"request": {"headers": {"key": "abc"}, "rows": ["eva@firma.cz", 3]}, "body": b"x"}
    )

    assert event == {"request": {"headers": {"key": "•••"}, "rows": ["•••", 3]}, "body": "•••"}


def test_every_logger_of_the_standard_library_is_masked_tracebacks_included() -> None:
    written = io.StringIO()
    stream = logging.StreamHandler(written)
    stream.addFilter(RedactingFilter())
    logger = logging.Logger("somebody")
    logger.addHandler(stream)

    try:
        raise ValueError("eva@firma.cz")
    except ValueError:
        logger.exception("asked for %s", "jan@firma.cz")

    assert "firma.cz" not in written.getvalue()
    assert "asked for •••" in written.getvalue()
    assert "ValueError: •••" in written.getvalue()


def test_capturing_shows_that_nothing_else_is_changed() -> None:
    with capture_logs([redact_event]) as logs:
        import structlog

        structlog.get_logger().info("sent", rows=3, done=True, none=None)

    assert logs == [{"event": "sent", "rows": 3, "done": True, "none": None, "log_level": "info"}]
