from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Home, a_home
from tests.support.vendors import Vendors, both_vendors


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return a_home(tmp_path)


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with both_vendors() as found:
        yield found


@pytest.fixture
def connected_home(tmp_path: Path, vendors: Vendors) -> Home:
    """A home whose commands talk to the emulators."""
    return a_home(tmp_path, **vendors.variables)
