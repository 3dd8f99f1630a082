"""Errors that people cause: what they typed, and that they asked a process to stop."""

from typing import ClassVar

from spojka import SpojkaError


class WrongInput(SpojkaError):
    """What a person gave can't be used. `key` names the field at fault, `""` where it is not one field."""

    code: ClassVar[str] = "wrong_input"

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class Stopping(BaseException):
    """This process was asked to stop: nothing more is begun, others go on with the rest.

    No Exception, so that nobody takes it for a failure of what was being done.
    """
