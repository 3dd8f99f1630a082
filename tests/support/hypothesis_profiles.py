"""Property-based tests decide the same on every machine; `SPOJKA_HYPOTHESIS=search` looks for new examples."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=60, suppress_health_check=list(HealthCheck), database=None
)
settings.register_profile(
    "search", deadline=None, max_examples=3000, suppress_health_check=list(HealthCheck), print_blob=True
)
settings.load_profile(os.environ.get("SPOJKA_HYPOTHESIS", "ci"))
