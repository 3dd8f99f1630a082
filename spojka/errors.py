"""The error family. Each says what was wrong, where, and what to do next, and nothing personal.

SpojkaError
├── Refused      the vendor refuses our credentials: stop, ask a person (R91)
├── Busy         a limit is used up: wait until `until` (R92)
├── Unreachable  no usable answer: try again later (R92); `sent` if the request may have arrived
├── Rejected     this input alone is at fault; `key` says which part
└── Malformed    the vendor answered something else than it documents (R106)
"""

from datetime import datetime
from typing import ClassVar


class SpojkaError(Exception):
    """The base. `code` is stable: texts in both languages, metrics and the API use it."""

    code: ClassVar[str] = "error"


class Refused(SpojkaError):
    """Wrong or insufficient credentials. Never retried by itself."""

    code: ClassVar[str] = "refused"


class Busy(SpojkaError):
    """The vendor's limit is used up until `until` (None: it did not say)."""

    code: ClassVar[str] = "busy"

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class Unreachable(SpojkaError):
    """No usable answer. With `sent` the request may have reached the vendor and may have been carried out."""

    code: ClassVar[str] = "unreachable"

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class Rejected(SpojkaError):
    """The vendor refuses this input for good. `key` names the part at fault where the vendor does, else `""`."""

    code: ClassVar[str] = "rejected"

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class Malformed(SpojkaError):
    """The answer has another shape than the vendor documents; nothing may be concluded from it."""

    code: ClassVar[str] = "malformed"
