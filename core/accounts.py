"""Those who may sign in."""

from datetime import datetime
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import WrongInput
from core.store.people import UserRow

SHORTEST, LONGEST = 8, 1000
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")


class Role(StrEnum):
    """ADMIN: everything. OPERATOR: everything but users. VIEWER: looks only."""

    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"


def create(session: Session, *, email: str, role: str, password: str, locale: str, now: datetime) -> UserRow:
    """A new user. Raises WrongInput: not an e-mail, an address that is taken, a password too short."""
    address = canonical(email)
    if role not in {known.value for known in Role}:
        raise WrongInput(f'The role "{role}" does not exist. Choose admin, operator or viewer.', "role")
    if not SHORTEST <= len(password) <= LONGEST:
        raise WrongInput(f"The password needs {SHORTEST} to {LONGEST} characters.", "password")
    if find(session, address) is not None:
        raise WrongInput("There is a user with this e-mail already. Choose another address.", "email")
    row = UserRow(
        email=address, role=Role(role).value, password_hash=_hasher.hash(password), locale=locale, created_at=now
    )
    session.add(row)
    session.flush()
    return row


def verify(session: Session, email: str, password: str) -> UserRow | None:
    """The user, if the password is right. An unknown address takes as long as a wrong password."""
    row = find(session, email.strip().lower())
    right = _matches(row.password_hash if row else _NOBODY, password[: LONGEST + 1])
    return row if right else None


def find(session: Session, email: str) -> UserRow | None:
    """The user with this address in lower case."""
    return session.scalars(select(UserRow).where(UserRow.email == email)).one_or_none()


def canonical(email: str) -> str:
    """The address in the form in which it is kept. Raises WrongInput."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise WrongInput("This is not an e-mail address. Write it like jana@firma.cz.", "email") from error
    return checked.normalized.lower()


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
