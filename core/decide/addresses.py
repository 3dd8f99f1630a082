"""From what somebody typed to the address that everything is compared by (R3)."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from core.decide.frozen import dataclass

_PLAIN = re.compile(
    r"(?=.{6,254}\Z)(?=[^@]{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?!xn--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(?!xn--))+(?!arpa\Z|invalid\Z|local\Z|onion\Z)[a-z]{2,63}\Z"
)
"""What nearly all addresses look like, so that the library need not be asked; it accepts each of these as it is."""
_SEPARATORS = re.compile(r"[;,\s]+")


@dataclass(frozen=True, slots=True)
class Address:
    """One field's usable address. `email` is canonical or `""`; `problem`: `no_email`, `invalid_email` or `""`.

    `others` are further valid addresses of the same field, canonical (R3).
    """

    email: str
    problem: str
    others: tuple[str, ...] = ()


_NONE = Address("", "no_email")


def clean(typed: str) -> str:
    """Trimmed, NFC, without invisible format characters."""
    if typed.isascii():
        return typed.strip()
    return "".join(c for c in unicodedata.normalize("NFC", typed) if unicodedata.category(c) != "Cf").strip()


def canonical(typed: str) -> str:
    """The canonical form of one address, or `""` where it is not one."""
    bare = clean(typed)
    lowered = bare.lower()
    return lowered if _PLAIN.match(lowered) else _validated(_unwrapped(bare))


def usable(typed: str) -> Address:
    """What one field of a record yields (R3, R6)."""
    bare = clean(typed)
    if not bare:
        return _NONE
    whole = canonical(bare)
    if whole:
        return Address(whole, "")
    found = tuple(dict.fromkeys(email for part in _SEPARATORS.split(bare) if (email := canonical(part))))
    if not found:
        return Address("", "invalid_email")
    return Address(found[0], "", found[1:])


def _unwrapped(text: str) -> str:
    """Without `mailto:` and a display name."""
    if text[:7].lower() == "mailto:":
        text = text[7:].split("?")[0].strip()
    if text.endswith(">") and text.count("<") == 1:
        text = text.split("<")[1][:-1].strip()
        return text[7:] if text[:7].lower() == "mailto:" else text
    return text


def _validated(text: str) -> str:
    if "@" not in text or any(c in text for c in ";,<> \t\n"):
        return ""
    try:
        checked = validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        return ""
    return unicodedata.normalize("NFC", f"{checked.local_part}@{checked.domain}".lower())
