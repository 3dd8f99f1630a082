"""Tables and set-wise queries, one file per noun. SQLAlchemy, no Flask. Nothing here commits a session given to it."""

from core.store import (
    bindings,
    brake,
    connections,
    due,
    inbox,
    journal,
    leases,
    mirror,
    nights,
    people,
    questions,
    records,
    runs,
    schedule,
)

__all__ = [
    "bindings",
    "brake",
    "connections",
    "due",
    "inbox",
    "journal",
    "leases",
    "mirror",
    "nights",
    "people",
    "questions",
    "records",
    "runs",
    "schedule",
]
