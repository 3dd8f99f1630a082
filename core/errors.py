"""Errors that a person's input causes."""

from typing import ClassVar

from spojka import SpojkaError


class WrongInput(SpojkaError):
    """What a person gave can't be used. `key` names the field at fault, `""` where it is not one field."""

    code: ClassVar[str] = "wrong_input"

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key
