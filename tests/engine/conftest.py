"""Houses on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.worlds import House, a_house


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """On SQLite: for what does not depend on the database."""
    with a_house(sqlite_url, tmp_path) as made:
        yield made


@pytest.fixture
def both_house(database: str, tmp_path: Path) -> Iterator[House]:
    """On SQLite and on PostgreSQL in turn."""
    with a_house(database, tmp_path) as made:
        yield made
