from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import hypothesis_profiles  # noqa: F401  # loading it registers the profiles
from tests.support.bells import BellHouse, a_bell_house


@pytest.fixture
def bells(sqlite_url: str, tmp_path: Path) -> Iterator[BellHouse]:
    with a_bell_house(sqlite_url, tmp_path) as made:
        yield made


@pytest.fixture
def both_bells(database: str, tmp_path: Path) -> Iterator[BellHouse]:
    """On SQLite and on PostgreSQL in turn."""
    with a_bell_house(database, tmp_path) as made:
        yield made
