"""`dataclass(frozen=True, slots=True)` without its price: the type checker refuses every assignment, Python does not.

A class that Python itself keeps frozen pays for each of its fields whenever one is made; a contact on its way to a
decision makes twenty of them.
"""

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen=False, slots=False):
        """As in the standard library; equal values have equal hashes, as those of a frozen class have."""
        return dataclasses.dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["dataclass"]
