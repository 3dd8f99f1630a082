"""What an answer of Raynet means for the caller: its JSON, or one of the errors.

`success` is a truth value here and a text there, and missing in errors: the status decides (Raynet API, Errors).
A right that the key's owner lacks arrives as status 500 with JSON, and is as final as a 400.
"""

from typing import Any

from plugins.raynet.paging import natural, unusable
from spojka import Answer, Json, Malformed, Refused, Rejected

REFUSED = "Raynet refused this API key. Check that it is complete and belongs to this user."
MESSAGE_LENGTH = 300


def opened(answer: Answer, asked: str) -> dict[str, Any]:
    """The object in a good answer. `asked` names what was asked for, in error texts.

    Raises Refused (401, 403), Rejected (refused in Raynet's own form), Malformed (any other shape).
    """
    if answer.status in (401, 403):
        raise Refused(REFUSED)
    body = answer.json()
    if not isinstance(body, dict) or not _is_known(answer.status, body):
        raise unusable(f"Raynet answered {asked} in a form that it does not document (status {answer.status})")
    if answer.status >= 400:
        raise Rejected(
            f'Raynet refuses {asked}: "{_message(body)}" (status {answer.status}). '
            "Check what the user of the API key may see in Raynet, then try again."
        )
    return body


def refuses_filter(answer: Answer) -> bool:
    """Whether this account's API does not know a filter that was used."""
    if answer.status != 400:
        return False
    said = _message_of(answer).lower()
    return "unsupported" in said and "filter" in said


def says_absent(answer: Answer) -> bool:
    """Whether Raynet says in its own form that a record does not exist; a gateway's 404 does not."""
    return answer.status == 404 and _message_of(answer) != ""


def header_number(answer: Answer, name: str) -> int | None:
    """A whole number in a header, whose name is compared without case."""
    return next((natural(value.strip()) for key, value in answer.headers.items() if key.lower() == name.lower()), None)


def _is_known(status: int, body: Json) -> bool:
    return 200 <= status < 300 or (status >= 400 and "message" in body)


def _message(body: Json) -> str:
    said = body.get("translatedMessage") or body.get("message")
    return str(said)[:MESSAGE_LENGTH]


def _message_of(answer: Answer) -> str:
    try:
        body = answer.json()
    except Malformed:
        return ""
    return str(body.get("message", "")) if isinstance(body, dict) else ""
