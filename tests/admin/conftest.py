"""A house with somebody signed in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.app_limits import limiter
from tests.support.admin_house import House, a_house
from tests.support.admin_reader import Reader


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Fresh, with counters of refused passwords at zero."""
    made = a_house(tmp_path)
    with made.app.app_context():
        limiter.reset()
    return made


@pytest.fixture
def signed_in(house: House) -> Callable[..., Reader]:
    """Makes a user of a role and signs in."""

    def make(role: str = "admin") -> Reader:
        reader = Reader(house.app.test_client())
        reader.sign_in(house.user(role))
        return reader

    return make


@pytest.fixture
def admin(signed_in: Callable[..., Reader]) -> Reader:
    """An admin, signed in."""
    return signed_in()
