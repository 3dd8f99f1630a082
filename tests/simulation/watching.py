"""Whether whoever has lost a lease still commits under it, looked at from outside (R97)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from core.engine.job import Job
from core.store.base import look
from core.store.leases import LeaseRow


@contextmanager
def watched() -> Iterator[list[str]]:
    """What was committed under leases that belonged to somebody else by then."""
    sins: list[str] = []
    commit = Job.commit

    def committed(job: Job, *given: Any, **named: Any) -> Any:
        known = look(job.world.sessions, lambda session: dict(session.execute(_FENCES).all()))
        # By number: a planted bug may hide its leases from whoever goes through them.
        held = [job.held[place] for place in range(len(job.held))]
        gone = [lease.name for lease in held if known.get(lease.name) != lease.fence]
        done = commit(job, *given, **named)
        sins.extend(f"A commit under {name}, which was lost." for name in gone)
        return done

    with patch.object(Job, "commit", committed):
        yield sins


_FENCES = select(LeaseRow.name, LeaseRow.fence)
