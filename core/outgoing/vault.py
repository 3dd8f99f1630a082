"""Credentials at rest: encrypted with the newest key, readable with every key that is still named."""

from collections.abc import Sequence
from typing import ClassVar

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from spojka import SpojkaError


class Sealed(SpojkaError):
    """Stored credentials that none of the keys opens."""

    code: ClassVar[str] = "sealed"


class FernetVault:
    """Seals with the first of `keys`, opens with any. Raises ValueError for a key that is none."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernets = MultiFernet([Fernet(key) for key in keys])

    def __repr__(self) -> str:
        return "FernetVault(•••)"

    def seal(self, secrets: dict[str, str]) -> str:
        """Encrypt with the newest key."""
        return self._fernets.encrypt(orjson.dumps(secrets)).decode("ascii")

    def open(self, sealed: str) -> dict[str, str]:
        """Decrypt with whichever key fits; `""` holds no secrets. Raises Sealed."""
        if not sealed:
            return {}
        try:
            found: dict[str, str] = orjson.loads(self._fernets.decrypt(sealed))
        except InvalidToken:
            raise _unknown_key() from None
        return found

    def rotate(self, sealed: str) -> str:
        """The same secrets under the newest key. Raises Sealed."""
        if not sealed:
            return sealed
        try:
            return self._fernets.rotate(sealed).decode("ascii")
        except InvalidToken:
            raise _unknown_key() from None


def _unknown_key() -> Sealed:
    return Sealed(
        "Stored credentials fit none of SPOJKA_ENCRYPTION_KEYS. Put back the key that is missing, or enter them again."
    )
