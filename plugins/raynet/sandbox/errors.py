"""Refusals in Raynet's own form: an error object without `success` (Raynet API, Errors)."""

from spojka import Json


class ApiError(Exception):
    """A refusal that becomes the answer: `status` and the bare error object."""

    def __init__(self, status: int, message: str, type_: str = "", translated: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Json] = {"message": message, "status": status}
        if type_:
            self.body["type"] = type_
        if translated:
            self.body["translatedMessage"] = translated


def bad_input(message: str) -> ApiError:
    """400: the body does not hold what the call needs."""
    return ApiError(400, message, "BadRequest", "Chyba ve vstupních datech")


def unsupported_column(name: str) -> ApiError:
    """400: no such filter or query parameter here; the stray apostrophe is the vendor's."""
    return ApiError(400, f"Unsupported filter column [{name}]'", "BadRequest")


def bad_query(message: str) -> ApiError:
    """400: a known query parameter with a value nobody can use."""
    return ApiError(400, message, "BadRequest")


def not_found(entity: str, key: object) -> ApiError:
    """404: the record, or a record that a filter or a body refers to, does not exist."""
    return ApiError(404, f"EntityNotFoundException: {entity} [{key}]", "NotFound", "Záznam nebyl nalezen")


def denied() -> ApiError:
    """500: the key's owner lacks a right. Raynet says so with a server error."""
    return ApiError(500, "AttributeAccessDeniedException", "", "Nemáte dostatečné oprávnění pro tuto operaci")


def still_referenced() -> ApiError:
    """500: others refer to the record."""
    text = "Záznam nelze smazat, odkazují na něj jiné záznamy"
    return ApiError(500, "TranslatedApplicationException: exception.stillReferenced", "", text)


def duplicate_key() -> ApiError:
    """500: the value must be unique and is not."""
    text = "Záznam s touto hodnotou už existuje"
    return ApiError(500, "TranslatedApplicationException: exception.duplicateKey", "", text)
