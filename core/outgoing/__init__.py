"""The only way out: within the vendors' limits, guarded, and without a trace of secrets."""

from core.outgoing.guard import ForbiddenHost
from core.outgoing.refusals import TooManyRefused
from core.outgoing.vault import FernetVault, Sealed
from core.outgoing.ways import Ways

__all__ = ["FernetVault", "ForbiddenHost", "Sealed", "TooManyRefused", "Ways"]
