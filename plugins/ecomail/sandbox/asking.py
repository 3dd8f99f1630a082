"""A request as the routes see it, and the refusals they raise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from spojka.contact import Json


class Wrong(Exception):
    """A refusal with its exact status and body."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class Bad(Exception):
    """A row or a body that fails validation: field name -> texts, as the vendor's 422 says it."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def bad(name: str, text: str) -> Bad:
    """One field is at fault."""
    return Bad({name: [text]})


def invalid(name: str, text: str) -> Wrong:
    """422 in the map form."""
    return Wrong(422, {"errors": {name: [text]}})


def missing(text: str) -> Wrong:
    """404 in the array form."""
    return Wrong(404, {"errors": [text]})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a route gets: the parts of the path, the query, the decoded body and the address of the account."""

    path: Mapping[str, str]
    query: MultiDict[str, str]
    body: Json
    host: str
    url: str

    def fields(self) -> dict[str, Any]:
        """The body, which has to be an object. Raises Wrong (422)."""
        if not isinstance(self.body, dict):
            raise invalid("body", "The request needs a JSON object and Content-Type: application/json.")
        return self.body

    def number(self, name: str, default: int) -> int:
        """A whole number of the query. Raises Wrong (422)."""
        text = self.query.get(name, "")
        if text == "":
            return default
        if not text.isascii() or not text.isdigit():
            raise invalid(name, f"The {name} must be an integer.")
        return int(text)

    def page(self) -> int:
        """The page asked for; 0 is read as the first."""
        return max(self.number("page", 1), 1)

    def per_page(self, default: int, most: int) -> int:
        """The length of a page, refused beyond `most`. Raises Wrong (422)."""
        count = self.number("per_page", default)
        if count < 1:
            raise invalid("per_page", "The per page must be at least 1.")
        if count > most:
            raise invalid("per_page", f"The per page may not be greater than {most}.")
        return count

    def day(self, name: str) -> str:
        """A date of the query as YYYY-MM-DD, `""` where it is not there. Raises Wrong (422)."""
        text = self.query.get(name, "")
        if text == "":
            return ""
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise invalid(name, f"The {name.replace('_', ' ')} is not a valid date.") from None


def flag(body: Mapping[str, Json], name: str, default: bool) -> bool:
    """A flag of a body: true and false, also as 1 and 0. Raises Wrong (422)."""
    value = body.get(name, default)
    if value in (True, False):
        return bool(value)
    raise invalid(name, f"The {name.replace('_', ' ')} field must be true or false.")


def refuse_unknown(body: Mapping[str, Json], known: frozenset[str], mode: str) -> None:
    """Keys that nobody documents are refused unless the account ignores them. Raises Bad."""
    unknown = sorted(body.keys() - known)
    if unknown and mode == "refused":
        raise bad(unknown[0], f"The {unknown[0]} field is not documented here.")
