"""Tables and set-wise queries, one file per noun. SQLAlchemy, no Flask. Nothing here commits a session given to it."""

from core.store import bindings, connections, due, journal, leases, mirror, people, records, runs

__all__ = ["bindings", "connections", "due", "journal", "leases", "mirror", "people", "records", "runs"]
