"""Examples are the same on every machine."""

from tests.support import hypothesis_profiles  # noqa: F401  # loading it registers the profiles
